//! A service of its own for each test: a private database, an emulated amoCRM, and
//! a clock that moves only when told. Jobs run when the test says so, in its own
//! task; nothing is awaited by sleeping.

pub mod back_end;
pub mod database;
pub mod person;
pub mod platform;
pub mod proxy;
pub mod shown;
pub mod smtp;

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use accord::actions::products::{self, NewProduct};
use accord::amocrm::Amocrm;
use accord::app::App;
use accord::clock::Clock;
use accord::commands::policy::posting;
use accord::config::Config;
use accord::domain::facts::Level;
use accord::domain::policies as texts;
use accord::domain::policies::history::Version;
use accord::domain::policies::versions::Publication;
use accord::domain::products::Product;
use accord::domain::time::{Timestamp, milliseconds};
use accord::mail::{Outbox, Timing};
use accord::store::Store;
use accord::{jobs, web};
use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::world::World;
use amocrm_emulator::{Emulator, Options};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

pub use database::TestDatabase;
pub use person::{Answer, Person};

/// A Friday morning in Bishkek.
pub const BEGIN: &str = "2026-11-20T08:00:00Z";
pub const ACCOUNT: u64 = 32_720_107;
pub const ANNA: u64 = 504_141;
pub const BORIS: u64 = 504_142;
pub const CLARA: u64 = 504_143;
pub const CLIENT: &str = "01d01160-d7a0-4087-b4af-6a1bb83fcd1d";
pub const SECRET: &str = "test-secret-do-not-use";

/// Not a variable of the service: an entry behind the emulator's own of `AMOCRM_HOSTS`.
const ALSO: &str = "also at";

/// Of this run: a key that stands in a source is a key that everybody knows.
static MASTER_KEY: LazyLock<String> = LazyLock::new(fresh_key);

/// The master key of this run.
pub fn main_key() -> String {
    MASTER_KEY.clone()
}

/// A master key that nobody has seen.
pub fn fresh_key() -> String {
    STANDARD.encode(accord::store::vault::random().unwrap())
}

pub const POLICY_EN: &str = "---\nlang: en\ntitle: A policy for tests\n---\n\n## 1. Words\n\n1.1. These words are agreed to.\n\n## 2. Duties\n\n2.1. They are kept.\n";
pub const POLICY_RU: &str = "---\nlang: ru\ntitle: Политика для тестов\n---\n\n## 1. Слова\n\n1.1. С этими словами соглашаются.\n\n## 2. Обязанности\n\n2.1. Они исполняются.\n";

/// The path of the link that confirms an address, in a letter's text.
#[track_caller]
pub fn link_in(letter: &str) -> &str {
    let begin = letter.find("/requests/").unwrap();
    letter[begin..].split_whitespace().next().unwrap()
}

/// A running service and everything around it.
pub struct TestApp {
    pub app: Arc<App>,
    pub product: Product,
    pub base: String,
    pub http: reqwest::Client,
    emulator: Emulator,
    now: Arc<AtomicI64>,
    server: actix_web::dev::ServerHandle,
    watch: tokio::task::AbortHandle,
    database: TestDatabase,
    may_leave_due_jobs: AtomicBool,
    may_leave_failed_jobs: AtomicBool,
}

/// A client that follows nothing and knows no proxy.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

/// Time limits for a mail server that is waited for no longer than it takes to answer.
pub fn impatient(wait: Duration) -> Timing {
    Timing {
        connect: wait,
        step: wait,
        verdict: wait,
        per_second: NonZeroU32::MAX,
        burst: NonZeroU32::MAX,
    }
}

impl TestApp {
    /// A service with one Product and its Policy, an account with two administrators (Anna and
    /// Clara) and an employee (Boris); nothing is installed yet.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with variables of one's own.
    pub async fn start_with(vars: &[(&str, &str)]) -> Self {
        Self::start_with_timing(vars, impatient(Duration::from_secs(20))).await
    }

