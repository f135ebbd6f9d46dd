//! The calls of the vendor's own PHP client, in its order and with its habits: extra parameters on the authorize
//! page, a form body for tokens, `[]` as the body of GET and DELETE, trailing slashes, `/v3/user`.

use std::collections::HashMap;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::stage::Stage;

/// The client at work in the account `demo`, by that account's own host.
struct Php<'a> {
    stage: &'a Stage,
    access: String,
}

impl Php<'_> {
    fn to(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.stage.emulator.base_url());
        let host = format!("demo.localhost:{}", self.stage.emulator.port());
        let client = &self.stage.client;
        client
            .request(method.parse().unwrap(), url)
            .header("Host", host)
            .header("User-Agent", "amoCRM-API-Library/1.16.0")
            .header("X-Client-UUID", &self.stage.client_id)
            .header("X-Library-Version", "1.16.0")
    }

    /// An API call; the client sends its empty body data as `[]`, whatever the method.
    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.to(method, path).bearer_auth(&self.access).json(&body);
        read(request).await
    }

    async fn tokens(&self, grant: &[(&str, &str)]) -> Value {
        let mut form = HashMap::from([
            ("client_id", self.stage.client_id.as_str()),
            ("client_secret", self.stage.secret.as_str()),
            ("redirect_uri", self.stage.redirect_uri.as_str()),
        ]);
        form.extend(grant.iter().copied());
        let (status, tokens) = read(self.to("POST", "/oauth2/access_token").form(&form)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// Opens the authorize page as the client builds its address, lets the administrator agree, and gives back
    /// the code that the browser brings.
    async fn code(&self) -> String {
        let Stage {
            client_id,
            redirect_uri,
            ..
        } = self.stage;
        let page = format!(
            "/oauth/?state=s1&mode=post_message&scope=&response_type=code&approval_prompt=auto\
             &redirect_uri={redirect_uri}&client_id={client_id}"
        );
        let answer = self.to("GET", &page).send().await.unwrap();
        assert_eq!(answer.status(), 200);

        let who = format!("{}/{}", self.stage.account_id, self.stage.admin_id);
        let form = [
            ("client_id", client_id.as_str()),
            ("state", "s1"),
            ("mode", "post_message"),
            ("who", &who),
            ("decision", "allow"),
        ];
        let answer = self.to("POST", "/oauth/").form(&form).send().await.unwrap();
        let address = answer.headers()["Location"].to_str().unwrap();
        let address = url::Url::parse(address).unwrap();
        let mut query = address.query_pairs();
        query.find(|(name, _)| name == "code").unwrap().1.into()
    }
}

async fn read(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

#[tokio::test]
async fn the_vendors_own_client_works_unchanged() {
    let stage = Stage::start().await;
    let mut php = Php {
        stage: &stage,
        access: String::new(),
    };
    let code = php.code().await;
    let tokens = php
        .tokens(&[("grant_type", "authorization_code"), ("code", &code)])
        .await;
    tokens["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut php.access);

    let (status, owner) = php.call("GET", "/v3/user", json!([])).await;
    assert_eq!((status, &owner["id"]), (200, &json!(stage.admin_id)));
    let with = "/api/v4/account?with=amojo_id,uuid,version,datetime_settings&useless=1";
    let (status, account) = php.call("GET", with, json!([])).await;
    assert_eq!((status, &account["id"]), (200, &json!(stage.account_id)));
    let (_, users) = php.call("GET", "/api/v4/users/?limit=50", json!([])).await;
    assert_eq!(users["_embedded"]["users"][0]["id"], stage.admin_id);

    let widget = format!("/api/v4/widgets/{}", stage.code_of_widget);
    let (status, model) = php.call("POST", &widget, json!({"login": "a"})).await;
    assert_eq!((status, &model["settings"]["login"]), (200, &json!("a")));
    assert_eq!(php.call("DELETE", &widget, json!([])).await.0, 204);

    let hook = json!({"destination": stage.integration_url, "settings": ["add_lead"], "sort": 1});
    assert_eq!(php.call("POST", "/api/v4/webhooks", hook).await.0, 201);
    let hook = json!({"destination": stage.integration_url});
    assert_eq!(php.call("DELETE", "/api/v4/webhooks", hook).await.0, 204);

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let renewed = php.tokens(&grant).await;
    let lookup = php
        .to("GET", "/oauth2/account/current/subdomain")
        .header(
            "X-Refresh-Token",
            renewed["refresh_token"].as_str().unwrap(),
        )
        .json(&json!([]));
    let (status, found) = read(lookup).await;
    assert_eq!((status, &found["subdomain"]), (200, &json!("demo")));
}
