//! What two versions differ in: the page, and the JSON for the control panel.

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
use super::problem::Problem;
use crate::actions::comparison::{self, Comparison};
use crate::app::App;
use crate::domain::facts::Level;
use crate::domain::policies::compare::{Change, Difference, Op};
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::store::policies::level_text;
use crate::texts;

/// The page.
pub fn configure(routes: &mut ServiceConfig) {
    routes.map(|routes| routes.service(page));
}

/// The JSON, relative to `/widget/v1/policy`.
pub fn configure_widget(routes: &mut ServiceConfig) {
    routes.service(read);
}

/// What two versions differ in.
#[derive(Serialize, ToSchema)]
struct ComparisonView {
    product: String,
    from: u32,
    to: u32,
    /// The language of the compared texts.
    lang: String,
    /// `notice`, or `reconsent` when the facts ask for more.
    level: &'static str,
    /// The page with the same.
    url: String,
    /// What the facts differ in, in plain sentences of the reader's language.
    facts: Vec<String>,
    /// The language of those sentences: the texts may lack the reader's.
    facts_lang: String,
    clauses: Vec<DifferenceView>,
}

#[derive(Serialize, ToSchema)]
struct DifferenceView {
    /// The clause's number now; of a removed one, what it was.
    no: String,
    /// Its number before, where that was another.
    from_no: Option<String>,
    /// `added`, `removed`, `changed` or `moved`.
    change: &'static str,
    before: Option<String>,
    after: Option<String>,
    words: Vec<WordsView>,
}

#[derive(Serialize, ToSchema)]
struct WordsView {
    /// `same`, `removed` or `added`.
    op: &'static str,
    text: String,
}

impl ComparisonView {
    fn new(app: &App, product: &Product, comparison: &Comparison, mut langs: Vec<String>) -> Self {
        let (from, to) = (comparison.from.number, comparison.to.number);
        langs.push(comparison.lang.clone());
        let lang = texts::best(&langs);
        Self {
            product: product.code.to_string(),
            from,
            to,
            lang: comparison.lang.clone(),
            level: level_text(comparison.level),
            url: format!(
                "{}/policy/{}/{from}..{to}?lang={}",
                app.config.public_url, product.code, comparison.lang
            ),
            facts: texts::sentences(&lang, &comparison.facts),
            facts_lang: lang.to_string(),
            clauses: comparison.clauses.iter().map(DifferenceView::new).collect(),
        }
    }
}

impl DifferenceView {
    fn new(difference: &Difference) -> Self {
        let words = difference.words.iter().map(|(op, text)| WordsView {
            op: match op {
                Op::Same => "same",
                Op::Removed => "removed",
                Op::Added => "added",
            },
            text: text.clone(),
        });
        Self {
            no: difference.no.clone(),
            from_no: difference.from_no.clone(),
            change: difference.change.name(),
            before: difference.before.clone(),
            after: difference.after.clone(),
            words: words.collect(),
        }
    }
}

/// What two versions differ in, for everybody.
#[utoipa::path(
    tag = "widget",
    params(
        ("product" = String, Query, description = "The Product's code"),
        ("from" = u32, Query, description = "The version before"),
        ("to" = u32, Query, description = "The version after"),
        ("lang" = Option<String>, Query, description = "Language; else Accept-Language, else the prevailing one"),
    ),
    responses((status = 200, body = ComparisonView), (status = 404, body = Problem)),
)]
#[get("/diff")]
async fn read(app: Data<App>, query: Query, request: HttpRequest) -> Result<HttpResponse, Error> {
    let product = product(&app, query.need("product")?).await?;
    let number = |name| -> Result<u32, Error> {
        let value = query.need(name)?.parse();
        value.map_err(|_| Error::Malformed(Code::Malformed, name))
    };
    let numbers = (number("from")?, number("to")?);
    let langs = languages::wanted(&request, &query);
    let comparison = compared(&app, &product, numbers, &langs).await?;
    let reader = texts::best(&langs);
    // Neither version ever changes, and a new release of ours may say it otherwise.
    let etag = format!(
        "\"{}-{}-{}-{reader}-{}\"",
        comparison.from.id,
        comparison.to.id,
        comparison.lang,
        env!("CARGO_PKG_VERSION")
    );
    if has_etag(&request, &etag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((header::ETAG, etag))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, no-cache"))
        .insert_header((header::ETAG, etag))
        .append_header(("Vary", "Accept-Language"))
        .json(ComparisonView::new(&app, &product, &comparison, langs)))
}

async fn compared(
    app: &App,
    product: &Product,
    numbers: (u32, u32),
    langs: &[String],
) -> Result<Comparison, Error> {
    comparison::between(&app.store, &app.differences, product, numbers, langs)
        .await?
        .ok_or(Error::Refused(Code::NotFound))
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct ComparisonPage {
    frame: Frame,
    product: String,
    between: String,
    comparison: Comparison,
    facts: Vec<(String, bool)>,
    languages: Vec<String>,
}

impl ComparisonPage {
    fn asks_again(&self) -> bool {
        self.comparison.level == Level::Reconsent
    }

    /// The spaces before some words, the words, the spaces behind: no line goes under a space.
    fn parts(run: &str) -> (&str, &str, &str) {
        let inner = run.trim();
        let (before, rest) = run.split_at(run.len() - run.trim_start().len());
        (before, inner, &rest[inner.len()..])
    }

    /// How a piece is headed: its number, or what it is.
    fn no(&self, difference: &Difference) -> String {
        match difference.no.as_str() {
            "title" => self.frame.text("compare-title"),
            no => no.to_owned(),
        }
    }

    fn label(&self, difference: &Difference) -> String {
        let key = match difference.change {
            Change::Added => "compare-added",
            Change::Removed => "compare-removed",
            Change::Changed => "compare-changed",
            Change::Moved => "compare-moved",
        };
        let label = self.frame.text(key);
        match &difference.from_no {
            Some(from) => format!("{label}, {} {from}", self.frame.text("compare-from")),
            None => label,
        }
    }
}

#[get("/policy/{product}/{from:\\d+}..{to:\\d+}")]
async fn page(
    app: Data<App>,
    OfProduct(product): OfProduct,
    path: Path<(String, String, String)>,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let number = |text: &str| text.parse().map_err(|_| Error::Refused(Code::NotFound));
    let numbers = (number(&path.1)?, number(&path.2)?);
    let comparison = compared(
        &app,
        &product,
        numbers,
        &languages::wanted(&request, &query),
    )
    .await?;
    let frame = Frame::new(&app, &request, "compare").in_language_of(&comparison.lang);
    let sentences = texts::sentences(&frame.lang, &comparison.facts);
    let wider = comparison.facts.iter().map(|change| change.is_wider());
    let common = comparison.to.texts.iter().map(|text| text.lang.clone());
    Ok(pages::page(
        StatusCode::OK,
        &ComparisonPage {
            product: product.code.to_string(),
            between: texts::between(&frame.lang, numbers.0, numbers.1),
            facts: sentences.into_iter().zip(wider).collect(),
            languages: common
                .filter(|lang| comparison.from.text(lang).is_some())
                .collect(),
            comparison,
            frame,
        },
    ))
}
