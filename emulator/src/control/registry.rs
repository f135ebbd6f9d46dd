//! Registering: accounts, their people, integrations and their widget archives.

use std::path::PathBuf;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::merge;
use crate::host::problem;
use crate::manifest;
use crate::model::{Account, Integration, User};
use crate::world::World;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/accounts", web::post().to(add_account))
        .route("/accounts/{id}", web::put().to(change_account))
        .route("/accounts/{id}/users", web::post().to(add_user))
        .route("/accounts/{id}/users/{user}", web::put().to(change_user))
        .route("/accounts/{id}/rename", web::post().to(rename))
        .route("/integrations", web::post().to(add_integration))
        .route("/integrations/{client_id}/archive", web::put().to(upload));
}

async fn add_account(world: web::Data<World>, body: web::Json<Account>) -> HttpResponse {
    let taken = world.read(|state| {
        state.account_by_subdomain(&body.subdomain).is_some()
            || state.accounts.contains_key(&body.id)
    });
    if taken || body.subdomain.is_empty() {
        return problem(409, "The subdomain or number is missing or taken");
    }
    HttpResponse::Created().json(world.add_account(body.into_inner()))
}

/// Parts of an account to change, such as `platform` or `pretended_host`. Its number stays, and its subdomain
/// changes by `rename` only, because the old host must be remembered.
async fn change_account(
    world: web::Data<World>,
    id: web::Path<u64>,
    body: web::Json<Map<String, Value>>,
) -> HttpResponse {
    let changed = world.change(|state| {
        let account = state.accounts.get_mut(&id)?;
        let mut merged = json!(account);
        merge(&mut merged, body.into_inner());
        *account = Account {
            id: account.id,
            subdomain: account.subdomain.clone(),
            ..serde_json::from_value(merged).ok()?
        };
        Some(account.clone())
    });
    match changed {
        Some(account) => HttpResponse::Ok().json(account),
        None => problem(404, "No such account, or the change does not fit one"),
    }
}

async fn add_user(
    world: web::Data<World>,
    id: web::Path<u64>,
    body: web::Json<User>,
) -> HttpResponse {
    match world.add_user(*id, body.into_inner()) {
        Some(user) => HttpResponse::Created().json(user),
        None => problem(404, "No such account"),
    }
}

/// Parts of a user to change: promotion, dismissal, another language.
async fn change_user(
    world: web::Data<World>,
    path: web::Path<(u64, u64)>,
    body: web::Json<Map<String, Value>>,
) -> HttpResponse {
    let (account_id, user_id) = path.into_inner();
    let changed = world.change(|state| {
        let account = state.accounts.get_mut(&account_id)?;
        let user = account.users.iter_mut().find(|user| user.id == user_id)?;
        let mut merged = json!(user);
        merge(&mut merged, body.into_inner());
        *user = User {
            id: user_id,
            ..serde_json::from_value(merged).ok()?
        };
        Some(user.clone())
    });
    match changed {
        Some(user) => HttpResponse::Ok().json(user),
        None => problem(404, "No such user, or the change does not fit one"),
    }
}

#[derive(Debug, Deserialize)]
struct NewName {
    subdomain: String,
}

async fn rename(
    world: web::Data<World>,
    id: web::Path<u64>,
    body: web::Json<NewName>,
) -> HttpResponse {
    if world.rename(*id, &body.subdomain) {
        HttpResponse::NoContent().finish()
    } else {
        problem(409, "No such account, or the subdomain is taken")
    }
}

async fn add_integration(world: web::Data<World>, body: web::Json<Integration>) -> HttpResponse {
    HttpResponse::Created().json(world.add_integration(body.into_inner()))
}

#[derive(Debug, Deserialize)]
struct Folder {
    folder: PathBuf,
}

/// A zip archive as the body, or `{"folder": "…"}` as JSON. A manifest that the pages could not work with is
/// refused in words, as the vendor's upload does (RU:integrations/upload).
async fn upload(
    world: web::Data<World>,
    request: HttpRequest,
    client_id: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let is_json = request.headers().get("Content-Type").is_some_and(|kind| {
        kind.to_str()
            .is_ok_and(|kind| kind.starts_with("application/json"))
    });
    let (archive, folder) = if is_json {
        match serde_json::from_slice::<Folder>(&body) {
            Ok(named) => (None, Some(named.folder)),
            Err(_) => return problem(400, "A JSON body names a folder"),
        }
    } else if zip::ZipArchive::new(std::io::Cursor::new(body.as_ref())).is_ok() {
        (Some(body.to_vec()), None)
    } else {
        return problem(400, "The body is not a zip archive");
    };
    let offered = Integration {
        archive,
        folder,
        ..Integration::default()
    };
    if let Err(fault) = manifest::read(&offered) {
        return problem(400, &fault);
    }
    let known = world.change(|state| {
        let Some(integration) = state.integrations.get_mut(client_id.as_str()) else {
            return false;
        };
        integration.archive = offered.archive;
        integration.folder = offered.folder;
        true
    });
    if known {
        HttpResponse::NoContent().finish()
    } else {
        problem(404, "No such integration")
    }
}
