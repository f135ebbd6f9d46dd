//! What the pages ask the server to do: install, save and disable a widget, give out one-time tokens, pass a
//! widget's POST on, note forbidden behaviour.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::boot;
use super::session::{Refusal, Visitor, visitor};
use crate::host::problem;
use crate::manifest;
use crate::model::{InstallStatus, Integration};
use crate::records::Finding;
use crate::world::World;

/// How long a widget's POST through the account may take.
const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// Reports of one call that are kept; a widget that fails in a loop must not fill the list by itself.
const FINDINGS_AT_ONCE: usize = 50;

/// `POST /ajax/widgets/list`
pub async fn list(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visitor = visitor(&world, &request)?;
    let widgets = boot::widgets(&world, &visitor.account);
    Ok(HttpResponse::Ok().json(json!({"response": {"status": "ok", "widgets": widgets}})))
}

/// `POST /ajax/widgets/edit`: `code`, `widget_active` (`Y` or `N`), and either `is_widget_state_action=1`,
/// the pressed Install or Disable button, or the values as `settings[key]`.
pub async fn edit(
    world: web::Data<World>,
    request: HttpRequest,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Refusal> {
    let visitor = visitor(&world, &request)?;
    if !visitor.user.is_admin {
        return Err(Refusal::OnlyAdministrators);
    }
    let value = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let code = value("code").unwrap_or_default();
    let Some(integration) = world.read(|state| state.integration_by_code(code).cloned()) else {
        return Ok(problem(404, "There is no widget with this code"));
    };
    let ids = (
        visitor.account.id,
        integration.client_id.as_str(),
        visitor.user.id,
    );
    let active = !matches!(value("widget_active"), Some("N" | "false" | "0" | ""));

    if !active {
        world.disable(ids.0, ids.1, ids.2).await;
    } else if value("is_widget_state_action") == Some("1") {
        install(&world, &visitor, &integration).await;
    } else {
        world.save_widget_settings(ids.0, ids.1, settings(&form, &integration));
        set_status(&world, &visitor, &integration, InstallStatus::Installed);
    }
    let install = world.widget_install(ids.0, ids.1);
    Ok(HttpResponse::Ok().json(json!({"response": {"status": "ok", "install": install}})))
}

/// Switches the widget on. The hook leaves before any settings are saved, as at the vendor.
async fn install(world: &World, visitor: &Visitor, integration: &Integration) {
    world
        .install(visitor.account.id, &integration.client_id, visitor.user.id)
        .await;
    set_status(world, visitor, integration, InstallStatus::NotConfigured);
}

/// Records how far the widget is; only a widget that is switched on can be configured.
fn set_status(world: &World, visitor: &Visitor, integration: &Integration, status: InstallStatus) {
    world.change(|state| {
        let account = state.accounts.get_mut(&visitor.account.id);
        let install = account.and_then(|account| account.installs.get_mut(&integration.client_id));
        if let Some(install) = install.filter(|install| install.active) {
            install.status = status;
        }
    });
}

/// The values sent as `settings[key]`, as far as the server stores them: a `custom` field keeps JSON and
/// numbers, and drops plain text.
fn settings(form: &[(String, String)], integration: &Integration) -> Map<String, Value> {
    let manifest = manifest::of(integration).unwrap_or_default();
    form.iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix("settings[")?.strip_suffix(']')?;
            let custom = manifest["settings"][key]["type"] == "custom";
            let stored = !custom || serde_json::from_str::<Value>(value).is_ok();
            stored.then(|| (key.to_owned(), Value::from(value.as_str())))
        })
        .collect()
}

/// `GET /ajax/v2/integrations/{client_id}/disposable_token`
///
/// Given from the first Install on, also after the widget was switched off: an open page must be able to ask
/// its server how the removal went.
pub async fn disposable_token(
    world: web::Data<World>,
    request: HttpRequest,
    client_id: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let visitor = visitor(&world, &request)?;
    if !visitor.account.installs.contains_key(client_id.as_str()) {
        return Ok(problem(
            404,
            "The integration was never installed in this account",
        ));
    }
    let token = world.disposable_token(visitor.account.id, visitor.user.id, &client_id);
    Ok(match token {
        Ok(token) => HttpResponse::Ok()
            .insert_header(("Cache-Control", "no-store"))
            .json(json!({"token": token})),
        Err(error) => problem(404, &error.to_string()),
    })
}

/// A widget's `crm_post`.
#[derive(Debug, Deserialize)]
pub struct Post {
    url: String,
    #[serde(default)]
    data: Value,
}

/// `POST /ajax/widgets/post`: sends a widget's data to its server and gives back what that answers.
pub async fn crm_post(
    world: web::Data<World>,
    request: HttpRequest,
    post: web::Json<Post>,
) -> Result<HttpResponse, Refusal> {
    visitor(&world, &request)?;
    let answer = world
        .post_for_widget(&post.url, &post.data, POST_TIMEOUT)
        .await;
    Ok(match answer {
        Ok((status, body)) if (200..300).contains(&status) => HttpResponse::Ok().body(body),
        Ok((status, _)) => problem(502, &format!("The widget's server answered {status}")),
        Err(reason) => problem(502, &reason),
    })
}

/// `POST /ajax/emulator/findings`: what the recorder in the page saw.
pub async fn findings(
    world: web::Data<World>,
    request: HttpRequest,
    found: web::Json<Vec<Finding>>,
) -> Result<HttpResponse, Refusal> {
    visitor(&world, &request)?;
    for finding in found.into_inner().into_iter().take(FINDINGS_AT_ONCE) {
        world.record_finding(finding);
    }
    Ok(HttpResponse::NoContent().finish())
}
