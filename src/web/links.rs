//! The page behind a link in a letter: it says what will happen, with a button.
//!
//! Nothing happens by GET, because mail scanners open links. The token is in the path, which no
//! log line of ours holds.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use utoipa_actix_web::service_config::ServiceConfig;

use super::context;
use super::pages::{Frame, page};
use super::problem::Problem;
use crate::actions::links::{self, Link};
use crate::app::App;
use crate::error::{Code, Error};

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(show).service(press);
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    frame: Frame,
    body: String,
    /// The word on the button, while there is something to do.
    button: Option<String>,
}

/// What the link in a letter will do. Opening it does nothing.
#[utoipa::path(
    tag = "letters",
    params(("token" = String, Path, description = "From the letter; works once, for seven days")),
    responses(
        (status = 200, description = "A page with a button"),
        (status = 404, description = "The link is unknown or too old", body = Problem),
    ),
)]
#[get("/requests/{token}")]
async fn show(
    app: Data<App>,
    token: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    answer(&app, &request, links::look(&app, &token).await?)
}

/// Does what the link in a letter is for: confirms the address that it was sent to.
#[utoipa::path(
    tag = "letters",
    params(("token" = String, Path, description = "From the letter; works once, for seven days")),
    responses(
        (status = 200, description = "A page that says that it is done; also when it was done before"),
        (status = 404, description = "The link is unknown or too old", body = Problem),
    ),
)]
#[post("/requests/{token}")]
async fn press(
    app: Data<App>,
    token: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    answer(&app, &request, links::confirm(&app, &token).await?)
}

fn answer(app: &App, request: &HttpRequest, link: Option<Link>) -> Result<HttpResponse, Error> {
    let (status, key) = match link {
        Some(Link::Open) => (StatusCode::OK, "link-confirm"),
        Some(Link::Used) => (StatusCode::OK, "link-confirmed"),
        None if context::current().page.is_some() => (StatusCode::NOT_FOUND, "link-lapsed"),
        None => return Err(Error::Refused(Code::NotFound)),
    };
    let frame = Frame::new(app, request, key);
    let body = frame.with(&format!("{key}-body"), "publisher", &frame.publisher);
    let button = (link == Some(Link::Open)).then(|| frame.text("link-confirm-button"));
    Ok(page(
        status,
        &LinkPage {
            frame,
            body,
            button,
        },
    ))
}
