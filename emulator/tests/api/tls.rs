//! The TLS door: a client that writes the vendor's addresses by itself, with a proxy and one more authority.

use amocrm_emulator::{Account, Emulator, Integration, IntegrationKind, Options, TlsOptions, User};
use reqwest::{Certificate, Client, Proxy};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// An emulator with the door open, `demo` as on any machine and `fid`, which pretends to live at the vendor's.
struct House {
    emulator: Emulator,
    folder: std::path::PathBuf,
    card: Integration,
}

impl House {
    async fn open() -> House {
        let folder = std::env::temp_dir().join(format!("emulator-tls-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let tls = TlsOptions {
            port: 0,
            ca_file: Some(folder.join("ca.pem")),
        };
        let options = Options {
            tls: Some(tls),
            ..Options::default()
        };
        let emulator = Emulator::start(options).await.unwrap();
        let world = emulator.world();
        for (subdomain, pretended_host) in
            [("demo", None), ("shop", Some("fid.amocrm.ru".to_owned()))]
        {
            world.add_account(Account {
                subdomain: subdomain.to_owned(),
                pretended_host,
                users: vec![User {
                    name: "Anna".to_owned(),
                    is_admin: true,
                    is_active: true,
                    ..User::default()
                }],
                ..Account::default()
            });
        }
        let card = world.add_integration(Integration {
            redirect_uri: "https://widget.example/install".to_owned(),
            kind: IntegrationKind::Public,
            ..Integration::default()
        });
        House {
            emulator,
            folder,
            card,
        }
    }

    fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.emulator.tls_port().unwrap())
    }

    /// A client as others have it: nothing but a proxy and the authority from the file.
    fn client(&self) -> Client {
        let pem = std::fs::read(self.folder.join("ca.pem")).unwrap();
        Client::builder()
            .tls_certs_only([Certificate::from_pem(&pem).unwrap()])
            .proxy(Proxy::https(self.proxy()).unwrap())
            .build()
            .unwrap()
    }

    async fn tokens(&self, host: &str, subdomain: &str) -> Value {
        let world = self.emulator.world();
        let account = world
            .read(|state| state.account_by_subdomain(subdomain).cloned())
            .unwrap();
        let code = world.create_code(account.id, account.users[0].id, &self.card.client_id);
        let body = json!({
            "client_id": self.card.client_id, "client_secret": self.card.client_secret,
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.card.redirect_uri,
        });
        let request = self
            .client()
            .post(format!("https://{host}/oauth2/access_token"))
            .json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// What the door answers to the head of a proxy request.
    async fn knock(&self, head: &str) -> String {
        let port = self.emulator.tls_port().unwrap();
        let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_client_with_hard_coded_addresses_runs_unchanged() {
    let house = House::open().await;
    let tokens = house.tokens("fid.amocrm.ru", "shop").await;
    let (access, refresh) = (
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    );
    let client = house.client();

    let mut next = Some("https://fid.amocrm.ru/api/v4/widgets?limit=2".to_owned());
    let mut seen = 0;
    while let Some(url) = next {
        let page: Value = client
            .get(url)
            .bearer_auth(access)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        seen += page["_embedded"]["widgets"].as_array().unwrap().len();
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 4);

    // The account moves; the shard that the token names tells where to.
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(access).unwrap();
    assert_eq!(claims["api_domain"], "api-a.amocrm.ru");
    let world = house.emulator.world();
    let id = world.read(|state| state.account_by_subdomain("shop").unwrap().id);
    assert!(world.rename(id, "moved"));
    let old = client
        .get("https://fid.amocrm.ru/api/v4/account")
        .bearer_auth(access);
    assert_eq!(old.send().await.unwrap().status(), 401);
    let lookup = client
        .get("https://api-a.amocrm.ru/oauth2/account/current/subdomain")
        .header("X-Refresh-Token", refresh);
    let found: Value = lookup.send().await.unwrap().json().await.unwrap();
    assert_eq!(found["domain"], "moved.amocrm.ru");
    let new = client
        .get("https://moved.amocrm.ru/api/v4/account")
        .bearer_auth(access);
    assert_eq!(new.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_account_that_pretends_nothing_is_found_by_its_subdomain_at_either_vendor() {
    let house = House::open().await;
    for domain in ["amocrm.ru", "kommo.com"] {
        let host = format!("demo.{domain}");
        let tokens = house.tokens(&host, "demo").await;
        let access = tokens["access_token"].as_str().unwrap();
        let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(access).unwrap();
        assert_eq!(claims["api_domain"], format!("api-a.{domain}"));
        let request = house
            .client()
            .get(format!("https://{host}/api/v4/users"))
            .bearer_auth(access);
        let users: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(
            users["_links"]["self"]["href"],
            format!("https://{host}/api/v4/users")
        );
    }
    let page = house.client().get(format!(
        "https://www.kommo.com/es/oauth/?client_id={}",
        house.card.client_id
    ));
    assert_eq!(page.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn mapped_names_need_no_proxy() {
    let house = House::open().await;
    let pem = house.emulator.ca_pem().unwrap();
    let here = std::net::SocketAddr::from(([127, 0, 0, 1], house.emulator.tls_port().unwrap()));
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(pem.as_bytes()).unwrap()])
        .resolve("demo.kommo.com", here)
        .resolve("demo.example.com", here)
        .build()
        .unwrap();
    let answer = client
        .get("https://demo.kommo.com/api/v4/account")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    // No other name is given a certificate.
    assert!(
        client
            .get("https://demo.example.com/")
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn nobody_else_is_connected_to_and_nothing_but_connect_is_understood() {
    let house = House::open().await;
    let answer = house.client().get("https://example.com/").send().await;
    assert!(answer.is_err(), "a connection to another host");
    let answer = house
        .knock("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 403 ") && answer.contains("amocrm.ru"),
        "{answer}"
    );
    let answer = house
        .knock("GET http://demo.amocrm.ru/ HTTP/1.1\r\nHost: demo.amocrm.ru\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

#[tokio::test]
async fn without_its_authority_the_door_is_not_believed() {
    let house = House::open().await;
    let client = Client::builder()
        .proxy(Proxy::https(house.proxy()).unwrap())
        .build()
        .unwrap();
    assert!(client.get("https://demo.amocrm.ru/").send().await.is_err());
    assert_eq!(
        house.emulator.ca_pem().map(str::as_bytes),
        std::fs::read(house.folder.join("ca.pem")).ok().as_deref()
    );
}
