//! One-time tokens: what is believed and what is not, and who may call from where.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, Answer, CLIENT, SECRET, TestApp};

async fn standing(test: &TestApp, token: &str) -> Answer {
    let request = test
        .http
        .get(format!("{}/widget/v1/standing", test.base))
        .header("X-Auth-Token", token);
    Answer::of(request.send().await.unwrap()).await
}

fn claims(test: &TestApp) -> Value {
    test.world()
        .disposable_claims(ACCOUNT, ANNA, CLIENT)
        .unwrap()
}

#[tokio::test]
async fn forged_tokens_are_not_believed() {
    let test = TestApp::start().await;
    let (world, good) = (test.world(), claims(&test));
    let now = test.now().secs();
    let sign = |claims: &Value, alg: &str, key: &str| {
        world.custom_token(claims, alg, key.as_bytes()).unwrap()
    };
    standing(&test, &sign(&good, "HS256", SECRET))
        .await
        .expect(200);

    for (alg, key) in [
        ("none", ""),
        ("HS512", SECRET),
        ("HS384", SECRET),
        ("RS256", SECRET),
        ("HS256", "another"),
        ("HS256", ""),
    ] {
        let problem = standing(&test, &sign(&good, alg, key))
            .await
            .problem(401, "token-invalid");
        assert!(!problem.to_string().contains(SECRET), "{alg}");
    }
    for (claim, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!([good["aud"], "https://elsewhere.example"])),
        ("iss", json!("https://shop.amocrm.ru")),
        ("iss", json!("http://shop.localhost.evil.example")),
        ("client_uuid", json!("11d01160-d7a0-4087-b4af-6a1bb83fcd1d")),
        ("client_uuid", json!(null)),
        ("exp", json!(now - 61)),
        ("nbf", json!(now + 61)),
        ("iat", json!(now + 61)),
        ("exp", json!(now + 3700)),
        ("exp", json!("soon")),
        ("account_id", json!("32720107")),
        ("account_id", json!(-1)),
        ("user_id", json!(null)),
        ("user_id", json!(1.5)),
    ] {
        let mut bad = good.clone();
        bad[claim] = value.clone();
        standing(&test, &sign(&bad, "HS256", SECRET))
            .await
            .problem(401, "token-invalid");
        bad.as_object_mut().unwrap().remove(claim);
        standing(&test, &sign(&bad, "HS256", SECRET))
            .await
            .problem(401, "token-invalid");
    }
    for garbage in [
        "a",
        "a.b.c",
        "....",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        &"a".repeat(9000),
    ] {
        standing(&test, garbage).await.problem(401, "token-invalid");
    }
    let truncated = sign(&good, "HS256", SECRET);
    standing(&test, &truncated[..truncated.len() - 2])
        .await
        .problem(401, "token-invalid");
    test.get("/widget/v1/standing")
        .await
        .problem(401, "token-missing");
    assert!((400..500).contains(&standing_of_a_megabyte(&test).await));
}

/// A token with a header of one's own, signed with the integration's secret.
fn with_header(header: Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

#[tokio::test]
async fn a_token_of_another_kind_or_with_critical_extensions_is_not_believed() {
    let test = TestApp::start().await;
    let claims = claims(&test);
    for good in [
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "typ": "jwt"}),
    ] {
        standing(&test, &with_header(good, &claims))
            .await
            .expect(200);
    }
    for (name, value) in [
        ("typ", json!("at+jwt")),
        ("typ", json!("JWT+x")),
        ("crit", json!(["x"])),
        ("crit", json!([])),
        ("crit", json!("x")),
    ] {
        let mut bad = json!({"alg": "HS256", "typ": "JWT"});
        bad[name] = value;
        standing(&test, &with_header(bad, &claims))
            .await
            .problem(401, "token-invalid");
    }
}

