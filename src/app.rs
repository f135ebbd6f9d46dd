//! The house: everything an action needs, built once.

use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::amocrm::Amocrm;
use crate::cache::Differences;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::calendar::Calendar;
use crate::domain::grants::Announced;
use crate::domain::policies::history::Version;
use crate::gather::Gather;
use crate::mail::Outbox;
use crate::outbound::{self, Allow};
use crate::store::Store;
use crate::webhook::Sender;

/// Where the demo's tour leads, and what its page can do besides showing.
#[derive(Clone)]
pub struct Tour {
    /// The emulated account's pages.
    pub account_url: String,
    /// The emulator's control page.
    pub control_url: String,
    /// The demo Product's code.
    pub product: String,
    /// Known to this run's own page only: what is pressed there carries it.
    pub key: String,
    /// How long an outdated consent lasts, if it lasts at all.
    pub grace: Option<TimeDelta>,
    /// Carries out what is pressed on the page.
    pub perform: Perform,
}

/// What is pressed on the demo's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourAct {
    /// Publish the prepared version that asks for nothing more.
    PublishNotice,
    /// Publish the prepared version that asks for one more purpose.
    PublishWider,
    /// Move the demo's clock past the grace.
    PassGrace,
}

/// Carries out one act of the tour. Publishing reads and posts as the command does, which no
/// door may by itself; the demo's command knows how.
pub type Perform = Arc<
    dyn Fn(Arc<App>, TourAct) -> Pin<Box<dyn Future<Output = anyhow::Result<()>>>> + Send + Sync,
>;

/// Work that goes on when whoever asked for it has left. It runs where the house was built: the
/// runtime of a web server's thread ends with the server, and takes along what was begun there.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    home: Option<Handle>,
}

impl Tasks {
    fn here() -> Self {
        Self {
            tracker: TaskTracker::new(),
            home: Handle::try_current().ok(),
        }
    }

    /// Begins a task.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        match &self.home {
            Some(home) => self.tracker.spawn_on(work, home),
            None => self.tracker.spawn(work),
        }
    }

    /// Waits until every task is over.
    pub async fn finish(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.tracker.reopen();
    }
}

/// What the doors hand to the actions.
pub struct App {
    /// The environment.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Which days are working days.
    pub calendar: Calendar,
    /// amoCRM.
    pub amocrm: Amocrm,
    /// Letters on their way out.
    pub outbox: Outbox,
    /// Events on their way to back ends.
    pub webhooks: Sender,
    /// Hooks that wait to be kept together.
    pub announced: Gather<Announced>,
    /// Comparisons of versions that were made.
    pub differences: Differences,
    /// The demo's tour, when this is the demo.
    pub tour: Option<Tour>,
    /// What must not stop half-way: a service that stops waits for it.
    pub tasks: Tasks,
    /// Wakes the worker of this process when there is something to do.
    pub nudge: Arc<Notify>,
}

impl App {
    /// Builds the house around a database that is up to date.
    ///
    /// # Errors
    /// When the calendar is unknown or no TLS can be set up.
    pub fn new(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let calendar = calendar(&config)?;
        let amocrm = Amocrm::new(config.hosts.clone())?;
        let outbox = Outbox::new(&config)?;
        let calls = if config.on_loopback() {
            Allow::Here
        } else {
            Allow::Outside
        };
        let webhooks = Sender::new(outbound::system(), calls)?;
        Ok(Self {
            config,
            store,
            clock,
            calendar,
            amocrm,
            outbox,
            webhooks,
            announced: Gather::default(),
            differences: Differences::default(),
            tour: None,
            tasks: Tasks::here(),
            nudge: Arc::new(Notify::new()),
        })
    }
}

/// The calendar of working days: one that we ship, or a file, so that nobody has to wait for
/// a release when a holiday is announced.
fn calendar(config: &Config) -> anyhow::Result<Calendar> {
    let text = match config.calendar.as_str() {
        "kg" => include_str!("../assets/calendar/kg.toml").to_owned(),
        path if path.ends_with(".toml") => std::fs::read_to_string(path)
            .with_context(|| format!("ACCORD_PUBLISHER_CALENDAR: {path}"))?,
        other => anyhow::bail!(
            "ACCORD_PUBLISHER_CALENDAR: {other:?} is neither kg nor the path of a .toml file"
        ),
    };
    Ok(Calendar::parse(&text)?.in_zone(config.time_zone))
}
