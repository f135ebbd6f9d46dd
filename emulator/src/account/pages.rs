//! The HTML around everything: the list of accounts, and the one page on which `web/host` draws the rest.

use actix_web::{HttpRequest, HttpResponse, web};

use super::session::{Refusal, see_other, visitor};
use super::{boot, files};
use crate::page::escape;
use crate::places::{HostLabel, host_label};
use crate::world::World;

/// `GET /`: the accounts on a common host, the deals on an account's.
pub async fn front(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    if host_label(&world, &request) != HostLabel::Common {
        return see_other("/leads");
    }
    let rows: String = world.read(|state| {
        let accounts = state.accounts.values();
        accounts
            .map(|account| {
                let url = world.account_url(&account.subdomain);
                let initial: String = account.name.chars().take(1).collect();
                format!(
                    "<li><a class=\"person\" href=\"{}/\"><span class=\"avatar\" aria-hidden=\"true\">{}</span>\
                     <span class=\"who\"><b>{}</b><span>{}</span></span></a></li>",
                    escape(&url),
                    escape(&initial),
                    escape(&account.name),
                    escape(url.trim_start_matches("http://")),
                )
            })
            .collect()
    });
    html(fill(
        include_str!("../../web/pages/accounts.html"),
        &[("accounts", &rows), ("note", &note())],
    ))
}

/// Says on the pages before an account's that this account will have none, when it will not.
pub fn note() -> String {
    super::missing_libraries().map_or_else(String::new, |note| {
        format!("<p class=\"notice\" role=\"note\">{}</p>", escape(&note))
    })
}

/// Every page of an account. The address is read by the script in the page.
pub async fn shell(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visitor = visitor(&world, &request)?;
    let missing = files::missing_libraries();
    if !missing.is_empty() {
        let names = escape(&missing.join(", "));
        return Ok(html(fill(
            include_str!("../../web/pages/missing.html"),
            &[("names", &names)],
        )));
    }
    // `<` must not appear inside the script element that carries the facts.
    let facts = boot::facts(&world, &visitor)
        .to_string()
        .replace('<', "\\u003c");
    Ok(html(fill(
        include_str!("../../web/pages/shell.html"),
        &[
            ("lang", &escape(&visitor.user.lang)),
            ("title", &escape(&visitor.account.name)),
            ("facts", &facts),
        ],
    )))
}

/// Puts values, already escaped, in the places marked `{{name}}`.
///
/// One pass: a value that looks like a mark stays as it is.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            break;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// A page that is never kept by the browser.
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_value_that_looks_like_a_mark_is_not_filled_again() {
        let text = fill("<b>{{a}}</b>{{b}}", &[("a", "{{b}}"), ("b", "x")]);

        assert_eq!(text, "<b>{{b}}</b>x");
    }
}
