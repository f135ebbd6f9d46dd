//! PostgreSQL under trouble: locks held elsewhere, a server that says nothing, connections that
//! break, a role that may change no schema. On SQLite there is nothing of this to see.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use accord::actions::events;
use accord::config::Database;
use accord::domain::time::seconds;
use accord::store::Read as _;
use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::Notify;
use url::Url;

use crate::process::{Process, free_port};
use crate::support::back_end::BackEnd;
use crate::support::proxy::Proxy;
use crate::support::{ACCOUNT, ANNA, Answer, CLIENT, TestApp, TestDatabase, database};

/// The promise is five seconds; a busy machine may need a little longer to say so.
const PROMISED: Duration = Duration::from_millis(6_500);

const LIMITS: [(&str, &str); 3] = [
    ("lock_timeout", "4s"),
    ("statement_timeout", "4500ms"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// Another address of the same database.
fn changed(url: &str, change: impl Fn(&mut Url)) -> String {
    let mut url = Url::parse(url).unwrap();
    change(&mut url);
    url.into()
}

async fn connection(test: &TestApp) -> PgConnection {
    let Database::Postgres(server) = &test.app.config.database else {
        panic!("not on PostgreSQL")
    };
    let address = secrecy::ExposeSecret::expose_secret(server);
    PgConnection::connect(address).await.unwrap()
}

/// Takes a table away from everybody, until the connection is closed.
async fn taken_away(test: &TestApp, table: &str) -> PgConnection {
    let mut db = connection(test).await;
    let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    db.execute(AssertSqlSafe(lock)).await.unwrap();
    db
}

/// Waits until so many of our statements wait for a lock.
async fn until_waiting(test: &TestApp, many: i64) {
    let mut db = connection(test).await;
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
        if waiting >= many {
            return;
        }
    }
}

/// An install hook with a code of one's own.
fn hook(test: &TestApp, code: &str) -> String {
    let host = format!("shop.localhost:{}", test.world().port());
    format!("/amocrm/demo/install?code={code}&referer={host}&from_widget=1")
}

async fn timed(answer: impl Future<Output = Answer>) -> (u16, Duration) {
    let begun = Instant::now();
    let answer = answer.await;
    (answer.status, begun.elapsed())
}

#[tokio::test]
async fn every_connection_has_limits_whatever_its_address_and_its_role_say() {
    if !database::is_postgres() {
        return;
    }
    let own = TestDatabase::new().await;
    let name = Url::parse(&own.url()).unwrap().path()[1..].to_owned();
    let plain = Database::Postgres(own.url().into());
    let without = format!("ALTER DATABASE {name} SET statement_timeout = 0");
    database::run(&plain, &without).await.unwrap();
    let url = changed(&own.url(), |url| {
        let options = "-c lock_timeout=0 -c search_path=public";
        url.query_pairs_mut().append_pair("options", options);
    });
    let test = TestApp::start_with(&[("DATABASE_URL", &url)]).await;
    let store = &test.app.store;
    for lane in [store, store.for_hooks()] {
        for (name, value) in LIMITS {
            let tx = lane.begin().await.unwrap();
            let show =
                Statement::from_string(tx.conn().get_database_backend(), format!("SHOW {name}"));
            let row = tx.conn().query_one_raw(show).await.unwrap().unwrap();
            assert_eq!(row.try_get::<String>("", name).unwrap(), value, "{name}");
        }
    }
    let tx = store.begin_maintenance().await.unwrap();
    let backend = tx.conn().get_database_backend();
    let show = Statement::from_string(backend, "SHOW statement_timeout");
    let row = tx.conn().query_one_raw(show).await.unwrap().unwrap();
    assert_eq!(row.try_get::<String>("", "statement_timeout").unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_that_waits_for_a_lock_is_told_so_within_five_seconds() {
    if !database::is_postgres() {
        return;
    }
    let test = TestApp::start().await;
    let held = taken_away(&test, "grant_offer").await;
    // The second comes while the first one's transaction waits, and waits for no second one.
    let (first, second) = (hook(&test, "first"), hook(&test, "second"));
    let late = async {
        until_waiting(&test, 1).await;
        timed(test.get(&second)).await
    };
    for (status, took) in <[_; 2]>::from(join(timed(test.get(&first)), late).await) {
        assert_eq!(status, 503);
        assert!(took < PROMISED, "{took:?}");
    }
    held.close().await.unwrap();
    assert_eq!(test.get(&hook(&test, "third")).await.status, 200);
    test.install().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_for_locks_keeps_neither_hooks_nor_readers_out() {
    if !database::is_postgres() {
        return;
    }
    let test = TestApp::start().await;
    test.install().await;
    let anna = test.anna();
    anna.consent().await;
    let form = json!({"company": "Another"});
    let tokens: Vec<String> = (0..10).map(|_| anna.token()).collect();
    let standing = anna.token();
    let held = taken_away(&test, "contact").await;
    let waiting = join_all(tokens.iter().map(|token| {
        let patch = reqwest::Method::PATCH;
        timed(anna.call(patch, "/contact", token, Some(form.clone())))
    }));
    let others = async {
        until_waiting(&test, 4).await;
        let begun = Instant::now();
        assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
        for page in ["/policy/demo", "/widget/v1/policy?product=demo", "/readyz"] {
            assert_eq!(test.get(page).await.status, 200, "{page}");
        }
        let get = reqwest::Method::GET;
        let told = anna.call(get, "/standing", &standing, None).await;
        assert_eq!(told.status, 200);
        begun.elapsed()
    };
    let (waited, took) = join(waiting, others).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
    for (status, took) in waited {
        assert_eq!(status, 503);
        assert!(took < PROMISED, "{took:?}");
    }
    held.close().await.unwrap();
    assert_eq!(test.count("contact").await, 1);
    let (patch, token) = (reqwest::Method::PATCH, anna.token());
    let changed = anna.call(patch, "/contact", &token, Some(form)).await;
    changed.expect(200);
    test.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_says_nothing_any_more_is_a_503_within_five_seconds() {
    if !database::is_postgres() {
        return;
    }
    let own = TestDatabase::new().await;
    let url = Url::parse(&own.url()).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let proxy = Proxy::start(server).await;
    let url = changed(&own.url(), |url| url.set_port(Some(proxy.port)).unwrap());
    let test = TestApp::start_with(&[("DATABASE_URL", &url)]).await;
    test.install().await;
    let (form, token) = (test.anna().form().await, test.anna().token());
    let consent = |token: String| {
        let (anna, form) = (test.anna(), form.clone());
        async move {
            let post = reqwest::Method::POST;
            anna.call(post, "/consents", &token, Some(form)).await
        }
    };

    proxy.speaks(false);
    let lost = hook(&test, "lost");
    let (hook, consented, page, ready) = tokio::join!(
        timed(test.get(&lost)),
        timed(consent(token.clone())),
        timed(test.get("/policy/demo")),
        timed(test.get("/readyz")),
    );
    for (status, took) in [hook, consented, page, ready] {
        assert_eq!(status, 503);
        assert!(took < PROMISED, "{took:?}");
    }

    proxy.speaks(true);
    assert_eq!(test.get("/readyz").await.status, 200);
    assert_eq!(test.count("consent").await, 0);
    consent(token).await.expect(201);
    assert_eq!(test.get(&lost).await.status, 200);
    test.settle().await;
    assert_eq!(test.anna().standing().await["entitled"], true);
}

/// The statements of a page, as whoever reads it would run them.
fn statements(page: &str) -> impl Iterator<Item = &str> {
    page.split("```sql\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_change_no_schema_serves_from_the_hook_to_the_withdrawal() {
    if !database::is_postgres() {
        return;
    }
    let own = TestDatabase::new().await;
    let owner = Database::Postgres(own.url().into());
    let role = format!("accord_app_{}", std::process::id());
    let create = format!("CREATE ROLE {role} LOGIN");
    database::run(&owner, &create).await.unwrap();
    for block in statements(include_str!("../../docs/deployment.md")) {
        let block = block.replace("accord_app", &role);
        let sql = AssertSqlSafe(block);
        let mut db = PgConnection::connect(&own.url()).await.unwrap();
        db.execute(sql).await.unwrap();
    }
    let url = changed(&own.url(), |url| url.set_username(&role).unwrap());
    let served = Database::Postgres(url.clone().into());
    for refused in ["CREATE TABLE x (y int)", "DELETE FROM seaql_migrations"] {
        let told = database::run(&served, refused).await.unwrap_err();
        assert!(told.contains("permission denied"), "{told}");
    }

    // With nothing to migrate, commands and the service itself ask for no such right.
    accord::store::migrate(&served).await.unwrap();
    let test = TestApp::start_with(&[("DATABASE_URL", &url)]).await;
    test.run_jobs().await;
    assert_eq!(test.get("/readyz").await.status, 200);

    let back_end = BackEnd::start();
    let address = back_end.base.parse().unwrap();
    events::add_endpoint(&test.app.store, &test.product, &address, test.now())
        .await
        .unwrap();
    test.install().await;
    test.anna().consent().await;
    let form = json!({"phone": "+996700765432"});
    test.anna().patch("/contact", form).await.expect(200);
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    test.advance(accord::actions::upkeep::EVERY);
    test.sweep().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalled");
    let told = back_end.news();
    assert!(told.len() >= 4, "{told:?}");

    // And the process itself.
    let listens = format!("127.0.0.1:{}", free_port());
    let mut serve = Command::new(env!("CARGO_BIN_EXE_accord"));
    serve.args(["serve", "--no-migrate"]).env_clear();
    serve.current_dir(test.folder()).envs(test.environment());
    serve
        .env("DATABASE_URL", &url)
        .env("ACCORD_LISTEN", &listens);
    let process = Process::start(serve);
    // Ready as soon as its worker has looked at the queue.
    let ready = || test.http.get(format!("http://{listens}/readyz")).send();
    while ready().await.unwrap().status() != 200 {}
    process.kill();
}

/// A newer version beside this one has migrated further: this one goes on.
#[tokio::test]
async fn steps_of_a_newer_version_keep_nobody_from_being_ready_and_missing_ones_do() {
    let test = TestApp::start().await;
    let database = &test.app.config.database;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    database::run(database, newer).await.unwrap();
    test.run_jobs().await;
    assert_eq!(test.get("/readyz").await.status, 200);
    let first = "DELETE FROM seaql_migrations WHERE version LIKE 'm0001%'";
    database::run(database, first).await.unwrap();
    test.get("/readyz")
        .await
        .problem(503, "database-unavailable");
}

/// Connections break at any moment: what was answered is there, what was not can be repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_break_lose_nothing_that_was_answered() {
    if !database::is_postgres() {
        return;
    }
    let test = TestApp::start().await;
    test.install().await;
    let (anna, form) = (test.anna(), test.anna().form().await);
    // Nobody may consent more than twenty times a day.
    let people = [test.anna(), test.boris(), test.clara()];
    let tokens: Vec<String> = (0..40).map(|n| people[n % 3].token()).collect();
    let hooks: Vec<String> = (0..40).map(|n| hook(&test, &format!("code-{n}"))).collect();
    let (answered, done) = (Notify::new(), AtomicUsize::new(0));
    let consent = |token: String| {
        let (anna, form) = (anna.clone(), form.clone());
        let post = reqwest::Method::POST;
        async move { anna.call(post, "/consents", &token, Some(form)).await }
    };
    let note = |answer: Answer| {
        done.fetch_add(1, Ordering::SeqCst);
        answered.notify_one();
        answer.status
    };
    // Four at a time; after each answer all connections are cut, whatever they are at.
    let work = async {
        let (mut consents, mut told) = (Vec::new(), Vec::new());
        for (tokens, hooks) in tokens.chunks(4).zip(hooks.chunks(4)) {
            let some = tokens
                .iter()
                .map(|token| async { note(consent(token.clone()).await) });
            let more = hooks
                .iter()
                .map(|hook| async { note(test.get(hook).await) });
            let jobs = async { drop(accord::jobs::run_due(&test.app).await) };
            let (some, more, ()) = tokio::join!(join_all(some), join_all(more), jobs);
            consents.extend(some);
            told.extend(more);
        }
        (consents, told)
    };
    let cut = async {
        let mut db = connection(&test).await;
        while done.load(Ordering::SeqCst) < tokens.len() + hooks.len() - 8 {
            answered.notified().await;
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            db.execute(all).await.unwrap();
        }
    };
    let ((consents, told), ()) = join(work, cut).await;
    let lost = |all: &[u16]| all.iter().filter(|status| **status == 503).count();
    assert!(
        lost(&consents) + lost(&told) > 0,
        "nothing broke: {consents:?} {told:?}"
    );
    for status in told.iter().chain(&consents) {
        assert!([200, 201, 503].contains(status), "{consents:?} {told:?}");
    }

    for (status, hook) in told.iter().zip(&hooks) {
        if *status == 503 {
            assert_eq!(test.get(hook).await.status, 200);
        }
    }
    for (status, token) in consents.iter().zip(&tokens) {
        if *status == 503 {
            let again = consent(token.clone()).await;
            // What was cut after it was durable says so.
            assert!([201, 409].contains(&again.status), "{}", again.text());
        }
    }
    let rows = (test.count("grant_offer").await, test.count("consent").await);
    assert_eq!(rows, (41, 40), "each once");
    // What was claimed and cut is free again when its lease is over.
    test.advance(seconds(20));
    test.settle().await;
    assert_eq!(test.anna().standing().await["entitled"], true);
    let audit = test.accord(&["audit", "verify"]);
    assert!(audit.status.success(), "{audit:?}");
}
