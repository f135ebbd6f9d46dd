//! The first door: HTTP. Handlers parse, call one action, and show what came of it.

mod archive;
mod audit;
mod back_ends;
mod comparison;
mod context;
mod cookies;
#[cfg(feature = "demo")]
mod demo;
mod describe;
mod extract;
mod health;
mod hooks;
mod languages;
mod links;
mod me;
mod pages;
mod peer;
mod policy;
pub mod preview;
pub mod problem;
mod receipts;
mod strict;
mod views;
mod widget;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, DefaultHeaders, NormalizePath, from_fn};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer, ResponseError as _};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::error::{Code, Error};

pub use describe::openapi;

/// Starts the server on a socket that is bound already.
///
/// # Errors
/// When the socket cannot be listened on.
pub fn serve(app: Arc<App>, socket: TcpListener) -> std::io::Result<Server> {
    let (app, audit) = (Data::from(app), Data::new(audit::Audit::default()));
    let (connections, workers) = (connections()?, workers());
    prepare(&socket)?;
    let server = HttpServer::new(move || {
        let (app, hosts) = (app.clone(), app.config.hosts.clone());
        actix_web::App::new()
            .into_utoipa_app()
            .app_data(app.clone())
            .app_data(audit.clone())
            .configure(move |routes| routes_of(routes, &hosts))
            .into_app()
            .default_service(web::route().to(nowhere))
            .wrap(Compress::default())
            // A card's address may end in a slash: what leads to the same is served the same.
            .wrap(NormalizePath::trim())
            .wrap(headers(&app))
            .wrap(from_fn(context::middleware))
    })
    .workers(workers)
    .max_connections(connections / workers)
    .shutdown_timeout(10)
    .client_request_timeout(Duration::from_secs(10))
    .listen(socket)?
    .disable_signals();
    Ok(server.run())
}

/// One thread for each core, and never one alone: whoever compares long texts holds one up.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// The most connections that are held open at once, however many files may be open.
const MOST_CONNECTIONS: u64 = 20_000;

/// How many connections wait to be accepted while many come at once: what is above that is
/// dropped and comes again a second later, which is too late for a hook.
const BACKLOG: i32 = 4096;

/// How long we wait for somebody who reads no further (Linux ends such a connection by itself
/// only after a quarter of an hour, and not at all while its window is closed).
const SILENT_READER: Duration = Duration::from_secs(30);

/// How many connections may be open: half of the files that may be, so that the database, letters
/// and calls to amoCRM always have some. The process' own limit is raised as far as it may be.
fn connections() -> std::io::Result<usize> {
    let files = rlimit::increase_nofile_limit(2 * MOST_CONNECTIONS)?;
    let most = (files / 2).min(MOST_CONNECTIONS);
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}

fn prepare(socket: &TcpListener) -> std::io::Result<()> {
    let socket = socket2::SockRef::from(socket);
    socket.listen(BACKLOG)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENT_READER))?;
    Ok(())
}

/// Every route, once: what is served is what is described.
fn routes_of(routes: &mut ServiceConfig, hosts: &crate::domain::hosts::Hosts) {
    let hosts = hosts.clone();
    let cors = Cors::default()
        .allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|o| hosts.origin(o).is_ok()))
        .allowed_methods(["GET", "POST", "PATCH"])
        .allowed_headers([extract::TOKEN, "Content-Type"])
        .max_age(600);
    // What is called most is looked for first. A scope answers everything below its prefix, so the
    // longer prefix comes before the shorter.
    routes.service(
        scope("/widget/v1/policy")
            .wrap(policy::open_to_all())
            .configure(policy::configure_widget)
            .configure(comparison::configure_widget),
    );
    routes.service(
        scope("/widget/v1")
            .wrap(cors)
            .configure(widget::configure)
            .configure(receipts::configure_widget)
            .default_service(web::route().to(nowhere)),
    );
    routes
        .configure(hooks::configure)
        .configure(health::configure)
        .configure(pages::configure);
    routes
        .configure(describe::configure)
        .configure(comparison::configure)
        .configure(policy::configure)
        .configure(receipts::configure)
        .configure(links::configure)
        .configure(back_ends::configure);
    #[cfg(feature = "demo")]
    routes.configure(demo::configure);
}

/// A word or two for a machine.
fn plain(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

/// What every answer carries that does not say more itself.
fn headers(app: &App) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add((
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
        ));
    if app.config.public_url.starts_with("https://") {
        headers.add((
            "Strict-Transport-Security",
            "max-age=31536000; includeSubDomains",
        ))
    } else {
        headers
    }
}

/// Nothing is here: 404, or 405 when the address is right and the method is not.
async fn nowhere(request: HttpRequest) -> HttpResponse {
    let allowed = describe::methods_of(request.path());
    let code = if allowed.is_empty() {
        Code::NotFound
    } else {
        Code::MethodNotAllowed
    };
    let mut response = Error::Refused(code).error_response();
    if let Ok(allow) = allowed.join(", ").parse()
        && !allowed.is_empty()
    {
        response
            .headers_mut()
            .insert(actix_web::http::header::ALLOW, allow);
    }
    response
}
