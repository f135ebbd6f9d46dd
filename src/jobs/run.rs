//! A claimed job becomes a call of its action, and what comes of it a verdict.

use std::panic::AssertUnwindSafe;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::actions::{
    Progress, authorization, disconnects, events, grants, letters, uninstall, upkeep,
};
use crate::app::App;
use crate::domain::ids::JobId;
use crate::domain::jobs::{BREAKDOWNS, Claimed, Job, Verdict, backoff, worth_another_try};
use crate::domain::time::{Timestamp, minutes, seconds};
use crate::error::Error;
use crate::store;

/// How long a claim lasts without a word from its worker. On PostgreSQL a dead process's jobs
/// are taken up after this and one poll: within 30 s.
pub(super) const LEASE: TimeDelta = seconds(20);

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
        // A panic is a verdict like any other: without one the job would be taken again for ever.
        // What it leaves behind is dropped with it; whatever outlives it is behind locks of its own.
        let outcome = AssertUnwindSafe(act(app, &claimed.job))
            .catch_unwind()
            .await;
        conclude(app, claimed, outcome.ok()).await
    }
    .boxed()
}

/// What becomes of the job, and why when something went wrong. `None` is a panic.
fn verdict(
    claimed: &Claimed,
    outcome: Option<Result<Progress, Error>>,
    now: Timestamp,
) -> (Verdict, Option<String>) {
    let again = Verdict::Again(now + backoff(claimed.attempt));
    let (worth_it, fault) = match outcome {
        Some(Ok(Progress::Done)) => return (Verdict::Done, None),
        Some(Ok(Progress::Later)) => return (again, None),
        Some(Ok(Progress::At(then))) => return (Verdict::Again(then), None),
        Some(Err(e)) => {
            if let Some(wait) = e.not_yet() {
                let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
                return (Verdict::Again(now + wait.min(minutes(1))), None);
            }
            let passes = match &e {
                Error::Upstream(e) => e.may_pass(),
                Error::Unavailable(_) => true,
                _ => false,
            };
            let worth_it = passes && worth_another_try(claimed.asked_at, now);
            (worth_it, e.to_string())
        }
        None => (claimed.attempt < BREAKDOWNS, "it panicked".to_owned()),
    };
    let verdict = if worth_it { again } else { Verdict::Failed };
    (verdict, Some(fault))
}

async fn conclude(
    app: &App,
    claimed: &Claimed,
    outcome: Option<Result<Progress, Error>>,
) -> Result<(), Error> {
    let now = app.clock.now();
    let (verdict, fault) = verdict(claimed, outcome, now);
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
/// went. If the process dies meanwhile, a worker takes it up like any other; and so it does when
/// more codes are exchanged already than we may.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn run_now(app: &App, id: JobId) -> Result<(), Error> {
    if !app.amocrm.may_exchange() {
        return Ok(());
    }
    let tx = app.store.begin().await?;
    let claimed = store::jobs::claim_one(&tx, id, LEASE, app.clock.now()).await?;
    tx.commit().await?;
    match claimed {
        Some(claimed) => run(app, &claimed).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::domain::time::milliseconds;

    #[test]
    fn a_job_that_panics_is_given_up_after_the_third_time() {
        let now = Timestamp::from_secs(1_000);
        let claimed = |attempt| Claimed {
            id: JobId(Uuid::nil()),
            job: Job::Sweep,
            attempt,
            asked_at: now,
        };
        for attempt in 1..=2 {
            let (verdict, fault) = verdict(&claimed(attempt), None, now);
            assert!(matches!(verdict, Verdict::Again(_)), "{attempt}");
            assert!(fault.is_some());
        }
        assert_eq!(verdict(&claimed(3), None, now).0, Verdict::Failed);
    }

    #[test]
    fn our_own_limit_is_waited_for_in_the_table_and_is_no_fault() {
        let now = Timestamp::from_secs(1_000);
        let claimed = Claimed {
            id: JobId(Uuid::nil()),
            job: Job::Sweep,
            attempt: 9,
            asked_at: now,
        };
        let wait = Error::put_off(Duration::from_millis(143));
        let told = verdict(&claimed, Some(Err(wait)), now);
        let then = now + milliseconds(143);
        assert_eq!(told, (Verdict::Again(then), None));
    }
}
