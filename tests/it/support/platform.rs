//! An amoCRM that says of tokens what it is told to say, in the very words.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

#[derive(Default)]
struct Script {
    answers: VecDeque<String>,
    asked: usize,
    accounts: u64,
}

/// A running platform. Each time it is asked whose a token is, it names another account.
#[derive(Clone)]
pub struct Platform {
    pub port: u16,
    script: Arc<Mutex<Script>>,
}

impl Platform {
    pub fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let data = Data::from(script.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/oauth2/access_token", web::post().to(token))
                .route("/api/v4/account", web::get().to(account))
        });
        let server = server.workers(1).disable_signals().listen(socket).unwrap();
        tokio::spawn(server.run());
        Self { port, script }
    }

    /// What is answered to codes and refresh tokens from now on, in this order.
    pub fn will_answer(&self, answers: impl IntoIterator<Item = String>) {
        self.script.lock().unwrap().answers = answers.into_iter().collect();
    }

    /// How often a token was asked for.
    pub fn asked(&self) -> usize {
        self.script.lock().unwrap().asked
    }
}

async fn token(script: Data<Mutex<Script>>) -> HttpResponse {
    let mut script = script.lock().unwrap();
    script.asked += 1;
    match script.answers.pop_front() {
        Some(body) => HttpResponse::Ok()
            .content_type("application/json")
            .body(body),
        None => HttpResponse::BadRequest()
            .content_type("application/problem+json")
            .body(r#"{"hint":"Authorization code has been revoked"}"#),
    }
}

async fn account(script: Data<Mutex<Script>>) -> HttpResponse {
    let mut script = script.lock().unwrap();
    script.accounts += 1;
    HttpResponse::Ok().json(json!({"id": 1_000 + script.accounts}))
}
