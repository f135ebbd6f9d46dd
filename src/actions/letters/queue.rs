//! Who is to be written to: a row for each letter, in the transaction of what it is about.

use std::collections::BTreeMap;

use super::super::{Progress, policies};
use crate::app::App;
use crate::domain::consents::Entry;
use crate::domain::ids::{AccountId, PolicyVersionId};
use crate::domain::jobs::Job;
use crate::domain::letters::{A_DAY, About, goes_by_letter};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::letters::{Caused, Queued, Reader};
use crate::store::people::Address;
use crate::store::{self, Tx};

/// How many people are queued in one transaction.
const PAGE: u64 = 2_000;

/// Queues the receipts of entries in the entries' transaction, each to the address of this moment;
/// not when its person, account or address has had enough letters for a day. Call it when the
/// entries and the contact details are kept.
pub async fn receipts(
    app: &App,
    tx: &Tx,
    entries: &[(&Entry, AccountId, Option<Address>)],
    now: Timestamp,
) -> Result<(), Error> {
    let letters = entries.iter().map(|(entry, account, address)| Wanted {
        about: About::Receipt { entry: entry.id },
        entry: Some(entry),
        reader: Reader::of(entry),
        account: *account,
        address: address.clone(),
    });
    queue(app, tx, letters.collect(), now).await
}

/// Asks somebody who gave another address whether it is theirs, unless they said so before.
pub async fn ask_whose(
    app: &App,
    tx: &Tx,
    reader: Reader,
    account: AccountId,
    now: Timestamp,
) -> Result<(), Error> {
    let address = store::people::address(tx, reader.subject).await?;
    if address.as_ref().is_none_or(|address| address.confirmed) {
        return Ok(());
    }
    let letter = Wanted {
        about: About::Address,
        entry: None,
        reader,
        account,
        address,
    };
    queue(app, tx, vec![letter], now).await
}

/// A letter that somebody causes.
struct Wanted<'a> {
    about: About,
    entry: Option<&'a Entry>,
    reader: Reader,
    account: AccountId,
    address: Option<Address>,
}

async fn queue(app: &App, tx: &Tx, letters: Vec<Wanted<'_>>, now: Timestamp) -> Result<(), Error> {
    let caused = letters.iter().filter_map(|letter| {
        Some(Caused {
            reader: &letter.reader,
            entry: letter.entry,
            address: letter.address.as_ref()?,
        })
    });
    let caused: Vec<_> = caused.collect();
    let mut lately = store::letters::lately(tx, &caused, now - A_DAY)
        .await?
        .into_iter();
    // What goes in this transaction counts too.
    let (mut accounts, mut addresses) = (BTreeMap::new(), BTreeMap::new());
    let mut go = Vec::new();
    for letter in &letters {
        if let Some(address) = &letter.address {
            let to_account = accounts.entry(letter.account).or_insert(0);
            let to_address = addresses.entry(&address.index).or_insert(0);
            let mut lately = lately.next().unwrap_or_default();
            lately.of_account += *to_account;
            lately.to_address += *to_address;
            if !goes_by_letter(&lately, address.confirmed) {
                continue;
            }
            *to_account += 1;
            *to_address += 1;
        }
        go.push(Queued {
            about: letter.about,
            reader: &letter.reader,
            contact: letter.address.as_ref().map(|address| address.contact),
        });
    }
    if go.is_empty() {
        return Ok(());
    }
    store::letters::add(tx, &go, &app.config.mail_domain(), now).await?;
    Ok(store::jobs::wake(tx, &Job::SendLetters, now, now).await?)
}

/// Queues a letter about a version for everybody who is bound by an earlier one.
///
/// It may run again after a crash: it goes on behind the last person queued, and who has a
/// letter gets no second.
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
