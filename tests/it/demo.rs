//! `accord demo` as a process: commands beside it go by its clock, its page publishes the prepared
//! versions and nobody else's page can, and its TLS door lets hard-coded addresses in.

use std::process::{Command, Stdio};

use reqwest::{Certificate, Proxy, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{Process, free_port};
use crate::support::{TestApp, client};

/// A demo in a folder of its own.
struct Demo {
    // Ends before its folder goes.
    _process: Process,
    folder: tempfile::TempDir,
    base: String,
    amocrm: String,
    tls_port: u16,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let (port, amocrm, tls_port) = (free_port(), free_port(), free_port());
        let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
        let ports = [
            ("--port", port),
            ("--amocrm-port", amocrm),
            ("--amocrm-tls-port", tls_port),
        ];
        command.current_dir(folder.path()).arg("demo");
        for (name, port) in ports {
            command.args([name, &port.to_string()]);
        }
        command.args(["--data-dir", "world"]).env_clear();
        command.env("ACCORD_LOG", "info").stdout(Stdio::null());
        Self {
            _process: Process::start(command),
            folder,
            base: format!("http://localhost:{port}"),
            amocrm: format!("http://127.0.0.1:{amocrm}/_emulator"),
            tls_port,
        }
    }

    /// What a command beside the demo prints, as JSON.
    fn accord(&self, words: &str) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
        command.current_dir(self.folder.path()).env_clear();
        command.env("ACCORD_DATA_DIR", "world");
        let done = command.args(words.split(' ')).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words}: {said}");
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// The starter again, from files, as anybody publishes.
    fn publish(&self) -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/policy");
        self.accord(&format!(
            "policy publish --product demo --json {folder}/starter.en.md {folder}/starter.ru.md"
        ))
    }

    fn versions(&self) -> Vec<Value> {
        let list = self.accord("policy list --product demo --json");
        list.as_array().unwrap().clone()
    }

    async fn move_clock(&self, how: Value) -> i64 {
        let request = client().post(format!("{}/clock", self.amocrm)).json(&how);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["now"].as_i64().unwrap()
    }

    /// The key that only the demo's own page knows.
    async fn key(&self) -> String {
        let page = client().get(format!("{}/demo?lang=ru", self.base));
        let page = page.send().await.unwrap().text().await.unwrap();
        let (_, key) = page.split_once("name=\"key\" value=\"").unwrap();
        key.split('"').next().unwrap().to_owned()
    }

    fn press(&self, act: &str, key: &str) -> RequestBuilder {
        let url = format!("{}/demo/{act}?lang=ru", self.base);
        client().post(url).form(&[("key", key)])
    }
}

/// The Unix second of an instant in a command's answer.
fn secs(instant: &Value) -> i64 {
    let instant = instant.as_str().unwrap();
    chrono::DateTime::parse_from_rfc3339(instant)
        .unwrap()
        .timestamp()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_beside_a_demo_go_by_its_clock() {
    let demo = Demo::start();
    let began = secs(&demo.versions()[0]["posted_at"]);
    let moved = demo.move_clock(json!({"advance_secs": 40 * 86_400})).await;
    let posted = secs(&demo.publish()["posted_at"]);
    assert!(
        posted >= moved && posted > began + 39 * 86_400,
        "posted {posted}, moved to {moved}"
    );
    // One that stands still, too.
    let stopped = json!({"frozen": true, "set": moved + 86_400});
    demo.move_clock(stopped).await;
    let frozen = demo.move_clock(json!({"set": moved + 2 * 86_400})).await;
    assert_eq!(secs(&demo.publish()["posted_at"]), frozen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demos_page_publishes_each_version_once_and_only_by_itself() {
    let demo = Demo::start();
    let key = demo.key().await;
    let status = async |request: RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(demo.press("notice", "")).await, 400);
    assert_eq!(status(demo.press("notice", "0")).await, 400);
    let foreign = demo.press("notice", &key);
    assert_eq!(
        status(foreign.header("Sec-Fetch-Site", "cross-site")).await,
        400
    );
    assert_eq!(status(demo.press("anything", &key)).await, 404);
    let looked = client().get(format!("{}/demo/notice?key={key}", demo.base));
    assert!([404, 405].contains(&status(looked).await));
    assert_eq!(demo.versions().len(), 1);

    let (first, second) = tokio::join!(
        status(demo.press("notice", &key)),
        status(demo.press("notice", &key))
    );
    assert_eq!((first, second), (303, 303));
    let answer = demo.press("wider", &key).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/demo?lang=ru#new-version");
    let versions = demo.versions();
    let levels: Vec<&str> = versions
        .iter()
        .map(|v| v["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels[1..], ["notice", "reconsent"]);
    for page in ["/policy/demo/1..2", "/policy/demo/2..3?lang=ru"] {
        let page = client().get(format!("{}{page}", demo.base));
        assert_eq!(status(page).await, 200);
    }

    let before = demo.move_clock(json!({})).await;
    assert_eq!(status(demo.press("later", &key)).await, 303);
    assert!(demo.move_clock(json!({})).await > before + 14 * 86_400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_with_hard_coded_addresses_finds_the_demos_account() {
    let demo = Demo::start();
    let pem = std::fs::read(demo.folder.path().join("world/amocrm-ca.pem")).unwrap();
    let proxy = Proxy::https(format!("http://127.0.0.1:{}", demo.tls_port)).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([Certificate::from_pem(&pem).unwrap()])
        .proxy(proxy)
        .build()
        .unwrap();
    for host in ["demo.amocrm.ru", "demo.kommo.com"] {
        let answer = client.get(format!("https://{host}/api/v4/account"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 401, "nobody's token");
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert_eq!(kind, "application/problem+json");
    }
}

#[tokio::test]
async fn a_service_that_is_no_demo_has_no_such_page() {
    let test = TestApp::start().await;
    assert_eq!(test.get("/demo").await.status, 404);
    let pressed = client().post(format!("{}/demo/notice", test.base));
    let pressed = pressed.form(&[("key", "")]).send().await.unwrap();
    assert_eq!(pressed.status(), 404);
}
