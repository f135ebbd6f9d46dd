//! Codes, tokens, the account and its people, faults on demand.

use amocrm_emulator::{Fault, FaultKind, Rotation};
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn install_sends_a_code_that_is_exchanged_once() {
    let stage = Stage::start().await;
    assert_eq!(stage.install().await, Some(200));
    let hook = stage.hook(0);
    assert_eq!(hook.path, "/install");
    assert_eq!(hook.query["from_widget"], "1");
    assert_eq!(hook.query["platform"], "1");
    assert_eq!(
        hook.query["referer"],
        format!("demo.localhost:{}", stage.emulator.port())
    );

    let (status, tokens) = stage.exchange(&hook.query["code"]).await;
    assert_eq!(status, 200);
    assert_eq!(tokens["expires_in"], 86_400);
    let (status, again) = stage.exchange(&hook.query["code"]).await;
    assert_eq!(
        (status, &again["hint"]),
        (400, &json!("Authorization code has been revoked"))
    );

    let claims: Value =
        jsonwebtoken::dangerous::insecure_decode_claims(tokens["access_token"].as_str().unwrap())
            .unwrap();
    assert_eq!(claims["account_id"], stage.account_id);
    assert_eq!(
        claims["api_domain"],
        format!("api-a.localhost:{}", stage.emulator.port())
    );
}

#[tokio::test]
async fn every_fault_of_an_exchange_has_its_hint() {
    let stage = Stage::start().await;
    let good = json!({
        "client_id": stage.client_id, "client_secret": stage.secret, "grant_type": "authorization_code",
        "code": stage.code(), "redirect_uri": stage.redirect_uri,
    });
    let table = [
        ("client_id", "nobody", "Check the `client_id` parameter"),
        (
            "client_secret",
            "wrong",
            "Check the `client_secret` parameter",
        ),
        (
            "redirect_uri",
            "http://127.0.0.1/other",
            "Redirect URI is not associated with client",
        ),
        (
            "code",
            "def502garbage",
            "Cannot decrypt the authorization code",
        ),
    ];
    for (field, value, hint) in table {
        let mut body = good.clone();
        body[field] = json!(value);
        let (status, answer) = stage.token(&body).await;
        assert_eq!((status, &answer["hint"]), (400, &json!(hint)));
    }
    stage.world.change(|state| state.clock.advance(20 * 60));
    let (status, answer) = stage.token(&good).await;
    assert_eq!(
        (status, &answer["hint"]),
        (400, &json!("Authorization code has expired"))
    );
}

#[tokio::test]
async fn a_form_body_and_a_foreign_host_are_understood() {
    let stage = Stage::start().await;
    stage.add_account("other");
    let form = [
        ("client_id", stage.client_id.clone()),
        ("client_secret", stage.secret.clone()),
        ("grant_type", "authorization_code".to_owned()),
        ("code", stage.code()),
        ("redirect_uri", stage.redirect_uri.clone()),
    ];
    let send = |host: &str| {
        let url = format!("{}/oauth2/access_token", stage.emulator.base_url());
        let host = format!("{host}:{}", stage.emulator.port());
        stage
            .client
            .post(url)
            .header("Host", host)
            .form(&form)
            .send()
    };
    let answer = send("other.localhost").await.unwrap();
    assert_eq!(
        answer.json::<Value>().await.unwrap()["hint"],
        "Invalid account"
    );
    assert_eq!(send("demo.localhost").await.unwrap().status(), 200);
}

#[tokio::test]
async fn strict_rotation_kills_the_old_refresh_token_and_grace_keeps_it_until_the_new_one_is_used()
{
    let stage = Stage::start().await;
    let first = stage.tokens().await;
    let second = stage.refresh(&first.refresh).await.1;
    let (status, answer) = stage.refresh(&first.refresh).await;
    assert_eq!(
        (status, &answer["hint"]),
        (401, &json!("Token has been revoked"))
    );

    stage
        .world
        .change(|state| state.switches.rotation = Rotation::Grace);
    let second = second["refresh_token"].as_str().unwrap();
    let third = stage.refresh(second).await.1;
    assert_eq!(
        stage.refresh(second).await.0,
        200,
        "the answer was lost, the old one still works"
    );
    assert_eq!(
        stage
            .refresh(third["refresh_token"].as_str().unwrap())
            .await
            .0,
        401
    );
    assert_eq!(stage.refresh("def502garbage").await.0, 400);
}

