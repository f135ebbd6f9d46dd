//! The control page (`/_emulator/`): the same acts as the control API, as plain forms.

use std::time::{Duration, UNIX_EPOCH};

use super::looks::shown;
use super::switchboard;
use crate::model::{Account, Integration, User};
use crate::page::{escape, page};
use crate::world::{State, World};
use actix_web::http::StatusCode;
use actix_web::http::header::HttpDate;
use actix_web::{HttpResponse, web};

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("", web::get().to(show));
}

async fn show(world: web::Data<World>) -> HttpResponse {
    let body = world.read(|state| {
        [
            clock(state),
            accounts(&world, state),
            integrations(state),
            behaviour(state),
            hooks(state),
            requests(state),
            findings(state),
        ]
        .concat()
    });
    let body = format!("{}{body}", crate::account::note());
    page(StatusCode::OK, "The emulator's back office", &body)
}

/// A form for one act: hidden values, then the visible part.
fn form(act: &str, hidden: &[(&str, String)], visible: &str) -> String {
    let hidden: String = hidden
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escape(value)
            )
        })
        .collect();
    format!(
        "<form method=\"post\" action=\"/_emulator/do\" style=\"display:inline-block;margin:.2rem\">\
         <input type=\"hidden\" name=\"act\" value=\"{act}\">{hidden}{visible}</form>"
    )
}

