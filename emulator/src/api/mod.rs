//! The API of an account, version 4, with the corners that clients rely on: bodies on GET and DELETE (PHP sends
//! `[]` with both), trailing slashes and unknown parameters are tolerated; an empty list is 204
//! (RU:crm_platform/error-codes).

pub mod account;
pub mod users;
pub mod webhooks;
pub mod widgets;

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use crate::grants::Caller;
use crate::host::{self, Problem};
use crate::world::World;

/// Mounts the addresses of this module.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .configure(account::configure)
        .configure(users::configure)
        .configure(widgets::configure)
        .configure(webhooks::configure);
}

/// The caller, if an administrator stands behind the token; else the answer to give back.
fn admin(world: &World, request: &HttpRequest) -> Result<Caller, Problem> {
    let caller = host::authorize(world, request)?;
    if host::is_admin(world, &caller) {
        Ok(caller)
    } else {
        Err(Problem::new(403, "Administrator rights are needed"))
    }
}

/// The address of the request itself, for `_links.self`.
fn own_link(request: &HttpRequest) -> Value {
    let host = request.connection_info().host().to_owned();
    json!({"self": {"href": format!("http://{host}{}", request.uri())}})
}

/// Whether the comma-separated `with` parameter names this part.
fn wants(request: &HttpRequest, part: &str) -> bool {
    parameter(request, "with").is_some_and(|with| with.split(',').any(|one| one.trim() == part))
}

/// A query parameter by its decoded name.
fn parameter(request: &HttpRequest, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// One page of a list by `page` and `limit` (250 at most, KO:limitations): the rows, and the paging fields of the answer.
/// `None` when the page is empty.
fn paged(request: &HttpRequest, all: Vec<Value>, name: &str) -> Option<Value> {
    let number = |name: &str| parameter(request, name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(250).clamp(1, 250);
    let page = number("page").unwrap_or(1).max(1);
    let start = (page - 1).saturating_mul(limit);
    let more = all.len() > start.saturating_add(limit);
    let rows: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    if rows.is_empty() {
        return None;
    }
    let mut links = own_link(request);
    if more {
        let host = request.connection_info().host().to_owned();
        let next = format!(
            "http://{host}{}?limit={limit}&page={}",
            request.path(),
            page + 1
        );
        links["next"] = json!({"href": next});
    }
    Some(json!({"_page": page, "_links": links, "_embedded": {name: rows}}))
}
