//! The facts that a page starts with: account, people, widgets with their manifests and texts, switches.

use serde_json::{Map, Value, json};

use super::files;
use super::session::Visitor;
use crate::manifest;
use crate::model::{Account, Integration, IntegrationKind, User};
use crate::world::World;

/// Everything the scripts in `web/host` need to know, as one JSON object.
pub fn facts(world: &World, visitor: &Visitor) -> Value {
    let switches = world.read(|state| json!(state.switches));
    json!({
        "account": account(&visitor.account),
        "user": user(&visitor.user),
        "users": visitor.account.users.iter().map(user).collect::<Vec<_>>(),
        "widgets": widgets(world, &visitor.account),
        "switches": switches,
    })
}

fn account(account: &Account) -> Value {
    json!({
        "id": account.id,
        "subdomain": account.subdomain,
        "name": account.name,
        "country": account.country,
        "currency": account.currency,
        "timezone": account.timezone,
        "platform": account.platform,
    })
}

fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "login": user.email,
        "lang": user.lang,
        "phone": user.phone,
        "is_admin": user.is_admin,
        "is_active": user.is_active,
    })
}

/// The integrations with a widget, as the pages show them in this account.
pub fn widgets(world: &World, account: &Account) -> Vec<Value> {
    let integrations: Vec<Integration> =
        world.read(|state| state.integrations.values().cloned().collect());
    integrations
        .iter()
        .filter(|integration| integration.kind != IntegrationKind::External)
        .filter(|integration| integration.folder.is_some() || integration.archive.is_some())
        .map(|integration| widget(world, account, integration))
        .collect()
}

fn widget(world: &World, account: &Account, integration: &Integration) -> Value {
    let install = world.widget_install(account.id, &integration.client_id);
    let mut widget = json!({
        "client_id": integration.client_id,
        "code": integration.code,
        "name": integration.name,
        "install": install,
    });
    match manifest::read(integration) {
        Ok((manifest, text)) => {
            widget["texts"] = texts(integration, &manifest);
            // As text: the order of the fields is the order on the screen, and a JSON value here is sorted.
            widget["manifest"] = Value::from(text);
        }
        Err(fault) => widget["fault"] = Value::from(fault),
    }
    widget
}

/// The texts by language, for the languages that the manifest names.
fn texts(integration: &Integration, manifest: &Value) -> Value {
    let languages = manifest["widget"]["locale"].as_array();
    let languages = languages.into_iter().flatten().filter_map(Value::as_str);
    let mut texts = Map::new();
    for language in languages {
        let bytes = files::read(integration, &format!("i18n/{language}.json"));
        if let Some(text) = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            texts.insert(language.to_owned(), text);
        }
    }
    Value::Object(texts)
}
