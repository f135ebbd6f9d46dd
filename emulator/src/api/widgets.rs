//! `/api/v4/widgets`: what is in the account, switching on with settings, switching off by code
//! (RU:crm_platform/widgets-api). Its effects on hooks and tokens are told nowhere and are switches.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::{admin, paged};
use crate::grants::Caller;
use crate::host::{self, Problem, hal, validation_problem};
use crate::manifest;
use crate::model::{InstallStatus, Integration, IntegrationKind};
use crate::places::Place;
use crate::world::World;

/// Other publishers' widgets that every account lists.
const NEIGHBOURS: [&str; 3] = [
    "amo_mailchimp_demo",
    "amo_telephony_demo",
    "amo_delivery_demo",
];

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/api/v4/widgets", web::get().to(list))
        .service(
            web::resource("/api/v4/widgets/{code}")
                .route(web::get().to(one))
                .route(web::post().to(switch_on))
                .route(web::delete().to(switch_off)),
        );
}

async fn list(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let caller = host::authorize(&world, &request)?;
    let place = Place::of(&world, &request, caller.account_id);
    let mut rows: Vec<Value> = visible(&world, &caller)
        .iter()
        .map(|integration| model(&world, &caller, integration, &place))
        .collect();
    rows.extend(NEIGHBOURS.iter().map(|code| bare(code, &place)));
    Ok(match paged(&request, &place, rows, "widgets") {
        Some(body) => hal(&body),
        None => HttpResponse::NoContent().finish(),
    })
}

async fn one(
    world: web::Data<World>,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = host::authorize(&world, &request)?;
    let place = Place::of(&world, &request, caller.account_id);
    if let Some(found) = find(&world, &caller, &code) {
        return Ok(hal(&model(&world, &caller, &found, &place)));
    }
    match NEIGHBOURS.iter().find(|known| **known == code.as_str()) {
        Some(known) => Ok(hal(&bare(known, &place))),
        None => Err(unknown()),
    }
}

async fn switch_on(
    world: web::Data<World>,
    request: HttpRequest,
    code: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let caller = admin(&world, &request)?;
    let found = find(&world, &caller, &code).ok_or_else(unknown)?;
    let Some(settings) = settings(&body) else {
        return Ok(validation_problem(
            "settings",
            "InvalidType",
            "A flat object is expected",
        ));
    };
    world.save_widget_settings(caller.account_id, &found.client_id, settings);
    world.change(|state| {
        let account = state.accounts.get_mut(&caller.account_id);
        if let Some(install) =
            account.and_then(|found_in| found_in.installs.get_mut(&found.client_id))
        {
            install.status = InstallStatus::Installed;
            install.active = true;
        }
    });
    if world.read(|state| state.switches.widget_post_fires_hook) {
        let world = world.clone().into_inner();
        world.install_in_background(caller.account_id, &found.client_id, caller.user_id);
    }
    let place = Place::of(&world, &request, caller.account_id);
    Ok(hal(&model(&world, &caller, &found, &place)))
}

async fn switch_off(
    world: web::Data<World>,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = admin(&world, &request)?;
    let found = find(&world, &caller, &code).ok_or_else(unknown)?;
    world.switch_off(caller.account_id, &found.client_id);
    let switches = world.read(|state| state.switches.clone());
    if switches.widget_delete_kills_token {
        world.revoke_grants(caller.account_id, &found.client_id);
    }
    if switches.widget_delete_fires_hook {
        let world = world.clone().into_inner();
        tokio::spawn(async move {
            world
                .send_disconnect_hook(caller.account_id, &found.client_id)
                .await;
        });
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The settings in a body. Without any the widget is switched on all the same: PHP then sends `[]`, and other
/// clients nothing at all.
fn settings(body: &[u8]) -> Option<Map<String, Value>> {
    if body.trim_ascii().is_empty() {
        return Some(Map::new());
    }
    match serde_json::from_slice(body).ok()? {
        Value::Object(settings) => Some(settings),
        Value::Array(none) if none.is_empty() => Some(Map::new()),
        Value::Null => Some(Map::new()),
        _ => None,
    }
}

fn unknown() -> Problem {
    Problem::new(404, "Widget not found")
}

/// Public widgets, those installed here, and the caller's own; to a person in the pages also the private ones
/// that belong to the account.
fn visible(world: &World, caller: &Caller) -> Vec<Integration> {
    world.read(|state| {
        let account = state.accounts.get(&caller.account_id);
        let installed = |client_id: &str| {
            account.is_some_and(|account| account.installs.contains_key(client_id))
        };
        let shown = |one: &&Integration| {
            one.kind == IntegrationKind::Public
                || (one.kind == IntegrationKind::Private
                    && (one.client_id == caller.client_id
                        || installed(&one.client_id)
                        || (caller.is_person() && one.may_be_installed_in(caller.account_id))))
        };
        state.integrations.values().filter(shown).cloned().collect()
    })
}

fn find(world: &World, caller: &Caller, code: &str) -> Option<Integration> {
    visible(world, caller)
        .into_iter()
        .find(|integration| integration.code == code)
}

fn model(world: &World, caller: &Caller, one: &Integration, place: &Place) -> Value {
    let install = world.widget_install(caller.account_id, &one.client_id);
    let mut model = bare(&one.code, place);
    if let Some(manifest) = manifest::of(one) {
        model["settings_template"] = manifest::settings_template(&manifest);
        if let Some(version) = manifest["widget"]["version"].as_str() {
            model["version"] = json!(version);
        }
    }
    model["client_uuid"] = json!(one.client_id);
    model["is_active_in_account"] = json!(install.active);
    if caller.client_id == one.client_id {
        model["settings"] = Value::Object(install.settings);
    }
    model
}

/// Every key that PHP expects; it warns about a missing one.
fn bare(code: &str, place: &Place) -> Value {
    let number = code.bytes().fold(7_u64, |sum, byte| {
        (sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % 900_000
    });
    json!({
        "id": 100_000 + number,
        "code": code,
        "version": "1.0.0",
        "rating": "0,0",
        "settings_template": [],
        "is_lead_source": false,
        "is_work_with_dp": false,
        "is_crm_template": false,
        "client_uuid": null,
        "is_active_in_account": false,
        "pipeline_id": null,
        "_links": place.of_row(&format!("/api/v4/widgets/{code}")),
    })
}
