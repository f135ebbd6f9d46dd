//! What the vendor leaves open: every position of a switch does what it says.

use amocrm_emulator::IntegrationKind;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn an_expired_code_may_be_a_401() {
    let stage = Stage::start().await;
    stage.switch(|switches| switches.expired_code_status = 401);
    let code = stage.code();
    stage.world.advance(20 * 60);
    let (status, answer) = stage.exchange(&code).await;
    assert_eq!(
        (status, &answer["hint"]),
        (401, &json!("Authorization code has expired"))
    );
}

#[tokio::test]
async fn a_refresh_token_lives_three_months_and_garbage_never_did() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let (status, answer) = stage.refresh("def502garbage").await;
    assert_eq!(
        (status, &answer["hint"]),
        (400, &json!("Invalid refresh token"))
    );
    stage.world.advance(92 * 24 * 60 * 60);
    let (status, answer) = stage.refresh(&tokens.refresh).await;
    assert_eq!(
        (status, &answer["hint"]),
        (401, &json!("Token has been revoked"))
    );
}

#[tokio::test]
async fn an_access_token_may_name_no_shard() {
    let stage = Stage::start().await;
    stage.switch(|switches| switches.access_token_api_domain = false);
    let access = stage.tokens().await.access;
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&access).unwrap();
    assert_eq!(claims.get("api_domain"), None);
    for claim in [
        "aud",
        "sub",
        "jti",
        "iat",
        "nbf",
        "exp",
        "base_domain",
        "scopes",
    ] {
        assert!(!claims[claim].is_null(), "{claim} is missing");
    }
}

#[tokio::test]
async fn an_external_integration_may_be_let_in_to_the_users() {
    let stage = Stage::start().await;
    let access = stage.tokens().await.access;
    stage.world.change(|state| {
        let card = state.integrations.get_mut(&stage.client_id).unwrap();
        card.kind = IntegrationKind::External;
    });
    assert_eq!(stage.get("/api/v4/users", &access).await.0, 403);
    stage.switch(|switches| switches.external_users_status = 402);
    assert_eq!(stage.get("/api/v4/users", &access).await.0, 402);
    stage.switch(|switches| switches.external_users_status = 200);
    assert_eq!(stage.get("/api/v4/users", &access).await.0, 200);
}

#[tokio::test]
async fn the_current_user_may_stay_the_owner_of_the_token() {
    let stage = Stage::start().await;
    stage.switch(|switches| switches.context_is_current_user = false);
    let access = stage.tokens().await.access;
    let url = format!("{}/api/v4/account", stage.emulator.base_url());
    let request = stage.client.get(url).bearer_auth(access);
    let request = request.header("X-Context-User-ID", stage.employee_id.to_string());
    let account: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(account["current_user_id"], stage.admin_id);
}

#[tokio::test]
async fn webhooks_may_be_refused_with_another_status_and_come_without_the_account() {
    let stage = Stage::start().await;
    let access = stage.tokens().await.access;
    let hook = json!({"destination": stage.integration_url, "settings": ["add_lead"]});
    stage
        .call("POST", "/api/v4/webhooks", &access, Some(hook))
        .await;
    stage.switch(|switches| switches.webhook_account_block = false);
    let fields = [("id".to_owned(), "7".to_owned())];
    stage
        .world
        .emit_event(stage.account_id, "add_lead", &fields);
    let url = format!("{}/_emulator/webhooks/deliver", stage.emulator.base_url());
    assert_eq!(stage.client.post(url).send().await.unwrap().status(), 200);
    assert_eq!(stage.hook(0).body, "leads%5Badd%5D%5B0%5D%5Bid%5D=7");

    stage.switch(|switches| {
        switches.webhooks_in_tariff = false;
        switches.webhooks_refused_status = 403;
    });
    assert_eq!(stage.get("/api/v4/webhooks", &access).await.0, 403);
}

#[tokio::test]
async fn a_refusal_may_not_name_the_integration() {
    let stage = Stage::start().await;
    let deny = || stage.world.deny(&stage.client_id, "", None).unwrap();
    assert!(deny().contains("client_id="));
    stage.switch(|switches| switches.install_hook_client_id = false);
    assert!(deny().ends_with("?error=access_denied"), "{}", deny());
}

#[tokio::test]
async fn switches_are_turned_by_the_form_of_the_control_page() {
    let stage = Stage::start().await;
    let url = format!("{}/_emulator", stage.emulator.base_url());
    let page = stage.client.get(&url).send().await.unwrap();
    let html = page.text().await.unwrap();
    assert!(html.contains("<option selected>strict</option>"));

    let mut form = vec![("act".to_owned(), "switches".to_owned())];
    let all = stage.world.read(|state| json!(state.switches));
    for (name, value) in all.as_object().unwrap() {
        match value {
            // A browser sends ticked boxes only.
            Value::Bool(_) => {}
            Value::String(text) => form.push((name.clone(), text.clone())),
            other => form.push((name.clone(), other.to_string())),
        }
    }
    form.push(("webhooks_in_tariff".to_owned(), "on".to_owned()));
    let send = |form: &[(String, String)]| {
        let request = stage.client.post(format!("{url}/do")).form(form);
        request.send()
    };
    assert_eq!(send(&form).await.unwrap().status(), 303);
    stage.world.read(|state| {
        assert!(state.switches.webhooks_in_tariff && !state.switches.server_time);
    });

    form.retain(|(name, _)| name != "rotation");
    form.push(("rotation".to_owned(), "sideways".to_owned()));
    assert_eq!(send(&form).await.unwrap().status(), 400);
}
