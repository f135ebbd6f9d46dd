//! Twenty at once: exactly one wins, on both databases.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_withdrawals_are_one_request() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let anna = test.anna();
    let tokens: Vec<String> = (0..20).map(|_| anna.token()).collect();
    let answers = join_all(
        tokens
            .iter()
            .map(|t| anna.call(reqwest::Method::POST, "/withdrawals", t, Some(json!({})))),
    )
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 202).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 19);
    assert_eq!(test.count("request").await, 1);
    assert_eq!(test.count("consent").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_token_writes_once_however_often_it_is_sent() {
    let test = TestApp::start().await;
    let (anna, form, token) = (test.anna(), test.anna().form().await, test.anna().token());
    let answers = join_all((0..20).map(|_| {
        anna.call(
            reqwest::Method::POST,
            "/consents",
            &token,
            Some(form.clone()),
        )
    }))
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.status == 409).count(), 19);
    assert_eq!(
        (
            test.count("consent").await,
            test.count("install").await,
            test.count("subject").await
        ),
        (1, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_first_consents_make_one_install() {
    let test = TestApp::start().await;
    let (anna, form) = (test.anna(), test.anna().form().await);
    let tokens: Vec<String> = (0..20).map(|_| anna.token()).collect();
    let answers = join_all(
        tokens
            .iter()
            .map(|t| anna.call(reqwest::Method::POST, "/consents", t, Some(form.clone()))),
    )
    .await;
    assert!(answers.iter().all(|a| a.status == 201), "{answers:?}");
    assert_eq!(
        (
            test.count("consent").await,
            test.count("install").await,
            test.count("subject").await
        ),
        (20, 1, 1)
    );
    assert_eq!(test.anna().standing().await["generation"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_hooks_and_their_jobs_make_one_install() {
    let test = TestApp::start().await;
    let world = test.world();
    let answers = join_all((0..20).map(|_| world.install(ACCOUNT, CLIENT, ANNA))).await;
    assert!(answers.iter().all(|a| *a == Some(200)));
    let ran: usize = join_all((0..8).map(|_| test.run_jobs()))
        .await
        .into_iter()
        .sum();
    assert_eq!(ran, 20, "each job runs once");
    assert_eq!(
        (
            test.count("grant_offer").await,
            test.count("install").await,
            test.count("token_pair").await
        ),
        (20, 1, 1)
    );
    assert_eq!(test.anna().standing().await["authorization"], "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_who_need_a_fresh_token_refresh_once() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.advance(chrono::TimeDelta::hours(25));
    let boris = test.boris();
    let tokens: Vec<String> = (0..20).map(|_| boris.token()).collect();
    let answers = join_all(
        tokens
            .iter()
            .map(|t| boris.call(reqwest::Method::POST, "/withdrawals", t, Some(json!({})))),
    )
    .await;
    assert!(answers.iter().all(|a| a.status == 403), "{answers:?}");
    let asked = test.world().read(|s| {
        s.requests
            .iter()
            .filter(|r| r.path.starts_with("/oauth2/access_token"))
            .count()
    });
    assert_eq!(asked, 2, "one exchange and one refresh");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publishing_at_once_never_gives_two_versions_one_number() {
    let test = TestApp::start().await;
    let files = [("p.en.md", crate::support::POLICY_EN)];
    let publications = (0..10).map(|_| test.publish_with(&files, None, None));
    let told = join_all(publications).await;
    let mut numbers: Vec<u32> = told.iter().flatten().map(|v| v.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), told.iter().flatten().count(), "{told:?}");
    for refused in told.iter().filter_map(|r| r.as_ref().err()) {
        let refused = refused.to_string().to_lowercase();
        assert!(refused.contains("nothing else was published"), "{refused}");
    }
    let posted = test.count("policy_posting").await;
    assert_eq!(
        test.count("policy_version").await,
        posted,
        "each is in force"
    );
    assert!(posted > 1, "one has won");
}
