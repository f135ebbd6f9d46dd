//! What every answer of one request shares: its id, its reader's language, our public address.
//!
//! What was slow or refused gets a line in the log, and at `ACCORD_LOG=debug` everything. It says method, route, status, and who called which Product. Never the query: the
//! hooks carry codes and signatures there; never a path or a method as it came: it may hold
//! anything.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use unic_langid::{LanguageIdentifier, langid};
use uuid::Uuid;

use super::audit::{Audit, Notes};
use super::pages::Frame;
use super::{languages, peer};
use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::products::Product;
use crate::error::Code;
use crate::texts;

/// The id under which the log knows this request, in every problem body and header.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer of one request shares.
#[derive(Clone)]
pub struct Context {
    /// The request's id.
    pub id: Uuid,
    /// The service that was asked; outside of a request there is none.
    app: Option<Data<App>>,
    /// The frame of a page, when the client would rather read a page than JSON.
    pub page: Option<Frame>,
    /// The language that refusals are worded in.
    pub lang: LanguageIdentifier,
    /// What the request turned out to be about.
    notes: Arc<Notes>,
}

impl Context {
    /// Our public address, without a trailing slash.
    pub fn public_url(&self) -> &str {
        self.app.as_ref().map_or("", |app| &app.config.public_url)
    }
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// The context of the request being answered; outside of one, a bare one.
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_else(|_| Context {
        id: Uuid::nil(),
        app: None,
        page: None,
        lang: langid!("en"),
        notes: Arc::default(),
    })
}

/// Notes which Product the request is about, for the log.
pub fn about(product: &Arc<Product>) {
    note(|notes| notes.product.set(product.clone()));
}

/// Notes which account the request claims to be about, for the audit.
pub fn claims(account: AccountId) {
    note(|notes| notes.account.set(account));
}

/// Notes that the claim was proved.
pub fn proved() {
    note(|notes| notes.proven.set(()));
}

/// Notes that the request was refused; `reason` names no secret.
pub fn refused(code: Code, reason: &'static str) {
    note(|notes| notes.refusal.set((code, reason)));
}

fn note<T>(what: impl FnOnce(&Notes) -> T) {
    // Outside of a request there is nothing to note.
    let _ = CONTEXT.try_with(|context| what(&context.notes));
}

/// How many milliseconds an answer may take before it gets a line in the log.
const SLOW: u128 = 1_000;

/// The outermost middleware: gives each request its context and its log line.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let context = Context {
        id: crate::store::new_id(),
        app: request.app_data::<Data<App>>().cloned(),
        page: page(&request),
        lang: texts::best_for_refusals(&languages::of_page(request.request())),
        notes: Arc::default(),
    };
    let peer = peer::of(request.head());
    request.extensions_mut().insert(context.clone());
    let (method, began) = (known(request.method()), Instant::now());
    if request.method() == Method::HEAD {
        // Whoever only asks whether we are there gets a GET's head (RFC 9110, section 9.3.2);
        // the server leaves the body out by itself.
        request.head_mut().method = Method::GET;
    }

    let mut response = CONTEXT.scope(context.clone(), next.call(request)).await?;

    let status = response.status().as_u16();
    let ms = began.elapsed().as_millis();
    let refused = context.notes.refusal.get().is_some();
    let notable = refused || status >= 400 || ms >= SLOW;
    // Which route it was is looked for anew, so only where somebody reads it.
    let route = if notable || tracing::enabled!(tracing::Level::DEBUG) {
        response.request().match_pattern()
    } else {
        None
    };
    let route = route.as_deref().unwrap_or("(no such route)");
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request_id = %context.id,
                ms,
                product = context.notes.code(),
                peer = peer.map(tracing::field::display),
                "{method} {route} {status}"
            )
        };
    }
    if notable {
        line!(info);
    } else {
        line!(debug);
    }
    audit(&response, &context, route, peer);
    if let Ok(id) = HeaderValue::from_str(&context.id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(response)
}

fn audit<B>(response: &ServiceResponse<B>, context: &Context, route: &str, peer: Option<IpAddr>) {
    let request = response.request();
    if let (Some(app), Some(audit)) = (
        request.app_data::<Data<App>>(),
        request.app_data::<Data<Audit>>(),
    ) {
        audit.note(context.id, route, peer, &context.notes, app.clock.now());
    }
}

/// A method may be any word, of any length; the log knows those of RFC 9110 and PATCH.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => "(no such method)",
    }
}

/// The frame of a page, when that is the first type that the client names.
fn page(request: &ServiceRequest) -> Option<Frame> {
    let wanted = request
        .headers()
        .get(actix_web::http::header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(',').next())
        .is_some_and(|first| first.trim().starts_with("text/html"));
    let app = request.app_data::<Data<App>>().filter(|_| wanted)?;
    Some(Frame::new(app, request.request(), "error-page"))
}
