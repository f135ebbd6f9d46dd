//! Grants belong to the person who gave them: each is kept, used for what it allows, and ends alone.

use amocrm_emulator::faults::{Fault, FaultKind};
use amocrm_emulator::hooks::disconnect_signature;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, BORIS, CLARA, CLIENT, SECRET, TestApp};
use accord::domain::time::{days, hours, minutes};

/// amoCRM's disconnect hook, or somebody who kept its address.
async fn disconnect(test: &TestApp) {
    let tag = disconnect_signature(SECRET, CLIENT, ACCOUNT);
    let hook = format!(
        "/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id={ACCOUNT}&signature={tag}"
    );
    assert_eq!(test.get(&hook).await.status, 200);
}

async fn where_it_stands(test: &TestApp) -> (Value, Value, Value) {
    let mut standing = test.anna().standing().await;
    (
        standing["install"].take(),
        standing["authorization"].take(),
        standing["hint"].take(),
    )
}

fn asked(test: &TestApp, path: &str) -> usize {
    let starts = |r: &&amocrm_emulator::records::RequestRecord| r.path.starts_with(path);
    test.world()
        .read(|s| s.requests.iter().filter(starts).count())
}

/// M1: an employee's button does not take away what the administrator's grant allows.
#[tokio::test]
async fn an_employees_grant_stands_beside_the_administrators() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let page = test.boris().authorize().await;
    assert!(
        page.text().contains("<h1>Connected</h1>"),
        "{}",
        page.text()
    );
    assert_eq!(test.count("token_pair").await, 2);

    // The users API refuses an employee's token; Anna's is asked with.
    test.clara().withdraw().await.expect(202);
    test.settle().await;
    assert!(!test.world().widget_install(ACCOUNT, CLIENT).active);
    assert_eq!(where_it_stands(&test).await.2, Value::Null);
    assert_eq!(test.count("token_pair").await, 0);
}

#[tokio::test]
async fn where_only_an_employees_grant_lives_an_administrator_is_asked_for() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.world().revoke_grants_of(ACCOUNT, CLIENT, ANNA);
    // Nobody has noticed yet that Anna's is dead.
    test.boris().authorize().await;
    assert_eq!(where_it_stands(&test).await.2, Value::Null);
    test.clara()
        .withdraw()
        .await
        .problem(503, "platform-unreachable");
    assert_eq!(test.count("token_pair").await, 1, "Anna's was buried alone");
    let (active, ok, hint) = (json!("active"), json!("ok"), "reauthorize-as-administrator");
    assert_eq!(where_it_stands(&test).await, (active, ok, json!(hint)));

    let page = test.boris().authorize().await.text();
    assert!(page.contains("an employee"), "{page}");
    assert_eq!(where_it_stands(&test).await.2, hint);
    let page = test.clara().authorize().await.text();
    assert!(page.contains("<h1>Connected</h1>"), "{page}");
    assert_eq!(where_it_stands(&test).await.2, Value::Null);
    test.clara().withdraw().await.expect(202);
    test.settle().await;
    assert!(!test.world().widget_install(ACCOUNT, CLIENT).active);
}

#[tokio::test]
async fn what_an_employees_grant_cannot_take_out_is_done_by_hand() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.world().revoke_grants_of(ACCOUNT, CLIENT, ANNA);
    test.boris().authorize().await;
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let (install, authorization, hint) = where_it_stands(&test).await;
    assert_eq!(
        (install, authorization),
        (json!("uninstalled"), json!("reauthorize"))
    );
    assert_eq!(hint, "uninstall-by-hand");
}

#[tokio::test]
async fn it_is_uninstalled_only_when_nobodys_grant_lives() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.boris().authorize().await;
    test.world().revoke_grants_of(ACCOUNT, CLIENT, ANNA);
    disconnect(&test).await;
    test.settle().await;
    let (active, ok) = (json!("active"), json!("ok"));
    assert_eq!(where_it_stands(&test).await, (active, ok, Value::Null));
    assert_eq!(test.count("token_pair").await, 1);

    test.world().revoke_grants_of(ACCOUNT, CLIENT, BORIS);
    test.world()
        .fail_next(Fault::once("/oauth2", FaultKind::Status { status: 500 }));
    disconnect(&test).await;
    test.run_jobs().await;
    assert_eq!(
        where_it_stands(&test).await.0,
        "active",
        "amoCRM has not answered"
    );
    test.settle().await;
    assert_eq!(where_it_stands(&test).await.0, "uninstalled");
    assert_eq!(test.count("token_pair").await, 0);
}

