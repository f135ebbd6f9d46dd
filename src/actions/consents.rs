//! Consent: a person agrees to exactly the words they were shown.

mod batch;

use std::sync::Arc;

use futures_util::FutureExt as _;

use super::to_the_end;
use crate::app::{App, Tried};
use crate::domain::claims::Caller;
use crate::domain::consents::agreement::{Agreement, Form, Outcome, Wanted};
use crate::domain::installs::Install;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::people::Subject;
use crate::store::{self, Locked, Tx};

/// Records a consent: contact details and entry in one transaction (clause 3.2), which it shares
/// with all that come at the same time.
///
/// From an account that was never seen it creates the Install: the token proves the account.
///
/// # Errors
/// [`Code::NoPolicy`] when there is nothing to agree to; [`Code::TokenStale`],
/// [`Code::Uninstalling`], [`Code::TokenReplayed`] as the state demands; [`Code::TooMany`] when
/// the person said enough for a day.
pub async fn record(
    app: &Arc<App>,
    caller: &Caller,
    agreement: Agreement,
) -> Result<Outcome, Error> {
    let history = app.store.history(caller.product.id).await?;
    match agreement.against(&history) {
        None => return Err(Error::Refused(Code::NoPolicy)),
        Some(Wanted::Another(version, text)) => {
            return Ok(Outcome::changed(version, text));
        }
        Some(Wanted::Shown(..)) => {}
    }
    let house = app.clone();
    let write = move |forms: Vec<Form>| {
        let app = house.clone();
        async move { try_all(&app, &forms).await }.boxed()
    };
    let form = Form {
        caller: caller.clone(),
        agreement,
    };
    let key = Some(caller.account());
    let outcome = match app.batches.consents.submit(key, form.clone(), write).await {
        Some(Some(outcome)) => outcome,
        // Alone it may wait for whoever changes the Install, and its fault is nobody else's.
        Some(None) => alone(app, form).await,
        None => Err(Error::Refused(Code::DatabaseUnavailable)),
    };
    app.nudge.notify_one();
    outcome
}

async fn alone(app: &Arc<App>, form: Form) -> Result<Outcome, Error> {
    let house = app.clone();
    let tried = to_the_end(&app.tasks, async move {
        batch::write(&house, &[form], Locked::WaitedFor).await
    });
    let gone = || Error::Refused(Code::DatabaseUnavailable);
    tried.await?.pop().flatten().ok_or_else(gone)?
}

async fn try_all(app: &App, forms: &[Form]) -> Vec<Tried> {
    match batch::write(app, forms, Locked::LeftOut).await {
        Ok(tried) => tried,
        Err(e @ Error::Unavailable(_)) => {
            tracing::error!("{} consent(s) were not recorded: {e}", forms.len());
            let gone = || Some(Err(Error::Refused(Code::DatabaseUnavailable)));
            forms.iter().map(|_| gone()).collect()
        }
        Err(e) => {
            tracing::warn!("{} consent(s) are recorded one by one: {e}", forms.len());
            forms.iter().map(|_| None).collect()
        }
    }
}

/// The person who calls, made known if they were not. Call it with the Install locked.
pub async fn known(
    tx: &Tx,
    caller: &Caller,
    install: &Install,
    now: Timestamp,
) -> Result<Subject, Error> {
    match store::people::find(tx, install.id, caller.claims.user).await? {
        Some(subject) => Ok(subject),
        None => Ok(store::people::add(tx, install.id, caller.claims.user, now).await?),
    }
}
