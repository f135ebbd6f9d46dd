//! Which account a request is for, who is signed in, and the error bodies of amoCRM.

use std::fmt;
use std::sync::PoisonError;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::grants::Caller;
use crate::places::{HostLabel, host_label};
use crate::world::{Session, World};

/// The cookie of the account's pages.
pub const SESSION_COOKIE: &str = "emu_session";

/// The vendor's limit for one integration in one account (amoCRM, api/recommendations; KO:limitations counts
/// by address instead).
const CALLS_A_SECOND: u32 = 7;
/// Seconds that a 429 asks to wait (KO:http-codes).
const RETRY_AFTER: u32 = 300;

/// The account that a request is for, as far as its host or its access token tells.
pub fn account_of(world: &World, request: &HttpRequest) -> Option<u64> {
    match host_label(world, request) {
        HostLabel::Account(id) | HostLabel::Former(id) => Some(id),
        HostLabel::Common | HostLabel::Unknown => {
            let caller = bearer(request).and_then(|token| world.caller(token));
            caller.map(|caller| caller.account_id)
        }
    }
}

/// Who is signed in to the account's pages in this browser.
pub fn session(world: &World, request: &HttpRequest) -> Option<Session> {
    let cookie = request.cookie(SESSION_COOKIE)?;
    let session = world.read(|state| state.sessions.get(cookie.value()).cloned())?;
    let active = world.read(|state| {
        state
            .accounts
            .get(&session.account_id)
            .and_then(|account| account.user(session.user_id))
            .is_some_and(|user| user.is_active)
    });
    active.then_some(session)
}

/// The `Bearer` token of a request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get("Authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Checks host, token and `X-Context-User-ID` of an API call; the answer to give back when they are bad. The
/// call must go to the account's own host (KO:limitations); an administrator's token may speak for another
/// user (RU:oauth/scopes). A script in the account's pages needs no token: it acts as the person signed in
/// (RU:oauth/switch-over-oauth).
///
/// # Errors
/// 401 without a living token or on another account's host; 403 when the user of the context is unknown or
/// the token was not granted by an administrator.
pub fn authorize(world: &World, request: &HttpRequest) -> Result<Caller, Problem> {
    let label = host_label(world, request);
    if let HostLabel::Former(_) = label {
        let status = world.read(|state| state.switches.former_host_status);
        return Err(Problem::new(
            status,
            "There is no account on this host any more",
        ));
    }
    let known = match bearer(request) {
        Some(token) => world.caller(token),
        None => page_caller(world, request),
    };
    let mut caller = known
        .filter(|caller| match label {
            HostLabel::Account(account_id) => account_id == caller.account_id,
            HostLabel::Common => true,
            HostLabel::Former(_) | HostLabel::Unknown => false,
        })
        .ok_or_else(|| Problem::new(401, "Invalid user name or password"))?;
    if over_limit(world, &caller) {
        return Err(Problem::new(429, "Too many requests"));
    }
    if let Some(context) = request.headers().get("X-Context-User-ID") {
        let wanted = context.to_str().ok().and_then(|text| text.parse().ok());
        let allowed = is_admin(world, &caller)
            && wanted.is_some_and(|user_id| user_exists(world, caller.account_id, user_id));
        match wanted {
            Some(user_id) if allowed => caller.user_id = user_id,
            _ => return Err(Problem::new(403, "This user may not be spoken for")),
        }
    }
    Ok(caller)
}

/// The person signed in to the pages, for a call that a script in them makes. No integration stands behind it.
fn page_caller(world: &World, request: &HttpRequest) -> Option<Caller> {
    let session = session(world, request)?;
    Some(Caller {
        account_id: session.account_id,
        user_id: session.user_id,
        owner_id: session.user_id,
        client_id: String::new(),
    })
}

/// Counts a call; true when it is the eighth or later of its integration and account in this second, and the
/// switch for limits is on.
fn over_limit(world: &World, caller: &Caller) -> bool {
    if !world.read(|state| state.switches.enforce_limits) {
        return false;
    }
    let now = world.now_secs();
    let key = (caller.account_id, caller.client_id.clone());
    let mut limits = world.limits.lock().unwrap_or_else(PoisonError::into_inner);
    let (second, calls) = limits.entry(key).or_default();
    if *second != now {
        (*second, *calls) = (now, 0);
    }
    *calls += 1;
    *calls > CALLS_A_SECOND
}

/// Whether the person behind a token is an administrator of the account.
pub fn is_admin(world: &World, caller: &Caller) -> bool {
    world.read(|state| {
        state
            .accounts
            .get(&caller.account_id)
            .and_then(|account| account.user(caller.user_id))
            .is_some_and(|user| user.is_admin)
    })
}

fn user_exists(world: &World, account_id: u64, user_id: u64) -> bool {
    world.read(|state| {
        state
            .accounts
            .get(&account_id)
            .and_then(|account| account.user(user_id))
            .is_some_and(|user| user.is_active)
    })
}

/// A refusal on its way out of a handler; becomes the body of [`problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Text of `detail`.
    pub detail: String,
}

impl Problem {
    /// A refusal with this status and text.
    pub fn new(status: u16, detail: &str) -> Problem {
        Problem {
            status,
            detail: detail.to_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.status, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        problem(self.status, &self.detail)
    }
}

/// amoCRM's error body (`application/problem+json`; RU:crm_platform/error-codes, KO:http-codes).
pub fn problem(status: u16, detail: &str) -> HttpResponse {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = if status == 500 {
        // The one body without `type`.
        let trace_id = uuid::Uuid::new_v4().simple().to_string();
        json!({"title": "ErrInternalServer", "status": 500, "detail": detail, "trace_id": trace_id})
    } else {
        let mut body = json!({
            "title": code.canonical_reason().unwrap_or("Error"),
            "type": format!("https://httpstatus.es/{status}"),
            "status": status,
            "detail": detail,
        });
        if status == 429 {
            body["retry_after"] = json!(RETRY_AFTER);
        }
        body
    };
    problem_body(code, &body)
}

/// 400 with the list of refused fields.
pub fn validation_problem(path: &str, code: &str, detail: &str) -> HttpResponse {
    let errors = json!([{"code": code, "path": path, "detail": detail}]);
    let body = json!({
        "title": "Bad Request",
        "type": "https://httpstatus.es/400",
        "status": 400,
        "detail": "Request validation failed",
        "validation-errors": [{"request_id": "0", "errors": errors}],
    });
    problem_body(StatusCode::BAD_REQUEST, &body)
}

/// A problem body given as JSON.
pub fn problem_body(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body.to_string())
}

/// A good answer of the API (`application/hal+json`).
pub fn hal(body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/hal+json")
        .insert_header(("X-Request-Id", uuid::Uuid::new_v4().to_string()))
        .body(body.to_string())
}
