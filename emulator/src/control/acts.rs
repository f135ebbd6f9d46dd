//! Acting: installs, withdrawal, tokens, time, switches, faults.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::merge;
use crate::faults::Fault;
use crate::host::problem;
use crate::records::Finding;
use crate::switches::Switches;
use crate::world::{State, World};

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/installs", web::post().to(install))
        .route("/installs", web::delete().to(disable))
        .route("/authorize", web::post().to(authorize))
        .route("/revoke", web::post().to(revoke))
        .route("/disposable-token", web::post().to(disposable_token))
        .route("/hooks/{n}/repeat", web::post().to(repeat))
        .route("/events", web::post().to(emit))
        .route("/webhooks/deliver", web::post().to(deliver))
        .route("/clock", web::post().to(move_clock))
        .route("/switches", web::put().to(turn))
        .route("/faults", web::post().to(fail))
        .route("/faults", web::delete().to(stop_failing))
        .route("/findings", web::post().to(add_finding))
        .route("/findings", web::delete().to(forget_findings))
        .route("/world", web::delete().to(forget_everything));
}

/// Account, person and integration: the subject of most acts.
#[derive(Debug, Deserialize)]
struct Who {
    account_id: u64,
    #[serde(default)]
    user_id: u64,
    client_id: String,
    /// Value of `state` on the authorize page.
    #[serde(default)]
    state: Option<String>,
}

async fn install(world: web::Data<World>, who: web::Json<Who>) -> HttpResponse {
    let (person, allowed) = world.read(|state| {
        let account = state.accounts.get(&who.account_id);
        let card = state.integrations.get(&who.client_id);
        (
            account
                .and_then(|account| account.user(who.user_id))
                .is_some(),
            card.is_some_and(|card| card.may_be_installed_in(who.account_id)),
        )
    });
    if !person || !known(&world, &who) {
        return problem(404, "No such account, user or integration");
    }
    if !allowed {
        return problem(403, "A private integration of another account");
    }
    let status = world
        .install(who.account_id, &who.client_id, who.user_id)
        .await;
    HttpResponse::Ok().json(json!({"hook_status": status}))
}

async fn disable(world: web::Data<World>, who: web::Json<Who>) -> HttpResponse {
    if !known(&world, &who) {
        return problem(404, "No such account or integration");
    }
    let status = world
        .disable(who.account_id, &who.client_id, who.user_id)
        .await;
    HttpResponse::Ok().json(json!({"hook_status": status}))
}

fn known(world: &World, who: &Who) -> bool {
    world.read(|state| {
        state.accounts.contains_key(&who.account_id)
            && state.integrations.contains_key(&who.client_id)
    })
}

async fn authorize(world: web::Data<World>, who: web::Json<Who>) -> HttpResponse {
    let state = who.state.as_deref();
    match world.authorize(who.account_id, who.user_id, &who.client_id, state) {
        Some(url) => HttpResponse::Ok().json(json!({"url": url})),
        None => problem(
            403,
            "Unknown, or the first access is not given by an administrator",
        ),
    }
}

/// Withdraws one person's access, or everybody's without `user_id`; the disconnect hook follows either way and
/// does not tell which (KO:permissions).
async fn revoke(world: web::Data<World>, who: web::Json<Who>) -> HttpResponse {
    let revoked = match who.user_id {
        0 => world.revoke_grants(who.account_id, &who.client_id),
        user_id => world.revoke_grants_of(who.account_id, &who.client_id, user_id),
    };
    let status = world
        .send_disconnect_hook(who.account_id, &who.client_id)
        .await;
    HttpResponse::Ok().json(json!({"revoked": revoked, "hook_status": status}))
}

/// A widget token; `claims`, `alg` and `key` make a forged one.
#[derive(Debug, Deserialize)]
struct TokenWish {
    #[serde(flatten)]
    who: Who,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    key: Option<String>,
}

