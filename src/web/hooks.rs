//! What amoCRM calls, and where a browser comes back from its authorize page.
//!
//! The query strings of these addresses hold codes and signatures: they are
//! parsed here and reach no log.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use secrecy::SecretString;
use url::Url;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::extract::{Hooked, OfProduct, Query};
use super::pages::{self, Message};
use super::problem::Problem;
use super::{context, cookies, plain};
use crate::actions::grants::{self, Brought};
use crate::actions::{disconnects, to_the_end};
use crate::amocrm::signature;
use crate::app::App;
use crate::domain::grants::{Announced, Stage, is_code};
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::{jobs, store};

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(install)
        .service(authorize)
        .service(disconnect);
}

/// The install hook, and the way back from amoCRM's authorize page.
///
/// amoCRM's server calls with `from_widget`, waits three seconds and never again: the code is
/// durable before the answer, the exchange follows in a job. A browser needs the state that
/// `/authorize` gave it, and gets a page that tells how it went.
#[utoipa::path(
    tag = "amoCRM",
    params(
        ("product" = String, Path, description = "The Product's code"),
        ("code" = Option<String>, Query, description = "Authorization code, lives 20 minutes"),
        ("referer" = Option<String>, Query, description = "Host of the account, without scheme"),
        ("from_widget" = Option<String>, Query, description = "Present when amoCRM's server calls"),
        ("client_id" = Option<String>, Query, description = "The integration; if present it has to be the Product's"),
        ("state" = Option<String>, Query, description = "From /authorize, for browsers"),
        ("platform" = Option<String>, Query, description = "1 amoCRM, 2 Kommo; not used"),
        ("error" = Option<String>, Query, description = "access_denied when the person refused"),
    ),
    responses(
        (status = 200, description = "Durable; for browsers a page"),
        (status = 400, description = "Foreign host, malformed code, or an invalid state: nothing is stored", body = Problem),
        (status = 403, description = "Another integration", body = Problem),
        (status = 404, description = "Unknown product", body = Problem),
    ),
)]
#[get("/amocrm/{product}/install")]
async fn install(
    app: Data<App>,
    request: HttpRequest,
    Hooked(known): Hooked,
    query: Query,
) -> Result<HttpResponse, Error> {
    let product = known.product.as_ref();
    if query.get("error").is_some() {
        return refused(&app, &request, product, &query).await;
    }
    if query
        .get("client_id")
        .is_some_and(|id| Uuid::try_parse(id) != Ok(product.client_id))
    {
        return Err(Error::Refused(Code::WrongClient));
    }
    let code = query.need("code")?;
    if !is_code(code) {
        return Err(Error::Malformed(Code::Malformed, "code"));
    }
    let host = product
        .hosts_among(&app.config.hosts)
        .account(query.need("referer")?)
        .map_err(|_| Error::Refused(Code::ForeignHost))?;
    let announced = Announced {
        product: product.id,
        host,
        code: SecretString::from(code),
    };
    if query.get("from_widget").is_some() {
        grants::announce(&app, announced).await?;
        return Ok(plain("ok"));
    }

    let brought = match state(&app, product, &request, &query) {
        Ok((state, browser)) => {
            // The state and the code work once: this goes on when the browser leaves.
            let (house, announced) = (app.clone().into_inner(), announced.clone());
            let work = connect(house, product.clone(), state.to_owned(), browser, announced);
            to_the_end(&app.tasks, work).await
        }
        Err(e) => Err(e),
    };
    match brought {
        Ok(message) => Ok(pages::message(&app, &request, product, message)),
        Err(Error::Refused(Code::StateInvalid)) if pages::are_read() => {
            again(&app, &request, product, &announced).await
        }
        Err(e) => Err(e),
    }
}

/// A person comes without a state that counts. Whoever loads the page of a code that we have
/// anew is told how that went; anybody else may begin again.
async fn again(
    app: &App,
    request: &HttpRequest,
    product: &Product,
    announced: &Announced,
) -> Result<HttpResponse, Error> {
    let known = store::grants::find_by_code(&app.store, product.id, &announced.code).await?;
    let message = match known {
        Some(grant) => outcome(app, grant).await?,
        None => {
            context::refused(Code::StateInvalid, "");
            Message::OutOfDate
        }
    };
    Ok(pages::message(app, request, product, message))
}

/// Takes the code that a browser brought back and exchanges it, so that the person sees how it
/// went; a worker takes over if we die.
async fn connect(
    app: Arc<App>,
    product: Product,
    state: String,
    browser: String,
    announced: Announced,
) -> Result<Message, Error> {
    let brought =
        grants::answer_authorization(&app, &product, &state, &browser, &announced).await?;
    let grant = match brought {
        Brought::Kept(grant, job) => {
            jobs::run_now(&app, job).await?;
            grant
        }
        Brought::Known(grant) => grant,
    };
    outcome(&app, grant).await
}