    /// The same, for accounts that live elsewhere too: one more entry of `AMOCRM_HOSTS`.
    pub async fn start_also_at(entry: &str) -> Self {
        let timing = impatient(Duration::from_secs(20));
        Self::start_with_timing(&[(ALSO, entry)], timing).await
    }

    /// The same, with other time limits for the mail server of `SMTP_URL`.
    pub async fn start_with_timing(vars: &[(&str, &str)], timing: Timing) -> Self {
        let database = TestDatabase::new().await;
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let now = Arc::new(AtomicI64::new(Timestamp::parse(BEGIN).unwrap().millis()));
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://localhost:{}", socket.local_addr().unwrap().port());
        let config = config(&database, &base, emulator.port(), vars);
        let keys = accord::keys::load(&config).unwrap();
        let clock = {
            let now = now.clone();
            Clock::new(move || Timestamp::from_millis(now.load(Ordering::SeqCst)))
        };
        let store = Store::open(&config.database, &keys, clock.now())
            .await
            .unwrap();
        let product = add_product(&store, &config, "demo", CLIENT, clock.now()).await;
        let mut app = App::new(config, store, clock).unwrap();
        // The clock stands still, so a limit a second would never end.
        let unlimited = NonZeroU32::MAX;
        app.amocrm = Amocrm::with_limits(app.config.hosts.clone(), unlimited, unlimited).unwrap();
        app.outbox = if app.config.mail.server.is_some() {
            Outbox::with_timing(&app.config, timing).unwrap()
        } else {
            Outbox::memory(&app.config).unwrap()
        };
        let app = Arc::new(app);
        let watch = tokio::spawn(app.store.clone().watch()).abort_handle();
        let server = web::serve(app.clone(), socket).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        let test = Self {
            app,
            product,
            base,
            http: client(),
            emulator,
            now,
            server: handle,
            watch,
            database,
            may_leave_due_jobs: AtomicBool::new(false),
            may_leave_failed_jobs: AtomicBool::new(false),
        };
        test.advance(TimeDelta::zero());
        test.world().add_account(account());
        test.card(&test.product);
        test.publish(&[("policy.en.md", POLICY_EN), ("policy.ru.md", POLICY_RU)])
            .await;
        test
    }

    /// Writes the Product's card at amoCRM.
    pub fn card(&self, product: &Product) {
        self.world().add_integration(Integration {
            client_id: product.client_id.to_string(),
            client_secret: SECRET.to_owned(),
            code: format!("w_{}", product.code),
            name: "A widget".to_owned(),
            redirect_uri: product.redirect_uri.clone(),
            disconnect_uri: Some(products::disconnect_uri(&self.base, &product.code)),
            ..Integration::default()
        });
    }

    /// Publishes a version of the demo Product's Policy, with the facts before.
    pub async fn publish(&self, files: &[(&str, &str)]) -> u32 {
        self.publish_with(files, None, None).await.unwrap().number
    }

    /// The same with facts and a level.
    pub async fn publish_with(
        &self,
        files: &[(&str, &str)],
        facts: Option<String>,
        level: Option<Level>,
    ) -> anyhow::Result<Version> {
        let documents = files
            .iter()
            .map(|(name, text)| {
                (
                    (*name).to_owned(),
                    texts::parse(name, text.as_bytes()).unwrap(),
                )
            })
            .collect();
        let publication = Publication {
            documents,
            facts,
            level,
            reason: None,
            verbatim: false,
            findings: Vec::new(),
        };
        posting::publish(&self.app, &self.product, publication).await
    }

    /// A posted version of the demo Product's Policy.
    pub async fn version(&self, number: u32) -> Version {
        let history = self.app.store.history(self.product.id).await.unwrap();
        history.get(number).cloned().unwrap()
    }

