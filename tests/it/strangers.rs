//! What strangers may cause: hooks that they make up, rows that pile up, work that waits.
//! The list is docs/limits.md.

use accord::actions::upkeep::PAGE;
use accord::domain::time::{days, minutes, seconds};
use accord::{jobs, store};
use amocrm_emulator::faults::{Fault, FaultKind};
use futures_util::future::join_all;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp, database};

/// A code as amoCRM writes them, made up.
fn made_up(n: usize) -> String {
    format!("def502{n:0200x}")
}

async fn junk(test: &TestApp, hosts: impl Iterator<Item = String>) {
    let port = test.world().port();
    let calls: Vec<String> = hosts
        .enumerate()
        .map(|(n, host)| {
            let code = made_up(n);
            format!(
                "/amocrm/demo/install?code={code}&referer={host}.localhost:{port}&from_widget=1"
            )
        })
        .collect();
    for some in calls.chunks(100) {
        let answers = join_all(some.iter().map(|call| test.get(call))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
    }
}

/// How many codes were exchanged before the first that was good.
fn exchanged_before_the_good_one(test: &TestApp) -> usize {
    let statuses = test.world().read(|state| {
        let exchanges = state.requests.iter();
        let exchanges = exchanges.filter(|r| r.path == "/oauth2/access_token");
        exchanges.map(|r| r.status).collect::<Vec<_>>()
    });
    statuses.iter().position(|status| *status == 200).unwrap()
}

#[tokio::test]
async fn a_real_hook_among_made_up_ones_of_its_own_host_is_among_the_first() {
    for real_after in [0, 300] {
        let test = TestApp::start().await;
        let same = |n| std::iter::repeat_n("shop".to_owned(), n);
        junk(&test, same(real_after)).await;
        assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
        // Others than those before.
        let port = test.world().port();
        for n in 1_000..1_300 - real_after {
            let code = made_up(n);
            test.get(&format!(
                "/amocrm/demo/install?code={code}&referer=shop.localhost:{port}&from_widget=1"
            ))
            .await;
        }
        test.settle().await;
        assert!(exchanged_before_the_good_one(&test) <= 2);
        assert_eq!(test.anna().standing().await["authorization"], "ok");
    }
}

#[tokio::test]
async fn a_host_with_many_made_up_codes_takes_turns_with_a_host_that_has_one() {
    let test = TestApp::start().await;
    let hosts = (0..300).map(|n| {
        if n % 10 == 0 {
            format!("other{n}")
        } else {
            "busy".to_owned()
        }
    });
    junk(&test, hosts).await;
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    // Hosts that nobody has are asked about again for a minute; it is about the first round.
    test.run_jobs().await;
    // 30 others, the busy one, and this.
    assert!(exchanged_before_the_good_one(&test) <= 32);
}

#[tokio::test]
async fn a_code_that_looks_made_up_waits_behind_those_that_do_not() {
    let test = TestApp::start().await;
    let port = test.world().port();
    let host = format!("shop.localhost:{port}");
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    for n in 0..20 {
        test.get(&format!(
            "/amocrm/demo/install?code=junk{n}&referer={host}&from_widget=1"
        ))
        .await;
    }
    test.settle().await;
    assert_eq!(exchanged_before_the_good_one(&test), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn made_up_codes_that_amocrm_is_slow_to_refuse_hold_up_no_withdrawal() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let slow = Fault::once("/oauth2/access_token", FaultKind::SlowMs { ms: 14_000 });
    test.world().fail_next(slow.times(1_000));
    junk(&test, (0..64).map(|n| format!("slow{n}"))).await;

    let stop = CancellationToken::new();
    let worker = tokio::spawn(jobs::Worker::new(test.app.clone(), stop.clone()).run());
    test.anna().withdraw().await;
    while test.anna().standing().await["install"] != "uninstalled" {
        tokio::task::yield_now().await;
    }
    let waiting = "SELECT kind FROM job WHERE kind = 'exchange-grant' AND done_at IS NULL";
    let waiting = database::rows(&test.app.config.database, waiting)
        .await
        .len();
    assert!(
        waiting > 58,
        "{waiting} of 64 still wait: all but those in their six places"
    );
    stop.cancel();
    worker.abort();
    test.leaves_due_jobs();
}

#[tokio::test]
async fn a_made_up_code_makes_nobody_wait_for_longer_than_a_minute() {
    let test = TestApp::start().await;
    let down = FaultKind::Status { status: 500 };
    test.world()
        .fail_next(Fault::once("/oauth2/access_token", down).times(1_000));
    junk(&test, std::iter::once("shop".to_owned())).await;
    let standing = test.anna().standing().await;
    assert_eq!(standing["authorization"], "pending");
    assert_eq!(
        standing["hint"], "reauthorize",
        "there is something to do all the same"
    );
    test.advance(minutes(1));
    let standing = test.anna().standing().await;
    assert_eq!(standing["authorization"], "reauthorize");
    test.leaves_due_jobs();
}

#[tokio::test]
async fn what_piles_up_is_removed_in_pages_and_of_dead_hooks_the_newest_stay() {
    let test = TestApp::start().await;
    let (now, dead) = (test.now().millis(), 10_000 + 2 * PAGE);
    let (uuid, series) = if database::is_postgres() {
        (
            "gen_random_uuid()",
            format!("generate_series(1, {dead}) AS n(i)"),
        )
    } else {
        let numbers = format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {dead}) SELECT i FROM n) AS n"
        );
        ("randomblob(16)", numbers)
    };
    let product = database::literal(test.product.id.0);
    let index = if database::is_postgres() {
        "decode(md5(i::text), 'hex')"
    } else {
        "randomblob(16)"
    };
    let insert = format!(
        "INSERT INTO grant_offer (id, product_id, host, code_index, state, announced_at) \
         SELECT {uuid}, {product}, 'http://x.localhost:1', {index}, 'dead', {now} - i FROM {series}"
    );
    database::run(&test.app.config.database, &insert)
        .await
        .unwrap();
    let jobs = format!(
        "INSERT INTO job (id, kind, payload, asked_at, run_at, attempt, done_at) \
         SELECT {uuid}, 'sweep', '{{}}', 0, 0, 1, {now} - 86400001 FROM {series}"
    );
    database::run(&test.app.config.database, &jobs)
        .await
        .unwrap();

    test.sweep().await;
    let left = test.count("grant_offer").await;
    assert!((9_999..=10_000).contains(&left), "{left}");
    let jobs = "SELECT kind FROM job WHERE done_at < asked_at + 1 OR run_at = 0";
    assert_eq!(
        database::rows(&test.app.config.database, jobs).await.len(),
        0
    );

    test.advance(days(1));
    test.sweep().await;
    assert_eq!(test.count("grant_offer").await, 0, "after a day none stays");
}

