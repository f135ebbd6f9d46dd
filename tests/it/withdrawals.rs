//! Withdrawal: who may, what the answer promises, and that it ends the entitlement of all.

use accord::actions::{events, in_force};
use accord::domain::facts::Level;
use accord::domain::ids::AccountId;
use amocrm_emulator::faults::{Fault, FaultKind};
use serde_json::json;

use crate::support::{
    ACCOUNT, ANNA, BORIS, CLIENT, POLICY_EN, POLICY_RU, Person, TestApp, database,
};

#[tokio::test]
async fn from_the_answer_on_nobody_is_entitled_and_the_due_date_is_the_tenth_working_day() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;

    let answer = test
        .anna()
        .post("/withdrawals", json!({"comment": "no more"}))
        .await
        .expect(202);
    let request = &answer["request"];
    assert_eq!(request["number"], "W-2026-000001");
    // Received on Friday 20 November: the tenth working day is 4 December, and ends at midnight in Bishkek.
    assert_eq!(request["due_at"], "2026-12-04T17:59:59Z");
    assert_eq!(answer["standing"]["entitled"], false);
    assert_eq!(answer["standing"]["install"], "uninstalling");
    assert_eq!(answer["standing"]["reason"], "consent-withdrawn");
    let boris = test.boris().standing().await;
    assert_eq!(
        (
            boris["entitled"].as_bool(),
            boris["consent"]["state"].as_str()
        ),
        (Some(false), Some("withdrawn"))
    );
    assert!(!test.dump().await.contains("no more"));

    for person in [test.anna(), test.boris(), test.clara()] {
        let again = person.withdraw().await.expect(200);
        assert_eq!(again["request"]["number"], "W-2026-000001");
    }
    assert_eq!(test.count("request").await, 1);

    test.anna()
        .post("/consents", test.anna().form().await)
        .await
        .problem(409, "uninstalling");
    test.settle().await;
    let done = test.anna().standing().await;
    assert_eq!(
        (done["install"].as_str(), done["reason"].as_str()),
        (Some("uninstalled"), Some("consent-withdrawn"))
    );
    assert_eq!(
        test.anna().withdraw().await.expect(200)["request"]["state"],
        "executed"
    );
}

#[tokio::test]
async fn only_who_consented_or_an_administrator_may_withdraw() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().withdraw().await.problem(409, "no-consent");
    test.anna().consent().await;
    for answer in [
        test.boris().get("/withdrawals").await,
        test.boris().withdraw().await,
    ] {
        answer.problem(403, "administrator-required");
    }
    assert_eq!(test.anna().standing().await["entitled"], true);
    assert_eq!(reach(&test.clara()).await, "account");
    test.clara().withdraw().await.expect(202);
    assert_eq!(test.anna().standing().await["entitled"], false);
    test.run_jobs().await;
}

/// What a withdrawal of theirs would do.
async fn reach(person: &Person<'_>) -> String {
    let told = person.get("/withdrawals").await.expect(200);
    told["reach"].as_str().unwrap().to_owned()
}

