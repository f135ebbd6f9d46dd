//! Learning of a new version: whoever need not agree again says that they know.

use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::consents::{Act, deciding};
use crate::error::{Code, Error};
use crate::store;
use crate::store::letters::Learned;

/// The caller has learned of a version, and so of all before it. Again: nothing changes.
///
/// # Errors
/// [`Code::NotFound`] for a version that was never posted; [`Code::ConsentRequired`] when it, or
/// one before it, asks for more than was agreed to: that is answered by a consent.
pub async fn acknowledge(app: &App, caller: &Caller, number: u32) -> Result<(), Error> {
    let product = caller.product.id;
    let history = app.store.history(product).await?;
    if history.get(number).is_none() {
        return Err(Error::Refused(Code::NotFound));
    }
    let install = caller.install(app).await?;

    let tx = app.store.begin().await?;
    caller.burn(&tx).await?;
    if let Some(install) = install {
        let install = store::installs::lock(&tx, install.id).await?;
        caller.may_write(&install)?;
        let entries = store::consents::of_generation(&tx, &install).await?;
        let given = deciding(&entries, install.withdrawn).filter(|e| e.act == Act::Given);
        if given.is_some_and(|e| history.first_wider(e.shown.number, number).is_some()) {
            return Err(Error::Refused(Code::ConsentRequired));
        }
        let user = caller.claims.user;
        let now = app.clock.now();
        store::notices::acknowledge(&tx, install.id, user, number, now).await?;
        if let Some(person) = store::people::find(&tx, install.id, user).await? {
            let known = Learned::Acknowledged;
            store::letters::note(&tx, known, product, number, person.id, now).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// The notice of a version was on the caller's screen. Looked at first: most of the time there is
/// nothing to write.
pub async fn shown(app: &App, caller: &Caller, number: u32) -> Result<(), Error> {
    let (product, user) = (caller.product.id, caller.claims.user);
    let Some(install) = caller.install(app).await? else {
        return Ok(());
    };
    let Some(person) = store::people::find(&app.store, install.id, user).await? else {
        return Ok(());
    };
    if !store::letters::is_news(&app.store, product, number, person.id).await? {
        return Ok(());
    }
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    store::letters::note(&tx, Learned::Shown, product, number, person.id, now).await?;
    Ok(tx.commit().await?)
}