    pub fn world(&self) -> Arc<World> {
        self.emulator.world()
    }

    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Moves the service's clock and amoCRM's together.
    pub fn advance(&self, by: TimeDelta) {
        let now =
            self.now.fetch_add(by.num_milliseconds(), Ordering::SeqCst) + by.num_milliseconds();
        self.world().change(|state| {
            state.clock.freeze();
            state.clock.set(now.div_euclid(1000));
        });
    }

    /// Runs every job that is due; returns how many ran.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.app).await.unwrap()
    }

    /// Runs jobs and lets time pass until nothing is left to do.
    pub async fn settle(&self) {
        for _ in 0..200 {
            self.run_jobs().await;
            match accord::store::jobs::next_due(&self.app.store)
                .await
                .unwrap()
            {
                Some(at) => self.advance((at - self.now()).max(milliseconds(1))),
                None => return,
            }
        }
        panic!("jobs are left after two hundred rounds");
    }

    /// The test is not about the jobs that are still due when it ends.
    pub fn leaves_due_jobs(&self) {
        self.may_leave_due_jobs.store(true, Ordering::SeqCst);
    }

    /// The test is about jobs that fail for good.
    pub fn expects_failed_jobs(&self) {
        self.may_leave_failed_jobs.store(true, Ordering::SeqCst);
    }

    /// Looks into the job table from a thread and a runtime of its own: the test's own runtime
    /// cannot be waited for from inside, and its pool belongs to it. A database that the test
    /// took away leaves no jobs.
    fn expect_no_jobs(&self) {
        let (database, now) = (&self.app.config.database, self.now());
        let left = std::thread::scope(|scope| {
            let look = || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(database::jobs_left(database, now))
            };
            scope.spawn(look).join().unwrap()
        });
        let Ok((due, failed)) = left else { return };
        assert!(
            due.is_empty() || self.may_leave_due_jobs.load(Ordering::SeqCst),
            "jobs are left at the end of the test: {due:?}; run them, or say leaves_due_jobs()"
        );
        assert!(
            failed.is_empty() || self.may_leave_failed_jobs.load(Ordering::SeqCst),
            "jobs failed: {failed:?}; say expects_failed_jobs() if the test is about that"
        );
    }

    /// The hourly sweep, and what it asks for.
    pub async fn sweep(&self) {
        accord::actions::upkeep::sweep(&self.app).await.unwrap();
        self.settle().await;
    }

    /// amoCRM's administrator presses Install: the hook comes, the job lands the tokens.
    pub async fn install(&self) {
        assert_eq!(self.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
        self.run_jobs().await;
    }

    pub fn anna(&self) -> Person<'_> {
        Person {
            test: self,
            account: ACCOUNT,
            user: ANNA,
            client: CLIENT.to_owned(),
        }
    }

    pub fn boris(&self) -> Person<'_> {
        Person {
            user: BORIS,
            ..self.anna()
        }
    }

    pub fn clara(&self) -> Person<'_> {
        Person {
            user: CLARA,
            ..self.anna()
        }
    }

    /// More employees of the account.
    pub fn hire(&self, users: &[u64]) {
        self.world().change(|state| {
            let account = state.accounts.get_mut(&ACCOUNT).unwrap();
            let more = users.iter().map(|id| User {
                id: *id,
                name: format!("Employee {id}"),
                email: format!("{id}@example.com"),
                is_admin: false,
                is_active: true,
                ..account.users[0].clone()
            });
            let more: Vec<User> = more.collect();
            account.users.extend(more);
        });
    }

    /// A GET of a public address.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(
            self.http
                .get(format!("{}{path}", self.base))
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Presses the button of a page behind a link in a letter.
    pub async fn press(&self, path: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("Accept", "text/html");
        Answer::of(request.send().await.unwrap()).await
    }

    /// Confirms the address of the last letter, as its reader does.
    pub async fn follow_link(&self) {
        let letter = self.app.outbox.kept().pop().unwrap();
        self.press(link_in(&letter.text)).await.expect_page(200);
    }

    /// The test's own folder, gone with the test.
    pub fn folder(&self) -> &std::path::Path {
        self.database.folder()
    }

    /// Where the emulator listens.
    pub fn amocrm_port(&self) -> u16 {
        self.emulator.port()
    }

    /// The environment of a command that runs beside the service.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ACCORD_PUBLIC_URL", self.base.clone()),
            ("ACCORD_DATA_DIR", self.folder().display().to_string()),
            ("DATABASE_URL", self.database.url()),
            ("ACCORD_MASTER_KEY", MASTER_KEY.clone()),
            // What a command asks of amoCRM, it asks of the emulator.
            (
                "AMOCRM_HOSTS",
                format!("http://localhost:{}", self.emulator.port()),
            ),
        ]
    }

    /// Runs a command beside the service, on the same database.
    pub fn accord(&self, args: &[&str]) -> Output {
        self.accord_with(&[], args)
    }

    /// The same with other variables.
    pub fn accord_with(&self, vars: &[(&str, &str)], args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_accord"))
            .args(args)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.environment())
            .envs(vars.iter().copied())
            .output()
            .unwrap()
    }

    /// Rows of a table, counted in the database itself.
    pub async fn count(&self, table: &str) -> i64 {
        database::count(&self.app.config.database, table).await
    }

    /// Every value of every row, to look for what must not be there.
    pub async fn dump(&self) -> String {
        database::dump(&self.app.config.database).await
    }
}

