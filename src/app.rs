//! The house: everything an action needs, built once.

use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use tokio::sync::Notify;

use crate::amocrm::Amocrm;
use crate::batch::Batcher;
use crate::cache::Differences;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::calendar::Calendar;
use crate::domain::consents::agreement::{Form, Outcome};
use crate::domain::grants::Announced;
use crate::domain::ids::{AccountId, ProductId};
use crate::error::Error;
use crate::mail::Outbox;
use crate::outbound::{self, Allow};
use crate::store::Store;
use crate::store::disconnects::Hook;
use crate::tasks::Tasks;
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

/// What became of a disconnect hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is durable.
    Durable,
    /// Somebody changes its Install at this moment: it was left out.
    Locked,
    /// The database did not answer.
    Unavailable,
}

/// What a batch made of a consent; `None` when it has to be tried alone.
pub type Tried = Option<Result<Outcome, Error>>;

/// Writes that come at once and share a commit.
pub struct Batches {
    /// Codes of install hooks; the outcome is whether they are durable.
    pub codes: Batcher<(), Announced, bool>,
    /// Disconnect hooks.
    pub disconnects: Batcher<Hook, Hook, Noted>,
    /// Consents, by their accounts.
    pub consents: Batcher<(ProductId, AccountId), Form, Tried>,
}

impl Batches {
    fn new(tasks: &Tasks) -> Self {
        Self {
            codes: Batcher::new(tasks),
            disconnects: Batcher::new(tasks),
            consents: Batcher::new(tasks),
        }
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
    /// Writes that come at once and share a commit.
    pub batches: Batches,
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
        let tasks = Tasks::here();
        Ok(Self {
            config,
            store,
            clock,
            calendar,
            amocrm,
            outbox,
            webhooks,
            batches: Batches::new(&tasks),
            differences: Differences::default(),
            tour: None,
            tasks,
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
