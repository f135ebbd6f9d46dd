//! The page behind a link in a letter: what it will do, and doing it.
//!
//! Looking changes nothing, because mail scanners open links.

use crate::app::App;
use crate::error::Error;
use crate::store;

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It confirms the address that it was sent to, once somebody says so.
    Open,
    /// It did.
    Used,
}

/// Looks at a link; `None` when it is unknown or has lapsed.
pub async fn look(app: &App, token: &str) -> Result<Option<Link>, Error> {
    let found = store::links::find(&app.store, token, app.clock.now()).await?;
    Ok(found.map(|link| if link.used { Link::Used } else { Link::Open }))
}

/// Uses a link: the address it was sent to is confirmed. `None` when it is unknown or has lapsed,
/// and then nothing is written; used before: nothing changes.
pub async fn confirm(app: &App, token: &str) -> Result<Option<Link>, Error> {
    if look(app, token).await? != Some(Link::Open) {
        return look(app, token).await;
    }
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    if store::links::use_up(&tx, token, now).await?
        && let Some(link) = store::links::find(&tx, token, now).await?
    {
        store::people::confirm(&tx, link.contact, now).await?;
    }
    tx.commit().await?;
    look(app, token).await
}
