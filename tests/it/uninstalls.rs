//! Taking the Product out of the account: every step, every refusal, every crash.

use amocrm_emulator::faults::{Fault, FaultKind};
use amocrm_emulator::model::Webhook;

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp};
use accord::domain::time::{hours, seconds};

async fn installed() -> TestApp {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let ours = [
        format!("{}/events", test.base),
        "https://hooks.example/accord/1".to_owned(),
    ];
    let others = [
        "https://hooks.example/accordion".to_owned(),
        "https://elsewhere.example/".to_owned(),
    ];
    test.world().change(|state| {
        for destination in ours.into_iter().chain(others) {
            let id = state.next_id();
            let account = state.accounts.get_mut(&ACCOUNT).unwrap();
            account.webhooks.push(Webhook {
                id,
                destination,
                client_id: CLIENT.to_owned(),
                ..Webhook::default()
            });
        }
    });
    test
}

fn webhooks(test: &TestApp) -> Vec<String> {
    test.world().read(|s| {
        s.accounts[&ACCOUNT]
            .webhooks
            .iter()
            .map(|w| w.destination.clone())
            .collect()
    })
}

fn is_active(test: &TestApp) -> bool {
    test.world().widget_install(ACCOUNT, CLIENT).active
}

#[tokio::test]
async fn the_product_leaves_the_account_and_only_its_own_webhooks_go() {
    let test = installed().await;
    assert!(is_active(&test));
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    assert!(!is_active(&test));
    assert_eq!(
        webhooks(&test),
        [
            "https://hooks.example/accordion",
            "https://elsewhere.example/"
        ]
    );
    let standing = test.anna().standing().await;
    assert_eq!(standing["install"], "uninstalled");
    assert_eq!(standing["authorization"], "reauthorize");
    assert_eq!(standing["hint"], serde_json::Value::Null);
    assert_eq!(test.count("token_pair").await, 0);
}

#[tokio::test]
async fn it_works_whatever_the_delete_does_to_the_token_and_the_hook() {
    for (kills, fires) in [(true, true), (true, false), (false, true), (false, false)] {
        let test = installed().await;
        test.world().change(|state| {
            state.switches.widget_delete_kills_token = kills;
            state.switches.widget_delete_fires_hook = fires;
        });
        test.anna().withdraw().await.expect(202);
        test.settle().await;
        let standing = test.anna().standing().await;
        assert_eq!(
            standing["install"], "uninstalled",
            "kills {kills}, fires {fires}"
        );
        assert_eq!(standing["reason"], "consent-withdrawn");
        assert!(!is_active(&test));
    }
}

#[tokio::test]
async fn a_refusal_for_good_is_done_by_hand_and_ours_is_uninstalled_all_the_same() {
    for (kind, times) in [
        (FaultKind::Status { status: 402 }, 50),
        (FaultKind::Status { status: 403 }, 50),
        (FaultKind::Status { status: 404 }, 50),
        (FaultKind::Status { status: 401 }, 50),
        (FaultKind::Status { status: 500 }, 500),
        (FaultKind::ForbiddenText, 500),
        (FaultKind::Html, 500),
    ] {
        let test = installed().await;
        test.world()
            .fail_next(Fault::once("/api/v4/widgets", kind.clone()).times(times));
        test.anna().withdraw().await.expect(202);
        test.settle().await;
        let standing = test.anna().standing().await;
        assert_eq!(standing["install"], "uninstalled", "{kind:?}");
        assert_eq!(standing["hint"], "uninstall-by-hand", "{kind:?}");
        assert_eq!(standing["authorization"], "reauthorize");
        assert_eq!(test.count("token_pair").await, 0);
        assert_eq!(webhooks(&test).len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for kind in [
        FaultKind::Status { status: 504 },
        FaultKind::TooManyJson,
        FaultKind::TooManyText,
        FaultKind::ForbiddenText,
        FaultKind::Html,
        FaultKind::Lost,
    ] {
        let test = installed().await;
        test.world()
            .fail_next(Fault::once("/api/v4/w", kind.clone()).times(3));
        test.anna().withdraw().await.expect(202);
        test.settle().await;
        let standing = test.anna().standing().await;
        assert_eq!(standing["install"], "uninstalled", "{kind:?}");
        assert!(!is_active(&test), "{kind:?}");
        assert_eq!(standing["hint"], serde_json::Value::Null, "{kind:?}");
    }
}

#[tokio::test]
async fn switching_it_off_by_hand_afterwards_clears_the_hint() {
    let test = installed().await;
    test.world()
        .fail_next(Fault::once("/api/v4/widgets", FaultKind::Status { status: 403 }).times(50));
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    assert_eq!(test.anna().standing().await["hint"], "uninstall-by-hand");
    assert_eq!(test.world().disable(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.settle().await;
    assert_eq!(
        test.anna().standing().await["hint"],
        serde_json::Value::Null
    );
}

#[tokio::test]
async fn a_reinstall_during_the_uninstall_is_wanted_and_left_alone() {
    let test = installed().await;
    test.world().fail_next(Fault::once(
        "/api/v4/webhooks",
        FaultKind::Status { status: 500 },
    ));
    test.anna().withdraw().await.expect(202);
    test.run_jobs().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalling");

    test.advance(seconds(1));
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["install"].as_str(),
            standing["generation"].as_u64()
        ),
        (Some("pending"), Some(2))
    );
    assert!(is_active(&test), "the new installation was switched off");
}

#[tokio::test]
async fn a_withdrawal_without_any_grant_ends_by_hand() {
    let test = TestApp::start().await;
    test.anna().consent().await;
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (standing["install"].as_str(), standing["hint"].as_str()),
        (Some("uninstalled"), Some("uninstall-by-hand"))
    );
}

#[tokio::test]
async fn what_no_job_finished_is_taken_up_by_the_sweep() {
    let test = installed().await;
    test.anna().withdraw().await.expect(202);
    let database = &test.app.config.database;
    let failed = "UPDATE job SET failed_at = 1, open_key = NULL WHERE kind = 'uninstall'";
    crate::support::database::run(database, failed)
        .await
        .unwrap();
    test.settle().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalling");
    test.sweep().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalled");

    let host = format!("shop.localhost:{}", test.world().port());
    test.get(&format!(
        "/amocrm/demo/install?code=abc&referer={host}&from_widget=1"
    ))
    .await;
    let failed = "UPDATE job SET failed_at = 1, open_key = NULL WHERE kind = 'exchange-grant'";
    crate::support::database::run(database, failed)
        .await
        .unwrap();
    assert_eq!(test.anna().standing().await["authorization"], "pending");
    test.advance(hours(26));
    test.sweep().await;
    assert_eq!(test.anna().standing().await["authorization"], "reauthorize");
    test.expects_failed_jobs();
}
