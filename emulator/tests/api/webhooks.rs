//! Webhooks: set, listed, removed, delivered, repeated by the table, switched off.

use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn a_destination_is_set_once_updated_and_removed_by_its_exact_address() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let path = "/api/v4/webhooks";
    assert_eq!(stage.get(path, &tokens.access).await.0, 204);
    let hook = |events: &[&str]| {
        Some(json!({"destination": stage.integration_url, "settings": events, "sort": 10}))
    };
    let (status, body) = stage
        .call("POST", path, &tokens.access, hook(&["add_lead"]))
        .await;
    assert_eq!((status, &body["sort"]), (201, &json!(10)));
    stage
        .call("POST", path, &tokens.access, hook(&["status_lead"]))
        .await;
    let (_, list) = stage.get(path, &tokens.access).await;
    assert_eq!(list["_total_items"], 1);
    assert_eq!(
        list["_embedded"]["webhooks"][0]["settings"],
        json!(["status_lead"])
    );
    let elsewhere = format!("{path}?filter[destination]=http://127.0.0.1/none");
    assert_eq!(stage.get(&elsewhere, &tokens.access).await.0, 204);

    assert_eq!(
        stage
            .call("POST", path, &tokens.access, hook(&["explode_lead"]))
            .await
            .0,
        400
    );
    let wrong = Some(json!({"destination": "http://127.0.0.1/none"}));
    assert_eq!(
        stage.call("DELETE", path, &tokens.access, wrong).await.0,
        404
    );
    let right = Some(json!({"destination": stage.integration_url}));
    assert_eq!(
        stage.call("DELETE", path, &tokens.access, right).await.0,
        204
    );
    stage.switch(|switches| switches.webhooks_in_tariff = false);
    assert_eq!(stage.get(path, &tokens.access).await.0, 402);
}

#[tokio::test]
async fn a_bad_answer_is_tried_again_when_the_clock_says_so() {
    let stage = Stage::start().await;
    stage.world.change(|state| state.clock.freeze());
    let tokens = stage.tokens().await;
    let hook = json!({"destination": stage.integration_url, "settings": ["add_lead"]});
    stage
        .call("POST", "/api/v4/webhooks", &tokens.access, Some(hook))
        .await;
    *stage.inbox.status.lock().unwrap() = 404;
    let fields = [("id".to_owned(), "7".to_owned())];
    assert_eq!(
        stage
            .world
            .emit_event(stage.account_id, "add_lead", &fields),
        1
    );
    assert_eq!(
        stage
            .world
            .emit_event(stage.account_id, "add_task", &fields),
        0
    );
    stage.settle(1).await;
    let first = stage.hook(0);
    assert!(
        first
            .body
            .starts_with("leads%5Badd%5D%5B0%5D%5Bid%5D=7&account"),
        "{}",
        first.body
    );

    for (seconds, attempts) in [(299, 1), (1, 2), (900, 3), (100_000, 3)] {
        stage.world.change(|state| state.clock.advance(seconds));
        stage.settle(attempts).await;
    }
}

#[tokio::test]
async fn an_address_that_answers_badly_too_often_is_switched_off() {
    let stage = Stage::start().await;
    stage.world.change(|state| state.clock.freeze());
    let tokens = stage.tokens().await;
    let hook = json!({"destination": stage.integration_url, "settings": ["add_lead"]});
    stage
        .call("POST", "/api/v4/webhooks", &tokens.access, Some(hook))
        .await;
    *stage.inbox.status.lock().unwrap() = 404;
    for _ in 0..101 {
        stage.world.emit_event(stage.account_id, "add_lead", &[]);
    }
    stage.settle(101).await;
    let (_, list) = stage.get("/api/v4/webhooks", &tokens.access).await;
    assert_eq!(list["_embedded"]["webhooks"][0]["disabled"], true);
    assert_eq!(stage.world.emit_event(stage.account_id, "add_lead", &[]), 0);
}
