//! Which language a reader wants.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _};

use super::extract::Query;

/// The reader's languages, best first: `?lang=` (`ru_RU` is `ru-RU`), else what the browser says.
pub fn wanted(request: &HttpRequest, query: &Query) -> Vec<String> {
    match query.get("lang").filter(|l| !l.is_empty() && l.len() <= 35) {
        Some(lang) => vec![lang.replace('_', "-")],
        None => accepted(request),
    }
}

/// As [`wanted`], for a page whose query nobody parsed: a choice that cannot be read is none.
pub fn of_page(request: &HttpRequest) -> Vec<String> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let chosen = query
        .filter(|(name, value)| name == "lang" && !value.is_empty() && value.len() <= 35)
        .map(|(_, value)| value.replace('_', "-"));
    chosen.chain(accepted(request)).collect()
}

/// What the browser says, best first.
fn accepted(request: &HttpRequest) -> Vec<String> {
    AcceptLanguage::parse(request)
        .map(|list| {
            list.ranked()
                .iter()
                .filter_map(|l| l.item().map(ToString::to_string))
                .collect()
        })
        .unwrap_or_default()
}
