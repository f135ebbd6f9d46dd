//! Everything that is held about the calling person, and about nobody else.

use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::consents::Entry;
use crate::domain::ids::ConsentId;
use crate::domain::requests::Request;
use crate::error::Error;
use crate::store;
use crate::store::people::Revision;

/// What is held about one person in one Install.
#[derive(Default)]
pub struct Held {
    /// Every revision of their contact details, oldest first; the last one counts.
    pub contacts: Vec<Revision>,
    /// Every entry of theirs in the ledger, oldest first.
    pub consents: Vec<Entry>,
    /// What they asked for, with what they wrote.
    pub requests: Vec<(Request, Option<String>)>,
}

/// One entry of the caller's in the ledger; `None` when it is not theirs.
pub async fn entry(app: &App, caller: &Caller, id: ConsentId) -> Result<Option<Entry>, Error> {
    let Some(install) = caller.install(app).await? else {
        return Ok(None);
    };
    let db = &app.store;
    let Some(subject) = store::people::find(db, install.id, caller.claims.user).await? else {
        return Ok(None);
    };
    Ok(store::consents::find_of_person(db, &subject, id).await?)
}

/// Reads it; `None` when the person is not known here.
pub async fn of(app: &App, caller: &Caller) -> Result<Option<Held>, Error> {
    let Some(install) = caller.install(app).await? else {
        return Ok(None);
    };
    let Some(subject) = store::people::find(&app.store, install.id, caller.claims.user).await?
    else {
        return Ok(None);
    };
    let db = &app.store.snapshot().await?;
    Ok(Some(Held {
        contacts: store::people::contacts(db, &subject).await?,
        consents: store::consents::of_person(db, install.id, &subject).await?,
        requests: store::requests::of_person(db, install.id, &subject).await?,
    }))
}
