//! Plain HTML pages, light and dark, without scripts.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8885;--ink:#1b2733;--paper:#fff;--accent:#1d5fbf}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--paper:#141a20;--accent:#8ab8ff}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:64rem;margin:2rem auto;padding:0 1rem}
a{color:var(--accent)} table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
th{white-space:nowrap} td{overflow-wrap:anywhere;min-width:4rem} textarea{max-width:100%}
.switches{display:grid;width:calc(min(64rem,100vw) - 3rem);grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:.25rem 1.5rem}
.switches label{display:flex;justify-content:space-between;align-items:center;gap:.5rem;margin:0}
.switches input:not([type=checkbox]){width:7rem}
fieldset{border:1px solid var(--line);margin:1rem 0} label{display:inline-block;margin:.25rem 1rem .25rem 0}
input,select,button,textarea{font:inherit;padding:.25rem .5rem} button{cursor:pointer;white-space:nowrap}
";

/// A whole page around `body`, which is HTML already.
pub fn page(status: StatusCode, title: &str, body: &str) -> HttpResponse {
    let title = escape(title);
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
        ))
}

/// Text made safe inside HTML elements and quoted attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
