//! An integration of its own for the tests: an account with two people, a server that receives hooks, and the
//! calls a back end makes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use amocrm_emulator::{
    Account, Emulator, Integration, IntegrationKind, Options, Switches, User, World,
};
use serde_json::{Value, json};

/// A hook as the integration's server saw it.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub query: HashMap<String, String>,
    pub body: String,
}

/// What the integration's server remembers and how it answers.
#[derive(Default)]
pub struct Inbox {
    pub received: Mutex<Vec<Received>>,
    pub status: Mutex<u16>,
}

/// Tokens after a good exchange.
pub struct Pair {
    pub access: String,
    pub refresh: String,
}

/// An emulator with the account `demo` and an integration.
pub struct Stage {
    pub emulator: Emulator,
    pub world: Arc<World>,
    pub inbox: Arc<Inbox>,
    pub client: reqwest::Client,
    pub account_id: u64,
    pub admin_id: u64,
    pub employee_id: u64,
    pub client_id: String,
    pub secret: String,
    pub code_of_widget: String,
    pub redirect_uri: String,
    pub integration_url: String,
}

async fn receive(inbox: web::Data<Inbox>, request: HttpRequest, body: String) -> HttpResponse {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    inbox.received.lock().unwrap().push(Received {
        path: request.path().to_owned(),
        query: query.into_owned().collect(),
        body,
    });
    let status = *inbox.status.lock().unwrap();
    HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()
}

impl Stage {
    pub async fn start() -> Stage {
        let inbox = Arc::new(Inbox {
            status: Mutex::new(200),
            ..Inbox::default()
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let integration_url = format!("http://{}", listener.local_addr().unwrap());
        let data = web::Data::from(Arc::clone(&inbox));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(receive))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        tokio::spawn(server);

        let emulator = Emulator::start(Options::default()).await.unwrap();
        let world = emulator.world();
        let account = world.add_account(account("demo"));
        let redirect_uri = format!("{integration_url}/install");
        let integration = world.add_integration(Integration {
            name: "Probe".to_owned(),
            redirect_uri: redirect_uri.clone(),
            disconnect_uri: Some(format!("{integration_url}/disconnect")),
            kind: IntegrationKind::Public,
            ..Integration::default()
        });
        Stage {
            account_id: account.id,
            admin_id: account.users[0].id,
            employee_id: account.users[1].id,
            client: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            client_id: integration.client_id,
            secret: integration.client_secret,
            code_of_widget: integration.code,
            emulator,
            world,
            inbox,
            redirect_uri,
            integration_url,
        }
    }

    pub fn add_account(&self, subdomain: &str) -> Account {
        self.world.add_account(account(subdomain))
    }

    pub fn switch(&self, turn: impl FnOnce(&mut Switches)) {
        self.world.change(|state| turn(&mut state.switches));
    }

    pub async fn install(&self) -> Option<u16> {
        self.world
            .install(self.account_id, &self.client_id, self.admin_id)
            .await
    }

    pub fn hook(&self, n: usize) -> Received {
        self.inbox.received.lock().unwrap()[n].clone()
    }

    pub fn hooks(&self) -> usize {
        self.inbox.received.lock().unwrap().len()
    }

    /// Makes the deliveries that are due; as many hooks as expected have then come.
    pub async fn settle(&self, expected: usize) {
        self.world.deliver_due().await;
        assert_eq!(self.hooks(), expected);
    }

    /// A fresh code of the administrator.
    pub fn code(&self) -> String {
        self.world
            .create_code(self.account_id, self.admin_id, &self.client_id)
    }

    pub fn code_request(&self, code: &str) -> Value {
        json!({
            "client_id": self.client_id, "client_secret": self.secret,
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
        })
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        self.token(&self.code_request(code)).await
    }

    pub async fn refresh(&self, refresh: &str) -> (u16, Value) {
        let body = json!({
            "client_id": self.client_id, "client_secret": self.secret,
            "grant_type": "refresh_token", "refresh_token": refresh,
            "redirect_uri": self.redirect_uri,
        });
        self.token(&body).await
    }

    pub async fn token(&self, body: &Value) -> (u16, Value) {
        let url = format!("{}/oauth2/access_token", self.emulator.base_url());
        answer(self.client.post(url).json(body)).await
    }

    pub async fn tokens(&self) -> Pair {
        self.tokens_of(self.admin_id).await
    }

    pub async fn tokens_of(&self, user_id: u64) -> Pair {
        let code = self
            .world
            .create_code(self.account_id, user_id, &self.client_id);
        let (status, body) = self.exchange(&code).await;
        assert_eq!(status, 200, "{body}");
        Pair {
            access: body["access_token"].as_str().unwrap().to_owned(),
            refresh: body["refresh_token"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn get(&self, path: &str, access: &str) -> (u16, Value) {
        self.call("GET", path, access, None).await
    }

    pub async fn call(
        &self,
        method: &str,
        path: &str,
        access: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.emulator.base_url());
        let method = method.parse().unwrap();
        let mut request = self.client.request(method, url).bearer_auth(access);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

fn account(subdomain: &str) -> Account {
    let user = |name: &str, is_admin: bool| User {
        name: name.to_owned(),
        email: format!("{name}@{subdomain}.test"),
        lang: "ru".to_owned(),
        phone: is_admin.then(|| "+996555000111".to_owned()),
        is_admin,
        is_active: true,
        ..User::default()
    };
    Account {
        subdomain: subdomain.to_owned(),
        name: format!("{subdomain} Ltd"),
        users: vec![user("admin", true), user("employee", false)],
        ..Account::default()
    }
}
