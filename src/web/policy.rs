//! The Policy, for everybody: the page and the JSON that needs no token (clause 12.2).

use actix_cors::Cors;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::extract::{OfProduct, Query, has_etag, product};
use super::languages;
use super::pages::{self, Frame};
use super::preview::Preview;
use super::problem::Problem;
use crate::actions::policies;
use crate::app::App;
use crate::domain::policies::Text;
use crate::domain::policies::history::Version;
use crate::domain::products::Product;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::policies::StoredText;

/// The pages.
pub fn configure(routes: &mut ServiceConfig) {
    routes.map(|routes| routes.service(page).service(numbered_page));
}

/// The JSON, relative to `/widget/v1/policy`.
pub fn configure_widget(routes: &mut ServiceConfig) {
    routes.service(read);
}

/// Readable from any origin: it is public and takes no token.
pub fn open_to_all() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET"])
        .allowed_headers(["Content-Type", super::extract::TOKEN])
        .max_age(600)
}

/// One text of one version.
#[derive(Serialize, ToSchema)]
struct PolicyText {
    product: String,
    number: u32,
    lang: String,
    languages: Vec<String>,
    title: String,
    dated: Option<String>,
    hash: String,
    #[schema(value_type = String, format = DateTime)]
    posted_at: Timestamp,
    sections: Vec<SectionView>,
}

#[derive(Serialize, ToSchema)]
struct SectionView {
    /// Empty when the section has no number.
    no: String,
    title: String,
    /// The number as it is written, where a word or a sign belongs to it: `Article 1.`
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    preamble_html: String,
    clauses: Vec<ClauseView>,
    #[serde(skip)]
    heading: String,
    /// Its place among the others, for links.
    #[serde(skip)]
    at: usize,
}

#[derive(Serialize, ToSchema)]
struct ClauseView {
    no: String,
    /// As for a section.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    html: String,
    text: String,
    #[serde(skip)]
    depth: usize,
}

impl SectionView {
    /// Where a link to the section leads: by its number, else by its place.
    fn anchor(&self) -> String {
        match self.no.as_str() {
            "" => format!("part{}", self.at),
            no => format!("s{no}"),
        }
    }
}

fn sections(text: &Text) -> Vec<SectionView> {
    text.sections
        .iter()
        .zip(1..)
        .map(|(section, at)| SectionView {
            no: section.no.clone(),
            title: section.title.clone(),
            label: section.label.clone(),
            heading: section.heading(),
            at,
            preamble_html: section.preamble_html(),
            clauses: section
                .clauses
                .iter()
                .map(|clause| ClauseView {
                    no: clause.no.clone(),
                    label: clause.label.clone(),
                    html: clause.html(),
                    text: clause.text(),
                    depth: clause.depth(),
                })
                .collect(),
        })
        .collect()
}

/// The version in force, or the one asked for, clause by clause.
#[utoipa::path(
    tag = "widget",
    params(
        ("product" = String, Query, description = "The Product's code"),
        ("lang" = Option<String>, Query, description = "Language; else Accept-Language, else the prevailing one"),
        ("number" = Option<u32>, Query, description = "A version; else the one in force"),
    ),
    responses((status = 200, body = PolicyText), (status = 304, description = "Unchanged"), (status = 404, body = Problem)),
)]
#[get("")]
async fn read(app: Data<App>, query: Query, request: HttpRequest) -> Result<HttpResponse, Error> {
    let product = product(&app, query.need("product")?).await?;
    let version = match query.get("number") {
        Some(number) => numbered(&app, &product, number).await?,
        None => in_force(&app, &request, &product).await?,
    };
    let (stored, text) = text(&app, &version, &languages::wanted(&request, &query)).await?;
    let etag = format!("\"{}-{}\"", version.number, stored.hash);
    let unchanged = has_etag(&request, &etag);
    let mut response = HttpResponse::build(if unchanged {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    });
    response
        .insert_header((header::ETAG, etag))
        // Always asked again: a new version has to be seen at once.
        .insert_header((header::CACHE_CONTROL, "public, no-cache"))
        .append_header((header::VARY, "Accept-Language"));
    if unchanged {
        return Ok(response.finish());
    }
    Ok(response.json(PolicyText {
        product: product.code.to_string(),
        number: version.number,
        lang: stored.lang,
        languages: version.texts.iter().map(|t| t.lang.clone()).collect(),
        title: text.title.clone(),
        dated: text.dated.clone(),
        hash: stored.hash,
        posted_at: version.posted_at,
        sections: sections(&text),
    }))
}

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    frame: Frame,
    product: String,
    number: u32,
    posted_at: Timestamp,
    in_force: bool,
    /// The version that this one follows.
    before: Option<u32>,
    text: PageText,
    languages: Vec<Language>,
    versions: Vec<Version>,
}

struct PageText {
    lang: String,
    dir: &'static str,
    title: String,
    dated: Option<String>,
    hash: String,
    sections: Vec<SectionView>,
}

struct Language {
    code: String,
    name: String,
}

#[get("/policy/{product}")]
async fn page(
    app: Data<App>,
    OfProduct(product): OfProduct,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let version = in_force(&app, &request, &product).await?;
    show(&app, &request, &query, &product, version).await
}

#[get("/policy/{product}/{number}")]
async fn numbered_page(
    app: Data<App>,
    OfProduct(product): OfProduct,
    path: Path<(String, String)>,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let version = numbered(&app, &product, &path.1).await?;
    show(&app, &request, &query, &product, version).await
}

async fn show(
    app: &App,
    request: &HttpRequest,
    query: &Query,
    product: &Product,
    version: Version,
) -> Result<HttpResponse, Error> {
    let (stored, text) = text(app, &version, &languages::wanted(request, query)).await?;
    let versions = app.store.history(product.id).await?.versions().to_vec();
    let frame = Frame::new(app, request, "policy-version")
        .titled(&text.title)
        .in_language(&stored.lang);
    let languages = version
        .texts
        .iter()
        .map(|t| Language {
            code: t.lang.clone(),
            name: frame.language(&t.lang),
        })
        .collect();
    Ok(pages::page(
        StatusCode::OK,
        &PolicyPage {
            product: product.code.to_string(),
            number: version.number,
            posted_at: version.posted_at,
            in_force: versions
                .last()
                .is_some_and(|last| last.number == version.number),
            before: versions
                .iter()
                .map(|version| version.number)
                .rfind(|number| *number < version.number),
            text: PageText {
                dir: if text.lang.is_right_to_left() {
                    "rtl"
                } else {
                    "ltr"
                },
                lang: stored.lang,
                sections: sections(&text),
                title: text.title,
                dated: text.dated,
                hash: stored.hash,
            },
            languages,
            versions,
            frame,
        },
    ))
}

async fn in_force(app: &App, request: &HttpRequest, product: &Product) -> Result<Version, Error> {
    if let Some(Preview(version)) = request.app_data() {
        return Ok(version.clone());
    }
    let history = app.store.history(product.id).await?;
    history
        .in_force()
        .cloned()
        .ok_or(Error::Refused(Code::NotFound))
}

async fn numbered(app: &App, product: &Product, number: &str) -> Result<Version, Error> {
    let missing = || Error::Refused(Code::NotFound);
    let number = number.parse().map_err(|_| missing())?;
    let history = app.store.history(product.id).await?;
    history.get(number).cloned().ok_or_else(missing)
}

async fn text(app: &App, version: &Version, langs: &[String]) -> Result<(StoredText, Text), Error> {
    let text = version
        .text_for(langs)
        .ok_or(Error::Refused(Code::NotFound))?;
    policies::text(&app.store, version, &text.lang).await
}
