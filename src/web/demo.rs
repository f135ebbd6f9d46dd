//! The demo's page: what to click, and beside it what the service did.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use utoipa_actix_web::service_config::ServiceConfig;

use super::pages::{self, Frame};
use crate::app::{App, Tour};
use crate::error::{Code, Error};
use crate::store::overview::{self, Overview};

/// The routes; outside of the demo they answer 404.
pub fn configure(routes: &mut ServiceConfig) {
    routes.map(|routes| routes.service(demo).service(activity).service(script));
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    frame: Frame,
    tour: Tour,
    happened: Overview,
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    frame: Frame,
    happened: Overview,
}

#[get("/demo")]
async fn demo(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let tour = tour(&app)?;
    let happened = overview::read(&app.store).await?;
    let frame = Frame::new(&app, &request, "demo");
    Ok(pages::page(
        StatusCode::OK,
        &DemoPage {
            frame,
            tour,
            happened,
        },
    ))
}

/// The right half alone, for the script that keeps it fresh.
#[get("/demo/activity")]
async fn activity(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    tour(&app)?;
    let happened = overview::read(&app.store).await?;
    Ok(pages::page(
        StatusCode::OK,
        &Activity {
            frame: Frame::new(&app, &request, "demo"),
            happened,
        },
    ))
}

#[get("/assets/demo.js")]
async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(include_str!("../../assets/static/demo.js"))
}

fn tour(app: &App) -> Result<Tour, Error> {
    app.tour.clone().ok_or(Error::Refused(Code::NotFound))
}
