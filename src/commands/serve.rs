//! `accord serve`: the service, both doors or one of them.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use clap::ValueEnum;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::policy::posting;
use super::{block_on, configured};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Database;
use crate::jobs::Worker;
use crate::store::{self, Store, WorkerLock};
use crate::tasks::Tasks;
use crate::{keys, web};

/// What `accord serve` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which doors to open
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
    /// Leave the database as it is
    #[arg(long)]
    no_migrate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Web and worker
    All,
    /// HTTP only
    Web,
    /// Jobs only
    Worker,
}

pub(super) fn run(args: &Args) -> anyhow::Result<bool> {
    let config = configured()?;
    block_on(async {
        if !args.no_migrate {
            store::migrate(&config.database)
                .await
                .context("the database was not migrated")?;
        }
        let clock = Clock::system();
        let keys = keys::load(&config)?;
        let store = Store::open(&config.database, &keys, clock.now())
            .await
            .context("the database was not opened")?;
        let app = Arc::new(App::new(config, store, clock)?);
        posting::finish(&app).await?;
        let service = Service::start(&app, args.role != Role::Worker, args.role != Role::Web)?;
        stopped().await?;
        tracing::info!("stopping: what runs is finished first");
        service.stop().await;
        Ok(true)
    })
}

/// A running service: its doors and how to close them.
pub(super) struct Service {
    web: Option<actix_web::dev::ServerHandle>,
    worker: Option<tokio::task::JoinHandle<()>>,
    watch: tokio::task::AbortHandle,
    stop: CancellationToken,
    tasks: Tasks,
    _lock: Option<WorkerLock>,
}

impl Service {
    /// Opens the doors.
    pub(super) fn start(app: &Arc<App>, web_door: bool, worker_door: bool) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let lock = if worker_door { sole_worker(app)? } else { None };
        let watch = tokio::spawn(app.store.clone().watch()).abort_handle();
        let web = if web_door { Some(open_web(app)?) } else { None };
        let worker =
            worker_door.then(|| tokio::spawn(Worker::new(app.clone(), stop.clone()).run()));
        Ok(Self {
            web,
            worker,
            watch,
            stop,
            tasks: app.tasks.clone(),
            _lock: lock,
        })
    }

    /// Closes them: no new work, what runs is finished.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        if let Some(web) = self.web {
            web.stop(true).await;
        }
        if let Some(worker) = self.worker
            && let Err(e) = worker.await
        {
            tracing::error!("the worker ended badly: {e}");
        }
        self.tasks.finish().await;
        self.watch.abort();
    }
}

fn open_web(app: &Arc<App>) -> anyhow::Result<actix_web::dev::ServerHandle> {
    let address = app.config.listen;
    let socket = TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address} (ACCORD_LISTEN)"))?;
    let server = web::serve(app.clone(), socket)?;
    let handle = server.handle();
    tokio::spawn(async move {
        if let Err(e) = server.await {
            tracing::error!("the web server ended: {e}");
        }
    });
    tracing::info!(
        "listening on http://{address}, reached as {}",
        app.config.public_url
    );
    Ok(handle)
}

/// SQLite has one worker: only then is every lease it finds a dead process's.
fn sole_worker(app: &App) -> anyhow::Result<Option<WorkerLock>> {
    let Database::Sqlite(path) = &app.config.database else {
        return Ok(None);
    };
    match store::worker_lock(path, &app.store.held_keys())? {
        Some(lock) => Ok(Some(lock)),
        None => anyhow::bail!(
            "another worker runs on {}: use --role web, or PostgreSQL",
            path.display()
        ),
    }
}

/// Waits for Ctrl-C or the service manager.
pub(super) async fn stopped() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