async fn refused(
    app: &App,
    request: &HttpRequest,
    product: &Product,
    query: &Query,
) -> Result<HttpResponse, Error> {
    if let Ok((state, browser)) = state(app, product, request, query) {
        grants::refuse_authorization(app, product, state, &browser).await?;
    }
    Ok(pages::message(app, request, product, Message::AccessDenied))
}

fn state<'q>(
    app: &App,
    product: &Product,
    request: &HttpRequest,
    query: &'q Query,
) -> Result<(&'q str, String), Error> {
    let state = query
        .get("state")
        .filter(|s| !s.is_empty() && s.len() <= 128);
    let browser = cookies::read(app, product, request);
    state.zip(browser).ok_or(Error::Refused(Code::StateInvalid))
}

async fn outcome(app: &App, grant: GrantId) -> Result<Message, Error> {
    let db = &app.store;
    let stage = store::grants::find(db, grant).await?.map(|g| g.stage);
    Ok(match stage {
        Some(Stage::Landed) => match store::tokens::landed_at(db, grant).await? {
            Some(place) if !store::tokens::of_administrator(db, place).await? => {
                Message::ConnectedAsEmployee
            }
            _ => Message::Connected,
        },
        Some(Stage::Dead) | None => Message::ConnectionFailed,
        Some(Stage::Code(_) | Stage::Tokens(_)) => Message::Connecting,
    })
}

/// Begins the button flow: a fresh state, bound to this browser, and off to amoCRM.
#[utoipa::path(
    tag = "amoCRM",
    params(("product" = String, Path, description = "The Product's code")),
    responses(
        (status = 303, description = "To amoCRM's authorize page"),
        (status = 404, description = "Unknown product", body = Problem),
    ),
)]
#[get("/amocrm/{product}/authorize")]
async fn authorize(
    app: Data<App>,
    request: HttpRequest,
    OfProduct(product): OfProduct,
) -> Result<HttpResponse, Error> {
    // A second tab of one browser keeps its name, so that the first one's state goes on.
    let browser = match cookies::read(&app, &product, &request) {
        Some(browser) => browser,
        None => grants::unguessable()?,
    };
    let state = grants::begin_authorization(&app, &product, &browser)?;
    let mut address = authorize_page(&app, &product)?;
    address
        .query_pairs_mut()
        .append_pair("client_id", &product.client_id.to_string())
        .append_pair("state", &state)
        .append_pair("mode", "post_message");
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, address.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .cookie(cookies::keep(&app, &product, browser))
        .finish())
}

/// As configured, else that of the platform where the Product's accounts live.
fn authorize_page(app: &App, product: &Product) -> Result<Url, Error> {
    if let Some(page) = &app.config.authorize_url {
        return Ok(page.clone());
    }
    let page = product.hosts_among(&app.config.hosts).authorize_url();
    Url::parse(&page).map_err(|e| Error::Internal(anyhow::anyhow!("authorize address: {e}")))
}

/// The disconnect hook: starts a check against the platform, proves nothing by itself.
#[utoipa::path(
    tag = "amoCRM",
    params(
        ("product" = String, Path, description = "The Product's code"),
        ("client_uuid" = Option<String>, Query, description = "The integration (older calls name it client_id)"),
        ("account_id" = String, Query, description = "The account's number"),
        ("signature" = String, Query, description = "HMAC-SHA256 of client_uuid|account_id in hex"),
    ),
    responses(
        (status = 200, description = "Durable, or an account that was never seen"),
        (status = 400, description = "A parameter is missing or malformed", body = Problem),
        (status = 403, description = "Another integration, or a wrong signature", body = Problem),
        (status = 404, description = "Unknown product", body = Problem),
    ),
)]
#[get("/amocrm/{product}/disconnect")]
async fn disconnect(
    app: Data<App>,
    Hooked(known): Hooked,
    query: Query,
) -> Result<HttpResponse, Error> {
    let product = known.product.as_ref();
    let client = match query.get("client_uuid") {
        Some(client) => client,
        None => query
            .get("client_id")
            .ok_or(Error::Malformed(Code::Malformed, "client_uuid"))?,
    };
    let client_uuid =
        Uuid::try_parse(client).map_err(|_| Error::Malformed(Code::Malformed, "client_uuid"))?;
    let account = account(query.need("account_id")?)?;
    context::claims(account);
    let tag = query.need("signature")?;
    if client_uuid != product.client_id {
        return Err(Error::Refused(Code::WrongClient));
    }
    let secrets: Vec<_> = known.secrets(app.clock.now())?.collect();
    // The platform signs the id as it writes it; ours is the canonical lower-case form.
    let signed = [client, &product.client_id.to_string()]
        .iter()
        .any(|c| signature::verify(secrets.iter().copied(), c, account, tag));
    if !signed {
        return Err(Error::Refused(Code::SignatureWrong));
    }
    disconnects::announce(&app, product, account).await?;
    Ok(plain("ok"))
}

fn account(text: &str) -> Result<AccountId, Error> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|id| digits && *id > 0)
        .map(AccountId)
        .ok_or(Error::Malformed(Code::Malformed, "account_id"))
}