#[tokio::test]
async fn the_account_call_has_what_the_official_client_reads() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let (status, account) = stage
        .get(
            "/api/v4/account?with=datetime_settings,version",
            &tokens.access,
        )
        .await;
    assert_eq!(status, 200);
    for field in [
        "id",
        "subdomain",
        "current_user_id",
        "country",
        "created_by",
        "currency",
    ] {
        assert!(!account[field].is_null(), "{field} is missing");
    }
    assert_eq!(
        account["_embedded"]["datetime_settings"]["date_format"],
        "d.m.Y"
    );
    assert_eq!(stage.get("/api/v4/account/", "garbage").await.0, 401);
    stage.world.change(|state| state.clock.advance(86_400));
    assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 401);
}

#[tokio::test]
async fn users_are_for_administrators() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let path = format!("/api/v4/users/{}?with=phone_number", stage.admin_id);
    let (status, user) = stage.get(&path, &tokens.access).await;
    assert_eq!(
        (status, &user["phone_number"]),
        (200, &json!("+996555000111"))
    );
    assert_eq!(
        stage.get("/v3/user", &tokens.access).await.1["email"],
        "admin@demo.test"
    );

    let employee = stage.tokens_of(stage.employee_id).await;
    assert_eq!(stage.get("/api/v4/users", &employee.access).await.0, 403);
    assert_eq!(stage.get("/api/v4/account", &employee.access).await.0, 200);
}

#[tokio::test]
async fn faults_hit_as_often_as_asked_and_leave_no_trace() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    let table = [
        (FaultKind::Status { status: 504 }, 504),
        (FaultKind::ForbiddenText, 403),
        (FaultKind::TooManyJson, 429),
        (FaultKind::TooManyText, 429),
        (FaultKind::Html, 200),
    ];
    for (kind, expected) in table {
        stage.world.fail_next(Fault::once("/api/", kind));
        let url = format!("{}/api/v4/account", stage.emulator.base_url());
        let answer = stage
            .client
            .get(url)
            .bearer_auth(&tokens.access)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), expected);
    }
    assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_still_took_effect() {
    let stage = Stage::start().await;
    let code = stage.code();
    stage
        .world
        .fail_next(Fault::once("/oauth2/", FaultKind::Lost));
    let url = format!("{}/oauth2/access_token", stage.emulator.base_url());
    let answer = stage
        .client
        .post(url)
        .json(&stage.code_request(&code))
        .send()
        .await;
    let body = match answer {
        Ok(answer) => answer.bytes().await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(body.is_err(), "the connection broke");
    assert_eq!(stage.exchange(&code).await.0, 400);
}

#[tokio::test]
async fn a_doubled_exchange_finds_its_code_used() {
    let stage = Stage::start().await;
    let code = stage.code();
    stage
        .world
        .fail_next(Fault::once("/oauth2/", FaultKind::Duplicated));
    let (status, answer) = stage.exchange(&code).await;
    assert_eq!(
        (status, &answer["hint"]),
        (400, &json!("Authorization code has been revoked"))
    );
    let exchanges = stage.world.read(|state| state.requests.len());
    assert_eq!(exchanges, 2);
}

#[tokio::test]
async fn the_eighth_call_in_a_second_is_too_many() {
    let stage = Stage::start().await;
    let tokens = stage.tokens().await;
    stage.world.change(|state| state.clock.freeze());
    stage.switch(|switches| switches.enforce_limits = true);
    for _ in 0..7 {
        assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 200);
    }
    assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 429);
    stage.world.change(|state| state.clock.advance(1));
    assert_eq!(stage.get("/api/v4/account", &tokens.access).await.0, 200);
}

#[tokio::test]
async fn an_administrators_token_may_speak_for_another_user() {
    let stage = Stage::start().await;
    let admin = stage.tokens().await;
    let employee = stage.tokens_of(stage.employee_id).await;
    let ask = |access: &str, user: u64| {
        let url = format!("{}/api/v4/account", stage.emulator.base_url());
        let request = stage.client.get(url).bearer_auth(access);
        request.header("X-Context-User-ID", user.to_string()).send()
    };
    let answer = ask(&admin.access, stage.employee_id).await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["current_user_id"], stage.employee_id);
    assert_eq!(ask(&admin.access, 1).await.unwrap().status(), 403);
    assert_eq!(
        ask(&employee.access, stage.admin_id)
            .await
            .unwrap()
            .status(),
        403
    );
}
