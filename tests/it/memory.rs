//! What is answered from memory: never stale where it was changed, soon seen elsewhere, and at
//! what price in statements.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use accord::app::App;
use accord::domain::time::{days, seconds};
use accord::store::Store;
use accord::web;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::bounds::stranger;
use crate::support::database::{is_postgres, run};
use crate::support::{ACCOUNT, CLIENT, Person, SECRET, TestApp};

/// Another process on the same database, as far as memory is concerned.
struct Other {
    app: Arc<App>,
    base: String,
    watch: Option<AbortHandle>,
}

impl Other {
    async fn start(test: &TestApp, watches: bool) -> Self {
        let config = test.app.config.clone();
        let keys = accord::keys::load(&config).unwrap();
        let store = Store::open(&config.database, &keys, test.now()).await;
        let app = App::new(config, store.unwrap(), test.app.clock.clone()).unwrap();
        let app = Arc::new(app);
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://localhost:{}", socket.local_addr().unwrap().port());
        tokio::spawn(web::serve(app.clone(), socket).unwrap());
        let watch = watches.then(|| tokio::spawn(app.store.clone().watch()).abort_handle());
        Self { app, base, watch }
    }

    async fn standing(&self, who: &Person<'_>) -> Value {
        let address = format!("{}/widget/v1/standing", self.base);
        let request = who
            .test
            .http
            .get(address)
            .header("X-Auth-Token", who.token());
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Waits until answers come from memory, or until they do not.
    async fn until_it_remembers(&self, remembers: bool) {
        while self.app.store.remembers() != remembers {
            tokio::task::yield_now().await;
        }
    }

    /// Asks until the answer is as expected: what others do is seen without being waited for.
    async fn until(&self, who: &Person<'_>, expected: impl Fn(&Value) -> bool) {
        while !expected(&self.standing(who).await) {}
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_does_is_seen() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    let (anna, other) = (test.anna(), Other::start(&test, true).await);
    other.until_it_remembers(true).await;
    assert_eq!(other.standing(&anna).await["entitled"], false);
    anna.consent().await;
    other
        .until(&anna, |standing| standing["entitled"] == true)
        .await;

    let files = [("policy.en.md", crate::support::POLICY_EN)];
    let level = Some(accord::domain::facts::Level::Notice);
    test.publish_with(&files, None, level).await.unwrap();
    other
        .until(&anna, |standing| standing["notice"]["policy_number"] == 2)
        .await;
    anna.call(Method::POST, "/notices/2/ack", &anna.token(), None)
        .await
        .expect(204);
    other
        .until(&anna, |standing| standing["notice"].is_null())
        .await;

    anna.post("/withdrawals", json!({})).await.expect(202);
    other
        .until(&anna, |standing| standing["entitled"] == false)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_see_what_others_do_reads_it_from_the_database() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    let (anna, mut other) = (test.anna(), Other::start(&test, true).await);
    other.until_it_remembers(true).await;
    assert_eq!(other.standing(&anna).await["entitled"], false);
    other.watch.take().unwrap().abort();
    other.until_it_remembers(false).await;
    anna.consent().await;
    assert_eq!(other.standing(&anna).await["entitled"], true, "at once");
}

/// PostgreSQL: the connection that listens is cut, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_is_cut_off_comes_back_and_misses_nothing() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    if !is_postgres() {
        return;
    }
    test.install().await;
    let (anna, other) = (test.anna(), Other::start(&test, true).await);
    for round in 0..3 {
        other.until_it_remembers(true).await;
        assert_eq!(other.standing(&anna).await["consent"]["state"], "none");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_notify($1, $2)%'";
        run(&test.app.config.database, cut).await.unwrap();
        if round == 2 {
            anna.consent().await;
            other
                .until(&anna, |standing| standing["entitled"] == true)
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_remembered_is_what_would_be_read_whatever_was_done() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    // One remembers and acts, one acts, one reads everything from the database.
    let acts = Other::start(&test, false).await;
    let reads = Other::start(&test, false).await;
    let mine = Other {
        app: test.app.clone(),
        base: test.base.clone(),
        watch: None,
    };
    let people = [test.anna(), test.boris(), test.clara()];
    let mut form = test.anna().form().await;
    // A fixed sequence that looks like none: every act by every person, here and elsewhere.
    let mut dice = 7_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) % sides
    };
    for step in 0..60 {
        let who = &people[usize::try_from(roll(3)).unwrap()];
        let base = if roll(2) == 0 { &mine.base } else { &acts.base };
        let (path, body) = match roll(8) {
            0..4 => ("/consents", Some(form.clone())),
            4 => ("/notices/1/ack", None),
            5 => ("/notices/2/ack", None),
            6 => ("/withdrawals", Some(json!({}))),
            _ => {
                test.advance(days(1));
                ("/consents", Some(form.clone()))
            }
        };
        let request = test.http.post(format!("{base}/widget/v1{path}"));
        let request = request.header("X-Auth-Token", who.token());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap();
        if step == 20 {
            let files = [("policy.en.md", crate::support::POLICY_EN)];
            let level = Some(accord::domain::facts::Level::Reconsent);
            test.publish_with(&files, None, level).await.unwrap();
            form = test.anna().form().await;
        }
        if step % 10 == 9 {
            test.run_jobs().await;
        }
        let truth = reads.standing(who).await;
        mine.until(who, |standing| *standing == truth).await;
        assert_eq!(mine.standing(who).await, truth, "step {step}");
    }
}

