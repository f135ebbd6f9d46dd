//! The API of an account, version 4, with the corners that clients rely on: bodies on GET and DELETE (PHP sends
//! `[]` with both), trailing slashes and unknown parameters are tolerated; an empty list is 204
//! (RU:crm_platform/error-codes).

pub mod account;
pub mod entities;
pub mod pipelines;
pub mod users;
pub mod webhooks;
pub mod widgets;

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use crate::grants::Caller;
use crate::host::{self, Problem};
use crate::places::Place;
use crate::world::World;

/// Rows of a page at most.
const MOST_ROWS: usize = 250;

/// Mounts the addresses of this module.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .configure(account::configure)
        .configure(users::configure)
        .configure(widgets::configure)
        .configure(webhooks::configure)
        .configure(pipelines::configure)
        .configure(entities::configure);
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
fn paged(request: &HttpRequest, place: &Place, all: Vec<Value>, name: &str) -> Option<Value> {
    let number = |name: &str| parameter(request, name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS);
    let page = number("page").unwrap_or(1).max(1);
    let pages = all.len().div_ceil(limit);
    let start = (page - 1).saturating_mul(limit);
    let rows: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    if rows.is_empty() {
        return None;
    }
    let mut links = place.own();
    if page < pages {
        links["next"] = place.page(page + 1);
    }
    if page > 1 {
        links["first"] = place.page(1);
        links["prev"] = place.page(page - 1);
    }
    let embedded = json!({name: rows});
    Some(json!({"_page": page, "_page_count": pages, "_links": links, "_embedded": embedded}))
}
