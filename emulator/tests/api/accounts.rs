//! Several people, several accounts: whose access dies, whose requests fail, who may install, and accounts that
//! pretend to live at the vendor's.

use amocrm_emulator::{Fault, FaultKind, IntegrationKind, Platform};
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn one_person_withdraws_and_the_others_access_lives_on() {
    let stage = Stage::start().await;
    stage.install().await;
    let admin = stage.tokens().await;
    let employee = stage.tokens_of(stage.employee_id).await;
    let who = json!({
        "account_id": stage.account_id, "client_id": stage.client_id, "user_id": stage.employee_id,
    });
    let (_, answer) = stage
        .call("POST", "/_emulator/revoke", "none", Some(who))
        .await;
    assert_eq!(
        (&answer["revoked"], &answer["hook_status"]),
        (&json!(1), &json!(200))
    );
    assert!(!stage.hook(1).query.contains_key("user_id"));
    assert_eq!(stage.get("/api/v4/account", &employee.access).await.0, 401);
    assert_eq!(stage.get("/api/v4/account", &admin.access).await.0, 200);
}

#[tokio::test]
async fn a_fault_may_be_for_one_account() {
    let stage = Stage::start().await;
    let other = stage.add_account("other");
    let access = stage.tokens().await.access;
    let fault = Fault::once("/api/", FaultKind::TooManyJson);
    stage.world.fail_next(fault.clone().account(other.id));
    assert_eq!(stage.get("/api/v4/account", &access).await.0, 200);
    stage.world.fail_next(fault.account(stage.account_id));
    let (status, body) = stage.get("/api/v4/account", &access).await;
    assert_eq!((status, &body["retry_after"]), (429, &json!(300)));
}

#[tokio::test]
async fn a_private_integration_is_for_its_own_account_only() {
    let stage = Stage::start().await;
    let other = stage.add_account("other");
    stage.world.change(|state| {
        let card = state.integrations.get_mut(&stage.client_id).unwrap();
        card.kind = IntegrationKind::Private;
        card.owner_account_id = Some(stage.account_id);
    });
    let (there, user) = (other.id, other.users[0].id);
    assert_eq!(
        stage.world.install(there, &stage.client_id, user).await,
        None
    );
    let address = stage.world.authorize(there, user, &stage.client_id, None);
    assert_eq!(address, None);
    assert_eq!(stage.hooks(), 0);
    let who = json!({"account_id": there, "client_id": stage.client_id, "user_id": user});
    let (status, _) = stage
        .call("POST", "/_emulator/installs", "none", Some(who))
        .await;
    assert_eq!(status, 403);

    let url = format!(
        "{}/oauth?client_id={}",
        stage.emulator.base_url(),
        stage.client_id
    );
    let html = stage.client.get(url).send().await.unwrap();
    let html = html.text().await.unwrap();
    assert!(html.contains("demo: admin") && !html.contains("other: admin"));
    assert_eq!(stage.install().await, Some(200));
}

#[tokio::test]
async fn an_account_may_pretend_to_live_at_the_vendors() {
    let stage = Stage::start().await;
    let path = format!("/_emulator/accounts/{}", stage.account_id);
    let change = json!({"platform": "kommo", "pretended_host": "shop.kommo.com", "id": 1});
    let (status, account) = stage.call("PUT", &path, "none", Some(change)).await;
    assert_eq!((status, &account["id"]), (200, &json!(stage.account_id)));
    stage.world.read(|state| {
        assert_eq!(state.accounts[&stage.account_id].platform, Platform::Kommo);
    });

    stage.install().await;
    let query = stage.hook(0).query;
    assert_eq!(
        (query["referer"].as_str(), query["platform"].as_str()),
        ("shop.kommo.com", "2")
    );
    let claims = stage
        .world
        .disposable_claims(stage.account_id, stage.admin_id, &stage.client_id)
        .unwrap();
    assert_eq!(claims["iss"], "https://shop.kommo.com");

    let tokens = stage.tokens().await;
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&tokens.access).unwrap();
    assert_eq!(claims["base_domain"], "kommo.com");
    let ask = |host: &'static str, path: &str| {
        let url = format!("{}{path}", stage.emulator.base_url());
        let request = stage.client.get(url).header("Host", host);
        let request = request.header("X-Refresh-Token", &tokens.refresh);
        request.bearer_auth(&tokens.access).send()
    };
    let answer = ask("shop.kommo.com", "/api/v4/account").await.unwrap();
    assert_eq!(answer.status(), 200);
    let lookup = "/oauth2/account/current/subdomain";
    let found: Value = ask("api-a.kommo.com", lookup)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&found["domain"], &found["top_level_domain"]),
        (&json!("shop.kommo.com"), &json!("com"))
    );
}

#[tokio::test]
async fn no_other_machine_is_called_and_the_attempt_is_remarked_on() {
    let stage = Stage::start().await;
    stage.world.change(|state| {
        let card = state.integrations.get_mut(&stage.client_id).unwrap();
        card.redirect_uri = "https://widget.example/install".to_owned();
    });
    assert_eq!(stage.install().await, None);
    stage.world.read(|state| {
        let finding = &state.findings[0];
        assert_eq!(finding.rule, "foreign-address");
        assert!(
            finding.detail.ends_with("widget.example"),
            "{}",
            finding.detail
        );
    });
}
