//! What clients and widgets of others were refused, or told wrongly: addresses in answers, parameters of paging,
//! bodies that mean nothing, languages of the authorize page, broken archives, calls from the account's own pages.

use std::io::{Cursor, Write};

use serde_json::{Value, json};

use crate::stage::Stage;

/// An account that says it lives at `fid.amocrm.ru`, asked by that name.
struct Pretending {
    stage: Stage,
    access: String,
}

impl Pretending {
    async fn start() -> Pretending {
        let stage = Stage::start().await;
        stage.world.change(|state| {
            let account = state.accounts.get_mut(&stage.account_id).unwrap();
            account.pretended_host = Some("fid.amocrm.ru".to_owned());
        });
        let access = stage.tokens().await.access;
        Pretending { stage, access }
    }

    async fn get(&self, path: &str) -> Value {
        get(&self.stage, "fid.amocrm.ru", path, &self.access).await
    }
}

async fn get(stage: &Stage, host: &str, path: &str, access: &str) -> Value {
    let url = format!("{}{path}", stage.emulator.base_url());
    let request = stage
        .client
        .get(url)
        .header("Host", host)
        .bearer_auth(access);
    request.send().await.unwrap().json().await.unwrap()
}

fn links(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match body {
        Value::Object(fields) => {
            found.extend(
                fields
                    .get("href")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            fields.values().for_each(|value| found.extend(links(value)));
        }
        Value::Array(rows) => rows.iter().for_each(|row| found.extend(links(row))),
        _ => {}
    }
    found
}

#[tokio::test]
async fn every_link_of_an_account_at_the_vendors_is_https_and_leads_to_its_host() {
    let there = Pretending::start().await;
    let widget = format!("/api/v4/widgets/{}", there.stage.code_of_widget);
    for path in [
        "/api/v4/account?with=drive_url",
        "/api/v4/users?limit=1",
        "/api/v4/widgets?limit=1&page=2",
        "/api/v4/leads/pipelines",
        widget.as_str(),
    ] {
        let body = there.get(path).await;
        let links = links(&body);
        assert!(!links.is_empty(), "{path}: {body}");
        for link in links {
            assert!(
                link.starts_with("https://fid.amocrm.ru/api/v4/"),
                "{path}: {link}"
            );
        }
    }
    let account = there.get("/api/v4/account?with=drive_url").await;
    assert_eq!(account["drive_url"], "https://drive-b.amocrm.ru");
    assert_eq!(account["subdomain"], "fid");
    // However the request came.
    let near = there.stage.get("/api/v4/users", &there.access).await.1;
    assert_eq!(
        near["_links"]["self"]["href"],
        "https://fid.amocrm.ru/api/v4/users"
    );
}

#[tokio::test]
async fn another_page_is_asked_for_with_all_that_the_first_was() {
    let there = Pretending::start().await;
    let first = there
        .get("/api/v4/users?limit=1&with=phone_number,group")
        .await;
    assert_eq!(
        first["_links"]["next"]["href"],
        "https://fid.amocrm.ru/api/v4/users?limit=1&with=phone_number,group&page=2"
    );
    let second = there
        .get("/api/v4/users?limit=1&with=phone_number,group&page=2")
        .await;
    assert_eq!(second["_links"].get("next"), None);
    assert!(
        second["_links"]["prev"]["href"]
            .as_str()
            .unwrap()
            .ends_with("group&page=1")
    );
    assert!(
        second["_embedded"]["users"][0]
            .get("phone_number")
            .is_some()
    );
    assert_eq!(
        (&second["_page"], &second["_page_count"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn each_row_is_linked_to_itself() {
    let stage = Stage::start().await;
    let access = stage.tokens().await.access;
    let base = format!("http://demo.localhost:{}", stage.emulator.port());
    let host = base.strip_prefix("http://").unwrap();
    let list = get(&stage, host, "/api/v4/users?limit=50&with=group", &access).await;
    for row in list["_embedded"]["users"].as_array().unwrap() {
        let address = format!("{base}/api/v4/users/{}", row["id"]);
        assert_eq!(row["_links"]["self"]["href"], address);
    }
    let list = get(&stage, host, "/api/v4/widgets", &access).await;
    for row in list["_embedded"]["widgets"].as_array().unwrap() {
        let address = format!("{base}/api/v4/widgets/{}", row["code"].as_str().unwrap());
        assert_eq!(row["_links"]["self"]["href"], address);
    }
}

#[tokio::test]
async fn a_widget_is_switched_on_without_settings_too() {
    let stage = Stage::start().await;
    let access = stage.tokens().await.access;
    let url = format!(
        "{}/api/v4/widgets/{}",
        stage.emulator.base_url(),
        stage.code_of_widget
    );
    let send = |body: &'static str| {
        let request = stage.client.post(&url).bearer_auth(&access);
        request
            .header("Content-Type", "application/json")
            .body(body)
            .send()
    };
    for body in ["[]", "", " \n", "{}", "null"] {
        stage
            .client
            .delete(&url)
            .bearer_auth(&access)
            .send()
            .await
            .unwrap();
        let answer = send(body).await.unwrap();
        assert_eq!(answer.status(), 200, "{body:?}");
        let model: Value = answer.json().await.unwrap();
        assert_eq!(
            (&model["is_active_in_account"], &model["settings"]),
            (&json!(true), &json!({}))
        );
    }
    for body in ["[1]", "7", "\"text\"", "{"] {
        assert_eq!(send(body).await.unwrap().status(), 400, "{body:?}");
    }
}

#[tokio::test]
async fn tokens_and_webhooks_name_the_account_as_it_is_known() {
    let there = Pretending::start().await;
    let stage = &there.stage;
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&there.access).unwrap();
    assert_eq!(
        (&claims["api_domain"], &claims["base_domain"]),
        (&json!("api-a.amocrm.ru"), &json!("amocrm.ru"))
    );
    let claims = stage
        .world
        .disposable_claims(stage.account_id, stage.admin_id, &stage.client_id);
    let claims = claims.unwrap();
    assert_eq!(
        (&claims["iss"], &claims["subdomain"]),
        (&json!("https://fid.amocrm.ru"), &json!("fid"))
    );
    // PHP's own parser expects the redirect address without its port.
    assert_eq!(claims["aud"], "http://127.0.0.1");

    let hook = json!({"destination": stage.integration_url, "settings": ["add_lead"]});
    stage
        .call("POST", "/api/v4/webhooks", &there.access, Some(hook))
        .await;
    stage.world.emit_event(stage.account_id, "add_lead", &[]);
    stage.world.deliver_due().await;
    let body = stage.hook(0).body;
    let fields: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
    assert_eq!(fields["account[_links][self]"], "https://fid.amocrm.ru");
    assert_eq!(fields["account[subdomain]"], "fid");
}

#[tokio::test]
async fn an_account_at_the_vendors_moves_within_its_domain() {
    let there = Pretending::start().await;
    let stage = &there.stage;
    assert!(stage.world.rename(stage.account_id, "market"));
    let url = format!("{}/api/v4/account", stage.emulator.base_url());
    let ask = |host: &'static str| {
        stage
            .client
            .get(&url)
            .header("Host", host)
            .bearer_auth(&there.access)
            .send()
    };
    assert_eq!(ask("market.amocrm.ru").await.unwrap().status(), 200);
    assert_eq!(ask("fid.amocrm.ru").await.unwrap().status(), 401);
    assert_eq!(ask("nobody.amocrm.ru").await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_authorize_page_stands_under_every_language() {
    let stage = Stage::start().await;
    for prefix in ["", "/es", "/br", "/id", "/tr", "/en", "/pt-br"] {
        for slash in ["", "/"] {
            let url = format!(
                "{}{prefix}/oauth{slash}?client_id={}&state=s",
                stage.emulator.base_url(),
                stage.client_id
            );
            let answer = stage.client.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{prefix}/oauth{slash}");
            assert!(answer.text().await.unwrap().contains("Allow"));
        }
        let button = format!("{}{prefix}/auth/button.js", stage.emulator.base_url());
        assert_eq!(stage.client.get(button).send().await.unwrap().status(), 200);
    }
}

fn archive(manifest: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("manifest.json", options).unwrap();
    archive.write_all(manifest.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_bad_manifest_is_refused_in_words_and_changes_nothing() {
    let stage = Stage::start().await;
    let url = format!(
        "{}/_emulator/integrations/{}/archive",
        stage.emulator.base_url(),
        stage.client_id
    );
    let send = |body: Vec<u8>| stage.client.put(&url).body(body).send();
    let good =
        r#"{"widget": {"name": "widget.name", "version": "1.0.0"}, "locations": ["settings"]}"#;
    assert_eq!(send(archive(good)).await.unwrap().status(), 204);

    let bad = [
        (
            r#"{"widget": {}, "locations": {}}"#,
            "locations must be a list",
        ),
        (
            r#"{"widget": {}, "locations": ["settings"], // comment"#,
            "is not JSON",
        ),
        ("[]", "must be an object"),
        (r#"{"locations": []}"#, "widget is missing"),
        (
            r#"{"widget": {}, "settings": {"a": {"type": "checkbox"}}}"#,
            "settings.a.type",
        ),
    ];
    for (manifest, words) in bad {
        let answer = send(archive(manifest)).await.unwrap();
        assert_eq!(answer.status(), 400, "{manifest}");
        let body: Value = answer.json().await.unwrap();
        assert!(body["detail"].as_str().unwrap().contains(words), "{body}");
    }
    let folder = json!({"folder": "/nowhere"});
    assert_eq!(
        stage
            .client
            .put(&url)
            .json(&folder)
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
    let kept = stage
        .world
        .read(|state| state.integrations[&stage.client_id].archive.clone());
    assert_eq!(kept, Some(archive(good)));
}

#[tokio::test]
async fn a_script_in_the_pages_acts_as_the_person_signed_in() {
    let stage = Stage::start().await;
    let cookie = |user| {
        let key = stage.world.sign_in(stage.account_id, user).unwrap();
        format!("emu_session={key}")
    };
    let (admin, employee) = (cookie(stage.admin_id), cookie(stage.employee_id));
    let own = format!("demo.localhost:{}", stage.emulator.port());
    let call = |method: &str, path: &str, cookie: &str, host: &str| {
        let url = format!("{}{path}", stage.emulator.base_url());
        let request = stage.client.request(method.parse().unwrap(), url);
        request
            .header("Host", host.to_owned())
            .header("Cookie", cookie.to_owned())
            .send()
    };
    let account: Value = call("GET", "/api/v4/account", &employee, &own)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(account["current_user_id"], stage.employee_id);
    let widget = format!("/api/v4/widgets/{}", stage.code_of_widget);
    let table = [
        ("GET", "/api/v4/users", &admin, 200),
        ("GET", "/api/v4/users", &employee, 403),
        ("GET", "/api/v4/tasks", &employee, 204),
        ("POST", widget.as_str(), &employee, 403),
        ("POST", widget.as_str(), &admin, 200),
        ("DELETE", widget.as_str(), &admin, 204),
    ];
    for (method, path, cookie, status) in table {
        let answer = call(method, path, cookie, &own).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
    }
    // A session is good on its own account's host only, and a bad token is not made good by it.
    stage.add_account("other");
    let other = format!("other.localhost:{}", stage.emulator.port());
    assert_eq!(
        call("GET", "/api/v4/account", &admin, &other)
            .await
            .unwrap()
            .status(),
        401
    );
    let url = format!("{}/api/v4/account", stage.emulator.base_url());
    let request = stage
        .client
        .get(url)
        .header("Host", &own)
        .header("Cookie", &admin);
    assert_eq!(
        request.bearer_auth("dead").send().await.unwrap().status(),
        401
    );
}

#[tokio::test]
async fn what_a_quick_start_reads_is_there_and_the_rest_says_that_it_is_not() {
    let stage = Stage::start().await;
    let access = stage.tokens().await.access;
    let employee = stage.tokens_of(stage.employee_id).await.access;
    for path in [
        "leads",
        "contacts",
        "companies",
        "tasks",
        "roles",
        "leads/custom_fields",
        "contacts/custom_fields",
        "companies/custom_fields",
        "leads?limit=250&with=contacts&page=1",
    ] {
        assert_eq!(
            stage.get(&format!("/api/v4/{path}"), &access).await.0,
            204,
            "{path}"
        );
        assert_eq!(
            stage.get(&format!("/api/v4/{path}"), "none").await.0,
            401,
            "{path}"
        );
    }
    assert_eq!(stage.get("/api/v4/roles", &employee).await.0, 403);

    let (_, list) = stage.get("/api/v4/leads/pipelines", &employee).await;
    let pipeline = &list["_embedded"]["pipelines"][0];
    assert_eq!(
        (&list["_total_items"], &pipeline["is_main"]),
        (&json!(1), &json!(true))
    );
    let statuses = pipeline["_embedded"]["statuses"].as_array().unwrap();
    assert!(
        [142, 143]
            .iter()
            .all(|id| statuses.iter().any(|status| status["id"] == *id))
    );
    for row in statuses.iter().chain([pipeline]) {
        let address = row["_links"]["self"]["href"].as_str().unwrap();
        let path = address.strip_prefix(&stage.emulator.base_url()).unwrap();
        let (status, again) = stage.get(path, &access).await;
        assert_eq!((status, &again["id"]), (200, &row["id"]), "{path}");
    }
    assert_eq!(stage.get("/api/v4/leads/pipelines/1", &access).await.0, 404);
    assert_eq!(
        stage
            .get("/api/v4/leads/pipelines/7001/statuses/1", &access)
            .await
            .0,
        404
    );
    for (method, path) in [
        ("POST", "leads"),
        ("POST", "contacts"),
        ("GET", "leads/1"),
        ("GET", "events"),
    ] {
        let (status, body) = stage
            .call(method, &format!("/api/v4/{path}"), &access, None)
            .await;
        assert_eq!(status, 501, "{method} {path}");
        assert!(body["detail"].as_str().unwrap().contains(path));
    }
}
