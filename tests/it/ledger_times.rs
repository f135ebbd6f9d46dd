//! The order of the ledger is the order of its times, and of the versions agreed to.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use accord::actions::policies;
use accord::app::App;
use accord::clock::Clock;
use accord::domain::policies as texts;
use accord::domain::policies::versions::Publication;
use accord::domain::time::{hours, milliseconds, seconds};
use accord::store::{self, Store};
use accord::web;
use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, database};

const NEXT_EN: &str =
    "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. Other words.\n\n1.2. More.\n";

/// A column of the ledger, in its order.
async fn column(test: &TestApp, name: &str) -> Vec<i64> {
    let sql = format!("SELECT CAST({name} AS TEXT) FROM consent ORDER BY entry_index");
    let rows = database::rows(&test.app.config.database, &sql).await;
    rows.iter().map(|text| text.parse().unwrap()).collect()
}

async fn posted_at(test: &TestApp, number: u32) -> i64 {
    test.version(number).await.posted_at.millis()
}

async fn in_order(test: &TestApp) {
    let times = column(test, "occurred_at").await;
    assert!(times.is_sorted(), "{times:?}");
}

/// Another instance on the same database, whose clock goes wrong by so much.
async fn instance(test: &TestApp, by: TimeDelta) -> String {
    let config = test.app.config.clone();
    let keys = accord::keys::load(&config).unwrap();
    let store = Store::open(&config.database, &keys, test.now()).await;
    let clock = test.app.clock.clone();
    let app = App::new(config, store.unwrap(), Clock::new(move || clock.now() + by)).unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://localhost:{}", socket.local_addr().unwrap().port());
    tokio::spawn(web::serve(Arc::new(app), socket).unwrap());
    base
}