#[tokio::test]
async fn a_second_grant_of_a_person_replaces_their_own_and_each_is_renewed() {
    let test = TestApp::start().await;
    test.install().await;
    for person in [test.anna(), test.boris(), test.boris(), test.clara()] {
        person.authorize().await;
    }
    assert_eq!(test.count("token_pair").await, 3);
    let before = asked(&test, "/oauth2/access_token");
    test.advance(days(31));
    test.sweep().await;
    assert_eq!(asked(&test, "/oauth2/access_token"), before + 3);
    test.advance(days(29));
    test.sweep().await;
    assert_eq!(asked(&test, "/oauth2/access_token"), before + 3, "not yet");

    // One that cannot be renewed keeps no other from it.
    test.advance(days(2));
    test.world().revoke_grants_of(ACCOUNT, CLIENT, CLARA);
    test.sweep().await;
    assert_eq!(test.count("token_pair").await, 2);
    assert_eq!(where_it_stands(&test).await.1, "ok");
}

/// L24: what was kept from a proxy's log proves nothing.
#[tokio::test]
async fn a_replayed_disconnect_does_not_end_what_holds_no_grant() {
    let test = TestApp::start().await;
    // The hook of an account that was never seen has no effect, and is the first all the same.
    disconnect(&test).await;
    assert_eq!(test.count("install").await, 0);
    test.anna().consent().await;
    disconnect(&test).await;
    test.settle().await;
    let (active, reauthorize) = (json!("active"), json!("reauthorize"));
    assert_eq!(
        where_it_stands(&test).await,
        (active, reauthorize.clone(), reauthorize)
    );
    assert_eq!(test.anna().standing().await["entitled"], true);
}

#[tokio::test]
async fn the_first_disconnect_counts_where_none_is_held_and_no_later_one_does() {
    let test = TestApp::start().await;
    test.anna().consent().await;
    disconnect(&test).await;
    test.settle().await;
    assert_eq!(test.anna().standing().await["reason"], "not-installed");

    test.anna().consent().await;
    for _ in 0..2 {
        disconnect(&test).await;
        test.settle().await;
        let standing = test.anna().standing().await;
        assert_eq!(
            (&standing["install"], &standing["generation"]),
            (&json!("active"), &json!(2))
        );
    }
    // Against a grant that was held the platform's word counts, whatever came before.
    test.install().await;
    assert_eq!(test.world().disable(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.settle().await;
    assert_eq!(test.anna().standing().await["reason"], "not-installed");
}

#[tokio::test]
async fn a_disconnect_waits_for_a_grant_that_is_on_its_way() {
    let test = TestApp::start().await;
    test.anna().consent().await;
    test.world()
        .fail_next(Fault::once("/oauth2/access_token", FaultKind::Status { status: 500 }).times(3));
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    disconnect(&test).await;
    test.run_jobs().await;
    assert_eq!(where_it_stands(&test).await.0, "active");
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            &standing["install"],
            &standing["generation"],
            &standing["authorization"]
        ),
        (&json!("active"), &json!(1), &json!("ok"))
    );
}

/// M2: whatever amoCRM answers after an exchange, the tokens it gave once are kept.
#[tokio::test]
async fn tokens_are_held_until_amocrm_says_whose_they_are() {
    for kind in [
        FaultKind::Status { status: 400 },
        FaultKind::Status { status: 401 },
        FaultKind::Status { status: 402 },
        FaultKind::Status { status: 403 },
        FaultKind::Status { status: 404 },
        FaultKind::Status { status: 500 },
        FaultKind::ForbiddenText,
        FaultKind::TooManyText,
        FaultKind::Html,
        FaultKind::Lost,
    ] {
        let test = TestApp::start().await;
        test.world()
            .fail_next(Fault::once("/api/v4/account", kind.clone()).times(7));
        test.world().install(ACCOUNT, CLIENT, ANNA).await;
        test.settle().await;
        assert_eq!(where_it_stands(&test).await.1, "ok", "{kind:?}");
    }
    // For days, while the access token lapses.
    let test = TestApp::start().await;
    let unpaid = Fault::once("/api/v4/account", FaultKind::Status { status: 402 });
    test.world().fail_next(unpaid.times(30));
    test.world().install(ACCOUNT, CLIENT, ANNA).await;
    let begun = test.now();
    test.settle().await;
    assert!(test.now() - begun > days(1));
    assert_eq!(where_it_stands(&test).await.1, "ok");
}

