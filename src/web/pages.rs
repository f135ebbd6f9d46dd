//! Pages for people: what this service is, the Policy, how an authorization went,
//! what an error means, the API.
//!
//! They work without JavaScript, in the reader's language (English and Russian
//! first), on a phone, with a keyboard, in light and dark.

use std::sync::LazyLock;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd, html};
use unic_langid::LanguageIdentifier;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{context, languages};
use crate::app::App;
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::texts;

/// The style of every page, in one file.
const STYLE: &str = include_str!("../../assets/static/accord.css");

/// Where there are pages for people; they are not part of the described API.
pub const ADDRESSES: [&str; 7] = [
    "/",
    "/docs",
    "/docs/errors/{code}",
    "/assets/accord.css",
    "/policy/{product}",
    "/policy/{product}/{from}..{to}",
    "/policy/{product}/{number}",
];

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.map(|routes| {
        routes
            .service(index)
            .service(stylesheet)
            .service(error_page)
    });
}

/// What every page has in common.
#[derive(Clone)]
pub struct Frame {
    /// The page's language.
    pub lang: LanguageIdentifier,
    /// Key of the title's text.
    key: &'static str,
    /// A title that is not ours: that of the text shown.
    own_title: Option<String>,
    /// The style itself, for a page that is saved; else a link.
    style: Option<&'static str>,
    /// Who offers the Products.
    pub publisher: String,
    /// Where people write to.
    pub mailbox: Option<String>,
}

impl Frame {
    /// The frame of a page; `key` is that of its title's text.
    #[must_use]
    pub fn new(app: &App, request: &HttpRequest, key: &'static str) -> Self {
        let lang = texts::best(&languages::of_page(request));
        Self {
            lang,
            key,
            own_title: None,
            style: None,
            publisher: app
                .config
                .publisher
                .name
                .clone()
                .unwrap_or_else(|| "Accord".to_owned()),
            mailbox: app.config.publisher.mailbox.clone(),
        }
    }

    /// The same with another title of ours.
    #[must_use]
    pub fn headed(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// The same with the style inside, for a page that is saved and opened elsewhere.
    #[must_use]
    pub fn standalone(self) -> Self {
        Self {
            style: Some(STYLE),
            ..self
        }
    }

    /// The same with a title that is not ours.
    #[must_use]
    pub fn titled(self, title: &str) -> Self {
        Self {
            own_title: Some(title.to_owned()),
            ..self
        }
    }

    /// The same in the language of what it shows.
    #[must_use]
    pub fn in_language(self, lang: &str) -> Self {
        let lang = lang.parse().unwrap_or(self.lang);
        Self { lang, ..self }
    }

    /// The same in the language of a text, if it is one of ours.
    #[must_use]
    pub fn in_language_of(self, text: &str) -> Self {
        match texts::ours(text) {
            Some(lang) => Self { lang, ..self },
            None => self,
        }
    }

    /// What a category of data is called (clause 4.2); its code where we have no word for it.
    #[must_use]
    pub fn category(&self, code: &str) -> String {
        texts::category(&self.lang, code)
    }

    /// How long something is kept, from the form `P30D after uninstall`.
    #[must_use]
    pub fn period(&self, retention: &str) -> String {
        texts::retention(&self.lang, retention)
    }

    /// What a language calls itself; its tag where we do not know.
    #[must_use]
    pub fn language(&self, lang: &str) -> String {
        match lang.split('-').next() {
            Some("en") => self.text("en-name"),
            Some("ru") => self.text("ru-name"),
            _ => lang.to_owned(),
        }
    }

    /// A text of ours with a value in it.
    #[must_use]
    pub fn with(&self, key: &str, name: &'static str, value: impl ToString) -> String {
        texts::text_with(&self.lang, key, name, value.to_string())
    }

    /// The page's title.
    #[must_use]
    pub fn title(&self) -> String {
        self.own_title
            .clone()
            .unwrap_or_else(|| self.text(self.key))
    }

    /// A text of ours in the page's language.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        texts::text(&self.lang, key)
    }

    /// The style to put inside, if the page is to carry it.
    #[must_use]
    pub fn style(&self) -> Option<&'static str> {
        self.style
    }
}

/// How an authorization went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The tokens are ours.
    Connected,
    /// They are, and no administrator has granted access: some things will be refused.
    ConnectedAsEmployee,
    /// amoCRM is busy; a job goes on.
    Connecting,
    /// amoCRM refused the code.
    ConnectionFailed,
    /// The person refused.
    AccessDenied,
    /// The state is unknown, used, lapsed, or another browser's.
    OutOfDate,
}