#[tokio::test]
async fn codes_that_died_while_they_waited_are_swept_without_being_sent() {
    let test = TestApp::start().await;
    junk(&test, (0..30).map(|n| format!("junk{n}"))).await;
    test.advance(minutes(23));
    accord::actions::upkeep::sweep(&test.app).await.unwrap();
    let open = "SELECT kind FROM job WHERE kind = 'exchange-grant' AND done_at IS NULL";
    assert!(
        database::rows(&test.app.config.database, open)
            .await
            .is_empty()
    );
    let states = database::rows(
        &test.app.config.database,
        "SELECT DISTINCT state FROM grant_offer",
    )
    .await;
    assert_eq!(states, ["dead"]);
    assert!(!test.dump().await.contains("def502"));
    assert_eq!(test.world().read(|state| state.requests.len()), 0);
}

#[tokio::test]
async fn a_job_that_cannot_be_read_fails_visibly_and_stops_no_other() {
    let test = TestApp::start().await;
    let uuid = |n: u128| database::literal(uuid::Uuid::from_u128(n));
    for (n, kind, payload) in [
        (1, "from-the-future", r#"{"kind":"from-the-future"}"#),
        (2, "sweep", r#"{"kind":"from-the-future"}"#),
        (3, "exchange-grant", r#"{"kind":"exchange-grant"}"#),
        (4, "uninstall", "[]"),
    ] {
        let insert = format!(
            "INSERT INTO job (id, kind, payload, asked_at, run_at, attempt) VALUES ({}, '{kind}', '{payload}', 0, 0, 0)",
            uuid(n)
        );
        database::run(&test.app.config.database, &insert)
            .await
            .unwrap();
    }
    test.install().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");
    let failed =
        "SELECT kind FROM job WHERE failed_at IS NOT NULL AND last_fault IS NOT NULL ORDER BY kind";
    let failed = database::rows(&test.app.config.database, failed).await;
    assert_eq!(
        failed,
        ["exchange-grant", "from-the-future", "sweep", "uninstall"]
    );
    assert_eq!(test.get("/readyz").await.status, 200);
    test.expects_failed_jobs();
}

#[tokio::test]
async fn readiness_tells_that_work_waits_or_that_nobody_looks_for_it() {
    let test = TestApp::start().await;
    test.get("/readyz").await.problem(503, "jobs-stalled");
    test.run_jobs().await;
    assert_eq!(test.get("/readyz").await.status, 200);
    test.advance(seconds(61));
    test.get("/readyz").await.problem(503, "jobs-stalled");

    // Somebody looks, but does not come to it.
    let tx = test.app.store.begin().await.unwrap();
    let (job, now) = (accord::domain::jobs::Job::Sweep, test.now());
    store::jobs::enqueue(&tx, &job, now, now).await.unwrap();
    tx.commit().await.unwrap();
    test.advance(seconds(61));
    jobs::look(&test.app).await.unwrap();
    test.get("/readyz").await.problem(503, "jobs-stalled");
    test.run_jobs().await;
    assert_eq!(test.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn codes_that_strangers_made_up_do_not_make_the_service_unready() {
    let test = TestApp::start().await;
    junk(&test, (0..30).map(|n| format!("junk{n}"))).await;
    test.advance(minutes(2));
    // The lane moves: it took one a moment ago.
    let tx = test.app.store.begin().await.unwrap();
    let mut turn = store::jobs::Turn::default();
    let lease = seconds(20);
    let lapsed = test.now() - minutes(20);
    let claimed = store::jobs::claim_in_turn(&tx, &mut turn, lapsed, lease, test.now()).await;
    assert!(claimed.unwrap().is_some());
    tx.commit().await.unwrap();
    jobs::look(&test.app).await.unwrap();
    assert_eq!(test.get("/readyz").await.status, 200);
    // It stands still.
    test.advance(seconds(61));
    jobs::look(&test.app).await.unwrap();
    test.get("/readyz").await.problem(503, "jobs-stalled");
    test.leaves_due_jobs();
}

#[tokio::test]
async fn a_comparison_that_somebody_has_is_not_sent_again() {
    let test = TestApp::start().await;
    let changed = crate::support::POLICY_EN.replace("agreed to", "agreed to by all");
    test.publish(&[("policy.en.md", &changed)]).await;
    let address = format!(
        "{}/widget/v1/policy/diff?product=demo&from=1&to=2&lang=en",
        test.base
    );
    let first = test.http.get(&address).send().await.unwrap();
    let etag = first.headers()["etag"].clone();
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["clauses"][0]["no"], "1.1");
    let again = test
        .http
        .get(&address)
        .header("If-None-Match", etag.clone());
    assert_eq!(again.send().await.unwrap().status(), 304);
    // In another language of the reader the sentences about facts are others.
    let other = test.http.get(address.replace("lang=en", "lang=ru"));
    assert_ne!(
        other.send().await.unwrap().headers().get("etag"),
        Some(&etag)
    );
    test.run_jobs().await;
}
