//! Letters to people: everybody bound by an earlier version is told of a new one, and
//! who consents or withdraws gets a receipt.
//!
//! A letter is a row before it is words. It is taken (`sending`, durable) before the
//! mail server hears of it, so that a crash leaves a trace and nobody is written to
//! twice; and what the server said is durable before the next one begins.

mod write;

use futures_util::FutureExt as _;

use super::{Progress, insist};
use crate::app::App;
use crate::domain::consents::Entry;
use crate::domain::ids::{LetterId, PolicyVersionId};
use crate::domain::installs::Install;
use crate::domain::jobs::Job;
use crate::domain::letters::{A_DAY, About, LINK_LIFE, Letter, State, goes_by_letter, may_go};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::mail::Outcome;
use crate::store::letters::{Fate, Reader};
use crate::store::people::Address;
use crate::store::{self, Tx};

/// How many people are queued in one transaction.
const PAGE: u64 = 2_000;
/// How many letters one run of the job sends, so that no run takes long.
const AT_ONCE: u64 = 100;
/// After how many broken connections in a row a run gives way.
const PATIENCE: u32 = 3;

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
    let (product, posted) = store::policies::get(&app.store, version).await?;
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

/// Sends letters that are due, the kinds in turn. One job at a time does this.
///
/// It may run again after a crash: what was begun and not finished is settled as unknown and
/// not sent again, because the mail server may have taken it.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn send_due(app: &App) -> Result<Progress, Error> {
    give_up_lost(app).await?;
    let due = store::letters::due(&app.store, app.clock.now(), AT_ONCE).await?;
    let more = due.len() as u64 == AT_ONCE;
    let mut broken = 0;
    for id in due {
        match deliver(app, id).await? {
            None => {}
            Some(Outcome::Down(why)) => {
                tracing::warn!("letters wait: {why}");
                return Ok(Progress::Later);
            }
            // What is unknown is not sent again, so that a broken server must not get many.
            Some(Outcome::Unknown) => {
                tracing::warn!("letters wait: the mail server took one without a word");
                return Ok(Progress::Later);
            }
            Some(Outcome::Lost) => {
                broken += 1;
                if broken == PATIENCE {
                    tracing::warn!("letters wait: the mail server hangs up");
                    return Ok(Progress::Later);
                }
            }
            Some(Outcome::Sent | Outcome::Refused(_) | Outcome::Deferred(_)) => broken = 0,
        }
    }
    if !more {
        app.outbox.rest().await;
    }
    Ok(Progress::Done)
}

/// Asks again for the letters about each version in force, in case no job finished queueing
/// them. Whoever has a letter gets no second.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn ask_again(tx: &Tx, now: Timestamp) -> Result<(), Error> {
    for product in store::products::list(tx).await? {
        let posted = store::policies::posted(tx, product.id).await?;
        if posted.len() > 1
            && let Some(version) = store::policies::in_force(tx, product.id).await?
        {
            let tell = Job::TellEverybody {
                version: version.id,
            };
            store::jobs::enqueue(tx, &tell, now, now).await?;
        }
    }
    Ok(())
}

/// While a letter is queued there is a job that will send it. Called in the transaction that
/// ends a run, and by the sweep.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn go_on(tx: &Tx, now: Timestamp) -> Result<(), Error> {
    if let Some(next) = store::letters::next_due(tx).await? {
        store::jobs::wake(tx, &Job::SendLetters, next.max(now), now).await?;
    }
    Ok(())
}

async fn give_up_lost(app: &App) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    let lost = store::letters::give_up_lost(&tx).await?;
    tx.commit().await?;
    if lost > 0 {
        tracing::warn!("{lost} letter(s) were being sent when a process died: not sent again");
    }
    Ok(())
}

/// Sends one letter, if it may still go; what the mail server made of it.
async fn deliver(app: &App, id: LetterId) -> Result<Option<Outcome>, Error> {
    let Some(letter) = store::letters::find(&app.store, id).await? else {
        return Ok(None);
    };
    let written = match write::write(app, &letter).await {
        Ok(Some(written)) => written,
        // Nobody to write to: who withdraws without ever having left an address.
        Ok(None) => {
            keep(app, &letter, &Fate::Dropped).await?;
            return Ok(None);
        }
        Err(e @ Error::Unavailable(_)) => return Err(e),
        Err(e) => {
            // One letter that cannot be written must not keep the others waiting.
            tracing::error!(letter.id = %letter.id, "a letter was not written: {e}");
            keep(app, &letter, &Fate::PutOff(None)).await?;
            return Ok(None);
        }
    };
    let Some(taken) = take(app, &letter, &written).await? else {
        return Ok(None);
    };

    let outcome = app.outbox.send(&written.letter).await;

    let fate = match &outcome {
        Outcome::Sent => Fate::Sent,
        Outcome::Refused(code) => Fate::Bounced(code.clone()),
        Outcome::Deferred(code) => Fate::PutOff(Some(code.clone())),
        Outcome::Lost => Fate::PutOff(None),
        Outcome::Unknown => Fate::Unknown,
        Outcome::Down(_) => Fate::Untried,
    };
    keep(app, &taken, &fate).await?;
    Ok(Some(outcome))
}

/// Makes the letter ours, if under lock it is still queued and may still go.
async fn take(
    app: &App,
    letter: &Letter,
    written: &write::Written,
) -> Result<Option<Letter>, Error> {
    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, letter.install).await?;
    let Some(letter) = store::letters::lock(&tx, letter.id).await? else {
        return Ok(None);
    };
    if letter.state != State::Queued {
        return Ok(None);
    }

    let taken = if still_wanted(&tx, &letter, &install, written).await? {
        if let Some(token) = &written.link {
            let expires = app.clock.now() + LINK_LIFE;
            store::links::add(&tx, letter.id, written.contact, token, expires).await?;
        }
        Some(store::letters::take(&tx, letter, written.contact).await?)
    } else {
        store::letters::settle(&tx, &letter, &Fate::Dropped, app.clock.now()).await?;
        None
    };
    tx.commit().await?;
    Ok(taken)
}

/// Whether a letter may still go. An address that nobody confirmed is told of a version once,
/// however many people gave it.
async fn still_wanted(
    tx: &Tx,
    letter: &Letter,
    install: &Install,
    written: &write::Written,
) -> Result<bool, Error> {
    let last = store::letters::last_act(tx, letter.subject).await?;
    if !may_go(letter, written.number, install, last) {
        return Ok(false);
    }
    match letter.about {
        About::Policy { version, .. } if written.link.is_some() => {
            let to = written.contact;
            Ok(!store::letters::was_told_of(tx, version, letter.id, to).await?)
        }
        About::Policy { .. } | About::Receipt { .. } | About::Address => Ok(true),
    }
}

/// Keeps what became of a letter: what is not kept is unknown.
async fn keep(app: &App, letter: &Letter, fate: &Fate) -> Result<(), Error> {
    if !insist(|| keep_once(app, letter, fate).boxed()).await? {
        tracing::warn!(letter.id = %letter.id, "somebody else took the letter meanwhile");
    }
    Ok(())
}

async fn keep_once(app: &App, letter: &Letter, fate: &Fate) -> Result<bool, Error> {
    let tx = app.store.begin().await?;
    let kept = store::letters::settle(&tx, letter, fate, app.clock.now()).await?;
    tx.commit().await?;
    Ok(kept)
}
