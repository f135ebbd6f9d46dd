//! The account's pages: what a person sees in the browser.
//!
//! The server side is thin. It knows who is signed in, hands out one page with the facts of the account in it,
//! and carries out what the page asks for; everything that a widget can see is in `web/host`.

mod actions;
mod boot;
pub(crate) mod files;
mod pages;
mod session;

use actix_web::web;

pub(crate) use pages::note;

/// In one line, that this program was built without the libraries of the pages; nothing when it has them.
pub fn missing_libraries() -> Option<String> {
    files::missing_note(&files::missing_libraries())
}

/// Mounts the addresses of the pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(pages::front))
        .route("/sign-in", web::get().to(session::choose))
        .route("/sign-in", web::post().to(session::sign_in))
        .route("/sign-out", web::post().to(session::sign_out))
        .route("/leads", web::get().to(pages::shell))
        .route("/leads/detail/{id}", web::get().to(pages::shell))
        .route("/contacts/detail/{id}", web::get().to(pages::shell))
        .route("/settings/widgets", web::get().to(pages::shell))
        .route("/settings/widgets/{code}", web::get().to(pages::shell))
        .route("/host/{file:.*}", web::get().to(files::host))
        .route("/lib/{file}", web::get().to(files::library))
        .route("/widgets/{code}/{file:.*}", web::get().to(files::widget))
        .route("/upl/{code}/widget/{file:.*}", web::get().to(files::widget))
        .route("/ajax/widgets/list", web::post().to(actions::list))
        .route("/ajax/widgets/edit", web::post().to(actions::edit))
        .route("/ajax/widgets/post", web::post().to(actions::crm_post))
        .route("/ajax/emulator/findings", web::post().to(actions::findings))
        .route(
            "/ajax/v2/integrations/{client_id}/disposable_token",
            web::get().to(actions::disposable_token),
        );
}
