//! The worker: claims what is due, runs it, keeps its lease while it lasts.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::run::{LEASE, run};
use crate::actions::upkeep;
use crate::app::App;
use crate::domain::jobs::{Claimed, Job};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store;

/// How many jobs run side by side: they wait for the network, not for us.
const AT_ONCE: usize = 16;
/// How often the table is looked at when nobody nudges.
const POLL: Duration = Duration::from_secs(1);
/// How often a long job's lease is renewed; well within the lease.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Runs jobs until it is told to stop; then finishes what runs.
pub struct Worker {
    app: Arc<App>,
    stop: CancellationToken,
    running: JoinSet<()>,
    next_sweep: Option<Timestamp>,
}

impl Worker {
    /// A worker that stops when `stop` is cancelled.
    #[must_use]
    pub fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        Self {
            app,
            stop,
            running: JoinSet::new(),
            next_sweep: None,
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
            if let Err(e) = self.take_what_is_due().await {
                tracing::error!("the worker waits for the database: {e}");
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.app.nudge.notified() => {}
                Some(_) = self.running.join_next() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        while self.running.join_next().await.is_some() {}
    }

    async fn take_what_is_due(&mut self) -> Result<(), Error> {
        self.ask_for_sweep().await?;
        while self.running.len() < AT_ONCE && !self.stop.is_cancelled() {
            let Some(claimed) = claim(&self.app).await? else {
                break;
            };
            let app = self.app.clone();
            self.running
                .spawn(async move { attend(&app, &claimed).await });
        }
        while self.running.try_join_next().is_some() {}
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

async fn claim(app: &App) -> Result<Option<Claimed>, Error> {
    // Looking is cheap and claiming is a write: an idle service does not write every second.
    if store::jobs::next_due(&app.store)
        .await?
        .is_none_or(|due| due > app.clock.now())
    {
        return Ok(None);
    }
    let tx = app.store.begin().await?;
    let claimed = store::jobs::claim(&tx, LEASE, app.clock.now()).await?;
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
    let mut ran = 0;
    while let Some(claimed) = claim(app).await? {
        run(app, &claimed).await?;
        ran += 1;
    }
    Ok(ran)
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
