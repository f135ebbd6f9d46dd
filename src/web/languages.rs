//! Which language a reader wants.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _};

use super::extract::Query;

/// The reader's languages, best first: `?lang=`, else what the browser says.
pub fn wanted(request: &HttpRequest, query: &Query) -> Vec<String> {
    match query.get("lang").filter(|l| !l.is_empty() && l.len() <= 35) {
        Some(lang) => vec![lang.to_owned()],
        None => accepted(request),
    }
}

/// What the browser says, best first.
pub fn accepted(request: &HttpRequest) -> Vec<String> {
    AcceptLanguage::parse(request)
        .map(|list| {
            list.ranked()
                .iter()
                .filter_map(|l| l.item().map(ToString::to_string))
                .collect()
        })
        .unwrap_or_default()
}
