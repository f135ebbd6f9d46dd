//! Signing in: a person picks who they are. There are no passwords; it is an emulator.

use std::fmt;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Deserialize;

use super::pages::{fill, html, note};
use crate::host::{self, SESSION_COOKIE};
use crate::model::{Account, User};
use crate::page::{escape, page};
use crate::places::{HostLabel, host_label};
use crate::world::World;

/// Who is looking at the pages of which account.
pub struct Visitor {
    /// The account of the host.
    pub account: Account,
    /// The person signed in.
    pub user: User,
}

/// Why a request of the account's pages goes no further; each becomes the fitting answer by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The host is not an account's: a page that says so.
    NoAccount,
    /// A page for somebody who is not signed in: on to the sign-in page.
    SignInFirst,
    /// A call of a page where nobody is signed in: 401.
    NobodySignedIn,
    /// An employee wants to change integrations: 403.
    OnlyAdministrators,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Refusal::NoAccount => "No account has this address",
            Refusal::SignInFirst | Refusal::NobodySignedIn => "Nobody is signed in",
            Refusal::OnlyAdministrators => "Only an administrator changes integrations",
        })
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Refusal::NoAccount => StatusCode::NOT_FOUND,
            Refusal::SignInFirst => StatusCode::SEE_OTHER,
            Refusal::NobodySignedIn => StatusCode::UNAUTHORIZED,
            Refusal::OnlyAdministrators => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Refusal::NoAccount => page(
                self.status_code(),
                "No such account",
                "<p>No account has this address. Perhaps it was renamed.</p>",
            ),
            Refusal::SignInFirst => see_other("/sign-in"),
            Refusal::NobodySignedIn | Refusal::OnlyAdministrators => {
                host::problem(self.status_code().as_u16(), &self.to_string())
            }
        }
    }
}

/// The visitor of a request.
///
/// # Errors
/// When the host is not an account's, or nobody of that account is signed in.
pub fn visitor(world: &World, request: &HttpRequest) -> Result<Visitor, Refusal> {
    let account = account(world, request)?;
    host::session(world, request)
        .filter(|session| session.account_id == account.id)
        .and_then(|session| account.user(session.user_id).cloned())
        .map(|user| Visitor { account, user })
        .ok_or_else(|| {
            if request.path().starts_with("/ajax/") {
                Refusal::NobodySignedIn
            } else {
                Refusal::SignInFirst
            }
        })
}

/// The account that the host names.
fn account(world: &World, request: &HttpRequest) -> Result<Account, Refusal> {
    let found = match host_label(world, request) {
        HostLabel::Account(id) => world.read(|state| state.accounts.get(&id).cloned()),
        HostLabel::Former(_) | HostLabel::Common | HostLabel::Unknown => None,
    };
    found.ok_or(Refusal::NoAccount)
}

/// `GET /sign-in`: one button per person.
pub async fn choose(
    world: web::Data<World>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let account = account(&world, &request)?;
    let people: String = account
        .users
        .iter()
        .filter(|user| user.is_active)
        .map(button)
        .collect();
    let (name, subdomain) = (escape(&account.name), escape(&account.subdomain));
    Ok(html(fill(
        include_str!("../../web/pages/sign_in.html"),
        &[
            ("account", &name),
            ("subdomain", &subdomain),
            ("people", &people),
            ("note", &note()),
        ],
    )))
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
) -> Result<HttpResponse, Refusal> {
    let account = account(&world, &request)?;
    let Some(key) = world.sign_in(account.id, choice.user) else {
        return Ok(see_other("/sign-in"));
    };
    let mut answer = see_other("/");
    // A cookie that cannot be set leaves the person on the sign-in page, which is answer enough.
    let _ = answer.add_cookie(&cookie(key));
    Ok(answer)
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
