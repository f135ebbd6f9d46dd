//! The worker: claims what is due, lane by lane, runs it, keeps its lease while it lasts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::run::{LEASE, run};
use crate::actions::{clocks, upkeep};
use crate::app::App;
use crate::domain::grants::CODE_LIFE;
use crate::domain::jobs::{Claimed, Job, LOOK, Lane};
use crate::domain::time::{Timestamp, seconds};
use crate::error::Error;
use crate::store;
use crate::store::jobs::Turn;

/// How often the table is looked at when nobody nudges.
const POLL: Duration = Duration::from_secs(1);
/// The same while codes wait for the ceiling of exchanges.
const NEXT_EXCHANGE: Duration = Duration::from_millis(100);
/// How often a long job's lease is renewed; well within the lease.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a job of a kind that we do not know is left to a newer version that may run beside.
const LEFT_TO_NEWER: TimeDelta = seconds(5);

/// Runs jobs until it is told to stop; then finishes what runs.
pub struct Worker {
    app: Arc<App>,
    stop: CancellationToken,
    running: BTreeMap<Lane, JoinSet<()>>,
    turn: Turn,
    next_sweep: Option<Timestamp>,
    next_look: Option<Timestamp>,
    /// When it last looked: the clock may have gone back since.
    looked_at: Option<Timestamp>,
}

impl Worker {
    /// A worker that stops when `stop` is cancelled.
    #[must_use]
    pub fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        Self {
            app,
            stop,
            running: Lane::ALL.map(|lane| (lane, JoinSet::new())).into(),
            turn: Turn::default(),
            next_sweep: None,
            next_look: None,
            looked_at: None,
        }
    }

    /// Works until told to stop.
    pub async fn run(mut self) {
        if self.app.store.is_sqlite() {
            // The caller holds the worker's lock: every lease is a dead process's.
            match free_leases(&self.app).await {
                Ok(0) => {}
                Ok(n) => tracing::info!("took up {n} job(s) of a process that died"),
                Err(e) => tracing::error!("{e}"),
            }
        }
        while !self.stop.is_cancelled() {
            let wait = match self.take_what_is_due().await {
                Ok(wait) => wait,
                Err(e) => {
                    tracing::error!("the worker waits for the database: {e}");
                    POLL
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.app.nudge.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        for mut lane in self.running.into_values() {
            while lane.join_next().await.is_some() {}
        }
    }

    /// Fills the places of each lane. Returns how long to wait before the next look.
    async fn take_what_is_due(&mut self) -> Result<Duration, Error> {
        self.mend_clock().await?;
        self.ask_for_sweep().await?;
        self.tell_that_we_look().await?;
        let mut wait = POLL;
        for (lane, running) in &mut self.running {
            while running.try_join_next().is_some() {}
            while running.len() < lane.places() && !self.stop.is_cancelled() {
                if !is_due(&self.app, *lane).await? {
                    break;
                }
                if *lane == Lane::Exchanges && !self.app.amocrm.may_exchange() {
                    wait = NEXT_EXCHANGE;
                    break;
                }
                let Some(claimed) = claim(&self.app, *lane, &mut self.turn).await? else {
                    break;
                };
                let app = self.app.clone();
                running.spawn(async move {
                    attend(&app, &claimed).await;
                    // A place is free.
                    app.nudge.notify_one();
                });
            }
        }
        Ok(wait)
    }

    /// At the start, and whenever the clock went back.
    async fn mend_clock(&mut self) -> Result<(), Error> {
        let now = self.app.clock.now();
        if self.looked_at.is_none_or(|at| clocks::went_back(at, now)) {
            clocks::mend(&self.app.store, now).await?;
            (self.next_sweep, self.next_look) = (None, None);
        }
        self.looked_at = Some(now);
        Ok(())
    }

    async fn ask_for_sweep(&mut self) -> Result<(), Error> {
        let now = self.app.clock.now();
        if self.next_sweep.is_none_or(|at| at <= now) {
            let tx = self.app.store.begin().await?;
            store::jobs::enqueue(&tx, &Job::Sweep, now, now).await?;
            tx.commit().await?;
            self.next_sweep = Some(now + upkeep::EVERY);
        }
        Ok(())
    }

    async fn tell_that_we_look(&mut self) -> Result<(), Error> {
        let now = self.app.clock.now();
        if self.next_look.is_none_or(|at| at <= now) {
            look(&self.app).await?;
            self.next_look = Some(now + LOOK);
        }
        Ok(())
    }
}

/// Notes that somebody looks for jobs, for whoever asks whether this service is ready; and fails
/// jobs that nobody can run.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn look(app: &App) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    store::jobs::looked(&tx, now).await?;
    let unknown = store::jobs::fail_unknown(&tx, now - LEFT_TO_NEWER, now).await?;
    tx.commit().await?;
    if unknown > 0 {
        tracing::error!("{unknown} job(s) failed for good: this version does not know their kind");
    }
    Ok(())
}

/// Runs a job and renews its lease while it lasts.
async fn attend(app: &App, claimed: &Claimed) {
    let kind = claimed.job.kind();
    let renew = || {
        async move {
            if let Err(e) = extend(app, claimed).await {
                tracing::warn!(job.id = %claimed.id, "{kind}: the lease was not renewed: {e}");
            }
        }
        .boxed()
    };
    if let Err(e) = beside(run(app, claimed), HEARTBEAT, renew).await {
        tracing::error!(job.id = %claimed.id, "{kind}: {e}");
    }
}

/// Does `work`, and beside it `beat` every so often. Neither waits for the other: the beat may
/// need the database that the work has a transaction on.
async fn beside<'b, T>(
    work: impl Future<Output = T>,
    every: Duration,
    beat: impl Fn() -> BoxFuture<'b, ()>,
) -> T {
    let heart = async {
        loop {
            tokio::time::sleep(every).await;
            beat().await;
        }
    };
    tokio::select! {
        done = work => done,
        never = heart => never,
    }
}