/// H1: whoever consents after another may take back that, and not what the others gave.
#[tokio::test]
async fn a_second_consent_gives_no_right_to_end_it_for_the_others() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;
    let before = test.boris().standing().await;
    assert_eq!(before["consent"]["user_id"], BORIS);
    assert_eq!(reach(&test.boris()).await, "own");
    let (old, form) = (test.boris().token(), test.boris().form().await);

    let answer = test.boris().withdraw().await.expect(202);
    assert_eq!(answer["request"]["number"], "W-2026-000001");
    assert_eq!(answer["request"]["state"], "executed");
    assert_eq!(answer["request"]["due_at"], "2026-12-04T17:59:59Z");
    let standing = &answer["standing"];
    assert_eq!(
        (
            &standing["entitled"],
            &standing["install"],
            &standing["consent"]["state"]
        ),
        (&json!(true), &json!("active"), &json!("given"))
    );
    assert_eq!(standing["consent"]["user_id"], ANNA, "whose consent stands");
    assert_eq!(standing["generation"], 1);
    test.settle().await;
    let letters = test.app.outbox.kept();
    let receipt = letters.last().unwrap();
    let words = receipt.text.replace('\n', " ");
    assert!(
        words.contains("goes on working") && words.contains("W-2026-000001"),
        "{words}"
    );
    assert!(test.world().widget_install(ACCOUNT, CLIENT).active);
    assert_eq!(test.anna().standing().await["entitled"], true);

    // Their own entry and receipt; the same request again; a token from before is over.
    let me = test.boris().get("/me").await.expect(200);
    let acts: Vec<_> = me["consents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["act"])
        .collect();
    assert_eq!(acts, ["given", "withdrawn"]);
    assert_eq!(reach(&test.boris()).await, "none");
    let again = test.boris().withdraw().await.expect(200);
    assert_eq!(again["request"]["number"], "W-2026-000001");
    test.boris()
        .call(reqwest::Method::POST, "/consents", &old, Some(form))
        .await
        .problem(409, "token-stale");

    // What was taken back can be given, and taken back, again.
    test.boris().consent().await;
    let answer = test.boris().withdraw().await.expect(202);
    assert_eq!(answer["request"]["number"], "W-2026-000002");
    let answer = test.anna().withdraw().await.expect(202);
    assert_eq!(answer["request"]["number"], "W-2026-000003");
    assert_eq!(answer["standing"]["install"], "uninstalling");
    let boris = test.boris().withdraw().await.expect(200);
    assert_eq!(boris["request"]["number"], "W-2026-000002", "their own");
    test.settle().await;
    assert_eq!(test.anna().standing().await["install"], "uninstalled");
    let anna = test.anna().withdraw().await.expect(200);
    assert_eq!(anna["request"]["state"], "executed");
}

#[tokio::test]
async fn taking_back_ones_own_consent_waits_for_nobody_and_an_administrator_may_end_it_later() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.clara().consent().await;
    let mute = Fault::once("/api/v4/users", FaultKind::Status { status: 500 });
    test.world().fail_next(mute.times(2));
    assert_eq!(reach(&test.clara()).await, "own");
    let answer = test.clara().withdraw().await.expect(202);
    assert_eq!(answer["standing"]["entitled"], true);

    assert_eq!(reach(&test.clara()).await, "account");
    let answer = test.clara().withdraw().await.expect(202);
    assert_eq!(answer["standing"]["entitled"], false);
    assert_ne!(answer["request"]["number"], "W-2026-000001");
    test.run_jobs().await;
}

#[tokio::test]
async fn the_account_falls_back_to_what_the_others_agreed_to() {
    let test = TestApp::start_with(&[("ACCORD_RECONSENT_GRACE", "P0D")]).await;
    test.install().await;
    test.anna().consent().await;
    let wider = [("policy.en.md", POLICY_EN), ("policy.ru.md", POLICY_RU)];
    test.publish_with(&wider, None, Some(Level::Reconsent))
        .await
        .unwrap();
    assert_eq!(test.anna().standing().await["reason"], "reconsent-required");
    test.boris().consent().await;
    assert_eq!(test.anna().standing().await["entitled"], true);
    let answer = test.boris().withdraw().await.expect(202);
    assert_eq!(answer["standing"]["reason"], "reconsent-required");
    assert_eq!(answer["standing"]["consent"]["policy_number"], 1);
    assert_eq!(answer["standing"]["install"], "active");
    test.run_jobs().await;
}

/// Only what ends the Product for the account is told to back ends as `consent.withdrawn`, and
/// what bound the account is what the others agreed to.
#[tokio::test]
async fn a_withdrawal_of_ones_own_tells_no_back_end_and_leaves_the_text_in_force() {
    let test = TestApp::start().await;
    let url = "https://reports.example/accord".parse().unwrap();
    let (store, product) = (&test.app.store, &test.product);
    events::add_endpoint(store, product, &url, test.now())
        .await
        .unwrap();
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;
    test.boris().withdraw().await.expect(202);
    let told = "SELECT body FROM event WHERE body LIKE '%consent.withdrawn%'";
    let database = &test.app.config.database;
    assert_eq!(database::rows(database, told).await.len(), 0);
    let account = AccountId(i64::try_from(ACCOUNT).unwrap());
    let bound = in_force::at(&test.app, product, account, test.now()).await;
    let (entry, _) = bound.unwrap().unwrap().consent.unwrap();
    let anna = test.anna().get("/me").await.expect(200);
    assert_eq!(anna["consents"][0]["id"], entry.id.to_string());

    test.clara().withdraw().await.expect(202);
    assert_eq!(database::rows(database, told).await.len(), 1);
    let bound = in_force::at(&test.app, product, account, test.now()).await;
    assert!(bound.unwrap().unwrap().consent.is_none());
    test.run_jobs().await;
}

