//! `/api/v4/webhooks`: list, set, remove (RU:crm_platform/webhooks-api). How events are delivered is told in
//! `deliveries`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{admin, parameter};
use crate::grants::Caller;
use crate::host::{Problem, hal, validation_problem};
use crate::model::Webhook;
use crate::places::Place;
use crate::world::World;

/// Hooks an account may have.
const MOST: usize = 100;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/v4/webhooks")
            .route(web::get().to(list))
            .route(web::post().to(set))
            .route(web::delete().to(remove)),
    );
}

#[derive(Debug, Deserialize)]
struct Wanted {
    destination: String,
    #[serde(default)]
    settings: Vec<String>,
    #[serde(default)]
    sort: i64,
}

/// An administrator's token in an account whose tariff has webhooks.
fn entitled(world: &World, request: &HttpRequest) -> Result<Caller, Problem> {
    let caller = admin(world, request)?;
    let switches = world.read(|state| state.switches.clone());
    if switches.webhooks_in_tariff {
        return Ok(caller);
    }
    let status = switches.webhooks_refused_status;
    Err(Problem::new(status, "The tariff does not include webhooks"))
}

async fn list(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let caller = entitled(&world, &request)?;
    let only = parameter(&request, "filter[destination]");
    let rows: Vec<Value> = world.read(|state| {
        let hooks = state
            .accounts
            .get(&caller.account_id)
            .map(|account| &account.webhooks);
        hooks
            .into_iter()
            .flatten()
            .filter(|hook| only.as_ref().is_none_or(|only| *only == hook.destination))
            .map(|hook| model(caller.account_id, hook))
            .collect()
    });
    if rows.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    Ok(hal(&json!({
        "_total_items": rows.len(),
        "_links": Place::of(&world, &request, caller.account_id).own(),
        "_embedded": {"webhooks": rows},
    })))
}

async fn set(
    world: web::Data<World>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let caller = entitled(&world, &request)?;
    let Ok(wanted) = serde_json::from_slice::<Wanted>(&body) else {
        return Ok(validation_problem(
            "destination",
            "NotBlank",
            "This value should not be blank.",
        ));
    };
    if Url::parse(&wanted.destination).is_err() {
        return Ok(validation_problem(
            "destination",
            "InvalidUrl",
            "This is not an address.",
        ));
    }
    if wanted.settings.is_empty() {
        return Ok(validation_problem(
            "settings",
            "NotBlank",
            "This value should not be blank.",
        ));
    }
    if let Some(unknown) = wanted.settings.iter().find(|event| !is_event(event)) {
        let detail = format!("{unknown} is not an event");
        return Ok(validation_problem(
            "settings.0",
            "NotSupportedChoice",
            &detail,
        ));
    }
    let stored = world.change(|state| {
        let now = state.clock.now();
        let id = state.next_id();
        let account = state.accounts.get_mut(&caller.account_id)?;
        let known = account
            .webhooks
            .iter()
            .position(|hook| hook.destination == wanted.destination);
        let at = match known {
            Some(at) => at,
            None if account.webhooks.len() >= MOST => return None,
            None => {
                account.webhooks.push(Webhook {
                    id,
                    destination: wanted.destination,
                    created_at: now,
                    created_by: caller.user_id,
                    client_id: caller.client_id,
                    ..Webhook::default()
                });
                account.webhooks.len() - 1
            }
        };
        let hook = &mut account.webhooks[at];
        hook.settings = wanted.settings;
        hook.sort = wanted.sort;
        hook.disabled = false;
        hook.bad_answers.clear();
        hook.updated_at = now;
        Some(model(caller.account_id, hook))
    });
    let Some(mut body) = stored else {
        return Err(Problem::new(
            422,
            "The account has a hundred webhooks already",
        ));
    };
    body["_links"] = Place::of(&world, &request, caller.account_id).own();
    Ok(HttpResponse::Created()
        .content_type("application/hal+json")
        .body(body.to_string()))
}

async fn remove(
    world: web::Data<World>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let caller = entitled(&world, &request)?;
    let Ok(wanted) = serde_json::from_slice::<Wanted>(&body) else {
        return Ok(validation_problem(
            "destination",
            "NotBlank",
            "This value should not be blank.",
        ));
    };
    let removed = world.change(|state| {
        let Some(account) = state.accounts.get_mut(&caller.account_id) else {
            return false;
        };
        let before = account.webhooks.len();
        account
            .webhooks
            .retain(|hook| hook.destination != wanted.destination);
        account.webhooks.len() < before
    });
    if removed {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::new(404, "Webhook not found"))
    }
}

fn model(account_id: u64, hook: &Webhook) -> Value {
    json!({
        "id": hook.id,
        "destination": hook.destination,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
        "account_id": account_id,
        "created_by": hook.created_by,
        "sort": hook.sort,
        "disabled": hook.disabled,
        "settings": hook.settings,
    })
}

/// Whether this is one of the vendor's event names: an action and an entity, with the gaps of the list.
fn is_event(name: &str) -> bool {
    let Some((action, entity)) = name.split_once('_') else {
        return false;
    };
    match (action, entity) {
        ("add", "chat_template_review") => true,
        ("add" | "update", "talk") => true,
        ("restore", entity) => matches!(entity, "lead" | "contact" | "company"),
        ("status", entity) => entity == "lead",
        ("note", entity) => matches!(entity, "lead" | "contact" | "company" | "customer"),
        ("add" | "update" | "delete" | "responsible", entity) => {
            matches!(entity, "lead" | "contact" | "company" | "customer" | "task")
        }
        _ => false,
    }
}
