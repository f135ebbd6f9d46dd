//! Withdrawal of consent (clause 11.11): one transaction ends the entitlement of
//! the whole account, answers with a number and a date, and begins the uninstall.

use chrono::Datelike as _;
use futures_util::FutureExt as _;

use super::authorization;
use super::caller::Caller;
use super::consents::known;
use super::letters;
use crate::app::App;
use crate::domain::consents::{Act, Declares, Entry};
use crate::domain::deadlines::{Rule, due};
use crate::domain::events;
use crate::domain::installs::{Install, State};
use crate::domain::jobs::Job;
use crate::domain::requests::{self, Kind, Request, State as RequestState};
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::{self, Tx};

/// Clause 11.11.2.
const ANSWER_WITHIN: Rule = Rule::WorkingDays(10);

/// The request, and whether it is a new one.
pub struct Withdrawn {
    /// The first request of this generation.
    pub request: Request,
    /// `false` when it had been made before.
    pub fresh: bool,
}

/// Withdraws the consent of the account's present generation. The second time it answers with
/// the first request.
///
/// # Errors
/// [`Code::NoConsent`] when there is none; [`Code::AdministratorRequired`] for who neither
/// consented nor administers the account; [`Code::PlatformUnreachable`] when amoCRM cannot say.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    comment: Option<String>,
) -> Result<Withdrawn, Error> {
    let install = caller
        .install(app)
        .await?
        .ok_or(Error::Refused(Code::NoConsent))?;
    may_withdraw(app, caller, &install).await?;

    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, install.id).await?;
    if let Some(request) = store::requests::withdrawal(&tx, install.id, install.generation).await? {
        caller.burn(&tx).await?;
        tx.commit().await?;
        return Ok(Withdrawn {
            request,
            fresh: false,
        });
    }
    let last = given(&tx, &install).await?;
    let now = app.clock.now();
    let was_there = matches!(
        install.state,
        State::Pending | State::Active | State::Uninstalling
    );
    let subject = known(&tx, caller, &install, now).await?;
    let entry = Entry {
        id: store::consents::new_consent_id(),
        subject: subject.id,
        user: Some(caller.claims.user),
        act: Act::Withdrawn,
        purposes: Vec::new(),
        declares: Declares {
            read: false,
            own_data: false,
        },
        at: now,
        ..last
    };
    let request = Request {
        id: store::requests::new_request_id(),
        number: next_number(app, &tx, now).await?,
        install: install.id,
        generation: install.generation,
        subject: subject.id,
        kind: Kind::Withdrawal,
        state: if was_there {
            RequestState::Received
        } else {
            RequestState::Executed
        },
        received_at: now,
        due_at: due_at(app, now),
    };
    let install = install.withdrawn(now);

    caller.burn(&tx).await?;
    store::installs::save(&tx, &install).await?;
    store::consents::add(
        &tx,
        &caller.product.code,
        &subject,
        caller.claims.user,
        &entry,
    )
    .await?;
    store::requests::add(&tx, &request, &subject, comment.as_deref()).await?;

    store::jobs::stop_all(&tx, install.id, now).await?;
    if install.state == State::Uninstalling {
        let job = Job::Uninstall {
            install: install.id,
            generation: install.generation,
        };
        store::jobs::enqueue(&tx, &job, now, now).await?;
    }
    letters::receipt(app, &tx, &entry, now).await?;
    let (kind, data) = (events::Kind::ConsentWithdrawn, events::Data::default());
    super::events::at_install(&tx, &caller.product, &install, kind, data, now).await?;
    tx.commit().await?;
    app.nudge.notify_one();
    Ok(Withdrawn {
        request,
        fresh: true,
    })
}

/// The person who consented may; so may an administrator, which only the platform can say.
async fn may_withdraw(app: &App, caller: &Caller, install: &Install) -> Result<(), Error> {
    let db = &app.store;
    let entries = store::consents::of_generation(db, install.id, install.generation).await?;
    if entries.is_empty() {
        return Err(Error::Refused(Code::NoConsent));
    }
    if let Some(subject) = store::people::find(db, install.id, caller.claims.user).await?
        && entries.iter().any(|e| e.subject == subject.id)
    {
        return Ok(());
    }
    let user = caller.claims.user;
    match authorization::ask(app, install, move |session| {
        session.is_administrator(user).boxed()
    })
    .await
    {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => Err(Error::Refused(Code::AdministratorRequired)),
        Ok(None) | Err(Error::Upstream(_)) => Err(Error::Refused(Code::PlatformUnreachable)),
        Err(e) => Err(e),
    }
}

/// The consent that is taken back.
async fn given(tx: &Tx, install: &Install) -> Result<Entry, Error> {
    store::consents::of_generation(tx, install.id, install.generation)
        .await?
        .pop()
        .filter(|entry| entry.act == Act::Given)
        .ok_or(Error::Refused(Code::NoConsent))
}

async fn next_number(app: &App, tx: &Tx, now: Timestamp) -> Result<String, Error> {
    let year = now.utc().with_timezone(&app.config.time_zone).year();
    let count = store::requests::next_number(tx, &format!("withdrawal-{year}")).await?;
    Ok(requests::number(Kind::Withdrawal, year, count))
}

/// The end of the tenth working day. A calendar that ends too early must not keep a person
/// from withdrawing: then we promise ten calendar days, which is never later.
fn due_at(app: &App, now: Timestamp) -> Timestamp {
    due(now, ANSWER_WITHIN, &app.calendar)
        .or_else(|unknown| {
            tracing::error!(
                "{unknown}: promised ten calendar days instead; bring the calendar up to date"
            );
            due(now, Rule::CalendarDays(10), &app.calendar)
        })
        .map_or_else(|_| now + chrono::TimeDelta::days(10), |due| due.at)
}
