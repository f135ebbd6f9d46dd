//! The widget API: called through `$authorizedAjax` with a
//! one-time token, from the account's own origin.

mod forms;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use self::forms::{ConsentForm, WithdrawalForm, agreement, comment};
use super::extract::{Body, Query};
use super::languages;
use super::problem::{self, Problem};
use super::views::{PolicyView, RequestView, StandingView};
use crate::actions::standing::Reader;
use crate::actions::{consents, contacts, me, notices, receipts, standing, withdrawals};
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::consents::agreement::Outcome;
use crate::domain::contacts::{Contact, ContactForm};
use crate::domain::receipts::Receipt;
use crate::domain::withdrawals::Reach;
use crate::error::{Code, Error};

/// The routes, relative to `/widget/v1`.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(read_standing)
        .service(consent)
        .service(acknowledge)
        .service(read_me)
        .service(change_contact)
        .service(read_reach)
        .service(withdraw);
}

/// Where the caller's account stands.
#[utoipa::path(
    tag = "widget",
    params(("lang" = Option<String>, Query, description = "Language of the Policy; else Accept-Language")),
    responses((status = 200, body = StandingView), (status = 401, body = Problem)),
    security(("one-time token" = [])),
)]
#[get("/standing")]
async fn read_standing(
    app: Data<App>,
    caller: Caller,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let standing = standing_of(&app, &caller, &languages::wanted(&request, &query)).await?;
    if let Some(number) = standing.notice_number()
        && let Err(e) = notices::shown(&app, &caller, number).await
    {
        tracing::warn!("it was not noted that a notice was shown: {e}");
    }
    Ok(private().json(standing))
}

/// The answer to a consent.
#[derive(Serialize, ToSchema)]
struct Given {
    receipt: Receipt,
    standing: StandingView,
}

/// Records a consent to exactly the words that were shown, with the contact details.
#[utoipa::path(
    tag = "widget",
    request_body = ConsentForm,
    responses(
        (status = 201, body = Given),
        (status = 409, description = "policy-changed, too-many, token-stale, token-replayed, uninstalling, no-policy", body = Problem),
        (status = 422, description = "Fields that are wrong or not on the list", body = Problem),
    ),
    security(("one-time token" = [])),
)]
#[post("/consents")]
async fn consent(app: Data<App>, caller: Caller, Body(body): Body) -> Result<HttpResponse, Error> {
    let agreement = agreement(&caller, body)?;
    let langs = [agreement.lang.clone()];
    match consents::record(&app, &caller, agreement).await? {
        Outcome::Given(recorded) => {
            let account = caller.claims.account;
            Ok(private_status(201).json(Given {
                receipt: receipts::sign(&app, &caller.product, account, &recorded).await?,
                standing: standing_of(&app, &caller, &langs).await?,
            }))
        }
        Outcome::PolicyChanged(current) => {
            let (public_url, code) = (&app.config.public_url, caller.product.code.as_str());
            let view = PolicyView::new(public_url, code, &current.0, &current.1);
            Ok(problem::policy_changed(json!(view)))
        }
    }
}

/// The caller has learned of a version. One that asks for more is answered by a consent.
#[utoipa::path(
    tag = "widget",
    params(("policy_number" = u32, Path, description = "The version")),
    responses(
        (status = 204, description = "Also when it was acknowledged before"),
        (status = 404, description = "No such version", body = Problem),
        (status = 409, description = "consent-required, token-stale, token-replayed, uninstalling", body = Problem),
    ),
    security(("one-time token" = [])),
)]
#[post("/notices/{policy_number}/ack")]
async fn acknowledge(
    app: Data<App>,
    caller: Caller,
    number: Path<String>,
) -> Result<HttpResponse, Error> {
    let number = number.parse().map_err(|_| Error::Refused(Code::NotFound))?;
    notices::acknowledge(&app, &caller, number).await?;
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.finish())
}