async fn disposable_token(world: web::Data<World>, wish: web::Json<TokenWish>) -> HttpResponse {
    let TokenWish {
        who,
        claims,
        alg,
        key,
    } = wish.into_inner();
    let usual = world.disposable_claims(who.account_id, who.user_id, &who.client_id);
    let secret = world.read(|state| {
        Some(
            state
                .integrations
                .get(&who.client_id)?
                .client_secret
                .clone(),
        )
    });
    let (Some(mut signed), Some(secret)) = (usual, secret) else {
        return problem(404, "No such account, user or integration");
    };
    merge(&mut signed, claims);
    let key = key.unwrap_or(secret);
    match world.custom_token(&signed, alg.as_deref().unwrap_or("HS256"), key.as_bytes()) {
        Ok(token) => HttpResponse::Ok().json(json!({"token": token})),
        Err(error) => problem(400, &error.to_string()),
    }
}

async fn repeat(world: web::Data<World>, n: web::Path<u64>) -> HttpResponse {
    match world.repeat_hook(*n).await {
        Some(status) => HttpResponse::Ok().json(json!({"hook_status": status})),
        None => problem(404, "No such hook, or no answer"),
    }
}

/// Something that happened in an account, such as `add_lead`, with the entity's fields.
#[derive(Debug, Deserialize)]
struct Event {
    account_id: u64,
    event: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

async fn emit(world: web::Data<World>, body: web::Json<Event>) -> HttpResponse {
    let Event {
        account_id,
        event,
        fields,
    } = body.into_inner();
    let fields: Vec<_> = fields.into_iter().collect();
    let webhooks = world.emit_event(account_id, &event, &fields);
    HttpResponse::Ok().json(json!({"webhooks": webhooks}))
}

/// Makes the deliveries that are due now, and answers when they are made; otherwise a quarter of a second passes.
async fn deliver(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"attempts": world.deliver_due().await}))
}

/// How to move time; several parts may come together and are carried out in this order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    #[serde(default)]
    set: Option<i64>,
    #[serde(default)]
    advance_secs: Option<i64>,
    #[serde(default)]
    frozen: Option<bool>,
}

/// The moved clock is on the disk before the answer, so that whoever shares this world finds it there.
async fn move_clock(world: web::Data<World>, body: web::Json<Move>) -> HttpResponse {
    let now = world.change(|state| {
        if let Some(at) = body.set {
            state.clock.set(at);
        }
        if let Some(secs) = body.advance_secs {
            state.clock.advance(secs);
        }
        match body.frozen {
            Some(true) => state.clock.freeze(),
            Some(false) => state.clock.run(),
            None => {}
        }
        state.clock.now()
    });
    if let Err(error) = world.save() {
        return problem(500, &error.to_string());
    }
    HttpResponse::Ok().json(json!({"now": now}))
}

async fn turn(world: web::Data<World>, body: web::Json<Map<String, Value>>) -> HttpResponse {
    let turned = world.change(|state| {
        let mut merged = json!(state.switches);
        merge(&mut merged, body.into_inner());
        state.switches = serde_json::from_value::<Switches>(merged)?;
        Ok::<_, serde_json::Error>(state.switches.clone())
    });
    match turned {
        Ok(switches) => HttpResponse::Ok().json(switches),
        Err(error) => problem(400, &error.to_string()),
    }
}

async fn fail(world: web::Data<World>, body: web::Json<Fault>) -> HttpResponse {
    world.fail_next(body.into_inner());
    HttpResponse::NoContent().finish()
}

async fn stop_failing(world: web::Data<World>) -> HttpResponse {
    world.change(|state| state.faults.clear());
    HttpResponse::NoContent().finish()
}

async fn add_finding(world: web::Data<World>, body: web::Json<Finding>) -> HttpResponse {
    world.record_finding(body.into_inner());
    HttpResponse::NoContent().finish()
}

async fn forget_findings(world: web::Data<World>) -> HttpResponse {
    world.change(|state| state.findings.clear());
    HttpResponse::NoContent().finish()
}

async fn forget_everything(world: web::Data<World>) -> HttpResponse {
    world.change(|state| *state = State::default());
    HttpResponse::NoContent().finish()
}
