//! `GET /api/v4/users`, `/api/v4/users/{id}` (RU:crm_platform/users-api) and `/v3/user`, which no page
//! describes and the vendor's own OAuth client calls.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{admin, paged, wants};
use crate::grants::Caller;
use crate::host::{self, Problem, hal};
use crate::model::User;
use crate::places::Place;
use crate::world::World;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/api/v4/users", web::get().to(list))
        .route("/api/v4/users/{id}", web::get().to(one))
        .route("/v3/user", web::get().to(token_owner));
}

/// Administrators only, and no external integration (RU:oauth/oauth-external-integrations).
fn reader(world: &World, request: &HttpRequest) -> Result<Caller, Problem> {
    let caller = admin(world, request)?;
    let status = world.read(|state| state.switches.external_users_status);
    if status != 200 && world.is_external(&caller.client_id) {
        return Err(Problem::new(
            status,
            "External integrations may not read users",
        ));
    }
    Ok(caller)
}

async fn list(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let caller = reader(&world, &request)?;
    let place = Place::of(&world, &request, caller.account_id);
    let users: Vec<Value> = users(&world, &caller)
        .iter()
        .map(|user| model(user, &request, &place))
        .collect();
    let total = users.len();
    let Some(mut body) = paged(&request, &place, users, "users") else {
        return Ok(HttpResponse::NoContent().finish());
    };
    body["_total_items"] = json!(total);
    Ok(hal(&body))
}

async fn one(
    world: web::Data<World>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = reader(&world, &request)?;
    let wanted = id.parse::<u64>().ok();
    let found = users(&world, &caller)
        .into_iter()
        .find(|user| Some(user.id) == wanted);
    let user = found.ok_or_else(|| Problem::new(404, "User not found"))?;
    let place = Place::of(&world, &request, caller.account_id);
    Ok(hal(&model(&user, &request, &place)))
}

async fn token_owner(
    world: web::Data<World>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let caller = host::authorize(&world, &request)?;
    let found = users(&world, &caller)
        .into_iter()
        .find(|user| user.id == caller.owner_id);
    let user = found.ok_or_else(|| Problem::new(404, "User not found"))?;
    Ok(hal(
        &json!({"id": user.id, "name": user.name, "email": user.email}),
    ))
}

fn users(world: &World, caller: &Caller) -> Vec<User> {
    world
        .read(|state| {
            let account = state.accounts.get(&caller.account_id);
            account.map(|account| account.users.clone())
        })
        .unwrap_or_default()
}

fn model(user: &User, request: &HttpRequest, place: &Place) -> Value {
    let all = json!({"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"});
    let mut model = json!({
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "lang": user.lang,
        "rights": {
            "leads": all, "contacts": all, "companies": all,
            "tasks": {"edit": "A", "delete": "A"},
            "mail_access": false,
            "catalog_access": false,
            "status_rights": null,
            "is_admin": user.is_admin,
            "is_free": false,
            "is_active": user.is_active,
            "group_id": null,
            "role_id": null,
        },
        "_links": place.of_row(&format!("/api/v4/users/{}", user.id)),
        "_embedded": {"roles": [], "groups": []},
    });
    let extras = [
        ("phone_number", json!(user.phone)),
        (
            "uuid",
            json!(format!("00000000-0000-4000-8000-{:012}", user.id)),
        ),
        (
            "amojo_id",
            json!(format!("00000000-0000-4000-9000-{:012}", user.id)),
        ),
        ("user_rank", json!("newbie")),
    ];
    for (name, value) in extras {
        if wants(request, name) {
            model[name] = value;
        }
    }
    if wants(request, "group") {
        model["_embedded"]["groups"] = json!([{"id": 0, "name": "Sales"}]);
    }
    model
}
