//! The cookie that binds a state of the button flow to one browser.
//!
//! Over https its name has the prefix `__Host-`: browsers then take it from this very host
//! only, over https only, and for all of its paths (RFC 6265bis, section 4.1.3.2). Over plain
//! http, which is for loopback alone, there is no such thing.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

use crate::app::App;
use crate::domain::products::Product;

const NAME: &str = "accord_authorize";

/// Keeps in the browser what its state is bound to.
pub fn keep(app: &App, product: &Product, browser: String) -> Cookie<'static> {
    let path = if is_https(app) {
        "/".to_owned()
    } else {
        format!("/amocrm/{}/", product.code)
    };
    Cookie::build(name(app, product), browser)
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https(app))
        .max_age(Duration::minutes(10))
        .finish()
}

/// What the browser brings back.
pub fn read(app: &App, product: &Product, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(&name(app, product))?;
    let browser = cookie.value();
    (1..=128)
        .contains(&browser.len())
        .then(|| browser.to_owned())
}

fn is_https(app: &App) -> bool {
    app.config.public_url.starts_with("https://")
}

/// With `__Host-` the path is `/`, so the name tells the Products apart.
fn name(app: &App, product: &Product) -> String {
    if is_https(app) {
        format!("__Host-{NAME}-{}", product.code)
    } else {
        NAME.to_owned()
    }
}