async fn post(test: &TestApp, base: &str, path: &str, token: &str, body: &Value) -> Answer {
    let address = format!("{base}/widget/v1{path}");
    let request = test.http.request(Method::POST, address);
    let request = request.header("X-Auth-Token", token).json(body);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn times_never_run_backwards_whatever_the_instances_clocks_say() {
    let test = TestApp::start().await;
    let mut bases = vec![test.base.clone()];
    for by in [-seconds(50), seconds(50), -seconds(7)] {
        bases.push(instance(&test, by).await);
    }
    let form = test.anna().form().await;
    let people = [test.anna(), test.boris(), test.clara()];
    // One after the other, so that each comes after another clock; then all at once.
    for (n, base) in bases.iter().cycle().take(9).enumerate() {
        let token = people[n % 3].token();
        let answer = post(&test, base, "/consents", &token, &form).await;
        answer.expect(201);
    }
    let tokens: Vec<String> = (0..24).map(|n| people[n % 3].token()).collect();
    let all = tokens.iter().zip(bases.iter().cycle());
    let all = all.map(|(token, base)| post(&test, base, "/consents", token, &form));
    for answer in join_all(all).await {
        answer.expect(201);
    }
    in_order(&test).await;

    // What follows from a withdrawal goes by the clock of whoever took it, so that nothing waits.
    test.install().await;
    let token = test.anna().token();
    let withdrawn = post(&test, &bases[1], "/withdrawals", &token, &json!({})).await;
    withdrawn.expect(202);
    in_order(&test).await;
    assert_eq!(column(&test, "occurred_at").await.len(), 34);
    test.settle().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_consent_to_a_version_is_younger_than_the_next_one() {
    let test = TestApp::start().await;
    let form = test.anna().form().await;
    let over = AtomicBool::new(false);
    let publish = async {
        let files = [("policy.en.md", NEXT_EN)];
        let number = test.publish(&files).await;
        over.store(true, Ordering::SeqCst);
        number
    };
    let consents = async {
        let people = [test.anna(), test.boris(), test.clara()];
        let mut refused = 0;
        while refused == 0 {
            let last = over.load(Ordering::SeqCst);
            // Nobody may consent more than twenty times a day.
            test.advance(hours(2));
            let tokens: Vec<String> = people.iter().map(|person| person.token()).collect();
            let all = tokens.iter().map(|token| {
                test.advance(milliseconds(1));
                post(&test, &test.base, "/consents", token, &form)
            });
            for answer in join_all(all).await {
                match answer.status {
                    201 => assert!(!last, "version 2 is in force"),
                    _ => {
                        answer.problem(409, "policy-changed");
                        refused += 1;
                    }
                }
            }
        }
    };
    assert_eq!(join(publish, consents).await.0, 2);
    test.anna().consent().await;
    in_order(&test).await;
    let posted = posted_at(&test, 2).await;
    let numbers = column(&test, "policy_number").await;
    for (number, at) in numbers.iter().zip(column(&test, "occurred_at").await) {
        match number {
            1 => assert!(at < posted, "{at} {posted}"),
            _ => assert!(at >= posted, "{at} {posted}"),
        }
    }
    assert_eq!(numbers.last(), Some(&2));
    test.run_jobs().await;
}

/// The instance that posts has a clock behind the one that took the last consent.
#[tokio::test]
async fn a_version_is_posted_after_every_entry_there_is() {
    let test = TestApp::start().await;
    let ahead = instance(&test, seconds(50)).await;
    let (form, token) = (test.anna().form().await, test.anna().token());
    post(&test, &ahead, "/consents", &token, &form)
        .await
        .expect(201);
    test.publish(&[("policy.en.md", NEXT_EN)]).await;
    let last = column(&test, "occurred_at").await;
    assert!(posted_at(&test, 2).await > last[0]);
    // Our clock says that it is not in force yet; it is all the same.
    test.anna().consent().await;
    in_order(&test).await;
    assert!(column(&test, "occurred_at").await[1] >= posted_at(&test, 2).await);
    test.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_version_that_comes_while_a_consent_waits_is_shown_to_whoever_waits() {
    let test = TestApp::start().await;
    test.install().await;
    let form = test.anna().form().await;
    let app = &test.app;
    let parsed = texts::parse("policy.en.md", NEXT_EN.as_bytes()).unwrap();
    let publication = Publication {
        documents: vec![("policy.en.md".to_owned(), parsed)],
        facts: None,
        level: None,
        reason: None,
        verbatim: false,
        findings: Vec::new(),
    };
    let published = policies::publish(&app.store, &test.product, publication, 1, test.now());
    let published = published.await.unwrap();

    let tx = app.store.begin().await.unwrap();
    let install = test.anna().standing().await;
    assert_eq!(install["install"], "pending");
    let account = accord::domain::ids::AccountId(i64::try_from(test.anna().account).unwrap());
    store::installs::lock_account(&tx, test.product.id, account)
        .await
        .unwrap();
    let token = test.anna().token();
    let waiting = post(&test, &test.base, "/consents", &token, &form);
    let posting = async {
        // Long enough for the other to see the first version and to wait for us.
        for _ in 0..100 {
            assert_eq!(test.get("/healthz").await.status, 200);
        }
        let at = test.now();
        store::policies::post(&tx, published.version.id, at)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let (answer, ()) = join(waiting, posting).await;
    let problem = answer.problem(409, "policy-changed");
    assert_eq!(problem["policy"]["number"], 2);
    assert_eq!(
        (
            test.count("consent").await,
            test.count("burned_token").await
        ),
        (0, 0)
    );
    // A refused write burns nothing: the same token agrees to the new one.
    let mut again = form;
    again["policy_hash"] = problem["policy"]["hash"].clone();
    post(&test, &test.base, "/consents", &token, &again)
        .await
        .expect(201);
    test.run_jobs().await;
}

#[tokio::test]
async fn the_language_of_a_form_is_that_of_the_text_it_agrees_to() {
    let test = TestApp::start().await;
    let mut form = test.anna().form().await;
    for (lang, shown) in [("ru", "ru"), ("de", "en"), ("en-GB", "en")] {
        form["lang"] = json!(lang);
        let problem = test.anna().post("/consents", form.clone()).await;
        let problem = problem.problem(409, "policy-changed");
        assert_eq!(problem["policy"]["lang"], shown, "{lang}");
        assert_eq!(problem["policy"]["number"], 1);
    }
    assert_eq!(test.count("consent").await, 0);
    form["lang"] = json!("EN");
    test.anna().post("/consents", form).await.expect(201);
    let langs = "SELECT lang FROM consent";
    assert_eq!(
        database::rows(&test.app.config.database, langs).await,
        ["en"]
    );
    test.run_jobs().await;
}
