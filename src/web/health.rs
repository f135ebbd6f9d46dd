//! Whether the process lives, and whether it can do its work.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::problem::Problem;
use crate::app::App;
use crate::error::{Code, Error};
use crate::store;

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(healthz).service(readyz);
}

/// The process lives.
#[utoipa::path(tag = "service", responses((status = 200, description = "ok")))]
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    super::plain("ok")
}

/// The database answers, its keys open, every migration is applied, and due jobs are done within a
/// minute.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "ok"), (status = 503, description = "Not ready", body = Problem)),
)]
#[get("/readyz")]
async fn readyz(app: Data<App>) -> Result<HttpResponse, Error> {
    app.store.ping().await?;
    if !app.store.is_migrated().await? {
        tracing::warn!("migrations are pending: run accord migrate");
        return Err(Error::Refused(Code::DatabaseUnavailable));
    }
    if let Some(stalled) = store::jobs::stalled(&app.store, app.clock.now()).await? {
        tracing::warn!("{stalled}");
        return Err(Error::Refused(Code::JobsStalled));
    }
    Ok(super::plain("ok"))
}