impl Message {
    fn key(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::ConnectedAsEmployee => "connected-as-employee",
            Self::Connecting => "connecting",
            Self::ConnectionFailed => "connection-failed",
            Self::AccessDenied => "access-denied",
            Self::OutOfDate => "out-of-date",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::OutOfDate => StatusCode::BAD_REQUEST,
            Self::Connected
            | Self::ConnectedAsEmployee
            | Self::Connecting
            | Self::ConnectionFailed
            | Self::AccessDenied => StatusCode::OK,
        }
    }

    /// Whether there is anything to do but to close the window.
    fn may_begin_again(self) -> bool {
        match self {
            Self::OutOfDate | Self::ConnectionFailed | Self::AccessDenied => true,
            Self::Connected | Self::ConnectedAsEmployee | Self::Connecting => false,
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    frame: Frame,
    body: String,
    /// Where the authorization begins again.
    again: Option<String>,
}

/// A page that tells how the authorization of a Product went.
#[must_use]
pub fn message(
    app: &App,
    request: &HttpRequest,
    product: &Product,
    message: Message,
) -> HttpResponse {
    let frame = Frame::new(app, request, message.key());
    let body = frame.text(&format!("{}-body", message.key()));
    let again = message
        .may_begin_again()
        .then(|| format!("/amocrm/{}/authorize", product.code));
    page(message.status(), &MessagePage { frame, body, again })
}

/// Whether this request comes from somebody who would rather read a page than JSON.
#[must_use]
pub fn are_read() -> bool {
    context::current().page.is_some()
}

/// What a page that is saved and opened elsewhere may do while it is still here: have its own
/// style and its pictures inside, and nothing else.
static SAVED: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

/// Answers with a page that carries its style inside (see [`Frame::standalone`]).
#[must_use]
pub fn saved(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, SAVED.as_str()))
        .body(body)
}

/// Renders a page with the headers that every page has.
#[must_use]
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(body) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; \
                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ))
            .body(body),
        Err(e) => HttpResponse::from_error(Error::Internal(e.into())),
    }
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    frame: Frame,
    products: Vec<(String, String)>,
}

#[get("/")]
async fn index(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let products = crate::store::products::list(&app.store)
        .await?
        .into_iter()
        .map(|p| (p.code.to_string(), p.shown_name().to_owned()))
        .collect();
    Ok(page(
        StatusCode::OK,
        &IndexPage {
            frame: Frame::new(&app, &request, "index"),
            products,
        },
    ))
}

#[get("/assets/accord.css")]
async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}

/// `docs/errors.md`, one section per code: what people read there is what we serve.
static ERRORS: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| sections(include_str!("../../docs/errors.md")));

fn sections(markdown: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, Vec<Event<'_>>)> = Vec::new();
    let mut in_heading = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H2,
                ..
            }) => {
                sections.push((String::new(), Vec::new()));
                in_heading = true;
            }
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => in_heading = false,
            Event::Text(text) | Event::Code(text) if in_heading => {
                if let Some((name, _)) = sections.last_mut() {
                    name.push_str(&text);
                }
            }
            other => {
                if let Some((_, events)) = sections.last_mut() {
                    events.push(other);
                }
            }
        }
    }
    let render = |events: Vec<Event<'_>>| {
        let mut body = String::new();
        html::push_html(&mut body, events.into_iter());
        body
    };
    sections
        .into_iter()
        .map(|(name, events)| (name, render(events)))
        .collect()
}

/// The explanation of a code, as HTML.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    ERRORS
        .iter()
        .find(|(name, _)| name == code)
        .map(|(_, body)| body.as_str())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    code: String,
    title: String,
    sentence: String,
    explanation: &'static str,
}

#[get("/docs/errors/{code}")]
async fn error_page(
    app: Data<App>,
    request: HttpRequest,
    code: Path<String>,
) -> Result<HttpResponse, Error> {
    let known = Code::ALL.into_iter().find(|c| c.as_str() == code.as_str());
    let (known, explanation) = known
        .zip(explanation(&code))
        .ok_or(Error::Refused(Code::NotFound))?;
    let frame = Frame::new(&app, &request, "error-page");
    let (title, sentence) = known.worded(&frame.lang);
    Ok(page(
        StatusCode::OK,
        &ErrorPage {
            frame,
            title,
            sentence,
            code: known.as_str().to_owned(),
            explanation,
        },
    ))
}

/// A problem, for whoever would rather read a page, in the frame's language.
#[must_use]
pub fn problem(frame: Frame, status: StatusCode, title: &str, detail: &str) -> HttpResponse {
    if status == StatusCode::NOT_FOUND {
        let frame = Frame {
            key: "not-found",
            ..frame
        };
        let body = frame.text("not-found-body");
        let again = None;
        return page(status, &MessagePage { frame, body, again });
    }
    let frame = frame.titled(title);
    let (body, again) = (detail.to_owned(), None);
    page(status, &MessagePage { frame, body, again })
}
