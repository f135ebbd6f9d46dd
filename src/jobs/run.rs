//! A claimed job becomes a call of its action, and what comes of it a verdict.

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::actions::{
    Progress, authorization, disconnects, events, grants, letters, uninstall, upkeep,
};
use crate::app::App;
use crate::domain::ids::JobId;
use crate::domain::jobs::{Claimed, Job, Verdict, backoff, worth_another_try};
use crate::error::Error;
use crate::store;

/// How long a claim lasts without a word from its worker. On PostgreSQL a dead process's jobs
/// are taken up after this and one poll: within 30 s.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(20);

/// Calls the action.
async fn act(app: &App, job: &Job) -> Result<Progress, Error> {
    match job {
        Job::ExchangeGrant { grant } => grants::exchange(app, *grant).await,
        Job::CheckGrant {
            install,
            generation,
        } => disconnects::check(app, *install, *generation).await,
        Job::Uninstall {
            install,
            generation,
        } => uninstall::carry_on(app, *install, *generation).await,
        Job::RenewTokens { install } => authorization::renew(app, *install).await,
        Job::TellEverybody { version } => letters::tell_everybody(app, *version).await,
        Job::SendLetters => letters::send_due(app).await,
        Job::TellBackEnd { endpoint } => events::tell(app, *endpoint).await,
        Job::Sweep => upkeep::sweep(app).await,
    }
}

/// Runs one claimed job to its verdict, and closes it if the claim is still ours.
///
/// Boxed: the compiler proves here, once, that the future may move between threads.
pub(super) fn run<'a>(app: &'a App, claimed: &'a Claimed) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        let outcome = act(app, &claimed.job).await;
        conclude(app, claimed, outcome).await
    }
    .boxed()
}

async fn conclude(
    app: &App,
    claimed: &Claimed,
    outcome: Result<Progress, Error>,
) -> Result<(), Error> {
    let now = app.clock.now();
    let again = Verdict::Again(now + backoff(claimed.attempt));
    let (verdict, fault) = match outcome {
        Ok(Progress::Done) => (Verdict::Done, None),
        Ok(Progress::Later) => (again, None),
        Ok(Progress::At(then)) => (Verdict::Again(then), None),
        Err(e) => {
            let passes = match &e {
                Error::Upstream(e) => e.may_pass(),
                Error::Unavailable(_) => true,
                _ => false,
            };
            let verdict = if passes && worth_another_try(claimed.asked_at, now) {
                again
            } else {
                Verdict::Failed
            };
            (verdict, Some(e.to_string()))
        }
    };
    let kind = claimed.job.kind();
    match (&verdict, &fault) {
        (Verdict::Failed, Some(fault)) => {
            tracing::error!(job.id = %claimed.id, "{kind} failed for good: {fault}")
        }
        (_, Some(fault)) => {
            tracing::warn!(job.id = %claimed.id, attempt = claimed.attempt, "{kind}: {fault}")
        }
        (_, None) => tracing::debug!(job.id = %claimed.id, "{kind}: {verdict:?}"),
    }
    let tx = app.store.begin().await?;
    if !store::jobs::finish(&tx, claimed, &verdict, fault.as_deref(), now).await? {
        tracing::warn!(job.id = %claimed.id, "{kind}: another worker took over, the result is dropped");
    } else if claimed.job == Job::SendLetters && verdict == Verdict::Done {
        letters::go_on(&tx, now).await?;
    } else if let Job::TellBackEnd { endpoint } = claimed.job
        && verdict != Verdict::Failed
    {
        events::go_on(&tx, endpoint, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Runs one job at once in the caller's task, so that a person who waits for it sees how it
/// went. If the process dies meanwhile, a worker takes it up like any other.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn run_now(app: &App, id: JobId) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    let claimed = store::jobs::claim_one(&tx, id, LEASE, app.clock.now()).await?;
    tx.commit().await?;
    match claimed {
        Some(claimed) => run(app, &claimed).await,
        None => Ok(()),
    }
}
