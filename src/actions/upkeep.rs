//! The sweep: throws away what has lapsed and sees which tokens need renewal.
//!
//! It takes no input, reads the state and does what is due, so that a sweep that
//! was missed does not matter.

use chrono::TimeDelta;

use super::{Progress, audit, events, letters};
use crate::app::App;
use crate::domain::jobs::Job;
use crate::error::Error;
use crate::store;

/// A refresh token dies after three months of disuse; we never come near.
const RENEW_AFTER: TimeDelta = TimeDelta::days(30);
/// How long the traces of hooks and jobs are kept for whoever looks into a problem.
const TRACES: TimeDelta = TimeDelta::days(30);
/// Whether a receipt was sent is of interest for a year; the receipt itself stays.
const RECEIPT_ROWS: TimeDelta = TimeDelta::days(365);
/// A lapsed token is refused for its age only after the clocks' leeway.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);
/// No exchange is tried for longer than the day for which jobs are.
const LONGEST_EXCHANGE: TimeDelta = TimeDelta::hours(25);
/// How often the sweep comes.
pub const EVERY: TimeDelta = TimeDelta::hours(1);
/// How many renewals one sweep asks for.
const AT_ONCE: u64 = 500;

/// Does what is due, and asks for the next sweep.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn sweep(app: &App) -> Result<Progress, Error> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let states = store::states::sweep(&tx, now).await?;
    let burned = store::burned::sweep(&tx, now - LEEWAY).await?;
    let grants = store::grants::sweep(&tx, now - TRACES).await?;
    let jobs = store::jobs::sweep(&tx, now - TRACES).await?;
    let idle = store::tokens::obtained_before(&tx, now - RENEW_AFTER, AT_ONCE).await?;
    let forgotten = store::grants::end_forgotten(&tx, now - LONGEST_EXCHANGE).await?;
    // A job that failed for good must not leave an account half taken out: ask again.
    for install in store::installs::uninstalling(&tx, AT_ONCE).await? {
        let (install, generation) = (install.id, install.generation);
        store::jobs::enqueue(
            &tx,
            &Job::Uninstall {
                install,
                generation,
            },
            now,
            now,
        )
        .await?;
    }
    for install in &idle {
        store::jobs::enqueue(&tx, &Job::RenewTokens { install: *install }, now, now).await?;
    }
    let receipts = store::letters::sweep(&tx, now - RECEIPT_ROWS).await?;
    letters::ask_again(&tx, now).await?;
    letters::go_on(&tx, now).await?;
    events::sweep(&tx, now).await?;
    tx.commit().await?;
    audit::checkpoint_if_grown(app).await?;
    tracing::info!(
        "swept {states} states, {burned} used tokens, {grants} grants, {jobs} jobs, {receipts} receipts' letters; \
         {forgotten} grants that nobody finished, {} renewals",
        idle.len()
    );
    Ok(Progress::Done)
}
