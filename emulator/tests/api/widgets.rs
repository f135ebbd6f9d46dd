//! The widgets API with its switches, and the widget's short-lived tokens.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn our_widget_is_found_among_others_by_its_client_uuid() {
    let stage = Stage::start().await;
    stage.install().await;
    let tokens = stage.tokens().await;
    let (_, list) = stage.get("/api/v4/widgets?limit=250", &tokens.access).await;
    let rows = list["_embedded"]["widgets"].as_array().unwrap();
    assert!(rows.len() > 1, "other publishers' widgets are listed too");
    let ours = rows
        .iter()
        .find(|row| row["client_uuid"] == stage.client_id.as_str())
        .unwrap();
    assert_eq!(ours["code"], stage.code_of_widget);
    assert_eq!(ours["is_active_in_account"], true);
    assert!(ours["settings"].is_object());

    let (_, page) = stage
        .get("/api/v4/widgets?limit=1&page=2", &tokens.access)
        .await;
    assert_eq!(page["_page"], 2);
    assert!(page["_links"]["next"]["href"].is_string());
    assert_eq!(
        stage.get("/api/v4/widgets?page=9", &tokens.access).await.0,
        204
    );
    assert_eq!(
        stage.get("/api/v4/widgets/absent", &tokens.access).await.0,
        404
    );
}

#[tokio::test]
async fn the_template_of_the_settings_is_read_from_the_widgets_manifest() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let path = format!("/api/v4/widgets/{}", stage.code_of_widget);
    let (_, model) = stage.get(&path, &tokens.access).await;
    assert_eq!(model["settings_template"], json!([]));

    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixture-widget");
    stage.world.change(|state| {
        let card = state.integrations.get_mut(&stage.client_id).unwrap();
        card.folder = Some(folder.into());
    });
    let (_, model) = stage.get(&path, &tokens.access).await;
    let rows = model["settings_template"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert!(
            row["key"].is_string() && row["type"].is_string() && row["is_required"].is_boolean()
        );
    }
}

#[tokio::test]
async fn settings_are_stored_and_switching_off_follows_the_switches() {
    let stage = Stage::start().await;
    stage.install().await;
    let tokens = stage.tokens().await;
    let path = format!("/api/v4/widgets/{}", stage.code_of_widget);
    let settings = Some(json!({"key": "value"}));
    let (status, model) = stage.call("POST", &path, &tokens.access, settings).await;
    assert_eq!((status, &model["settings"]["key"]), (200, &json!("value")));

    let employee = stage.tokens_of(stage.employee_id).await;
    assert_eq!(
        stage.call("DELETE", &path, &employee.access, None).await.0,
        403
    );
    assert_eq!(
        stage
            .call("DELETE", &path, &tokens.access, Some(json!([])))
            .await
            .0,
        204
    );
    let (status, model) = stage.get(&path, &tokens.access).await;
    assert_eq!(
        (status, &model["is_active_in_account"]),
        (200, &json!(false))
    );

    stage.switch(|switches| switches.widget_delete_kills_token = true);
    assert_eq!(
        stage.call("DELETE", &path, &tokens.access, None).await.0,
        204
    );
    assert_eq!(stage.get(&path, &tokens.access).await.0, 401);
}

#[tokio::test]
async fn a_signed_in_person_gets_a_token_for_the_widget() {
    let stage = Stage::start().await;
    let path = format!("/ajax/v2/integrations/{}/disposable_token", stage.client_id);
    let url = format!("{}{path}", stage.emulator.base_url());
    let host = format!("demo.localhost:{}", stage.emulator.port());
    let ask = || stage.client.get(&url).header("Host", &host);
    assert_eq!(ask().send().await.unwrap().status(), 401);
    stage.install().await;

    let session = stage
        .world
        .sign_in(stage.account_id, stage.employee_id)
        .unwrap();
    let answer = ask().header("Cookie", format!("emu_session={session}"));
    let body: Value = answer.send().await.unwrap().json().await.unwrap();
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&["http://127.0.0.1"]);
    let key = DecodingKey::from_secret(stage.secret.as_bytes());
    let token = body["token"].as_str().unwrap();
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)
        .unwrap()
        .claims;
    assert_eq!(claims["iss"], stage.emulator.account_url("demo"));
    assert_eq!(claims["user_id"], stage.employee_id);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        1_800
    );

    stage.switch(|switches| switches.disposable_port_in_aud = true);
    let usual = (stage.account_id, stage.admin_id, stage.client_id.as_str());
    let claims = stage
        .world
        .disposable_claims(usual.0, usual.1, usual.2)
        .unwrap();
    assert_eq!(claims["aud"], stage.integration_url);
}

#[tokio::test]
async fn forged_tokens_can_be_made() {
    let stage = Stage::start().await;
    let claims = json!({"account_id": 1});
    for (alg, starts) in [
        ("none", "eyJhbGciOiJub25lIi"),
        ("HS512", "eyJ"),
        ("RS256", "eyJ"),
    ] {
        let token = stage.world.custom_token(&claims, alg, b"key").unwrap();
        assert!(token.starts_with(starts), "{alg}: {token}");
        assert_eq!(token.matches('.').count(), 2);
    }
    assert!(stage.world.custom_token(&claims, "HS1", b"key").is_err());
}
