//! The sweep: throws away what has lapsed and sees which tokens need renewal.
//!
//! It takes no input, reads the state and does what is due, so that a sweep that
//! was missed does not matter. What strangers can pile up is removed in pages, a short
//! transaction each: whoever wants to write meanwhile waits for one page.

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Progress, audit, authorization, events, letters};
use crate::app::App;
use crate::domain::grants::{CODE_LIFE, REFRESH_LIFE};
use crate::domain::jobs::Job;
use crate::domain::time::{Timestamp, days, hours, minutes};
use crate::error::Error;
use crate::store::grants::{CODES, Ended, TOKENS};
use crate::store::{self, Fault, Tx};

/// How long the trace of a hook that led to an Install is kept for whoever looks into a problem.
const LANDED: TimeDelta = days(30);
/// The same for one that led nowhere: anybody can send such hooks.
const DEAD: TimeDelta = days(1);
/// And how many of these are kept at most.
const MOST_DEAD: u64 = 10_000;
/// How long done jobs are kept.
const DONE_JOBS: TimeDelta = days(1);
/// Whether a receipt was sent is of interest for a year; the receipt itself stays.
const RECEIPT_ROWS: TimeDelta = days(365);
/// A lapsed token is refused for its age only after the clocks' leeway.
const LEEWAY: TimeDelta = minutes(5);
/// The exchange of a code may have begun at the last moment and wait for its answer.
const LAST_ANSWER: TimeDelta = minutes(2);
/// How often the sweep comes.
pub const EVERY: TimeDelta = hours(1);
/// How many renewals one sweep asks for.
const AT_ONCE: u64 = 500;
/// How many rows one transaction removes: well below 50 ms on a slow disk.
pub const PAGE: u64 = 500;

/// Does what is due, and asks for the next sweep.
pub async fn sweep(app: &App) -> Result<Progress, Error> {
    let removed = remove_lapsed(app).await?;
    let renewals = ask_for_work(app).await?;
    audit::checkpoint_if_grown(app).await?;
    app.amocrm.forget_idle_hosts();
    tracing::info!("swept {removed} rows; {renewals} renewals");
    Ok(Progress::Done)
}

/// Everything whose time is over. Returns how many rows it was.
async fn remove_lapsed(app: &App) -> Result<u64, Error> {
    let now = app.clock.now();
    let code_died = now - CODE_LIFE - LAST_ANSWER;
    let too_many = store::grants::oldest_of_newest_dead(&app.store, MOST_DEAD).await?;
    let dead = too_many.map_or(now - DEAD, |at| at.max(now - DEAD));
    let mut removed = 0;
    removed += pages(app, |tx| store::states::sweep(tx, now, PAGE).boxed()).await?;
    removed += pages(app, |tx| {
        store::burned::sweep(tx, now - LEEWAY, PAGE).boxed()
    })
    .await?;
    removed += pages(app, |tx| {
        end_grants(tx, CODES, code_died, "the code's 20 minutes are over")
    })
    .await?;
    removed += pages(app, |tx| {
        store::jobs::remove_untried(tx, code_died, PAGE).boxed()
    })
    .await?;
    let unused = now - REFRESH_LIFE;
    removed += pages(app, |tx| {
        end_grants(tx, TOKENS, unused, "its refresh token died of disuse")
    })
    .await?;
    for (ended, before) in [(Ended::Landed, now - LANDED), (Ended::Dead, dead)] {
        removed += pages(app, |tx| {
            store::grants::sweep(tx, ended, before, PAGE).boxed()
        })
        .await?;
    }
    removed += pages(app, |tx| {
        store::jobs::sweep(tx, now - DONE_JOBS, PAGE).boxed()
    })
    .await?;
    removed += pages(app, |tx| {
        store::letters::sweep(tx, now - RECEIPT_ROWS, PAGE).boxed()
    })
    .await?;
    removed += pages(app, |tx| store::links::sweep(tx, now, PAGE).boxed()).await?;
    removed += pages(app, |tx| events::sweep(tx, now, PAGE)).await?;
    // Secrets that were rotated away: a handful, so that no page is needed.
    removed += pages(app, |tx| {
        store::products::forget_ended_secrets(tx, now).boxed()
    })
    .await?;
    removed += pages(app, |tx| {
        store::endpoints::forget_ended_secrets(tx, now).boxed()
    })
    .await?;
    Ok(removed)
}

fn end_grants<'t>(
    tx: &'t Tx,
    stages: &'static [&'static str],
    before: Timestamp,
    fault: &'static str,
) -> BoxFuture<'t, Result<u64, Fault>> {
    store::grants::end_aged(tx, stages, before, fault, PAGE).boxed()
}

/// Removes page after page, each in a transaction of its own, until one is not full.
async fn pages(
    app: &App,
    remove: impl for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<u64, Fault>>,
) -> Result<u64, Error> {
    let mut all = 0;
    loop {
        let tx = app.store.begin().await?;
        let removed = remove(&tx).await?;
        if removed > 0 {
            tx.commit().await?;
        }
        all += removed;
        if removed < PAGE {
            return Ok(all);
        }
    }
}

/// Asks for whatever nobody else would ask for again. Returns how many renewals.
async fn ask_for_work(app: &App) -> Result<usize, Error> {
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    // A job that failed for good must not leave an account half taken out: ask again.
    for install in store::installs::uninstalling(&tx, AT_ONCE).await? {
        let job = Job::Uninstall {
            install: install.id,
            generation: install.generation,
        };
        store::jobs::enqueue(&tx, &job, now, now).await?;
    }
    // Tokens whose account amoCRM has not told yet are asked about for as long as they live.
    for grant in store::grants::held(&tx, AT_ONCE).await? {
        store::jobs::enqueue(&tx, &Job::ExchangeGrant { grant }, now, now).await?;
    }
    let before = now - authorization::RENEW_AFTER;
    let idle = store::tokens::obtained_before(&tx, before, AT_ONCE).await?;
    for install in &idle {
        store::jobs::enqueue(&tx, &Job::RenewTokens { install: *install }, now, now).await?;
    }
    letters::ask_again(&tx, now).await?;
    letters::go_on(&tx, now).await?;
    events::go_on_everywhere(&tx, now).await?;
    tx.commit().await?;
    Ok(idle.len())
}
