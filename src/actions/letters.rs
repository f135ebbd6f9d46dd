//! Letters to people: everybody bound by an earlier version is told of a new one, and
//! who consents or withdraws gets a receipt.
//!
//! A letter is a row before it is words. It is taken (`sending`, durable) before the
//! mail server hears of it, so that a crash leaves a trace and nobody is written to
//! twice; and what the server said is durable before the next one begins.

mod queue;
mod write;

use futures_util::FutureExt as _;

use super::{Progress, insist};
use crate::app::App;
use crate::domain::ids::LetterId;
use crate::domain::installs::Install;
use crate::domain::jobs::Job;
use crate::domain::letters::{About, LINK_LIFE, Letter, State, may_go};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::mail::Outcome;
use crate::store::letters::Fate;
use crate::store::{self, Tx};

pub use queue::{ask_again, ask_whose, receipts, tell_everybody};

/// How many letters one run of the job sends, so that no run takes long.
const AT_ONCE: u64 = 100;
/// After how many broken connections in a row a run gives way.
const PATIENCE: u32 = 3;

/// Sends letters that are due, the kinds in turn. One job at a time does this.
///
/// It may run again after a crash: what was begun and not finished is settled as unknown and
/// not sent again, because the mail server may have taken it.
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
        app.outbox.disconnect().await;
    }
    Ok(Progress::Done)
}

/// While a letter is queued there is a job that will send it. Called in the transaction that
/// ends a run, and by the sweep.
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
