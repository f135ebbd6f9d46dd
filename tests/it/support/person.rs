//! Somebody with a widget in front of them, and what they are answered.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::TestApp;
use accord::domain::time::seconds;

/// A person in an account.
#[derive(Clone)]
pub struct Person<'a> {
    pub test: &'a TestApp,
    pub account: u64,
    pub user: u64,
    pub client: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            bytes: response.bytes().await.unwrap().to_vec(),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: no JSON: {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().unwrap())
    }

    /// Expects a status and gives the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.bytes.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Expects a page and gives its text.
    #[track_caller]
    pub fn expect_page(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/html"), "{kind}");
        self.text()
    }

    /// Expects a problem: its status, its code, and the form that every problem has.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(
            body["status"],
            StatusCode::from_u16(status).unwrap().as_u16()
        );
        assert!(
            body["type"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/docs/errors/{code}"))
        );
        assert!(
            body["title"].is_string()
                && body["detail"].is_string()
                && body["request_id"].is_string()
        );
        body
    }
}

impl Person<'_> {
    /// A fresh one-time token. A second passes first, so that no token is as old as what was
    /// done before.
    pub fn token(&self) -> String {
        self.test.advance(seconds(1));
        self.token_now()
    }

    /// A one-time token of this very second.
    pub fn token_now(&self) -> String {
        self.test
            .world()
            .disposable_token(self.account, self.user, &self.client)
            .unwrap()
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let address = format!("{}/widget/v1{path}", self.test.base);
        let request = self
            .test
            .http
            .request(method, address)
            .header("X-Auth-Token", token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &self.token(), None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &self.token(), Some(body))
            .await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, &self.token(), Some(body))
            .await
    }

    pub async fn standing(&self) -> Value {
        self.get("/standing").await.expect(200)
    }

    /// The form as the widget fills it in, for the English text in force.
    pub async fn form(&self) -> Value {
        let policy = self
            .test
            .get("/widget/v1/policy?product=demo&lang=en")
            .await
            .expect(200);
        json!({
            "policy_hash": policy["hash"],
            "lang": "en",
            "contact": {"name": "Anna Ivanova", "company": "A shop", "position": "Head", "phone": "+996700123456",
                "email": "anna@example.com", "language": "en"},
            "purposes": {"advertising": false},
            "declares": {"read": true, "own_data": true},
        })
    }

    pub async fn consent(&self) -> Value {
        self.post("/consents", self.form().await).await.expect(201)
    }

    pub async fn withdraw(&self) -> Answer {
        self.post("/withdrawals", json!({})).await
    }

    /// Presses the button that grants access and agrees on amoCRM's page: the address that the
    /// browser is sent back to, and the cookies it has.
    pub async fn press_the_button(&self) -> (String, String) {
        let begun = self.test.get("/amocrm/demo/authorize").await;
        let location = url::Url::parse(begun.header("location").unwrap()).unwrap();
        let state = location.query_pairs().find(|(name, _)| name == "state");
        let cookie = begun.header("set-cookie").unwrap();
        let world = self.test.world();
        let (_, state) = state.unwrap();
        let back = world.authorize(self.account, self.user, &self.client, Some(&state));
        let cookie = cookie.split(';').next().unwrap().to_owned();
        (back.unwrap(), cookie)
    }

    /// Presses the button and comes back: the page that tells how it went.
    pub async fn authorize(&self) -> Answer {
        let (back, cookie) = self.press_the_button().await;
        let request = self.test.http.get(back).header("Cookie", cookie);
        Answer::of(request.send().await.unwrap()).await
    }
}