fn fields(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("<label>{name} <input name=\"{name}\"></label>"))
        .collect()
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let head: String = heads
        .iter()
        .map(|head| format!("<th>{head}</th>"))
        .collect();
    let body: String = rows
        .iter()
        .map(|cells| {
            let cells: String = cells
                .iter()
                .map(|cell| format!("<td>{cell}</td>"))
                .collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!("<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
}

fn clock(state: &State) -> String {
    let frozen = if state.clock.frozen_at.is_some() {
        ", stopped"
    } else {
        ""
    };
    let now = state.clock.now();
    format!(
        "<h2>Clock</h2><p>{} (Unix second {now}){frozen}</p>{}{}{}",
        day_and_time(now),
        form(
            "advance",
            &[],
            "<label>seconds <input name=\"secs\" value=\"3600\"></label><button>Advance</button>"
        ),
        form("freeze", &[], "<button>Stop</button>"),
        form("run", &[], "<button>Run</button>"),
    )
}

fn day_and_time(unix_secs: i64) -> String {
    let since = Duration::from_secs(u64::try_from(unix_secs).unwrap_or(0));
    HttpDate::from(UNIX_EPOCH + since).to_string()
}

fn accounts(world: &World, state: &State) -> String {
    let mut html = "<h2>Accounts</h2>".to_owned();
    for account in state.accounts.values() {
        let id = ("account_id", account.id.to_string());
        html.push_str(&format!(
            "<h3><a href=\"{}/\">{}</a>: {} (№ {})</h3>",
            world.account_url(&account.subdomain),
            escape(&account.subdomain),
            escape(&account.name),
            account.id,
        ));
        let people: Vec<Vec<String>> = account.users.iter().map(person).collect();
        html.push_str(&table(&["№", "name", "login", "role"], &people));
        html.push_str(&table(
            &["integration", "status", ""],
            &widgets(state, account),
        ));
        let rename = format!("{}<button>Rename</button>", fields(&["subdomain"]));
        html.push_str(&form("rename", std::slice::from_ref(&id), &rename));
        let add = format!(
            "{}<label><input type=\"checkbox\" name=\"is_admin\" value=\"1\"> administrator</label>\
             <button>Add user</button>",
            fields(&["name", "email"])
        );
        html.push_str(&form("add_user", &[id], &add));
    }
    let add = format!(
        "{}<button>Add account</button>",
        fields(&["subdomain", "name"])
    );
    html + &form("add_account", &[], &add)
}

fn person(user: &User) -> Vec<String> {
    let role = match (user.is_active, user.is_admin) {
        (false, _) => "deactivated",
        (true, true) => "administrator",
        (true, false) => "employee",
    };
    vec![
        user.id.to_string(),
        escape(&user.name),
        escape(&user.email),
        role.to_owned(),
    ]
}

fn widgets(state: &State, account: &Account) -> Vec<Vec<String>> {
    let admin = account
        .users
        .iter()
        .find(|user| user.is_admin && user.is_active);
    let cells = |integration: &Integration| {
        let install = account.installs.get(&integration.client_id);
        let grants = state.grants.iter().filter(|grant| {
            grant.alive
                && grant.account_id == account.id
                && grant.client_id == integration.client_id
        });
        let who = [
            ("account_id", account.id.to_string()),
            ("client_id", integration.client_id.clone()),
            ("user_id", admin.map_or(0, |user| user.id).to_string()),
        ];
        let on = install.is_some_and(|install| install.active);
        vec![
            escape(&integration.name),
            format!(
                "{}, {} living grants",
                if on { "on" } else { "off" },
                grants.count()
            ),
            [
                form("install", &who, "<button>Install</button>"),
                form("disable", &who, "<button>Disable</button>"),
                form("revoke", &who, "<button>Revoke access</button>"),
            ]
            .concat(),
        ]
    };
    state.integrations.values().map(cells).collect()
}

fn integrations(state: &State) -> String {
    let rows: Vec<Vec<String>> = state
        .integrations
        .values()
        .map(|one| {
            vec![
                escape(&one.name),
                escape(&one.client_id),
                escape(&one.code),
                escape(&one.redirect_uri),
                escape(one.disconnect_uri.as_deref().unwrap_or("none")),
            ]
        })
        .collect();
    let add = format!(
        "{}<button>Add integration</button>",
        fields(&[
            "name",
            "client_id",
            "client_secret",
            "redirect_uri",
            "disconnect_uri"
        ])
    );
    format!(
        "<h2>Integrations</h2>{}{}",
        table(
            &["name", "client id", "widget", "redirect", "disconnect"],
            &rows
        ),
        form("add_integration", &[], &add)
    )
}

fn behaviour(state: &State) -> String {
    let switches = switchboard::fields(&state.switches);
    let fault = "<label>fault <textarea name=\"json\" rows=\"2\" cols=\"60\">\
        {\"path_prefix\":\"/api/\",\"kind\":\"status\",\"status\":500,\"times\":1}</textarea></label>\
        <button>Add fault</button>";
    format!(
        "<h2>Switches</h2><p>What the vendor leaves open, or says in two ways.</p>{}\
         <h2>Faults waiting: {}</h2>{}{}",
        form("switches", &[], &switches),
        state.faults.len(),
        form("fault", &[], fault),
        form("no_faults", &[], "<button>Remove all faults</button>"),
    )
}

fn hooks(state: &State) -> String {
    let row = |hook: &crate::records::HookRecord| {
        let hook = shown(hook);
        let repeat = form(
            "repeat",
            &[("n", hook.n.to_string())],
            "<button>Repeat</button>",
        );
        vec![
            hook.n.to_string(),
            format!("{:?} {}", hook.kind, hook.attempt),
            escape(&hook.url),
            escape(&hook.outcome.to_string()),
            if hook.kind.is_repeatable() {
                repeat
            } else {
                String::new()
            },
        ]
    };
    let rows: Vec<Vec<String>> = state.hooks.iter().rev().take(50).map(row).collect();
    format!(
        "<h2>Hooks sent</h2><p>Webhooks waiting for their moment: {}</p>{}{}",
        state.waiting.len(),
        form("deliver", &[], "<button>Deliver what is due</button>"),
        table(&["№", "kind", "address", "outcome", ""], &rows)
    )
}

fn requests(state: &State) -> String {
    let row = |one: &crate::records::RequestRecord| {
        vec![
            day_and_time(one.at),
            one.status.to_string(),
            escape(&one.method),
            escape(&format!("{}{}", one.host, one.path)),
        ]
    };
    let rows: Vec<Vec<String>> = state.requests.iter().rev().take(50).map(row).collect();
    format!(
        "<h2>Requests received</h2>{}",
        table(&["at", "status", "method", "address"], &rows)
    )
}

fn findings(state: &State) -> String {
    let row = |one: &crate::records::Finding| {
        vec![escape(&one.widget), escape(&one.rule), escape(&one.detail)]
    };
    let rows: Vec<Vec<String>> = state.findings.iter().rev().take(50).map(row).collect();
    format!(
        "<h2>Findings about widgets</h2>{}",
        table(&["widget", "rule", "detail"], &rows)
    )
}
