//! A back end of the Publisher that listens for events and answers as it is told.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::Value;

/// One call as it came.
#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: String,
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What happened, and to which account.
    pub fn what(&self) -> String {
        let body = self.json();
        let kind = body["type"].as_str().unwrap();
        match body["data"]["account_id"].as_i64() {
            Some(account) => format!("{kind} {account}"),
            None => kind.to_owned(),
        }
    }
}

#[derive(Default)]
struct Heard {
    calls: Vec<Call>,
    /// What is answered next, then 204.
    answers: VecDeque<u16>,
    /// What is answered always, if anything.
    always: Option<u16>,
}

/// A running listener.
#[derive(Clone)]
pub struct BackEnd {
    pub base: String,
    heard: Arc<Mutex<Heard>>,
}

impl BackEnd {
    pub fn start() -> Self {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", socket.local_addr().unwrap().port());
        let data = Data::from(heard.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(hear))
        });
        let server = server.workers(1).disable_signals().listen(socket).unwrap();
        tokio::spawn(server.run());
        Self { base, heard }
    }

    /// What is answered next, in this order; then 204 again.
    pub fn will_answer(&self, statuses: &[u16]) {
        self.heard.lock().unwrap().answers = statuses.iter().copied().collect();
    }

    /// What is answered from now on.
    pub fn always_answers(&self, status: Option<u16>) {
        self.heard.lock().unwrap().always = status;
    }

    /// What came, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.heard.lock().unwrap().calls.clone()
    }

    /// What came since the last time, in a few words each.
    pub fn news(&self) -> Vec<String> {
        let calls = std::mem::take(&mut self.heard.lock().unwrap().calls);
        calls.iter().map(Call::what).collect()
    }
}

async fn hear(request: HttpRequest, body: String, heard: Data<Mutex<Heard>>) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name).unwrap();
        value.to_str().unwrap().to_owned()
    };
    let mut heard = heard.lock().unwrap();
    heard.calls.push(Call {
        path: request.path().to_owned(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body,
    });
    let status = heard.always.or_else(|| heard.answers.pop_front());
    HttpResponse::build(StatusCode::from_u16(status.unwrap_or(204)).unwrap())
        .insert_header(("location", "/elsewhere"))
        .finish()
}