/// Corrects the caller's own contact details; what was before stays in the history.
#[utoipa::path(
    tag = "widget",
    request_body = ContactForm,
    responses(
        (status = 200, body = Contact),
        (status = 404, description = "no-contact", body = Problem),
        (status = 409, description = "too-many, token-stale, token-replayed, uninstalling", body = Problem),
        (status = 422, description = "Fields that are wrong or not on the list", body = Problem),
    ),
    security(("one-time token" = [])),
)]
#[patch("/contact")]
async fn change_contact(
    app: Data<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<HttpResponse, Error> {
    let contact = contacts::change(&app, &caller, body.into_form()?).await?;
    Ok(private().json(contact))
}

/// A request and what it changed.
#[derive(Serialize, ToSchema)]
struct Withdrawn {
    request: RequestView,
    standing: StandingView,
}

/// How far a withdrawal would reach.
#[derive(Serialize, ToSchema)]
struct ReachView {
    /// `account`: it ends the Product for everybody; `own`: it takes back the caller's consent
    /// alone; `none`: that was done already.
    reach: &'static str,
}

/// What a withdrawal of the caller's would do, so that they know before they press.
#[utoipa::path(
    tag = "widget",
    responses(
        (status = 200, body = ReachView),
        (status = 403, description = "administrator-required", body = Problem),
        (status = 409, description = "no-consent", body = Problem),
        (status = 503, description = "platform-unreachable", body = Problem),
    ),
    security(("one-time token" = [])),
)]
#[get("/withdrawals")]
async fn read_reach(app: Data<App>, caller: Caller) -> Result<HttpResponse, Error> {
    let reach = match withdrawals::reach(&app, &caller).await? {
        Some(Reach::Account) => "account",
        Some(Reach::Own) => "own",
        None => "none",
    };
    Ok(private().json(ReachView { reach }))
}

/// Withdraws the consent. By an administrator, by the person who consented first, or by the only
/// one who did, it ends the Product: from this answer on nobody in the account is entitled. By
/// anybody else it takes back their own consent, and the account goes on under the others'.
#[utoipa::path(
    tag = "widget",
    request_body = WithdrawalForm,
    responses(
        (status = 202, body = Withdrawn),
        (status = 200, description = "It had been withdrawn: the same request again", body = Withdrawn),
        (status = 403, description = "administrator-required", body = Problem),
        (status = 409, description = "no-consent, token-replayed, token-stale", body = Problem),
        (status = 503, description = "platform-unreachable", body = Problem),
    ),
    security(("one-time token" = [])),
)]
#[post("/withdrawals")]
async fn withdraw(
    app: Data<App>,
    caller: Caller,
    Body(body): Body,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let withdrawn = withdrawals::withdraw(&app, &caller, comment(body)?).await?;
    let standing = standing_of(&app, &caller, &languages::wanted(&request, &query)).await?;
    let body = Withdrawn {
        request: RequestView::new(&withdrawn.request, None),
        standing,
    };
    Ok(private_status(if withdrawn.fresh { 202 } else { 200 }).json(body))
}

/// All that is held about the Install and about the calling person, never about another.
#[utoipa::path(
    tag = "widget",
    params(("format" = Option<String>, Query, description = "json (default), html, or zip with receipts")),
    responses((status = 200, description = "As asked for"), (status = 401, body = Problem)),
    security(("one-time token" = [])),
)]
#[get("/me")]
async fn read_me(
    app: Data<App>,
    caller: Caller,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let standing = standing_of(&app, &caller, &languages::wanted(&request, &query)).await?;
    let held = me::of(&app, &caller).await?;
    super::me::Mine::new(app, &request, caller, standing, held).answer(query.get("format"))
}

async fn standing_of(app: &App, caller: &Caller, langs: &[String]) -> Result<StandingView, Error> {
    let view = standing::of(
        app,
        &caller.product,
        caller.claims.account,
        Reader {
            host: Some(&caller.claims.host),
            user: Some(caller.claims.user),
            langs,
        },
    )
    .await?;
    Ok(StandingView::new(&app.config.public_url, &view))
}

fn private() -> actix_web::HttpResponseBuilder {
    private_status(200)
}

/// Personal data is nobody's to cache.
fn private_status(status: u16) -> actix_web::HttpResponseBuilder {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
