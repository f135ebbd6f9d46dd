//! Signing in: a person picks who they are. There are no passwords; it is an emulator.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::pages::{fill, html};
use crate::host::{self, HostLabel, SESSION_COOKIE};
use crate::model::{Account, User};
use crate::page::{escape, page};
use crate::world::World;

/// Who is looking at the pages of which account.
pub struct Visitor {
    /// The account of the host.
    pub account: Account,
    /// The person signed in.
    pub user: User,
}

/// The visitor of a request, or the answer to give instead: the sign-in page for a page, 401 for a call.
///
/// # Errors
/// When the host is not an account's, or nobody of that account is signed in.
pub fn visitor(world: &World, request: &HttpRequest) -> Result<Visitor, HttpResponse> {
    let account = account(world, request)?;
    host::session(world, request)
        .filter(|session| session.account_id == account.id)
        .and_then(|session| account.user(session.user_id).cloned())
        .map(|user| Visitor { account, user })
        .ok_or_else(|| {
            if request.path().starts_with("/ajax/") {
                return host::problem(401, "Nobody is signed in");
            }
            see_other("/sign-in")
        })
}

/// The account that the host names.
fn account(world: &World, request: &HttpRequest) -> Result<Account, HttpResponse> {
    let found = match host::host_label(world, request) {
        HostLabel::Account(id) => world.read(|state| state.accounts.get(&id).cloned()),
        HostLabel::Former(_) | HostLabel::Common | HostLabel::Unknown => None,
    };
    found.ok_or_else(|| {
        page(
            StatusCode::NOT_FOUND,
            "No such account",
            "<p>No account has this address. Perhaps it was renamed.</p>",
        )
    })
}

/// `GET /sign-in`: one button per person.
pub async fn choose(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let account = match account(&world, &request) {
        Ok(account) => account,
        Err(answer) => return answer,
    };
    let people: String = account
        .users
        .iter()
        .filter(|user| user.is_active)
        .map(button)
        .collect();
    let (name, subdomain) = (escape(&account.name), escape(&account.subdomain));
    html(fill(
        include_str!("../../web/pages/sign_in.html"),
        &[
            ("account", &name),
            ("subdomain", &subdomain),
            ("people", &people),
        ],
    ))
}

fn button(user: &User) -> String {
    let role = if user.is_admin {
        "Administrator"
    } else {
        "Employee"
    };
    format!(
        "<li><button class=\"person\" name=\"user\" value=\"{}\">\
         <span class=\"avatar\" aria-hidden=\"true\">{}</span>\
         <span class=\"who\"><b>{}</b><span>{role} · {}</span></span></button></li>",
        user.id,
        escape(&user.name.chars().take(1).collect::<String>()),
        escape(&user.name),
        escape(&user.lang),
    )
}

/// The pressed button.
#[derive(Debug, Deserialize)]
pub struct Choice {
    user: u64,
}

/// `POST /sign-in`
pub async fn sign_in(
    world: web::Data<World>,
    request: HttpRequest,
    choice: web::Form<Choice>,
) -> HttpResponse {
    let account = match account(&world, &request) {
        Ok(account) => account,
        Err(answer) => return answer,
    };
    let Some(key) = world.sign_in(account.id, choice.user) else {
        return see_other("/sign-in");
    };
    let mut answer = see_other("/");
    // A cookie that cannot be set leaves the person on the sign-in page, which is answer enough.
    let _ = answer.add_cookie(&cookie(key));
    answer
}

/// `POST /sign-out`
pub async fn sign_out(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let mut answer = see_other("/sign-in");
    if let Some(cookie) = request.cookie(SESSION_COOKIE) {
        world.change(|state| state.sessions.remove(cookie.value()));
        let mut gone = self::cookie(String::new());
        gone.make_removal();
        let _ = answer.add_cookie(&gone);
    }
    answer
}

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// Goes on with a GET elsewhere.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("Location", path))
        .insert_header(("Cache-Control", "no-store"))
        .finish()
}
