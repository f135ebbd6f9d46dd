//! Receipts as files and as pages, and the keys that verify them.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::extract::Query;
use super::pages::{self, Frame};
use super::problem::Problem;
use crate::actions::{me, receipts};
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::ids::ConsentId;
use crate::domain::receipts::Receipt;
use crate::domain::signing::PublishedKeys;
use crate::error::{Code, Error};
use crate::store;

/// The public keys.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(keys);
}

/// Receipts, relative to `/widget/v1`.
pub fn configure_widget(routes: &mut ServiceConfig) {
    routes.service(read);
}

/// One receipt, for its person.
#[utoipa::path(
    tag = "widget",
    params(
        ("id" = String, Path, description = "The receipt's id"),
        ("format" = Option<String>, Query, description = "json (default), or html to read and print"),
    ),
    responses((status = 200, body = Receipt), (status = 404, body = Problem)),
    security(("one-time token" = [])),
)]
#[get("/receipts/{id}")]
async fn read(
    app: Data<App>,
    caller: Caller,
    id: Path<String>,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let missing = || Error::Refused(Code::NotFound);
    let id = Uuid::try_parse(&id).map(ConsentId).map_err(|_| missing())?;
    let entry = me::entry(&app, &caller, id).await?.ok_or_else(missing)?;
    let receipt = receipts::of(&app, &caller.product, caller.claims.account, &entry).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    match query.get("format") {
        None | Some("json") => Ok(response.json(receipt)),
        Some("html") => {
            let frame = Frame::new(&app, &request, TITLE);
            Ok(pages::saved(page(&app, &frame, &receipt)?))
        }
        Some(_) => Err(Error::Malformed(Code::Malformed, "format")),
    }
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame,
    receipt: &'a Receipt,
    keys_url: String,
    whole: String,
}

/// The title of a consent's receipt.
const TITLE: &str = "receipt-given";

/// The receipt to read and print, in the language of the words that were agreed to, else in the
/// frame's. It is saved and opened elsewhere: its style and the receipt itself are inside.
///
/// # Errors
/// [`Error::Internal`] when the page cannot be made.
pub(super) fn page(app: &App, frame: &Frame, receipt: &Receipt) -> Result<String, Error> {
    let key = match receipt.act.as_str() {
        "withdrawn" => "receipt-withdrawn",
        _ => TITLE,
    };
    let frame = frame
        .clone()
        .headed(key)
        .in_language_of(&receipt.policy.lang)
        .standalone();
    let whole = serde_json::to_string_pretty(receipt).map_err(|e| Error::Internal(e.into()))?;
    ReceiptPage {
        frame,
        receipt,
        keys_url: format!("{}{KEYS}", app.config.public_url),
        whole,
    }
    .render()
    .map_err(|e| Error::Internal(e.into()))
}

/// Where the keys are published.
const KEYS: &str = "/.well-known/accord-keys.json";

/// The keys that verify receipts and checkpoints, with their history.
#[utoipa::path(tag = "proofs", responses((status = 200, body = PublishedKeys)))]
#[get("/.well-known/accord-keys.json")]
async fn keys(app: Data<App>) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok()
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CACHE_CONTROL, "public, no-cache"))
        .json(store::signing_keys::published(&app.store).await?))
}
