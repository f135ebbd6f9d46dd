//! The token endpoint (RU:oauth/step-by-step) and the lookup of an account's present host
//! (RU:oauth/account-subdomain-info).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::grants::{ACCESS_SECS, AskedOn, Refusal, Tokens};
use crate::host::{self, problem, problem_body};
use crate::places::{HostLabel, host_label, vendor_domain};
use crate::world::World;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/oauth2/access_token", web::post().to(access_token))
        .route(
            "/oauth2/account/current/subdomain",
            web::get().to(current_host),
        )
        .route(
            "/oauth2/account/subdomain",
            web::get().to(current_host_by_access),
        );
}

/// Both forms of the body: JSON by the vendor's pages, a form by the vendor's own client (PHP).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenRequest {
    client_id: String,
    client_secret: String,
    grant_type: String,
    code: String,
    refresh_token: String,
    redirect_uri: String,
}

impl TokenRequest {
    fn parse(request: &HttpRequest, body: &[u8]) -> Option<TokenRequest> {
        let content_type = request
            .headers()
            .get("Content-Type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let pairs: serde_json::Map<String, Value> = url::form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect();
            return serde_json::from_value(Value::Object(pairs)).ok();
        }
        serde_json::from_slice(body).ok()
    }
}

async fn access_token(
    world: web::Data<World>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let Some(asked) = TokenRequest::parse(&request, &body) else {
        return refused(&Refusal::bad("Check the `client_id` parameter"));
    };
    let account = match host_label(&world, &request) {
        HostLabel::Account(account_id) => Some(account_id),
        HostLabel::Common => None,
        HostLabel::Former(_) => {
            let status = world.read(|state| state.switches.former_host_status);
            return problem(status, "There is no account on this host any more");
        }
        HostLabel::Unknown => return refused(&Refusal::bad("Invalid account")),
    };
    let asked_on = AskedOn {
        account,
        domain: vendor_domain(&request),
    };
    match judge(&world, &asked, asked_on) {
        Ok(tokens) => {
            let mut answer = json!({
                "token_type": "Bearer",
                "expires_in": ACCESS_SECS,
                "access_token": tokens.access,
                "refresh_token": tokens.refresh,
            });
            if world.read(|state| state.switches.server_time) {
                answer["server_time"] = json!(tokens.server_time);
            }
            HttpResponse::Ok().json(answer)
        }
        Err(refusal) => refused(&refusal),
    }
}

fn judge(world: &World, asked: &TokenRequest, asked_on: AskedOn) -> Result<Tokens, Refusal> {
    let card = world
        .read(|state| state.integrations.get(&asked.client_id).cloned())
        .ok_or_else(|| Refusal::bad("Check the `client_id` parameter"))?;
    if card.client_secret != asked.client_secret {
        return Err(Refusal::bad("Check the `client_secret` parameter"));
    }
    if card.redirect_uri != asked.redirect_uri {
        return Err(Refusal::bad("Redirect URI is not associated with client"));
    }
    match asked.grant_type.as_str() {
        "authorization_code" => world.exchange(&asked.client_id, &asked.code, asked_on),
        "refresh_token" => world.refresh(&asked.client_id, &asked.refresh_token, asked_on),
        _ => Err(Refusal::bad("Check the `grant_type` parameter")),
    }
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    problem_body(
        status,
        &json!({
            "hint": refusal.hint,
            "title": "Некорректный запрос",
            "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
            "status": refusal.status,
            "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
        }),
    )
}

async fn current_host(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let account = request
        .headers()
        .get("X-Refresh-Token")
        .and_then(|value| value.to_str().ok())
        .and_then(|token| world.account_of_refresh(token));
    host_answer(&world, &request, account)
}

async fn current_host_by_access(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let account = host::bearer(&request).and_then(|token| world.caller(token));
    host_answer(&world, &request, account.map(|caller| caller.account_id))
}

fn host_answer(world: &World, request: &HttpRequest, account_id: Option<u64>) -> HttpResponse {
    let account = account_id.and_then(|id| world.read(|state| state.accounts.get(&id).cloned()));
    let Some(account) = account else {
        return problem(401, "Token is invalid or has been revoked");
    };
    let asked = vendor_domain(request).map(|domain| format!("{}.{domain}", account.subdomain));
    let host = match (&account.pretended_host, asked) {
        (None, Some(asked)) => asked,
        _ => world.host_of(&account),
    };
    let name = host.split(':').next().unwrap_or_default();
    let top = name.rsplit('.').next().unwrap_or_default();
    HttpResponse::Ok().json(json!({
        "id": account.id,
        "subdomain": account.label(),
        "domain": host,
        "top_level_domain": top,
    }))
}
