//! What the forms of the control page do.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::switchboard;
use crate::faults::Fault;
use crate::model::{Account, Integration, IntegrationKind, User};
use crate::page::page;
use crate::world::World;

/// Mounts the address of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/do", web::post().to(act));
}

type Fields = HashMap<String, String>;

/// Carries out one form and goes back to the page.
async fn act(world: web::Data<World>, form: web::Form<Fields>) -> HttpResponse {
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let number = |name: &str| text(name).parse::<u64>().unwrap_or_default();
    let (account_id, user_id, client_id) =
        (number("account_id"), number("user_id"), text("client_id"));
    let done = match text("act").as_str() {
        "advance" => text("secs").parse().map(|secs| world.advance(secs)).is_ok(),
        "freeze" => {
            world.change(|state| state.clock.freeze());
            true
        }
        "run" => {
            world.change(|state| state.clock.run());
            true
        }
        "install" => world
            .install(account_id, &client_id, user_id)
            .await
            .is_some(),
        "disable" => {
            world.disable(account_id, &client_id, user_id).await;
            true
        }
        "revoke" => {
            world.revoke_grants(account_id, &client_id);
            world.send_disconnect_hook(account_id, &client_id).await;
            true
        }
        "deliver" => {
            world.deliver_due().await;
            true
        }
        "repeat" => world.repeat_hook(number("n")).await.is_some(),
        "rename" => world.rename(account_id, &text("subdomain")),
        "no_faults" => {
            world.change(|state| state.faults.clear());
            true
        }
        "fault" => add_fault(&world, &text("json")),
        "switches" => switchboard::turn(&world, &form),
        _ => register(&world, &form),
    };
    // As with the API: what is shared with others is on the disk before the answer.
    if done && world.save().is_ok() {
        return HttpResponse::SeeOther()
            .insert_header(("Location", "/_emulator/"))
            .finish();
    }
    let body = "<p>The other side did not answer, or a value does not fit.</p>\
                <p><a href=\"/_emulator/\">Back</a></p>";
    page(StatusCode::BAD_REQUEST, "That did not work", body)
}

fn add_fault(world: &World, text: &str) -> bool {
    let fault = serde_json::from_str::<Fault>(text);
    fault.map(|fault| world.fail_next(fault)).is_ok()
}

/// Adds an account, a person or an integration.
fn register(world: &World, form: &Fields) -> bool {
    let text = |name: &str| {
        form.get(name)
            .map(|value| value.trim().to_owned())
            .unwrap_or_default()
    };
    let user = User {
        name: text("name"),
        email: text("email"),
        lang: "ru".to_owned(),
        is_admin: form.contains_key("is_admin"),
        is_active: true,
        ..User::default()
    };
    match text("act").as_str() {
        "add_user" => {
            let account_id = text("account_id").parse().unwrap_or_default();
            world.add_user(account_id, user).is_some()
        }
        "add_account" => {
            let subdomain = text("subdomain");
            let taken = world.read(|state| state.account_by_subdomain(&subdomain).is_some());
            let fits = !taken && !subdomain.is_empty();
            if fits {
                let name = text("name");
                world.add_account(Account {
                    subdomain,
                    name,
                    ..Account::default()
                });
            }
            fits
        }
        "add_integration" => {
            let fits = url::Url::parse(&text("redirect_uri")).is_ok();
            if fits {
                world.add_integration(Integration {
                    client_id: text("client_id"),
                    client_secret: text("client_secret"),
                    name: text("name"),
                    redirect_uri: text("redirect_uri"),
                    disconnect_uri: Some(text("disconnect_uri")).filter(|uri| !uri.is_empty()),
                    kind: IntegrationKind::Public,
                    ..Integration::default()
                });
            }
            fits
        }
        _ => false,
    }
}
