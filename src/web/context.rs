//! What every answer of one request shares: its id, and our public address.
//!
//! The log line says method, route and status. Never the query: the hooks carry
//! codes and signatures there; never a path as it came: it may hold anything.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use uuid::Uuid;

use super::pages::Frame;
use crate::app::App;

/// The id under which the log knows this request, in every problem body and header.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer of one request shares.
#[derive(Clone)]
pub struct Context {
    /// The request's id.
    pub id: Uuid,
    /// Our public address, without a trailing slash.
    pub public_url: Arc<str>,
    /// The frame of a page, when the client would rather read a page than JSON.
    pub page: Option<Frame>,
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// The context of the request being answered; outside of one, a bare one.
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_else(|_| Context {
        id: Uuid::nil(),
        public_url: "".into(),
        page: None,
    })
}

/// The outermost middleware: gives each request its context and its one log line.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let public_url: Arc<str> = request
        .app_data::<Data<App>>()
        .map_or("", |app| app.config.public_url.as_str())
        .into();
    let context = Context {
        id: crate::store::new_id(),
        public_url,
        page: page(&request),
    };
    request.extensions_mut().insert(context.clone());
    let (method, began) = (request.method().clone(), Instant::now());
    if method == Method::HEAD {
        // Whoever only asks whether we are there gets a GET's head (RFC 9110, section 9.3.2);
        // the server leaves the body out by itself.
        request.head_mut().method = Method::GET;
    }

    let mut response = CONTEXT.scope(context.clone(), next.call(request)).await?;

    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "(no such route)".to_owned());
    let status = response.status().as_u16();
    let ms = began.elapsed().as_millis();
    tracing::info!(request_id = %context.id, ms, "{method} {route} {status}");
    if let Ok(id) = HeaderValue::from_str(&context.id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(response)
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
