//! The page where a person gives an integration access (`/oauth`, RU:oauth/step-by-step), and the button script
//! for websites (RU:oauth/button, KO:button-on-site). Parameters that nobody documented, such as those that PHP
//! sends, are ignored.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::external::Metadata;
use crate::host;
use crate::model::Integration;
use crate::page::{escape, page};
use crate::world::World;

/// The language that the vendor's sites put before a page: Kommo's button uses `/es`, `/br` and `/id`
/// (KO:button-on-site), its sites have more.
const LOCALE: &str = "/{locale:[a-z]{2}(?:-[a-z]{2})?}";

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/oauth", web::get().to(ask))
        .route("/oauth", web::post().to(decide))
        .route(&format!("{LOCALE}/oauth"), web::get().to(ask))
        .route(&format!("{LOCALE}/oauth"), web::post().to(decide))
        .route("/auth/button.min.js", web::get().to(button))
        .route("/auth/button.js", web::get().to(button))
        .route(
            &format!("{LOCALE}/auth/button.min.js"),
            web::get().to(button),
        )
        .route(&format!("{LOCALE}/auth/button.js"), web::get().to(button));
}

/// What the authorize address carries; everything else is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    client_id: String,
    state: Option<String>,
    mode: Option<String>,
    #[serde(flatten)]
    metadata: Metadata,
}

impl Asked {
    /// Everything that the decision needs again, as hidden fields.
    fn hidden_fields(&self) -> String {
        let fields = [
            ("client_id", Some(&self.client_id)),
            ("state", self.state.as_ref()),
            ("mode", self.mode.as_ref()),
            ("name", Some(&self.metadata.name)),
            ("redirect_uri", Some(&self.metadata.redirect_uri)),
            ("secrets_uri", Some(&self.metadata.secrets_uri)),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| {
                let value = escape(value.filter(|value| !value.is_empty())?);
                Some(format!(
                    "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
                ))
            })
            .collect()
    }
}

/// The pressed button: whose access, and whether.
#[derive(Debug, Deserialize)]
struct Decision {
    #[serde(flatten)]
    asked: Asked,
    /// `account/user`
    #[serde(default)]
    who: String,
    decision: String,
}

impl Decision {
    /// Account and user.
    fn person(&self) -> Option<(u64, u64)> {
        let (account, user) = self.who.split_once('/')?;
        Some((account.parse().ok()?, user.parse().ok()?))
    }
}

async fn ask(
    world: web::Data<World>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let card = world.read(|state| state.integrations.get(&asked.client_id).cloned());
    let external = asked.client_id.is_empty() && asked.metadata.is_complete();
    let name = card.as_ref().map(|card| card.name.clone());
    let name = name.or_else(|| external.then(|| asked.metadata.name.clone()));
    let Some(name) = name else {
        return page(
            StatusCode::NOT_FOUND,
            "No such integration",
            "<p>Check the <code>client_id</code> parameter.</p>",
        );
    };
    let session = host::session(&world, &request);
    let people = choices(
        &world,
        card.as_ref(),
        session.map(|session| (session.account_id, session.user_id)),
    );
    let hidden = asked.hidden_fields();
    let body = format!(
        "<p>The integration <b>{}</b> asks for access to the data of the account.</p>\
         <form method=\"post\" action=\"/oauth\">{hidden}\
         <p><label>Account and user <select name=\"who\">{people}</select></label></p>\
         <p><button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></p></form>",
        escape(&name)
    );
    page(StatusCode::OK, "Access to your account", &body)
}

/// The people who may answer: the one signed in, else everybody active. Of a private integration (`card`) only
/// its own account is shown; an external one has no card yet.
fn choices(world: &World, card: Option<&Integration>, signed_in: Option<(u64, u64)>) -> String {
    world.read(|state| {
        let mut html = String::new();
        for account in state.accounts.values() {
            if card.is_some_and(|card| !card.may_be_installed_in(account.id)) {
                continue;
            }
            for user in account.users.iter().filter(|user| user.is_active) {
                if signed_in.is_some_and(|only| only != (account.id, user.id)) {
                    continue;
                }
                let role = if user.is_admin {
                    "administrator"
                } else {
                    "employee"
                };
                html.push_str(&format!(
                    "<option value=\"{}/{}\">{}: {} ({role})</option>",
                    account.id,
                    user.id,
                    escape(&account.subdomain),
                    escape(&user.name),
                ));
            }
        }
        html
    })
}

async fn decide(world: web::Data<World>, form: web::Form<Decision>) -> HttpResponse {
    let allowed = form.decision == "allow";
    let asked = &form.asked;
    let state = asked.state.as_deref();
    let mut client_id = asked.client_id.clone();
    if allowed && client_id.is_empty() && asked.metadata.is_complete() {
        let account_id = form.person().map_or(0, |(account_id, _)| account_id);
        match world
            .create_external(&asked.metadata, account_id, state)
            .await
        {
            Ok(made) => client_id = made,
            Err(status) => {
                let body = format!("<p>The integration did not take its keys. (Code {status})</p>");
                return page(StatusCode::BAD_GATEWAY, "Access cannot be given", &body);
            }
        }
    }
    let url = if allowed {
        let person = form.person();
        person.and_then(|(account, user)| world.authorize(account, user, &client_id, state))
    } else {
        world.deny(&client_id, &asked.metadata.redirect_uri, state)
    };
    let Some(url) = url else {
        return page(
            StatusCode::FORBIDDEN,
            "Access cannot be given",
            "<p>The first access must be given by an administrator of the account.</p>",
        );
    };
    if asked.mode.as_deref() != Some("popup") {
        return HttpResponse::Found()
            .insert_header(("Location", url))
            .finish();
    }
    let message = if allowed {
        json!({"url": url})
    } else {
        json!({"client_id": client_id, "error": "access_denied"})
    };
    close_popup(&url, &message)
}

/// `mode=popup`: tells the opener what happened and closes; without an opener the window goes on by itself.
fn close_popup(url: &str, message: &serde_json::Value) -> HttpResponse {
    // `<` must not appear inside the script element.
    let quoted = |value: String| value.replace('<', "\\u003c");
    let message = quoted(message.to_string());
    let target = quoted(json!(url).to_string());
    let body = format!(
        "<p><a href=\"{}\">Continue</a></p><script>if(window.opener){{\
         window.opener.postMessage({message},'*');window.close()}}else{{location.replace({target})}}\
         </script>",
        escape(url)
    );
    page(StatusCode::OK, "Done", &body)
}

async fn button() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("button.js"))
}