/// A test ends when everything that it caused has been done, unless it says otherwise.
impl Drop for TestApp {
    fn drop(&mut self) {
        self.watch.abort();
        let server = self.server.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { server.stop(false).await });
        }
        if !std::thread::panicking() {
            self.expect_no_jobs();
        }
    }
}

pub async fn add_product(
    store: &Store,
    config: &Config,
    code: &str,
    client: &str,
    now: Timestamp,
) -> Product {
    let new = NewProduct {
        code: code.to_owned(),
        client_id: client.to_owned(),
        name: Some("A widget".to_owned()),
        redirect_uri: None,
        hook_prefixes: vec!["https://hooks.example/accord/".to_owned()],
        hosts: None,
        secret: SECRET.to_owned().into(),
    };
    let (base, hosts) = (&config.public_url, &config.hosts);
    products::add(store, base, hosts, new, now).await.unwrap()
}

fn config(database: &TestDatabase, base: &str, amocrm: u16, vars: &[(&str, &str)]) -> Config {
    Config::from_lookup(|name| {
        if let Some((_, value)) = vars.iter().find(|(var, _)| *var == name) {
            return Some((*value).to_owned());
        }
        match name {
            "ACCORD_PUBLIC_URL" => Some(base.to_owned()),
            "ACCORD_DATA_DIR" => Some(database.folder().display().to_string()),
            "DATABASE_URL" => Some(database.url()),
            "ACCORD_MASTER_KEY" => Some(MASTER_KEY.clone()),
            "AMOCRM_HOSTS" => {
                let also = vars.iter().find(|(var, _)| *var == ALSO);
                let here = format!("http://localhost:{amocrm},http://127.0.0.1:{amocrm}");
                Some(also.map_or(here.clone(), |(_, entry)| format!("{here},{entry}")))
            }
            _ => None,
        }
    })
    .unwrap()
}

fn account() -> Account {
    let user = |id, name: &str, is_admin| User {
        id,
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        lang: "en".to_owned(),
        phone: None,
        is_admin,
        is_active: true,
    };
    Account {
        id: ACCOUNT,
        subdomain: "shop".to_owned(),
        name: "A shop".to_owned(),
        users: vec![
            user(ANNA, "Anna", true),
            user(BORIS, "Boris", false),
            user(CLARA, "Clara", true),
        ],
        ..Account::default()
    }
}
