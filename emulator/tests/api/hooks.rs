//! Install and disconnect hooks, the authorize page, the account's move to another subdomain.

use amocrm_emulator::{Delivery, Referer};

use crate::stage::Stage;

#[tokio::test]
async fn the_switches_of_the_install_hook() {
    let stage = Stage::start().await;
    stage.switch(|switches| switches.install_hook = Delivery::Lost);
    assert_eq!(stage.install().await, None);
    assert_eq!(stage.hooks(), 0);

    stage.switch(|switches| {
        switches.install_hook = Delivery::Duplicated;
        switches.install_hook_client_id = false;
        switches.from_widget = "true".to_owned();
        switches.referer = Referer::Address;
    });
    stage.install().await;
    assert_eq!(stage.hooks(), 2);
    let hook = stage.hook(1);
    assert_eq!(hook.query["from_widget"], "true");
    assert!(!hook.query.contains_key("client_id"));
    assert_eq!(
        hook.query["referer"],
        format!("127.0.0.1:{}", stage.emulator.port())
    );
    assert_eq!(stage.hook(0).query["code"], hook.query["code"]);
}

#[tokio::test]
async fn the_hook_is_not_repeated_when_the_other_side_is_unwell() {
    let stage = Stage::start().await;
    *stage.inbox.status.lock().unwrap() = 503;
    assert_eq!(stage.install().await, Some(503));
    assert_eq!(stage.hooks(), 1);
}

#[tokio::test]
async fn disabling_withdraws_access_and_sends_a_signed_hook() {
    let stage = Stage::start().await;
    stage.install().await;
    let tokens = stage.tokens().await;
    let status = stage
        .world
        .disable(stage.account_id, &stage.client_id, stage.admin_id)
        .await;
    assert_eq!(status, Some(200));
    let hook = stage.hook(1);
    assert_eq!(hook.path, "/disconnect");
    assert_eq!(hook.query["client_uuid"], stage.client_id);
    let expected = amocrm_emulator::hooks::disconnect_signature(
        &stage.secret,
        &stage.client_id,
        stage.account_id,
    );
    assert_eq!(hook.query["signature"], expected);
    assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 401);
    assert_eq!(stage.refresh(&tokens.refresh).await.0, 401);

    stage.switch(|switches| switches.disconnect_legacy_name = true);
    stage
        .world
        .disable(stage.account_id, &stage.client_id, stage.admin_id)
        .await;
    assert!(stage.hook(2).query.contains_key("client_id"));
}

#[tokio::test]
async fn the_authorize_page_sends_the_browser_back_with_state() {
    let stage = Stage::start().await;
    let page = format!(
        "{}/oauth/?client_id={}&state=abc&scope=",
        stage.emulator.base_url(),
        stage.client_id
    );
    let html = stage
        .client
        .get(page)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(html.contains("abc") && html.contains("Probe"));

    let decide = |who: u64, decision: &'static str| {
        let form = [
            ("client_id", stage.client_id.clone()),
            ("state", "abc".to_owned()),
            ("who", format!("{}/{who}", stage.account_id)),
            ("decision", decision.to_owned()),
        ];
        let url = format!("{}/oauth", stage.emulator.base_url());
        stage.client.post(url).form(&form).send()
    };
    assert_eq!(
        decide(stage.employee_id, "allow").await.unwrap().status(),
        403
    );
    let answer = decide(stage.admin_id, "deny").await.unwrap();
    let location = answer.headers()["Location"].to_str().unwrap();
    assert!(
        location.contains("error=access_denied&state=abc"),
        "{location}"
    );
    let answer = decide(stage.admin_id, "allow").await.unwrap();
    let location = url::Url::parse(answer.headers()["Location"].to_str().unwrap()).unwrap();
    let query: std::collections::HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!(
        (query["state"].as_str(), query["platform"].as_str()),
        ("abc", "1")
    );
    assert!(!query.contains_key("from_widget"));
    assert_eq!(stage.exchange(&query["code"]).await.0, 200);
    assert_eq!(
        decide(stage.employee_id, "allow").await.unwrap().status(),
        302
    );
}

#[tokio::test]
async fn a_renamed_account_is_found_through_the_lookup() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    assert!(stage.world.rename(stage.account_id, "moved"));
    let ask = |host: &str, path: &str| {
        let url = format!("{}{path}", stage.emulator.base_url());
        stage
            .client
            .get(url)
            .header(
                "Host",
                format!("{host}.localhost:{}", stage.emulator.port()),
            )
            .header("X-Refresh-Token", &tokens.refresh)
            .bearer_auth(&tokens.access)
            .send()
    };
    assert_eq!(ask("demo", "/api/v4/account").await.unwrap().status(), 401);
    let answer = ask("api-a", "/oauth2/account/current/subdomain")
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["subdomain"], "moved");
    assert_eq!(
        body["domain"],
        format!("moved.localhost:{}", stage.emulator.port())
    );
    assert_eq!(ask("moved", "/api/v4/account").await.unwrap().status(), 200);
    assert_eq!(
        ask("www", "/oauth2/account/subdomain")
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn an_external_integration_gets_its_keys_before_the_browser_goes_on() {
    let stage = Stage::start().await;
    let form = [
        ("name", "Outside".to_owned()),
        ("redirect_uri", stage.redirect_uri.clone()),
        ("secrets_uri", format!("{}/secrets", stage.integration_url)),
        ("state", "abc".to_owned()),
        ("who", format!("{}/{}", stage.account_id, stage.admin_id)),
        ("decision", "allow".to_owned()),
    ];
    let send = || {
        let url = format!("{}/oauth", stage.emulator.base_url());
        stage.client.post(url).form(&form).send()
    };
    *stage.inbox.status.lock().unwrap() = 204;
    assert_eq!(send().await.unwrap().status(), 502);
    *stage.inbox.status.lock().unwrap() = 200;
    assert_eq!(send().await.unwrap().status(), 302);
    let keys: serde_json::Value = serde_json::from_str(&stage.hook(1).body).unwrap();
    assert_eq!(keys["state"], "abc");
    assert_eq!(keys.as_object().unwrap().len(), 3);
    stage.switch(|switches| switches.secrets_extra_fields = true);
    send().await.unwrap();
    let more: serde_json::Value = serde_json::from_str(&stage.hook(2).body).unwrap();
    assert_eq!(more["account_id"], stage.account_id);

    let client_id = keys["client_id"].as_str().unwrap();
    let mut request = stage.code_request(&stage.world.create_code(
        stage.account_id,
        stage.admin_id,
        client_id,
    ));
    request["client_id"] = keys["client_id"].clone();
    request["client_secret"] = keys["client_secret"].clone();
    let (status, tokens) = stage.token(&request).await;
    assert_eq!(status, 200);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(stage.get("/api/v4/users", access).await.0, 403);
}

#[tokio::test]
async fn the_popup_tells_its_opener() {
    let stage = Stage::start().await;
    let form = [
        ("client_id", stage.client_id.clone()),
        ("mode", "popup".to_owned()),
        ("who", format!("{}/{}", stage.account_id, stage.admin_id)),
        ("decision", "allow".to_owned()),
    ];
    let url = format!("{}/oauth", stage.emulator.base_url());
    let answer = stage.client.post(url).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let html = answer.text().await.unwrap();
    assert!(html.contains("postMessage") && html.contains("def502"));
}
