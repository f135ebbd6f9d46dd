//! The account's pages: what a person sees in the browser.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::page::{escape, page};
use crate::world::World;

/// Mounts the addresses of this module.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(accounts));
}

/// The list of accounts with the addresses of their pages.
async fn accounts(world: web::Data<World>) -> HttpResponse {
    let rows: String = world.read(|state| {
        let accounts = state.accounts.values();
        accounts
            .map(|account| {
                let url = world.account_url(&account.subdomain);
                let name = escape(&account.name);
                format!("<li><a href=\"{url}/\">{name}</a></li>")
            })
            .collect()
    });
    page(StatusCode::OK, "Accounts", &format!("<ul>{rows}</ul>"))
}
