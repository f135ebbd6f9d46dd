//! The control API and page.

use serde_json::{Value, json};

use crate::stage::Stage;

impl Stage {
    async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.call(method, &format!("/_emulator/{path}"), "none", Some(body))
            .await
    }
}

#[tokio::test]
async fn a_whole_install_by_the_control_api() {
    let stage = Stage::start().await;
    let account = json!({"subdomain": "fresh", "users": [{"name": "A", "is_admin": true, "is_active": true}]});
    let (status, account) = stage.control("POST", "accounts", account).await;
    assert_eq!(status, 201);
    let who = json!({
        "account_id": account["id"], "user_id": account["users"][0]["id"], "client_id": stage.client_id,
    });
    assert_eq!(
        stage.control("POST", "installs", who.clone()).await.1["hook_status"],
        200
    );
    let code = stage.hook(0).query["code"].clone();
    assert_eq!(stage.exchange(&code).await.0, 200);
    assert_eq!(
        stage.control("POST", "revoke", who.clone()).await.1["revoked"],
        1
    );
    assert_eq!(
        stage.control("DELETE", "installs", who.clone()).await.1["hook_status"],
        200
    );
    let (_, forged) = stage.control("POST", "disposable-token", who).await;
    assert!(forged["token"].is_string());
    let (status, body) = stage
        .control("POST", "accounts", json!({"subdomain": "fresh"}))
        .await;
    assert_eq!((status, &body["status"]), (409, &json!(409)));
    assert_eq!(
        stage
            .control("POST", "accounts", json!({"users": 7}))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let stage = Stage::start().await;
    stage.install().await;
    let tokens = stage.tokens().await;
    for path in [
        "state", "hooks", "requests", "findings", "faults", "switches", "clock", "",
    ] {
        let url = format!("{}/_emulator/{path}", stage.emulator.base_url());
        let answer = stage.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        for secret in [
            &tokens.access,
            &tokens.refresh,
            &stage.secret,
            &stage.hook(0).query["code"],
        ] {
            assert!(!text.contains(secret.as_str()), "{path} shows a secret");
        }
    }
}

#[tokio::test]
async fn time_switches_faults_and_findings() {
    let stage = Stage::start().await;
    let (_, now) = stage
        .control("POST", "clock", json!({"set": 1_000, "frozen": true}))
        .await;
    assert_eq!(now["now"], 1_000);
    let (_, now) = stage
        .control("POST", "clock", json!({"advance_secs": 60}))
        .await;
    assert_eq!(now["now"], 1_060);
    let (status, all) = stage
        .control("PUT", "switches", json!({"rotation": "grace"}))
        .await;
    assert_eq!((status, &all["rotation"]), (200, &json!("grace")));
    assert_eq!(
        stage
            .control("PUT", "switches", json!({"nonsense": 1}))
            .await
            .0,
        400
    );
    let fault = json!({"path_prefix": "/api/", "kind": "status", "status": 402});
    assert_eq!(stage.control("POST", "faults", fault).await.0, 204);
    assert_eq!(stage.get("/api/v4/account", "none").await.0, 402);
    stage
        .control(
            "POST",
            "findings",
            json!({"rule": "console", "detail": "log"}),
        )
        .await;
    let (_, findings) = stage.control("GET", "findings", json!({})).await;
    assert_eq!(
        (&findings[0]["rule"], &findings[0]["at"]),
        (&json!("console"), &json!(1_060))
    );
    assert_eq!(stage.get("/nowhere", "none").await.0, 501);
}

#[tokio::test]
async fn a_world_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("emulator-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let options = amocrm_emulator::Options {
        state_file: Some(folder.join("world.json")),
        ..amocrm_emulator::Options::default()
    };
    let first = amocrm_emulator::Emulator::start(options.clone())
        .await
        .unwrap();
    let card = amocrm_emulator::Integration {
        redirect_uri: "http://127.0.0.1:1/".to_owned(),
        archive: Some(vec![1, 2, 3]),
        ..amocrm_emulator::Integration::default()
    };
    let card = first.world().add_integration(card);
    first.world().change(|state| state.clock.offset_secs = 77);
    first.stop().await.unwrap();
    let second = amocrm_emulator::Emulator::start(options).await.unwrap();
    second.world().read(|state| {
        assert_eq!(state.clock.offset_secs, 77);
        assert_eq!(
            state.integrations[&card.client_id].archive,
            Some(vec![1, 2, 3])
        );
    });
    second.stop().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
