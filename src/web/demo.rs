//! The demo's page: what to click, and beside it what the service did. Two of its steps are
//! pressed on the page itself: publishing a prepared version, and letting the grace pass.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::pages::{self, Frame};
use crate::app::{App, Tour, TourAct};
use crate::domain::facts::Level;
use crate::domain::policies::history::Version;
use crate::domain::products::ProductCode;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::overview::{self, Overview};
use crate::store::products;

/// The routes; outside of the demo they answer 404.
pub fn configure(routes: &mut ServiceConfig) {
    routes.map(|routes| {
        routes
            .service(demo)
            .service(activity)
            .service(perform)
            .service(script)
    });
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    frame: Frame,
    tour: Tour,
    versions: Versions,
    now: Timestamp,
    happened: Overview,
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    frame: Frame,
    happened: Overview,
}

/// What has been published in the demo.
struct Versions {
    /// Each posted version after the first, with the number of the one before it.
    since: Vec<(u32, Version)>,
}

impl Versions {
    async fn read(app: &App, tour: &Tour) -> Result<Self, Error> {
        let code = ProductCode::parse(&tour.product).map_err(|e| Error::Internal(e.into()))?;
        let product = products::find(&app.store, &code).await?;
        let product = product.ok_or(Error::Refused(Code::UnknownProduct))?;
        let history = app.store.history(product.id).await?;
        let pairs = history.versions().windows(2);
        Ok(Self {
            since: pairs.map(|two| (two[0].number, two[1].clone())).collect(),
        })
    }

    /// Key of the text that names a version's level.
    fn label(version: &Version) -> &'static str {
        match version.level {
            Level::Notice => "demo-level-notice",
            Level::Reconsent => "demo-level-wider",
        }
    }

    /// Whether a version of this level is out, named as in the template.
    fn has(&self, level: &str) -> bool {
        self.since.iter().any(|(_, v)| level_key(v.level) == level)
    }
}

/// What a level is called in the addresses and the texts of this page.
fn level_key(level: Level) -> &'static str {
    match level {
        Level::Notice => "notice",
        Level::Reconsent => "wider",
    }
}

#[get("/demo")]
async fn demo(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let tour = tour(&app)?;
    let page = DemoPage {
        frame: Frame::new(&app, &request, "demo"),
        versions: Versions::read(&app, &tour).await?,
        now: app.clock.now(),
        happened: overview::read(&app.store).await?,
        tour,
    };
    Ok(pages::page(StatusCode::OK, &page))
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

/// What a button of the page sends besides its address.
#[derive(Deserialize)]
struct Pressed {
    key: String,
}

/// One press of a button on the demo's page, and back to it.
#[post("/demo/{act}")]
async fn perform(
    app: Data<App>,
    request: HttpRequest,
    act: Path<String>,
    pressed: Form<Pressed>,
) -> Result<HttpResponse, Error> {
    let tour = tour(&app)?;
    let act = match act.as_str() {
        "notice" => TourAct::PublishNotice,
        "wider" => TourAct::PublishWider,
        "later" => TourAct::PassGrace,
        _ => return Err(Error::Refused(Code::NotFound)),
    };
    if pressed.key != tour.key || is_foreign(&request) {
        return Err(Error::Malformed(
            Code::Malformed,
            "key: this is pressed on the page /demo of this run",
        ));
    }
    let lang = Frame::new(&app, &request, "demo").lang;
    let done = (tour.perform)(app.into_inner(), act).await;
    done.map_err(Error::Internal)?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/demo?lang={lang}#new-version")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// Whether the browser says that another site's page sent this (W3C, Fetch Metadata). `Origin`
/// says nothing here: our pages send no referrer, and then it is `null`.
fn is_foreign(request: &HttpRequest) -> bool {
    let site = request.headers().get("Sec-Fetch-Site");
    site.is_some_and(|site| site != "same-origin")
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