#[tokio::test]
async fn when_the_platform_cannot_say_only_who_consented_may() {
    for kind in [
        FaultKind::Status { status: 500 },
        FaultKind::Status { status: 402 },
        FaultKind::Html,
        FaultKind::TooManyJson,
    ] {
        let test = TestApp::start().await;
        test.install().await;
        test.anna().consent().await;
        test.world()
            .fail_next(Fault::once("/api/v4/users", kind).times(10));
        test.clara()
            .withdraw()
            .await
            .problem(503, "platform-unreachable");
        assert_eq!(
            test.count("burned_token").await,
            1,
            "only the consent's token"
        );
        test.anna().withdraw().await.expect(202);
        test.run_jobs().await;
    }
    // No grant at all: the account was never installed here, but it consented.
    let test = TestApp::start().await;
    test.anna().consent().await;
    test.clara()
        .withdraw()
        .await
        .problem(503, "platform-unreachable");
    test.anna().withdraw().await.expect(202);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_later_call_is_never_a_silent_new_registration() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let old = test.anna().token();
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (standing["reason"].as_str(), standing["generation"].as_u64()),
        (Some("consent-withdrawn"), Some(1))
    );

    // A token from before the withdrawal cannot begin a new generation.
    let form = test.anna().form().await;
    test.anna()
        .call(reqwest::Method::POST, "/consents", &old, Some(form.clone()))
        .await
        .problem(409, "token-stale");

    // A reinstall needs a consent of its own, and begins the next generation.
    test.install().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["install"].as_str(),
            standing["generation"].as_u64()
        ),
        (Some("pending"), Some(2))
    );
    assert_eq!(standing["consent"]["state"], "none");
    let standing = test.anna().consent().await["standing"].clone();
    assert_eq!(
        (
            standing["entitled"].as_bool(),
            standing["generation"].as_u64()
        ),
        (Some(true), Some(2))
    );
    assert_eq!(
        test.anna().withdraw().await.expect(202)["request"]["number"],
        "W-2026-000002"
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn a_token_of_the_same_second_as_the_withdrawal_is_stale() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.anna().withdraw().await.expect(202);
    let (same, form) = (test.anna().token_now(), test.anna().form().await);
    test.anna()
        .call(reqwest::Method::POST, "/consents", &same, Some(form))
        .await
        .problem(409, "token-stale");
    let answer = test
        .anna()
        .call(
            reqwest::Method::POST,
            "/withdrawals",
            &test.anna().token_now(),
            Some(json!({})),
        )
        .await;
    assert_eq!(answer.status, 200);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_consent_can_be_withdrawn_after_the_product_left() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.world()
        .disable(
            crate::support::ACCOUNT,
            crate::support::CLIENT,
            crate::support::ANNA,
        )
        .await;
    test.settle().await;
    let answer = test.anna().withdraw().await.expect(202);
    assert_eq!(answer["request"]["state"], "executed");
    assert_eq!(answer["standing"]["reason"], "consent-withdrawn");
    assert_eq!(answer["standing"]["install"], "uninstalled");
    test.run_jobs().await;
}

#[tokio::test]
async fn a_comment_has_a_length() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let long = "а".repeat(2001);
    test.anna()
        .post("/withdrawals", json!({"comment": long}))
        .await
        .problem(422, "invalid-fields");
    test.anna()
        .post("/withdrawals", json!({"reason": "x"}))
        .await
        .problem(422, "invalid-fields");
    assert_eq!(test.anna().standing().await["entitled"], true);
    test.run_jobs().await;
}
