//! What a client's first program reads of an account: lists of entities, which are empty here, so that it is
//! answered 204 as amoCRM does (RU:crm_platform/error-codes). Writing them, and single entities, are not
//! modelled and stay 501.

use actix_web::{HttpRequest, HttpResponse, web};

use super::admin;
use crate::host::{self, Problem};
use crate::world::World;

/// Entities with a list.
const LISTS: [&str; 5] = ["leads", "contacts", "companies", "customers", "tasks"];
/// Entities with fields of the account's own; none was made (RU:crm_platform/custom-fields).
const WITH_FIELDS: [&str; 4] = ["leads", "contacts", "companies", "customers"];

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    for entity in LISTS {
        config.route(&format!("/api/v4/{entity}"), web::get().to(nothing));
    }
    for entity in WITH_FIELDS {
        let fields = format!("/api/v4/{entity}/custom_fields");
        config.route(&fields, web::get().to(nothing));
        config.route(&format!("{fields}/groups"), web::get().to(nothing));
    }
    config.route("/api/v4/roles", web::get().to(no_roles));
}

async fn nothing(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    host::authorize(&world, &request)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Only administrators read roles (RU:crm_platform/users-api).
async fn no_roles(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    admin(&world, &request)?;
    Ok(HttpResponse::NoContent().finish())
}
