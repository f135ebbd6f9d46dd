//! What is written down is true: variables, codes, routes, pages.

use accord::config::Config;
use accord::error::Code;

use crate::support::TestApp;

#[test]
fn the_example_environment_can_be_used_as_it_stands() {
    let text = include_str!("../../.env.example");
    let vars: Vec<(&str, &str)> = text
        .lines()
        .map(|line| line.trim_start_matches("# ").trim_start_matches('#'))
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| {
            name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && !name.is_empty()
        })
        .collect();
    for name in [
        "ACCORD_LISTEN",
        "ACCORD_PUBLIC_URL",
        "ACCORD_DATA_DIR",
        "DATABASE_URL",
        "ACCORD_DATABASE_CONNECTIONS",
        "ACCORD_MASTER_KEY",
        "ACCORD_PUBLISHER_NAME",
        "ACCORD_PUBLISHER_LEGAL_FORM",
        "ACCORD_PUBLISHER_TAX_NUMBER",
        "ACCORD_PUBLISHER_ADDRESS",
        "ACCORD_PUBLISHER_SITE",
        "ACCORD_PUBLISHER_MAILBOX",
        "ACCORD_PUBLISHER_TIME_ZONE",
        "ACCORD_PUBLISHER_CALENDAR",
        "AMOCRM_HOSTS",
        "AMOCRM_AUTHORIZE_URL",
        "ACCORD_RECONSENT_GRACE",
        "SMTP_URL",
        "MAIL_FROM",
        "ACCORD_API_KEYS",
        "ACCORD_LOG",
        "ACCORD_LOG_FORMAT",
    ] {
        assert!(
            vars.iter().any(|(var, _)| *var == name),
            "{name} is missing"
        );
    }
    let read = Config::from_lookup(|name| {
        vars.iter()
            .find(|(var, _)| *var == name)
            .map(|(_, value)| (*value).to_owned())
    });
    read.unwrap();
}

#[tokio::test]
async fn every_error_code_is_explained_where_its_type_leads() {
    let test = TestApp::start().await;
    for code in Code::ALL {
        let page = test.get(&format!("/docs/errors/{}", code.as_str())).await;
        assert_eq!(page.status, 200, "{}", code.as_str());
        assert!(page.text().contains(code.as_str()));
    }
    test.get("/docs/errors/unheard-of")
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn only_these_addresses_are_public() {
    let test = TestApp::start().await;
    let api = test.get("/openapi.json").await.expect(200);
    let public: Vec<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .filter(|(_, op)| op["security"].is_null())
                .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(
        public,
        [
            "get /.well-known/accord-keys.json",
            "get /amocrm/{product}/authorize",
            "get /amocrm/{product}/disconnect",
            "get /amocrm/{product}/install",
            "get /healthz",
            "get /openapi.json",
            "get /readyz",
            "get /requests/{token}",
            "post /requests/{token}",
            "get /widget/v1/policy",
            "get /widget/v1/policy/diff",
        ]
    );
    // What is described as needing a token or a key does need it.
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if !operation["security"].is_null() {
                let lacks = match operation["security"][0]["back end key"] {
                    serde_json::Value::Null => "token-missing",
                    _ => "api-key-invalid",
                };
                let method = method.to_uppercase().parse().unwrap();
                let request = test.http.request(
                    method,
                    format!("{}{}", test.base, path.replace("{id}", "x")),
                );
                crate::support::Answer::of(
                    request.json(&serde_json::json!({})).send().await.unwrap(),
                )
                .await
                .problem(401, lacks);
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_says_so_in_the_clients_form() {
    let test = TestApp::start().await;
    test.get("/nowhere").await.problem(404, "not-found");
    let request = test
        .http
        .get(format!("{}/nowhere", test.base))
        .header("Accept", "text/html,*/*");
    let page = crate::support::Answer::of(request.send().await.unwrap()).await;
    assert_eq!(
        (page.status, page.text().contains("<h1>Not found</h1>")),
        (404, true)
    );

    let head = test.http.head(format!("{}/healthz", test.base)).send();
    let head = crate::support::Answer::of(head.await.unwrap()).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));

    for (path, allow) in [
        ("/widget/v1/consents", "POST"),
        ("/amocrm/demo/install", "GET"),
        ("/policy/demo", "GET"),
        ("/requests/abc", "GET, POST"),
    ] {
        let request = test.http.put(format!("{}{path}", test.base));
        let answer = crate::support::Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
        answer.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_house() {
    let test = TestApp::start_with(&[]).await;
    for path in [
        "/",
        "/policy/demo",
        "/widget/v1/standing",
        "/nowhere",
        "/docs",
        "/openapi.json",
        "/healthz",
    ] {
        let answer = test.get(path).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    assert!(
        test.get("/policy/demo")
            .await
            .header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
}