/// Looking is cheap and claiming is a write: an idle service does not write every second.
async fn is_due(app: &App, lane: Lane) -> Result<bool, Error> {
    Ok(store::jobs::is_due(&app.store, lane.kinds(), app.clock.now()).await?)
}

async fn claim(app: &App, lane: Lane, turn: &mut Turn) -> Result<Option<Claimed>, Error> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let in_turn = match lane {
        Lane::Exchanges => {
            store::jobs::claim_in_turn(&tx, turn, now - CODE_LIFE, LEASE, now).await?
        }
        _ => None,
    };
    let claimed = match in_turn {
        Some(claimed) => Some(claimed),
        // Of the exchanges only those are left whose codes died while they waited.
        None => store::jobs::claim(&tx, lane.kinds(), LEASE, now).await?,
    };
    tx.commit().await?;
    Ok(claimed)
}

async fn extend(app: &App, claimed: &Claimed) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    store::jobs::extend(&tx, claimed, LEASE, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn free_leases(app: &App) -> Result<u64, Error> {
    let tx = app.store.begin().await?;
    let freed = store::jobs::free_leases(&tx).await?;
    tx.commit().await?;
    Ok(freed)
}

/// Runs everything that is due, one after the other, until nothing is; returns how many ran.
///
/// For tests: nothing is awaited by sleeping.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn run_due(app: &App) -> Result<usize, Error> {
    look(app).await?;
    let (mut ran, mut turn) = (0, Turn::default());
    while let Some(claimed) = claim_any(app, &mut turn).await? {
        run(app, &claimed).await?;
        ran += 1;
    }
    Ok(ran)
}

async fn claim_any(app: &App, turn: &mut Turn) -> Result<Option<Claimed>, Error> {
    for lane in Lane::ALL {
        if is_due(app, lane).await?
            && let Some(claimed) = claim(app, lane, turn).await?
        {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use tokio::sync::{Notify, Semaphore};

    use super::*;

    #[tokio::test]
    async fn a_heartbeat_that_waits_for_the_work_does_not_stop_it() {
        let (writer, waits) = (Semaphore::new(1), Notify::new());
        let work = async {
            let transaction = writer.acquire().await;
            waits.notified().await;
            drop(transaction);
            "done"
        };
        let beat = || {
            async {
                waits.notify_one();
                drop(writer.acquire().await);
            }
            .boxed()
        };
        assert_eq!(beside(work, Duration::ZERO, beat).await, "done");
    }
}
