//! What is accepted as an address is served or used exactly so; what is not is refused with
//! the reason, and leaves nothing behind.

use std::process::Output;

use accord::actions::products::{disconnect_uri, set_hosts};
use accord::domain::products::{Product, ProductCode};
use accord::domain::time::seconds;
use accord::store;
use amocrm_emulator::hooks::disconnect_signature;
use amocrm_emulator::model::Webhook;
use serde_json::Value;

use crate::support::{ACCOUNT, ANNA, Answer, CLIENT, SECRET, TestApp};

const OTHER: &str = "21d01160-d7a0-4087-b4af-6a1bb83fcd1d";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `accord product add` beside the service; the code is `two`.
fn add(test: &TestApp, more: &[&str]) -> Output {
    std::fs::write(test.folder().join("secret"), SECRET).unwrap();
    let mut args = vec!["product", "add", "--code", "two", "--client-id", OTHER];
    args.extend(["--secret-file", "secret", "--json"]);
    args.extend(more);
    test.accord(&args)
}

async fn product(test: &TestApp, code: &str) -> Product {
    let code = ProductCode::parse(code).unwrap();
    let found = store::products::find(&test.app.store, &code).await.unwrap();
    found.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_uri_that_is_accepted_is_served_to_the_letter() {
    for slash in ["", "/"] {
        let test = TestApp::start().await;
        let uri = format!("{}/amocrm/two/install{slash}", test.base);
        let added = add(&test, &["--redirect-uri", &uri]);
        assert!(added.status.success(), "{}", said(&added));
        let card: Value = serde_json::from_slice(&added.stdout).unwrap();
        assert_eq!(card["redirect_uri"], uri);

        // amoCRM calls exactly that, and compares the grant's redirect URI to the letter.
        test.card(&product(&test, "two").await);
        assert_eq!(test.world().install(ACCOUNT, OTHER, ANNA).await, Some(200));
        test.run_jobs().await;
        let token = test.world().disposable_token(ACCOUNT, ANNA, OTHER).unwrap();
        let standing = test.http.get(format!("{}/widget/v1/standing", test.base));
        let standing = standing.header("X-Auth-Token", token).send().await.unwrap();
        assert_eq!(
            Answer::of(standing).await.expect(200)["authorization"],
            "ok"
        );

        let tag = disconnect_signature(SECRET, OTHER, ACCOUNT);
        let hook = card["disconnect_uri"].as_str().unwrap();
        let query = format!("client_uuid={OTHER}&account_id={ACCOUNT}&signature={tag}");
        let hook = test.http.get(format!("{hook}{slash}?{query}"));
        assert_eq!(hook.send().await.unwrap().status(), 200);
        test.run_jobs().await;
    }
}

#[tokio::test]
async fn one_that_would_not_be_served_is_refused_with_the_path_that_is() {
    let test = TestApp::start().await;
    for (uri, why) in [
        (
            format!("{}/oauth/callback", test.base),
            "/amocrm/two/install",
        ),
        (
            format!("{}/amocrm/demo/install", test.base),
            "/amocrm/two/install",
        ),
        (
            format!("{}/amocrm/two/install//", test.base),
            "/amocrm/two/install",
        ),
        (
            format!("{}/amocrm/%74wo/install", test.base),
            "/amocrm/two/install",
        ),
        (format!("{}/amocrm/two/install?a=b", test.base), "a query"),
        (
            "http://w.example/amocrm/two/install".to_owned(),
            "plain http",
        ),
        (
            "https://u:p@w.example/amocrm/two/install".to_owned(),
            "a user",
        ),
    ] {
        let refused = add(&test, &["--redirect-uri", &uri]);
        assert_eq!(refused.status.code(), Some(1), "{uri}");
        assert!(said(&refused).contains(why), "{uri}: {}", said(&refused));
    }
    for bad in [
        "hooks.example",
        "https://u@hooks.example",
        "https://hooks.example/#x",
    ] {
        let refused = add(&test, &["--hook-prefix", bad]);
        assert_eq!(refused.status.code(), Some(1), "{bad}");
        assert!(
            said(&refused).contains("the hook prefix"),
            "{}",
            said(&refused)
        );
    }
    assert_eq!(test.count("product").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_asks_each_address_of_each_product() {
    let test = TestApp::start().await;
    let nobody = "http://localhost:1/amocrm/two/install";
    assert!(add(&test, &["--redirect-uri", nobody]).status.success());
    let told = test.accord(&["doctor"]);
    let told = String::from_utf8(told.stdout).unwrap();
    let demo = &test.product;
    for line in [
        format!(
            "ok: the redirect URI of product demo leads here: {}",
            demo.redirect_uri
        ),
        format!(
            "ok: the disconnect hook of product demo leads here: {}",
            disconnect_uri(&test.base, &demo.code)
        ),
        format!("warning: the redirect URI of product two, {nobody}: it cannot be reached"),
        "ok: the disconnect hook of product two leads here".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} is missing in {told}");
    }
    assert_eq!(test.count("grant_offer").await, 0, "asking changes nothing");
}

#[tokio::test]
async fn webhooks_are_told_apart_as_a_server_reads_them() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let ours = [
        "https://HOOKS.example/accord/4",
        "https://hooks.example:443/accord",
        "https://hooks.example/x/../accord/5",
        "https://hooks.example/%61ccord/6?a=b",
    ];
    let others = [
        "https://hooks.example/accordion/2",
        "https://hooks.example/accord/../other",
        "https://hooks.example/accord%2F7",
        "https://hooks.example.evil.example/accord/8",
    ];
    test.world().change(|state| {
        for destination in ours.into_iter().chain(others) {
            let id = state.next_id();
            let account = state.accounts.get_mut(&ACCOUNT).unwrap();
            account.webhooks.push(Webhook {
                id,
                destination: destination.to_owned(),
                client_id: CLIENT.to_owned(),
                ..Webhook::default()
            });
        }
    });
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let left: Vec<String> = test.world().read(|state| {
        let left = state.accounts[&ACCOUNT].webhooks.iter();
        left.map(|w| w.destination.clone()).collect()
    });
    assert_eq!(left, others);
}

/// A service for accounts of the emulator and of Kommo; its Product lives at the emulator's.
async fn on_two_platforms() -> TestApp {
    let test = TestApp::start_also_at("https://kommo.com").await;
    let hosts = &test.app.config.hosts;
    let here = hosts.origins();
    let here = here.iter().filter(|entry| !entry.contains("kommo"));
    let here = here.cloned().collect::<Vec<_>>().join(",");
    set_hosts(&test.app.store, hosts, "demo", &here)
        .await
        .unwrap();
    test.advance(seconds(1));
    test
}

#[tokio::test]
async fn a_products_secret_goes_to_its_own_platform_only() {
    let test = on_two_platforms().await;
    let requests = || test.world().read(|state| state.requests.len());
    let hook = |host: &str| format!("/amocrm/demo/install?code=abc&referer={host}&from_widget=1");
    test.get(&hook("shop.kommo.com"))
        .await
        .problem(400, "foreign-host");
    test.get(&hook("shop.evil.example"))
        .await
        .problem(400, "foreign-host");
    assert_eq!(
        (test.count("grant_offer").await, test.count("job").await),
        (0, 0)
    );

    // A code that came before the hosts were changed is not exchanged after.
    let host = format!("shop.localhost:{}", test.world().port());
    assert_eq!(test.get(&hook(&host)).await.status, 200);
    let (store, hosts) = (&test.app.store, &test.app.config.hosts);
    set_hosts(store, hosts, "demo", "kommo.com").await.unwrap();
    test.run_jobs().await;
    assert_eq!(requests(), 0, "the secret left for another platform");

    assert!(set_hosts(store, hosts, "demo", "amocrm.ru").await.is_err());
    assert!(set_hosts(store, hosts, "other", "kommo.com").await.is_err());
    test.advance(seconds(1));
    let page = test.get("/amocrm/demo/authorize").await;
    let location = page.header("location").unwrap();
    assert!(
        location.starts_with("https://www.kommo.com/oauth?"),
        "{location}"
    );
}

#[tokio::test]
async fn tokens_and_pages_of_another_platform_are_not_believed() {
    let test = on_two_platforms().await;
    let anna = test.anna();
    assert_eq!(anna.standing().await["product"], "demo");
    let call = async |origin: &str| {
        let request = test.http.get(format!("{}/widget/v1/standing", test.base));
        let request = request.header("X-Auth-Token", anna.token());
        Answer::of(request.header("Origin", origin).send().await.unwrap()).await
    };
    let own = format!("http://shop.localhost:{}", test.world().port());
    call(&own).await.expect(200);
    call("https://shop.kommo.com")
        .await
        .problem(401, "token-invalid");

    let (store, hosts) = (&test.app.store, &test.app.config.hosts);
    set_hosts(store, hosts, "demo", "kommo.com").await.unwrap();
    let problem = anna.get("/standing").await.problem(401, "token-invalid");
    assert!(
        problem["detail"].as_str().unwrap().contains("iss"),
        "{problem}"
    );
}

#[tokio::test]
async fn hosts_of_a_product_are_said_shown_and_changed() {
    let test = TestApp::start().await;
    // A publisher of both platforms.
    let vendor = "https://amocrm.ru,https://amocrm.com,https://kommo.com";
    let accord = |args: &[&str]| test.accord_with(&[("AMOCRM_HOSTS", vendor)], args);
    std::fs::write(test.folder().join("secret"), SECRET).unwrap();
    let add = ["product", "add", "--code", "two", "--client-id", OTHER];
    let more = ["--secret-file", "secret", "--json", "--hosts", "kommo.com"];
    let added = accord(&[add.as_slice(), &more].concat());
    let card: Value = serde_json::from_slice(&added.stdout).unwrap();
    assert_eq!(card["hosts"], serde_json::json!(["https://kommo.com"]));
    let set = [
        "product",
        "set-hosts",
        "two",
        "--hosts",
        "amocrm.com,https://amocrm.ru",
    ];
    assert!(accord(&set).status.success());
    let listed = accord(&["product", "list", "--json"]).stdout;
    let listed: Value = serde_json::from_slice(&listed).unwrap();
    // The first one was added without: all there are.
    let all = serde_json::json!([
        "https://amocrm.ru",
        "https://amocrm.com",
        "https://kommo.com"
    ]);
    assert_eq!(listed[0]["hosts"], all);
    let own = serde_json::json!(["https://amocrm.com", "https://amocrm.ru"]);
    assert_eq!(listed[1]["hosts"], own);
    let set = ["product", "set-hosts", "two", "--hosts", "evil.example"];
    let refused = accord(&set);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("AMOCRM_HOSTS"));
}

