//! Learning of a new version: whoever need not agree again says that they know.

use super::caller::Caller;
use crate::app::App;
use crate::domain::consents::asks_again;
use crate::error::{Code, Error};
use crate::store;

/// The caller has learned of a version, and so of all before it. Again: nothing changes.
///
/// # Errors
/// [`Code::NotFound`] for a version that was never posted; [`Code::ConsentRequired`] when it, or
/// one before it, asks for more than was agreed to: that is answered by a consent.
pub async fn acknowledge(app: &App, caller: &Caller, number: u32) -> Result<(), Error> {
    let product = caller.product.id;
    let posted = store::policies::posted(&app.store, product).await?;
    if !posted.iter().any(|version| version.number == number) {
        return Err(Error::Refused(Code::NotFound));
    }
    let install = caller.install(app).await?;

    let tx = app.store.begin().await?;
    caller.burn(&tx).await?;
    if let Some(install) = install {
        let install = store::installs::lock(&tx, install.id).await?;
        caller.may_write(&install)?;
        let entries = store::consents::of_generation(&tx, install.id, install.generation).await?;
        if asks_again(&entries, &posted, number) {
            return Err(Error::Refused(Code::ConsentRequired));
        }
        let user = caller.claims.user;
        store::notices::acknowledge(&tx, install.id, user, number, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}
