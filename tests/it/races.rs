//! Twenty at once: exactly one wins, on both databases.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp};
use accord::domain::time::hours;

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
    test.run_jobs().await;
}

/// Twenty employees who consented after Anna take that back at once, while Clara, who administers
/// the account, withdraws too: one ends it, and nobody ends it twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_people_withdraw_at_once_and_only_an_administrator_ends_it() {
    let test = TestApp::start().await;
    test.install().await;
    let staff: Vec<u64> = (0..20).map(|n| 600_000 + n).collect();
    test.hire(&staff);
    test.anna().consent().await;
    let person = |user: &u64| crate::support::Person {
        user: *user,
        ..test.anna()
    };
    let form = test.anna().form().await;
    let tokens: Vec<String> = staff.iter().map(|user| person(user).token()).collect();
    let post = async |user: &u64, path: &str, token: &str, body| {
        person(user)
            .call(reqwest::Method::POST, path, token, Some(body))
            .await
    };
    let pairs = || staff.iter().zip(&tokens);
    let given = join_all(pairs().map(|(u, t)| post(u, "/consents", t, form.clone()))).await;
    assert!(given.iter().all(|a| a.status == 201), "{given:?}");

    let tokens: Vec<String> = staff.iter().map(|user| person(user).token()).collect();
    let pairs = || staff.iter().zip(&tokens);
    let taken = join_all(pairs().map(|(u, t)| post(u, "/withdrawals", t, json!({})))).await;
    assert!(taken.iter().all(|a| a.status == 202), "{taken:?}");
    let standing = test.anna().standing().await;
    assert_eq!(
        (&standing["entitled"], &standing["consent"]["user_id"]),
        (&json!(true), &json!(ANNA))
    );
    assert_eq!(test.count("request").await, 20);
    let mut numbers: Vec<String> = taken
        .into_iter()
        .map(|a| a.json()["request"]["number"].as_str().unwrap().to_owned())
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 20, "each has a number of their own");

    // They consent again, and now an administrator is among those who withdraw.
    let tokens: Vec<String> = staff.iter().map(|user| person(user).token()).collect();
    let pairs = || staff.iter().zip(&tokens);
    join_all(pairs().map(|(u, t)| post(u, "/consents", t, form.clone()))).await;
    let tokens: Vec<String> = staff.iter().map(|user| person(user).token()).collect();
    let pairs = || staff.iter().zip(&tokens);
    let clara = test.clara().token();
    let (clara, taken) = tokio::join!(
        post(&crate::support::CLARA, "/withdrawals", &clara, json!({})),
        join_all(pairs().map(|(u, t)| post(u, "/withdrawals", t, json!({}))))
    );
    assert_eq!(clara.status, 202, "{}", clara.text());
    assert!(
        taken.iter().all(|a| [200, 202].contains(&a.status)),
        "{taken:?}"
    );
    assert_eq!(test.anna().standing().await["install"], "uninstalling");
    let ended = "SELECT number FROM request WHERE reach = 'account'";
    let ended = crate::support::database::rows(&test.app.config.database, ended).await;
    assert_eq!(ended.len(), 1);
    test.run_jobs().await;
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
    test.run_jobs().await;
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
    test.run_jobs().await;
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
    test.advance(hours(25));
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
    test.run_jobs().await;
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
    test.run_jobs().await;
}

/// Two people grant access at once, and each keeps a grant; a disconnect beside a landing grant
/// ends nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn grants_of_two_people_land_at_once_beside_a_disconnect() {
    for _ in 0..3 {
        let test = TestApp::start().await;
        test.install().await;
        test.anna().consent().await;
        test.world().revoke_grants_of(ACCOUNT, CLIENT, ANNA);
        let tag =
            amocrm_emulator::hooks::disconnect_signature(crate::support::SECRET, CLIENT, ACCOUNT);
        let hook = format!(
            "/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id={ACCOUNT}&signature={tag}"
        );
        let (boris, clara) = (test.boris(), test.clara());
        let (boris, clara, hook, ..) = tokio::join!(
            boris.authorize(),
            clara.authorize(),
            test.get(&hook),
            test.run_jobs(),
            test.run_jobs()
        );
        assert_eq!([boris.status, clara.status, hook.status], [200; 3]);
        test.settle().await;
        let standing = test.anna().standing().await;
        assert_eq!(standing["authorization"], "ok");
        // Anna's is buried when somebody asks with it, which nobody does while Clara's is first.
        assert!((2..=3).contains(&test.count("token_pair").await));
        // Before the first of them landed the account had no grant, and the hook was true.
        let generation = standing["generation"].as_u64();
        assert!([Some(1), Some(2)].contains(&generation), "{standing}");
        assert_eq!(standing["entitled"].as_bool(), Some(generation == Some(1)));
    }
}

/// L21: what was decided for one installation does not end the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_withdrawal_that_was_looked_into_for_an_installation_that_is_over_ends_nothing() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let world = test.world();
    let held = amocrm_emulator::FaultKind::Held;
    world.fail_next(amocrm_emulator::Fault::once("/api/v4/users/", held));
    let clara = test.clara();
    let next = async {
        world.holds.until(1).await;
        test.anna().withdraw().await.expect(202);
        test.settle().await;
        test.install().await;
        test.anna().consent().await;
        world.holds.let_go();
    };
    let (answer, ()) = tokio::join!(clara.withdraw(), next);
    let standing = test.anna().standing().await;
    assert_eq!(
        (&standing["install"], &standing["generation"]),
        (&json!("active"), &json!(2))
    );
    answer.problem(409, "token-stale");
}