#[tokio::test]
async fn events_go_nowhere_that_they_should_not() {
    let test = TestApp::start().await;
    let add = |url: &str, more: &[&str]| {
        let mut args = vec!["endpoint", "add", "--product", "demo", "--url", url];
        args.extend(more);
        test.accord(&args)
    };
    for never in [
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://2852039166/",
        "https://0.0.0.0/",
        "https://reports.example/#x",
    ] {
        let refused = add(never, &["--loopback"]);
        assert_eq!(refused.status.code(), Some(1), "{never}");
        assert!(said(&refused).contains("--url"), "{}", said(&refused));
    }
    assert_eq!(test.count("endpoint").await, 0);
    for private in [
        "https://10.0.0.1/",
        "https://192.168.1.5:8443/x",
        "https://[fd12::1]/",
    ] {
        let added = add(private, &[]);
        assert!(added.status.success(), "{private}");
        assert!(
            said(&added).contains("a private network"),
            "{}",
            said(&added)
        );
    }
    // The service is on this machine: so may its back ends be.
    assert!(add("http://127.0.0.1:9/", &[]).status.success());

    let public = |args: &[&str]| {
        let vars = [("ACCORD_PUBLIC_URL", "https://widgets.example")];
        test.accord_with(&vars, args)
    };
    let url = [
        "endpoint",
        "add",
        "--product",
        "demo",
        "--url",
        "https://[::1]/",
    ];
    let refused = public(&url);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("--loopback"), "{}", said(&refused));
    let meant: Vec<&str> = url.into_iter().chain(["--loopback"]).collect();
    assert!(public(&meant).status.success());
}
