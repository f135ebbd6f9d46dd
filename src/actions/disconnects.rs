//! The disconnect hook: a hint, never a proof.
//!
//! It has no time and no nonce and can be replayed for ever, so it only starts a
//! check; the Install is *uninstalled* when its grant proves to be dead.

use futures_util::FutureExt as _;

use super::{Progress, authorization, events};
use crate::app::App;
use crate::domain::ids::{AccountId, InstallId};
use crate::domain::jobs::Job;
use crate::domain::products::Product;
use crate::error::Error;
use crate::store;

/// Takes a hook whose signature was right. An account we never saw: no effect.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn announce(app: &App, product: &Product, account: AccountId) -> Result<(), Error> {
    let tx = app.store.begin_hook().await?;
    let Some(install) = store::installs::lock_account(&tx, product.id, account).await? else {
        return Ok(());
    };
    let now = app.clock.now();
    let job = Job::CheckGrant {
        install: install.id,
        generation: install.generation,
    };
    store::jobs::enqueue(&tx, &job, now, now).await?;
    tx.commit().await?;
    app.nudge.notify_one();
    Ok(())
}

/// The job: asks the platform, and believes only a dead grant.
///
/// Safe to repeat: it reads the present state, and a later generation is not its business.
///
/// # Errors
/// [`Error::Upstream`] when amoCRM could not be asked now.
pub async fn check(app: &App, id: InstallId, generation: u32) -> Result<Progress, Error> {
    let install = store::installs::get(&app.store, id).await?;
    if install.generation != generation {
        return Ok(Progress::Done);
    }
    match authorization::ask(app, &install, |session| session.account().boxed()).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(Progress::Done),
        // Whatever the account says except 401, the grant is not dead.
        Err(Error::Upstream(e)) if !e.may_pass() => return Ok(Progress::Done),
        Err(e) => return Err(e),
    }

    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, id).await?;
    let still_dead = install.generation == generation && !store::tokens::exist(&tx, id).await?;
    if still_dead {
        let now = app.clock.now();
        let install = install.disconnected(now);
        store::installs::save(&tx, &install).await?;
        events::uninstalled(&tx, &install, now).await?;
    }
    tx.commit().await?;
    Ok(Progress::Done)
}
