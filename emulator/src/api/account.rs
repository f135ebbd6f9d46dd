//! `GET /api/v4/account`: the account's data (RU:crm_platform/account-info) with every field that PHP reads.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use uuid::Uuid;

use super::wants;
use crate::host::{self, Problem, hal};
use crate::model::Account;
use crate::places::Place;
use crate::world::World;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/api/v4/account", web::get().to(account));
}

async fn account(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let caller = host::authorize(&world, &request)?;
    let found = world.read(|state| state.accounts.get(&caller.account_id).cloned());
    let account = found.ok_or_else(|| Problem::new(401, "Account not found"))?;
    let follows = world.read(|state| state.switches.context_is_current_user);
    let current = if follows {
        caller.user_id
    } else {
        caller.owner_id
    };
    let place = Place::of(&world, &request, account.id);
    let mut body = always(&account, current, &place);
    top_level(&mut body, &account, (&place, &world), &request);
    embedded(&mut body, &account, &request);
    Ok(hal(&body))
}

fn always(account: &Account, user_id: u64, place: &Place) -> Value {
    let creator = account.users.first().map_or(0, |user| user.id);
    json!({
        "id": account.id,
        "name": account.name,
        "subdomain": account.label(),
        "created_at": account.created_at,
        "created_by": creator,
        "updated_at": account.created_at,
        "updated_by": creator,
        "current_user_id": user_id,
        "country": account.country,
        "currency": account.currency,
        "currency_symbol": account.currency,
        "customers_mode": "segments",
        "is_unsorted_on": true,
        "mobile_feature_version": 0,
        "is_loss_reason_enabled": true,
        "is_helpbot_enabled": false,
        "is_technical_account": false,
        "contact_name_display_order": 1,
        "_links": place.own(),
    })
}

fn top_level(
    body: &mut Value,
    account: &Account,
    (place, world): (&Place, &World),
    request: &HttpRequest,
) {
    let parts = [
        ("amojo_id", json!(stable_uuid(account.id, 1))),
        ("uuid", json!(stable_uuid(account.id, 2))),
        ("version", json!(11)),
        ("drive_url", json!(place.drive(world))),
        ("is_api_filter_enabled", json!(true)),
        (
            "entity_names",
            json!({"leads": {"ru": {"plural_form": {"dative": "сделкам"}}}}),
        ),
        (
            "invoices_settings",
            json!({"lang": "ru", "invoices_catalog_id": 1}),
        ),
    ];
    for (name, value) in parts {
        if wants(request, name) {
            body[name] = value;
        }
    }
}

fn embedded(body: &mut Value, account: &Account, request: &HttpRequest) {
    let parts = [
        (
            "amojo_rights",
            json!({"can_direct": true, "can_create_groups": true}),
        ),
        (
            "users_groups",
            json!([{"id": 0, "name": "Sales", "uuid": null}]),
        ),
        (
            "task_types",
            json!([{"id": 1, "name": "Follow-up", "color": null, "icon_id": null, "code": "FOLLOW_UP"}]),
        ),
        (
            "datetime_settings",
            json!({
                "date_pattern": "d.m.Y H:i",
                "short_date_pattern": "d.m.Y",
                "short_time_pattern": "H:i",
                "date_format": "d.m.Y",
                "time_format": "H:i:s",
                "timezone": account.timezone,
                "timezone_offset": "+06:00",
            }),
        ),
    ];
    for (name, value) in parts {
        if wants(request, name) {
            body["_embedded"][name] = value;
        }
    }
}

/// An identifier that is the same at each call, made of the account's number.
fn stable_uuid(id: u64, salt: u64) -> Uuid {
    Uuid::from_u64_pair(0x616d_6f00_0000_4000 | salt, 0x8000_0000_0000_0000 | id)
}
