//! The Publisher's own back ends: what they may ask, and how they are told.

use std::net::TcpListener;

use accord::actions::events;
use accord::domain::events as rules;
use accord::domain::facts::Level;
use accord::domain::ids::EndpointId;
use accord::domain::time::{days, hours, milliseconds};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::letters::{crowd, post};
use crate::support::back_end::BackEnd;
use crate::support::database::{rows, run};
use crate::support::{ACCOUNT, ANNA, Answer, CLIENT, TestApp};

#[path = "../../examples/back_end.rs"]
mod example;

const KEY: &str = "7f0f6d5d3ad0ba9c6c8e7d2a8e4c5b19";
const OTHER_KEY: &str = "b3b1f0cb52e94a0d8c8cf6a7f2f59d61";
const STANDING: &str = "/v1/products/demo/accounts/32720107/standing";
const INSTALLS: &str = "/v1/products/demo/installs";

async fn keyed() -> TestApp {
    TestApp::start_with(&[("ACCORD_API_KEYS", &format!("{OTHER_KEY},{KEY}"))]).await
}

fn request(test: &TestApp, path: &str) -> RequestBuilder {
    test.http.get(format!("{}{path}", test.base))
}

async fn answer(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

async fn ask(test: &TestApp, path: &str) -> Answer {
    answer(request(test, path).bearer_auth(KEY)).await
}

#[tokio::test]
async fn a_back_end_reads_what_the_widget_reads() {
    let test = keyed().await;
    let never = ask(&test, STANDING).await.expect(200);
    assert_eq!(
        (&never["install"], &never["generation"], &never["entitled"]),
        (&"pending".into(), &0.into(), &false.into())
    );
    assert_eq!(test.count("install").await, 0, "asking creates nothing");
    test.install().await;
    test.anna().consent().await;
    let answer = ask(&test, STANDING).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let told = answer.expect(200);
    assert_eq!(told, test.anna().standing().await);
    assert_eq!(told["entitled"], true);
    test.anna().withdraw().await.expect(202);
    let told = ask(&test, STANDING).await.expect(200);
    assert_eq!(told["reason"], "consent-withdrawn");
    test.run_jobs().await;
}

#[tokio::test]
async fn without_a_key_of_ours_nothing_is_told() {
    let test = keyed().await;
    for path in [
        STANDING,
        INSTALLS,
        "/v1/products/unheard-of/installs",
        "/v1/products/demo/accounts/x/standing",
    ] {
        let bare = || request(&test, path);
        for stranger in [
            bare(),
            bare().bearer_auth(format!("{OTHER_KEY},")),
            bare().bearer_auth(""),
            bare().basic_auth(KEY, Some(KEY)),
            bare().header("authorization", KEY),
            bare().header("authorization", vec![0xff, b' ', b'x']),
            bare().bearer_auth(KEY).header("authorization", "Bearer x"),
            bare().query(&[("key", KEY)]),
        ] {
            let refused = answer(stranger).await;
            assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
            refused.problem(401, "api-key-invalid");
        }
    }
    let other = request(&test, STANDING).header("authorization", format!("bearer {OTHER_KEY}"));
    answer(other).await.expect(200);

    let nobody = TestApp::start().await;
    ask(&nobody, STANDING).await.problem(401, "api-key-invalid");
}

#[tokio::test]
async fn what_a_back_end_asks_wrongly_is_named() {
    let test = keyed().await;
    let unknown = "/v1/products/unheard-of/installs";
    ask(&test, unknown).await.problem(404, "unknown-product");
    for (path, part) in [
        ("/v1/products/demo/accounts/x/standing", "account_id"),
        ("/v1/products/demo/accounts/-1/standing", "account_id"),
        (
            "/v1/products/demo/accounts/99999999999999999999/standing",
            "account_id",
        ),
        ("/v1/products/demo/installs?state=asleep", "state"),
        ("/v1/products/demo/installs?cursor=%27", "cursor"),
        (
            "/v1/products/demo/installs?state=active&state=active",
            "repeated",
        ),
    ] {
        let problem = ask(&test, path).await.problem(400, "malformed");
        assert!(problem["detail"].as_str().unwrap().contains(part), "{path}");
    }
    let posted = test.http.post(format!("{}{INSTALLS}", test.base));
    answer(posted).await.problem(405, "method-not-allowed");
}

#[tokio::test]
async fn installs_are_listed_page_by_page_and_by_state() {
    let test = keyed().await;
    test.install().await;
    crowd(&test, 230, "en").await;
    let (mut accounts, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let path = format!("{INSTALLS}?cursor={cursor}");
        let page = ask(&test, &path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        accounts.extend(items.iter().map(|i| i["account_id"].as_i64().unwrap()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let mut all: Vec<i64> = (1_000..1_230).collect();
    all.push(ACCOUNT.try_into().unwrap());
    assert_eq!((accounts, pages), (all, 3));

    let pending = ask(&test, &format!("{INSTALLS}?state=pending")).await;
    let pending = pending.expect(200);
    assert_eq!(pending["next"], Value::Null);
    assert_eq!(
        pending["items"],
        Value::Array(vec![ask(&test, STANDING).await.expect(200)])
    );
    let gone = ask(&test, &format!("{INSTALLS}?state=uninstalled")).await;
    assert_eq!(gone.expect(200)["items"], Value::Array(Vec::new()));
}

/// An endpoint of the demo Product, with its secret.
async fn listens(test: &TestApp, back_end: &BackEnd) -> (EndpointId, String) {
    let url = accord::domain::addresses::endpoint(&format!("{}/events", back_end.base)).unwrap();
    let now = test.now();
    let (endpoint, secret) = events::add_endpoint(&test.app.store, &test.product, &url, now)
        .await
        .unwrap();
    (endpoint.id, secret)
}

fn of_account(kinds: &[&str]) -> Vec<String> {
    let told = kinds.iter().map(|kind| format!("{kind} {ACCOUNT}"));
    told.collect()
}

#[tokio::test]
async fn what_happens_at_an_install_is_told_signed_and_in_order_and_names_nobody() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    let (_, secret) = listens(&test, &back_end).await;
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    post(&test, Level::Notice).await;
    test.settle().await;

    let calls = back_end.calls();
    let secret = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    assert_eq!(secret.len(), 32);
    for call in &calls {
        let at = accord::domain::time::Timestamp::from_secs(call.timestamp);
        assert_eq!(
            call.signature,
            rules::signature(&secret, &call.id, at, &call.body)
        );
        assert_eq!(call.path, "/events");
        for personal in ["Anna", "example.com", "996700", &ANNA.to_string()] {
            assert!(!call.body.contains(personal), "{}", call.body);
        }
    }
    let mut expected = of_account(&[
        "install.activated",
        "consent.given",
        "consent.given",
        "consent.withdrawn",
        "install.uninstalled",
    ]);
    expected.push("policy.posted".to_owned());
    let told: Vec<String> = calls.iter().map(|c| c.what()).collect();
    assert_eq!(told, expected);
    assert_eq!(calls[1].json()["data"]["policy_number"], 1);
    assert_eq!(calls[4].json()["data"]["reason"], "consent-withdrawn");
    assert_eq!(calls[4].json()["data"]["generation"], 1);
    let posted = calls[5].json();
    assert_eq!(
        posted["data"],
        serde_json::json!({"product": "demo", "policy_number": 2, "level": "notice"})
    );
    let ids: std::collections::BTreeSet<_> = calls.iter().map(|c| &c.id).collect();
    assert_eq!(ids.len(), calls.len());
    test.settle().await;
    assert_eq!(back_end.calls().len(), 6, "nothing is told twice");
}

#[tokio::test]
async fn an_administrator_who_switches_the_product_off_is_told_of_as_disconnected() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    test.install().await;
    test.anna().consent().await;
    listens(&test, &back_end).await;
    let hook = test.world().disable(ACCOUNT, CLIENT, ANNA).await;
    assert_eq!(hook, Some(200));
    test.settle().await;
    let told = back_end.calls();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].what(), format!("install.uninstalled {ACCOUNT}"));
    assert_eq!(told[0].json()["data"]["reason"], "disconnected");
}

#[tokio::test]
async fn the_next_event_of_an_install_waits_for_the_one_before_and_others_do_not() {
    let (test, back_end, other) = (TestApp::start().await, BackEnd::start(), BackEnd::start());
    listens(&test, &back_end).await;
    listens(&test, &other).await;
    test.install().await;
    // Not what a redirect leads to, nor what a server in trouble says.
    back_end.will_answer(&[503, 301]);
    test.anna().consent().await;
    test.run_jobs().await;
    let first = of_account(&["install.activated"]);
    let both = of_account(&["install.activated", "consent.given"]);
    assert_eq!(back_end.news(), first);
    assert_eq!(other.news(), both, "one endpoint waits for no other");
    post(&test, Level::Notice).await;
    test.run_jobs().await;
    assert_eq!(back_end.news(), ["policy.posted"], "nor do Installs");
    let fault = "SELECT last_fault FROM event_delivery WHERE last_fault IS NOT NULL";
    let faults = rows(&test.app.config.database, fault).await;
    assert_eq!(faults, ["it answered 503", "it answered 301"]);
}

#[tokio::test]
async fn an_event_is_tried_for_three_days_under_one_id_and_can_be_told_again() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    let (id, _) = listens(&test, &back_end).await;
    test.install().await;
    back_end.always_answers(Some(500));
    let begun = test.now();
    test.anna().consent().await;
    test.settle().await;
    let tried_for = (test.now() - begun).num_hours();
    assert!((70..=72).contains(&tried_for), "{tried_for} h");
    let calls = back_end.calls();
    let tries: std::collections::BTreeSet<_> = calls.iter().map(|c| &c.id).collect();
    assert_eq!(tries.len(), 2);
    let given_up = "SELECT state FROM event_delivery";
    let states = rows(&test.app.config.database, given_up).await;
    assert_eq!(states, ["failed", "failed"]);
    let doctor = test.accord(&["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("2 event(s) were tried"), "{said}");

    back_end.news();
    back_end.always_answers(None);
    let again = test.accord(&["endpoint", "retry", &id.to_string()]);
    assert_eq!(again.stdout, b"2 event(s) are told again\n");
    test.advance(hours(1));
    test.settle().await;
    let told = of_account(&["install.activated", "consent.given"]);
    assert_eq!(back_end.news(), told);
}

/// An address where nobody listens.
fn nowhere() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://127.0.0.1:{}/", free.local_addr().unwrap().port())
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_left_alone_and_told_everything_in_order_when_it_is_back() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    let added = test.accord(&["endpoint", "add", "--product", "demo", "--url", &nowhere()]);
    assert!(added.status.success());
    test.install().await;
    let begun = test.now();
    test.anna().consent().await;
    test.run_jobs().await;
    let listed: Value =
        serde_json::from_slice(&test.accord(&["endpoint", "list", "--json"]).stdout).unwrap();
    assert_eq!(
        (&listed[0]["waiting"], &listed[0]["last_fault"]),
        (&2.into(), &"it cannot be reached".into())
    );
    // One try tells that it is still down, and it is not asked too often.
    let mut tries = 0;
    while (test.now() - begun).num_hours() < 24 {
        let due = accord::store::jobs::next_due(&test.app.store)
            .await
            .unwrap();
        test.advance((due.unwrap() - test.now()).max(milliseconds(1)));
        tries += test.run_jobs().await;
    }
    assert!((140..170).contains(&tries), "{tries} tries in a day");
    test.boris().consent().await;
    let moved = format!("UPDATE endpoint SET url = '{}/'", back_end.base);
    run(&test.app.config.database, &moved).await.unwrap();
    test.settle().await;
    let told = of_account(&["install.activated", "consent.given", "consent.given"]);
    assert_eq!(back_end.news(), told);
}

#[tokio::test]
async fn what_waited_for_three_days_at_an_endpoint_that_is_down_is_given_up_at_once() {
    let test = TestApp::start().await;
    let added = test.accord(&["endpoint", "add", "--product", "demo", "--url", &nowhere()]);
    assert!(added.status.success());
    test.install().await;
    test.anna().consent().await;
    test.run_jobs().await;
    test.advance(hours(71));
    test.boris().consent().await;
    test.advance(hours(2));
    test.run_jobs().await;
    let states = "SELECT state FROM event_delivery ORDER BY event_seq";
    let states = rows(&test.app.config.database, states).await;
    assert_eq!(states, ["failed", "failed", "waiting"]);
}

#[tokio::test]
async fn an_endpoints_secret_is_shown_once_and_sealed() {
    let test = TestApp::start().await;
    let url = "https://reports.example/accord";
    let add = [
        "endpoint",
        "add",
        "--product",
        "demo",
        "--url",
        url,
        "--json",
    ];
    let added: Value = serde_json::from_slice(&test.accord(&add).stdout).unwrap();
    let secret = added["secret"].as_str().unwrap();
    let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
    let hex: String = bytes.unwrap().iter().map(|b| format!("{b:02x}")).collect();
    let dump = test.dump().await.to_lowercase();
    assert!(!dump.contains(&secret.to_lowercase()) && !dump.contains(&hex));

    let list = || test.accord(&["endpoint", "list", "--json"]).stdout;
    let listed: Value = serde_json::from_slice(&list()).unwrap();
    assert_eq!(listed[0]["url"], url);
    assert_eq!(listed[0]["id"], added["id"]);
    assert!(listed[0].get("secret").is_none());

    let remove = ["endpoint", "remove", added["id"].as_str().unwrap()];
    assert!(test.accord(&remove).status.success());
    assert!(!test.accord(&remove).status.success(), "it is gone");
    assert_eq!(list(), b"[]\n");
    for bad in [
        "http://reports.example/",
        "reports",
        "https://a:b@reports.example/",
    ] {
        let refused = test.accord(&["endpoint", "add", "--product", "demo", "--url", bad]);
        assert!(!refused.status.success(), "{bad}");
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_forgotten() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    listens(&test, &back_end).await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    assert_eq!(test.count("event").await, 2);
    test.advance(days(31));
    test.sweep().await;
    assert_eq!(
        (
            test.count("event").await,
            test.count("event_delivery").await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn the_example_of_the_docs_refuses_whom_it_must() {
    let test = keyed().await;
    test.install().await;
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let product = format!("{}/v1/products/demo", test.base);
    let server = example::serve(socket, product, KEY.to_owned()).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let report = |account: u64| {
        let address = format!("http://127.0.0.1:{port}/report/{account}");
        answer(test.http.get(address))
    };
    let refused = report(ACCOUNT).await;
    assert_eq!(
        (refused.status, refused.text()),
        (403, "\"consent-required\"".to_owned())
    );
    test.anna().consent().await;
    assert_eq!(report(ACCOUNT).await.status, 200);
    assert_eq!(report(ACCOUNT + 1).await.status, 403);
    test.anna().withdraw().await.expect(202);
    let refused = report(ACCOUNT).await;
    assert_eq!(
        (refused.status, refused.text()),
        (403, "\"consent-withdrawn\"".to_owned())
    );

    let docs = include_str!("../../docs/back-ends.md");
    assert!(docs.contains(include_str!("../../examples/back_end.rs")));
    handle.stop(false).await;
    test.run_jobs().await;
}
