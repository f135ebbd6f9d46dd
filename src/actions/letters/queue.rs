//! Who is to be written to: a row for each letter, in the transaction of what it is about.

use super::super::{Progress, policies};
use crate::app::App;
use crate::domain::consents::Entry;
use crate::domain::ids::PolicyVersionId;
use crate::domain::jobs::Job;
use crate::domain::letters::{A_DAY, About, goes_by_letter};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::letters::Reader;
use crate::store::people::Address;
use crate::store::{self, Tx};

/// How many people are queued in one transaction.
const PAGE: u64 = 2_000;

/// Queues the receipt of an entry in the entry's transaction, to the address of this moment; not
/// when its person, account or address has had enough letters for a day. Call it when the entry
/// and the contact details are kept.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn receipt(app: &App, tx: &Tx, entry: &Entry, now: Timestamp) -> Result<(), Error> {
    let (about, reader) = (About::Receipt { entry: entry.id }, Reader::of(entry));
    let address = store::people::address(tx, entry.subject).await?;
    queue(app, tx, (about, Some(entry)), &reader, address, now).await
}

/// Asks somebody who gave another address whether it is theirs, unless they said so before.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn ask_whose(app: &App, tx: &Tx, reader: &Reader, now: Timestamp) -> Result<(), Error> {
    let address = store::people::address(tx, reader.subject).await?;
    if address.as_ref().is_none_or(|address| address.confirmed) {
        return Ok(());
    }
    queue(app, tx, (About::Address, None), reader, address, now).await
}

async fn queue(
    app: &App,
    tx: &Tx,
    (about, entry): (About, Option<&Entry>),
    reader: &Reader,
    address: Option<Address>,
    now: Timestamp,
) -> Result<(), Error> {
    if let Some(address) = &address {
        let lately = store::letters::lately(tx, reader, entry, address, now - A_DAY).await?;
        if !goes_by_letter(&lately, address.confirmed) {
            return Ok(());
        }
    }
    let contact = address.map(|address| address.contact);
    let domain = app.config.mail_domain();
    store::letters::add(tx, about, reader, contact, &domain, now).await?;
    Ok(store::jobs::wake(tx, &Job::SendLetters, now, now).await?)
}

/// Queues a letter about a version for everybody who is bound by an earlier one.
///
/// It may run again after a crash: it goes on behind the last person queued, and who has a
/// letter gets no second.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn tell_everybody(app: &App, version: PolicyVersionId) -> Result<Progress, Error> {
    let (product, posted) = policies::posted(&app.store, version).await?;
    let about = About::Policy {
        version,
        level: posted.level,
    };
    let domain = app.config.mail_domain();
    let mut after = store::letters::told_up_to(&app.store, version).await?;
    loop {
        let tx = app.store.begin().await?;
        let now = app.clock.now();
        let readers = store::letters::to_tell(&tx, product, posted.number, after, PAGE).await?;

        let last = readers.last().map(|reader| reader.subject);
        store::letters::add_all(&tx, about, &readers, &domain, now).await?;
        store::jobs::wake(&tx, &Job::SendLetters, now, now).await?;
        tx.commit().await?;
        app.nudge.notify_one();
        match last {
            Some(last) => after = Some(last),
            None => return Ok(Progress::Done),
        }
    }
}

/// Asks again for the letters about each version in force, in case no job finished queueing
/// them. Whoever has a letter gets no second.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn ask_again(tx: &Tx, now: Timestamp) -> Result<(), Error> {
    for product in store::products::list(tx).await? {
        let history = store::policies::history(tx, product.id).await?;
        if history.versions().len() > 1
            && let Some(version) = history.in_force()
        {
            let tell = Job::TellEverybody {
                version: version.id,
            };
            store::jobs::enqueue(tx, &tell, now, now).await?;
        }
    }
    Ok(())
}