/// The server may cut the connection in the middle of such a header; an answer is a 4xx.
async fn standing_of_a_megabyte(test: &TestApp) -> u16 {
    let huge = "a".repeat(1 << 20);
    let sent = test
        .http
        .get(format!("{}/widget/v1/standing", test.base))
        .header("X-Auth-Token", huge)
        .send()
        .await;
    sent.map_or(431, |answer| answer.status().as_u16())
}

#[tokio::test]
async fn the_audience_may_lack_the_port_and_be_a_list_of_one() {
    let test = TestApp::start().await;
    let mut claims = claims(&test);
    for aud in [json!([claims["aud"]]), json!("http://localhost")] {
        claims["aud"] = aud;
        let token = test
            .world()
            .custom_token(&claims, "HS256", SECRET.as_bytes())
            .unwrap();
        standing(&test, &token).await.expect(200);
    }
}

#[tokio::test]
async fn a_writing_call_burns_its_token_and_a_refused_one_does_not() {
    let test = TestApp::start().await;
    test.install().await;
    let (anna, token, form) = (test.anna(), test.anna().token(), test.anna().form().await);
    let post = |form: Value| anna.call(reqwest::Method::POST, "/consents", &token, Some(form));
    post(json!({})).await.problem(422, "invalid-fields");
    post(form.clone()).await.expect(201);
    post(form.clone()).await.problem(409, "token-replayed");
    anna.call(reqwest::Method::GET, "/standing", &token, None)
        .await
        .expect(200);
    assert_eq!(test.count("consent").await, 1);

    let mut without = claims(&test);
    without.as_object_mut().unwrap().remove("jti");
    let token = test
        .world()
        .custom_token(&without, "HS256", SECRET.as_bytes())
        .unwrap();
    standing(&test, &token).await.expect(200);
    anna.call(reqwest::Method::POST, "/consents", &token, Some(form))
        .await
        .problem(401, "token-invalid");
    test.run_jobs().await;
}

#[tokio::test]
async fn only_account_hosts_may_call_from_a_browser() {
    let test = TestApp::start().await;
    let port = test.world().port();
    let preflight = async |origin: &str, path: &str| {
        let request = test
            .http
            .request(reqwest::Method::OPTIONS, format!("{}{path}", test.base))
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header(
                "Access-Control-Request-Headers",
                "x-auth-token,content-type",
            );
        Answer::of(request.send().await.unwrap()).await
    };
    let shop = format!("http://shop.localhost:{port}");
    let answer = preflight(&shop, "/widget/v1/consents").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some(shop.as_str())
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    for foreign in [
        "https://evil.example",
        "null",
        &format!("http://a.b.localhost:{port}"),
        &format!("https://shop.localhost:{port}"),
    ] {
        assert_eq!(
            preflight(foreign, "/widget/v1/consents")
                .await
                .header("access-control-allow-origin"),
            None,
            "{foreign}"
        );
    }
    // Errors carry the headers too, or the widget could not read them.
    for path in ["/widget/v1/standing", "/widget/v1/nowhere"] {
        let request = test
            .http
            .get(format!("{}{path}", test.base))
            .header("Origin", &shop);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(shop.as_str()),
            "{path}"
        );
    }
    let request = test
        .http
        .get(format!("{}/widget/v1/policy?product=demo", test.base))
        .header("Origin", "https://anywhere.example");
    assert_eq!(
        Answer::of(request.send().await.unwrap())
            .await
            .header("access-control-allow-origin"),
        Some("*")
    );
}

#[tokio::test]
async fn kommo_hosts_are_known_like_amocrm_ones() {
    let test = TestApp::start_with(&[(
        "AMOCRM_HOSTS",
        "https://amocrm.ru,https://amocrm.com,https://kommo.com",
    )])
    .await;
    for host in [
        "https://shop.amocrm.ru",
        "https://shop.amocrm.com",
        "https://shop.kommo.com",
    ] {
        let mut claims = claims(&test);
        claims["iss"] = json!(host);
        let token = test
            .world()
            .custom_token(&claims, "HS256", SECRET.as_bytes())
            .unwrap();
        standing(&test, &token).await.expect(200);
    }
}
