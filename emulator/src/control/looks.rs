//! Looking: the state, requests, hooks and findings. Tokens, codes and secrets are shown by their beginning.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use url::Url;

use crate::model::{Grant, Integration};
use crate::records::{HookRecord, masked};
use crate::world::World;

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/state", web::get().to(state))
        .route("/requests", web::get().to(requests))
        .route("/hooks", web::get().to(hooks))
        .route("/findings", web::get().to(findings))
        .route("/faults", web::get().to(faults))
        .route("/switches", web::get().to(switches))
        .route("/clock", web::get().to(clock));
}

async fn state(world: web::Data<World>) -> HttpResponse {
    let body = world.read(|state| {
        let grants: Vec<Value> = state.grants.iter().map(grant).collect();
        let integrations: Vec<Value> = state.integrations.values().map(card).collect();
        let accounts: Vec<_> = state.accounts.values().collect();
        json!({
            "now": state.clock.now(),
            "clock": state.clock,
            "accounts": accounts,
            "integrations": integrations,
            "grants": grants,
            "switches": state.switches,
            "faults": state.faults,
        })
    });
    HttpResponse::Ok().json(body)
}

fn grant(grant: &Grant) -> Value {
    let access: Vec<Value> = grant
        .access
        .iter()
        .map(|(token, expires_at)| json!({"token": masked_end(token), "expires_at": expires_at}))
        .collect();
    json!({
        "account_id": grant.account_id,
        "user_id": grant.user_id,
        "client_id": grant.client_id,
        "alive": grant.alive,
        "access": access,
        "refresh": masked_end(&grant.refresh),
        "refresh_expires_at": grant.refresh_expires_at,
    })
}

/// The last characters of a token: its beginning is the same for all.
fn masked_end(token: &str) -> String {
    let at = token.len().saturating_sub(6);
    format!("…{}", token.get(at..).unwrap_or_default())
}

fn card(integration: &Integration) -> Value {
    json!({
        "client_id": integration.client_id,
        "client_secret": masked(&integration.client_secret),
        "code": integration.code,
        "name": integration.name,
        "redirect_uri": integration.redirect_uri,
        "disconnect_uri": integration.disconnect_uri,
        "kind": integration.kind,
        "archive_bytes": integration.archive.as_ref().map(Vec::len),
        "folder": integration.folder,
    })
}

async fn requests(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.read(|state| json!(state.requests)))
}

async fn hooks(world: web::Data<World>) -> HttpResponse {
    let hooks: Vec<HookRecord> = world.read(|state| state.hooks.iter().map(shown).collect());
    HttpResponse::Ok().json(hooks)
}

/// A hook with its code and signature masked: the signature of an account never changes.
pub fn shown(hook: &HookRecord) -> HookRecord {
    let mut hook = hook.clone();
    if let Ok(mut url) = Url::parse(&hook.url) {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                let hidden = matches!(&*name, "code" | "signature");
                let value = if hidden {
                    masked_end(&value)
                } else {
                    value.into_owned()
                };
                (name.into_owned(), value)
            })
            .collect();
        if !pairs.is_empty() {
            url.query_pairs_mut().clear().extend_pairs(pairs);
            hook.url = url.into();
        }
    }
    hook
}

async fn findings(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.read(|state| json!(state.findings)))
}

async fn faults(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.read(|state| json!(state.faults)))
}

async fn switches(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.read(|state| json!(state.switches)))
}

async fn clock(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.read(|state| {
        json!({
            "now": state.clock.now(),
            "offset_secs": state.clock.offset_secs,
            "frozen_at": state.clock.frozen_at,
        })
    }))
}
