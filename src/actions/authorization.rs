//! Speaking to an account with the grants we hold.
//!
//! Each person who granted access has a pair of tokens of their own, with their own rights. An
//! administrator's is asked with first; where it is dead, or may not, the next one's. A 401 leads
//! to one renewal and one repeat (amoCRM developers, oauth/step-by-step).

mod grip;

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

use self::grip::Grip;
use super::Progress;
use crate::amocrm::{self, OfGrant, Session};
use crate::app::App;
use crate::domain::ids::InstallId;
use crate::domain::installs::Install;
use crate::domain::time::{days, seconds};
use crate::error::Error;
use crate::store;
use crate::store::tokens::Held;

/// A refresh token dies after three months of disuse; we never come near.
pub const RENEW_AFTER: TimeDelta = days(30);

/// A pair this close to its end is renewed before it is used.
const MARGIN: TimeDelta = seconds(60);

/// How long a person waits for our own limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// One question to an account.
pub type Asked<'s, T> = BoxFuture<'s, Result<T, amocrm::Error>>;

/// What came of asking with one person's grant.
enum Said<T> {
    /// The account's answer.
    Answer(T),
    /// That grant is dead.
    Dead,
    /// That person may not.
    NotAllowed(amocrm::Error),
    /// The pair can be neither used nor renewed now, and may yet live.
    Held(Error),
}

/// Asks the account something, with one grant after the other until one can answer. `None` means:
/// no grant of ours lives there.
///
/// # Errors
/// [`Error::Upstream`] as the platform answered, when the grants are not the reason, or when none
/// of those that live may ask.
pub async fn ask<T>(
    app: &App,
    install: &Install,
    question: impl for<'s> Fn(&'s Session<'s>) -> Asked<'s, T>,
) -> Result<Option<T>, Error> {
    let (mut not_allowed, mut held) = (None, None);
    let mut administered = false;
    for pair in store::tokens::list(&app.store, install.id).await? {
        let administrator = pair.administrator;
        match ask_with(app, install, pair, &question).await? {
            Said::Answer(answer) => return Ok(Some(answer)),
            Said::Dead => continue,
            Said::NotAllowed(e) => not_allowed = not_allowed.or(Some(e)),
            Said::Held(e) => held = held.or(Some(e)),
        }
        administered |= administrator;
    }
    match (held, not_allowed) {
        (Some(e), _) => Err(e),
        (None, Some(e)) => {
            if !administered {
                needs_administrator(app, install).await?;
            }
            Err(e.into())
        }
        (None, None) => Ok(None),
    }
}

/// The same for somebody who waits for the answer: our own limit is waited for, for some seconds.
///
/// # Errors
/// As [`ask`].
pub async fn ask_at_once<T>(
    app: &App,
    install: &Install,
    question: impl for<'s> Fn(&'s Session<'s>) -> Asked<'s, T>,
) -> Result<Option<T>, Error> {
    let mut patience = PATIENCE;
    loop {
        let answer = ask(app, install, &question).await;
        let wait = answer.as_ref().err().and_then(Error::not_yet);
        match wait.filter(|wait| *wait <= patience) {
            Some(wait) => {
                patience -= wait;
                tokio::time::sleep(wait).await;
            }
            None => return answer,
        }
    }
}

async fn ask_with<T>(
    app: &App,
    install: &Install,
    pair: Held,
    question: &impl for<'s> Fn(&'s Session<'s>) -> Asked<'s, T>,
) -> Result<Said<T>, Error> {
    let lapsed = pair.tokens.access_expires_at - MARGIN <= app.clock.now();
    let mut grip = Grip::new(app, install, pair).await?;
    if lapsed {
        match grip.renew().await {
            Ok(true) => {}
            Ok(false) => return Ok(Said::Dead),
            Err(e) => return Ok(Said::Held(e)),
        }
    }
    let first = question(&grip.session()).await;
    let repeat = match first.as_ref().err().map(amocrm::Error::of_grant) {
        Some(OfGrant::Renew) => match grip.renew().await {
            Ok(true) => true,
            Ok(false) => return Ok(Said::Dead),
            Err(e) => return Ok(Said::Held(e)),
        },
        Some(OfGrant::Moved) => grip.follow().await?,
        Some(OfGrant::Nothing | OfGrant::NotAllowed | OfGrant::Later) | None => false,
    };
    let answer = if repeat {
        question(&grip.session()).await
    } else {
        first
    };
    let e = match answer {
        Ok(answer) => return Ok(Said::Answer(answer)),
        Err(e) => e,
    };
    match e.of_grant() {
        // A fresh pair that is refused is no grant.
        OfGrant::Renew => {
            grip.bury().await?;
            Ok(Said::Dead)
        }
        OfGrant::NotAllowed => Ok(Said::NotAllowed(e)),
        OfGrant::Nothing | OfGrant::Moved | OfGrant::Later => Err(e.into()),
    }
}

/// Remembers that employees' grants were not enough, until an administrator's lands.
async fn needs_administrator(app: &App, install: &Install) -> Result<(), Error> {
    if install.needs_administrator {
        return Ok(());
    }
    let tx = app.store.begin().await?;
    let now = store::installs::lock(&tx, install.id).await?;
    let lacks = now.generation == install.generation
        && !store::tokens::of_administrator(&tx, now.id).await?;
    if lacks {
        let needs_administrator = true;
        let install = Install {
            needs_administrator,
            ..now
        };
        store::installs::save(&tx, &install).await?;
    }
    Ok(tx.commit().await?)
}

/// The job: renews each person's pair before its refresh token dies of disuse. One that cannot be
/// renewed keeps no other from it.
///
/// # Errors
/// [`Error::Upstream`] when amoCRM could not be asked now.
pub async fn renew(app: &App, install: InstallId) -> Result<Progress, Error> {
    let install = store::installs::get(&app.store, install).await?;
    let before = app.clock.now() - RENEW_AFTER;
    let mut fault = None;
    for pair in store::tokens::list(&app.store, install.id).await? {
        if pair.obtained_at < before {
            let mut grip = Grip::new(app, &install, pair).await?;
            if let Err(e) = grip.renew().await {
                fault = fault.or(Some(e));
            }
        }
    }
    fault.map_or(Ok(Progress::Done), Err)
}
