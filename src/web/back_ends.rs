//! What the Publisher's own back ends ask, with one of `ACCORD_API_KEYS`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::extract::{BackEnd, Query};
use super::languages;
use super::problem::Problem;
use super::views::StandingView;
use crate::actions::standing::{self, Reader};
use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::installs::State;
use crate::error::{Code, Error};
use crate::store::installs::state_of;

/// How many standings one page holds.
const PAGE: u64 = 100;

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(read_standing).service(list_installs);
}

/// Where an account stands with a Product. An account that was never seen is pending.
#[utoipa::path(
    tag = "back ends",
    params(
        ("product" = String, Path, description = "The Product's code"),
        ("account_id" = i64, Path, description = "amoCRM's id of the account"),
        ("lang" = Option<String>, Query, description = "Language of the Policy; else Accept-Language"),
    ),
    responses(
        (status = 200, body = StandingView),
        (status = 400, description = "The account id is no positive number", body = Problem),
        (status = 401, description = "The key is missing or none of ours", body = Problem),
        (status = 404, description = "There is no such Product", body = Problem),
    ),
    security(("back end key" = [])),
)]
#[get("/v1/products/{product}/accounts/{account_id}/standing")]
async fn read_standing(
    app: Data<App>,
    BackEnd(product): BackEnd,
    path: Path<(String, String)>,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let account = account("account_id", &path.1)?;
    let reader = Reader {
        host: None,
        user: None,
        langs: &languages::wanted(&request, &query),
    };
    let view = standing::of(&app, &product, account, reader).await?;
    Ok(private(&StandingView::new(&app.config.public_url, &view)))
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
struct Installs {
    /// By the accounts' ids, at most 100.
    items: Vec<StandingView>,
    /// `cursor` of the next page; null on the last.
    next: Option<String>,
}

/// The accounts that have, or had, a Product, and where each stands.
#[utoipa::path(
    tag = "back ends",
    params(
        ("product" = String, Path, description = "The Product's code"),
        ("state" = Option<String>, Query, description = "pending, active, uninstalling or uninstalled; else all"),
        ("cursor" = Option<String>, Query, description = "next of the page before"),
        ("lang" = Option<String>, Query, description = "Language of the Policy; else Accept-Language"),
    ),
    responses(
        (status = 200, body = Installs),
        (status = 400, description = "The state or the cursor is none", body = Problem),
        (status = 401, description = "The key is missing or none of ours", body = Problem),
        (status = 404, description = "There is no such Product", body = Problem),
    ),
    security(("back end key" = [])),
)]
#[get("/v1/products/{product}/installs")]
async fn list_installs(
    app: Data<App>,
    BackEnd(product): BackEnd,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let state = given(&query, "state").map(state).transpose()?;
    let after = given(&query, "cursor")
        .map(|text| account("cursor", text))
        .transpose()?;
    let langs = languages::wanted(&request, &query);
    // One more than is shown tells whether there is a next page.
    let mut views = standing::page(&app, &product, state, after, PAGE + 1, &langs).await?;
    let more = views.len() as u64 > PAGE;
    if more {
        views.pop();
    }
    let next = views.last().filter(|_| more).map(|v| v.account.to_string());
    let view = |view| StandingView::new(&app.config.public_url, view);
    let items = views.iter().map(view).collect();
    Ok(private(&Installs { items, next }))
}

/// A parameter that is there and not empty.
fn given<'q>(query: &'q Query, name: &str) -> Option<&'q str> {
    query.get(name).filter(|value| !value.is_empty())
}

fn state(text: &str) -> Result<State, Error> {
    state_of(text).ok_or(Error::Malformed(Code::Malformed, "state"))
}

fn account(name: &'static str, text: &str) -> Result<AccountId, Error> {
    let id = text.parse().ok().filter(|id| *id > 0);
    id.map(AccountId)
        .ok_or(Error::Malformed(Code::Malformed, name))
}

/// Who agreed to what is nobody's to cache.
fn private(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(body)
}
