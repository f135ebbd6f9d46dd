//! Withdrawal: who may, what the answer promises, and that it ends the entitlement of all.

use amocrm_emulator::faults::{Fault, FaultKind};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn from_the_answer_on_nobody_is_entitled_and_the_due_date_is_the_tenth_working_day() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;

    let answer = test
        .boris()
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
    let anna = test.anna().standing().await;
    assert_eq!(
        (
            anna["entitled"].as_bool(),
            anna["consent"]["state"].as_str()
        ),
        (Some(false), Some("withdrawn"))
    );
    assert!(!test.dump().await.contains("no more"));

    let again = test.anna().withdraw().await.expect(200);
    assert_eq!(again["request"]["number"], "W-2026-000001");
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
    test.boris()
        .withdraw()
        .await
        .problem(403, "administrator-required");
    assert_eq!(test.anna().standing().await["entitled"], true);
    test.clara().withdraw().await.expect(202);
    assert_eq!(test.anna().standing().await["entitled"], false);
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
    }
    // No grant at all: the account was never installed here, but it consented.
    let test = TestApp::start().await;
    test.anna().consent().await;
    test.clara()
        .withdraw()
        .await
        .problem(503, "platform-unreachable");
    test.anna().withdraw().await.expect(202);
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
}