#[tokio::test]
async fn what_is_held_for_long_asks_for_the_button_and_ends_with_its_refresh_token() {
    let test = TestApp::start().await;
    let unpaid = Fault::once("/api/v4/account", FaultKind::Status { status: 402 });
    test.world().fail_next(unpaid.times(5_000));
    test.world().install(ACCOUNT, CLIENT, ANNA).await;
    test.run_jobs().await;
    assert_eq!(test.anna().standing().await["authorization"], "pending");
    test.advance(minutes(21));
    let standing = test.anna().standing().await;
    assert_eq!(standing["authorization"], "reauthorize");
    test.run_jobs().await;
    test.advance(days(91));
    test.run_jobs().await;
    let state = "SELECT state FROM grant_offer";
    let database = &test.app.config.database;
    assert_eq!(
        crate::support::database::rows(database, state).await,
        ["tokens"]
    );
    test.advance(days(2));
    test.run_jobs().await;
    assert_eq!(
        crate::support::database::rows(database, state).await,
        ["dead"]
    );
    assert!(!test.dump().await.contains("def502"));
}

/// Somebody changed the card and not the service, or the other way round: nothing is lost meanwhile.
#[tokio::test]
async fn a_secret_that_was_changed_on_one_side_only_costs_no_grant() {
    let test = TestApp::start().await;
    let set_secret = |secret: &str| {
        test.world().change(|state| {
            let card = state.integrations.get_mut(CLIENT).unwrap();
            card.client_secret = secret.to_owned();
        });
    };
    set_secret("new at amoCRM");
    test.world().install(ACCOUNT, CLIENT, ANNA).await;
    test.run_jobs().await;
    let state = "SELECT state FROM grant_offer";
    let state = crate::support::database::rows(&test.app.config.database, state).await;
    assert_eq!(state, ["code"]);
    set_secret(SECRET);
    test.settle().await;
    assert_eq!(where_it_stands(&test).await.1, "ok");

    test.anna().consent().await;
    test.advance(hours(25));
    set_secret("new at amoCRM");
    let token = test.world().custom_token(
        &test
            .world()
            .disposable_claims(ACCOUNT, CLARA, CLIENT)
            .unwrap(),
        "HS256",
        SECRET.as_bytes(),
    );
    let post = reqwest::Method::POST;
    test.clara()
        .call(post, "/withdrawals", &token.unwrap(), Some(json!({})))
        .await
        .problem(503, "platform-unreachable");
    assert_eq!(test.count("token_pair").await, 1);
    set_secret(SECRET);
    test.clara().withdraw().await.expect(202);
    test.run_jobs().await;
}

/// An account may be unpaid, blocked or moved when its token is renewed.
#[tokio::test]
async fn a_refusal_to_renew_ends_a_grant_only_when_it_is_about_the_token() {
    for kind in [
        FaultKind::Status { status: 400 },
        FaultKind::Status { status: 401 },
        FaultKind::Status { status: 402 },
        FaultKind::Status { status: 403 },
        FaultKind::Status { status: 404 },
        FaultKind::Html,
    ] {
        let test = TestApp::start().await;
        test.install().await;
        test.anna().consent().await;
        test.advance(hours(25));
        let fault = Fault::once("/oauth2/access_token", kind.clone());
        test.world().fail_next(fault.times(1));
        let asked = test.clara().withdraw().await;
        asked.problem(503, "platform-unreachable");
        assert_eq!(test.count("token_pair").await, 1, "{kind:?}");
        test.clara().withdraw().await.expect(202);
        test.run_jobs().await;
    }
}