/// How many statements `what` takes.
async fn statements<T>(test: &TestApp, what: impl Future<Output = T>) -> (u64, T) {
    let before = test.app.store.statements();
    let done = what.await;
    (test.app.store.statements() - before, done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_takes_so_many_statements() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    let anna = test.anna();
    let form = anna.form().await;
    let me = Other {
        app: test.app.clone(),
        base: test.base.clone(),
        watch: None,
    };
    me.until_it_remembers(true).await;
    // The key that signs is read once.
    test.boris().consent().await;
    anna.standing().await;
    let (hit, _) = statements(&test, anna.standing()).await;
    let (consent, answer) = statements(&test, anna.post("/consents", form)).await;
    answer.expect(201);
    let (hit_again, _) = statements(&test, anna.standing()).await;
    let miss = miss(&test, &anna).await;
    let extra = if is_postgres() { 4 } else { 0 };
    assert_eq!((hit, hit_again), (0, 0));
    assert!(miss <= 2, "{miss} for a standing that is not in memory");
    // The answer's own standing takes two of them.
    assert!(consent <= 13 + extra, "{consent} for a consent alone");
}

async fn miss(test: &TestApp, anna: &Person<'_>) -> u64 {
    let known = test.app.store.account(
        test.product.id,
        accord::domain::ids::AccountId(i64::try_from(ACCOUNT).unwrap()),
    );
    let install = known.await.unwrap().unwrap().install.clone();
    let tx = test.app.store.begin().await.unwrap();
    accord::store::installs::save(&tx, &install).await.unwrap();
    tx.commit().await.unwrap();
    statements(test, anna.standing()).await.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_take_hardly_more_statements_than_one() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    let form = test.anna().form().await;
    let people: Vec<Person<'_>> = (0..100).map(|n| stranger(&test, n)).collect();
    // The first is on its way while all others come together.
    let (all, answers) = statements(&test, async {
        let tokens: Vec<String> = people.iter().map(Person::token_now).collect();
        join_all(people.iter().zip(&tokens).map(|(person, token)| {
            person.call(Method::POST, "/consents", token, Some(form.clone()))
        }))
        .await
    })
    .await;
    let mut outcomes: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in &answers {
        *outcomes.entry(answer.status).or_default() += 1;
    }
    assert_eq!(outcomes, [(201, 100)].into());
    assert_eq!(test.count("consent").await, 100);
    // Each answer reads its own standing: two statements and the grant that may be on its way.
    assert!(all < 100 * 4 + 30 * 20, "{all} statements");

    let hooks = people.iter().map(|person| {
        let account = person.account;
        let tag = amocrm_emulator::hooks::disconnect_signature(SECRET, CLIENT, account);
        format!("/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id={account}&signature={tag}")
    });
    let hooks: Vec<String> = hooks.collect();
    test.advance(seconds(1));
    let (all, answers) = statements(&test, join_all(hooks.iter().map(|hook| test.get(hook)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(test.count("disconnect_hook").await, 100);
    assert!(
        all < 100,
        "{all} statements for 100 hooks, two for each batch"
    );
}

/// Of those who come together one may be refused: it leaves nothing behind, and the others do not
/// notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_is_refused_takes_nobody_along_and_leaves_nothing_behind() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    let form = test.anna().form().await;
    let people: Vec<Person<'_>> = (0..40).map(|n| stranger(&test, n)).collect();
    let used = people[0].token_now();
    let first = people[0].call(Method::POST, "/consents", &used, Some(form.clone()));
    first.await.expect(201);
    // Every fifth sends a token that was used, every seventh agrees to other words.
    let mut other = form.clone();
    other["policy_hash"] = json!("sha256:other");
    let calls = people.iter().enumerate().skip(1).map(|(n, person)| {
        let refused = n % 5 == 0;
        let token = if refused {
            used.clone()
        } else {
            person.token_now()
        };
        let person = if refused { &people[0] } else { person };
        let form = if n % 7 == 0 { &other } else { &form };
        let body = Some(form.clone());
        async move {
            person
                .call(Method::POST, "/consents", &token, body)
                .await
                .status
        }
    });
    let outcomes = join_all(calls.collect::<Vec<_>>()).await;
    let expected = (1..40).map(|n| {
        let refused = n % 5 == 0 || n % 7 == 0;
        if refused { 409 } else { 201 }
    });
    assert_eq!(outcomes, expected.collect::<Vec<u16>>());
    let given = outcomes.iter().filter(|status| **status == 201).count() + 1;
    for table in ["consent", "install", "subject", "contact", "burned_token"] {
        assert_eq!(
            test.count(table).await,
            i64::try_from(given).unwrap(),
            "{table}"
        );
    }
}
