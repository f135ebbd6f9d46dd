//! The API, described from the handlers themselves: `/openapi.json`, `accord openapi`, `/docs`.

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Info, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use super::pages::{self, Frame};
use super::problem::PROBLEM_JSON;
use crate::app::App;
use crate::domain::hosts::Hosts;
use crate::error::Error;

/// The description, made once from the routes that are served.
static DESCRIPTION: LazyLock<OpenApi> = LazyLock::new(describe);

/// The API description (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> &'static OpenApi {
    &DESCRIPTION
}

fn describe() -> OpenApi {
    // The hosts only matter to CORS, which is not described.
    let hosts = Hosts::parse("https://amocrm.ru");
    let (_, mut api) = actix_web::App::new()
        .into_utoipa_app()
        .configure(|routes| {
            if let Ok(hosts) = &hosts {
                super::routes_of(routes, hosts);
            }
        })
        .split_for_parts();
    api.info = Info::new("Accord", env!("CARGO_PKG_VERSION"));
    api.info.description = Some(
        "The back end that a publisher of amoCRM and Kommo widgets runs. Errors are problem+json (RFC 9457); \
         their codes are explained under /docs/errors/."
            .to_owned(),
    );
    let token = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        super::extract::TOKEN,
        "amoCRM's one-time token, as $authorizedAjax sends it: HS256 with the Product's secret",
    )));
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("One of ACCORD_API_KEYS"));
    let components = api.components.get_or_insert_default();
    components.add_security_scheme("one-time token", token);
    components.add_security_scheme("back end key", SecurityScheme::Http(key.build()));
    for item in api.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.patch] {
            operation.iter_mut().for_each(with_problems);
        }
    }
    api
}

/// Every refusal of every operation is a problem, also those that are not named one by one.
fn with_problems(operation: &mut Operation) {
    let problem = || {
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let responses = &mut operation.responses.responses;
    let any = ResponseBuilder::new()
        .description("Any other refusal")
        .build();
    responses.insert("default".to_owned(), RefOr::T(any));
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && (status == "default" || status.starts_with(['4', '5']))
        {
            response.content.clear();
            let content = (PROBLEM_JSON.to_owned(), RefOr::T(problem()));
            response.content.extend([content]);
        }
    }
}

/// The routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(openapi_json)
        .map(|routes| routes.service(docs));
}

/// This description.
#[utoipa::path(tag = "service", responses((status = 200, description = "OpenAPI 3.1")))]
#[get("/openapi.json")]
async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// One operation, for the page.
struct Line {
    method: &'static str,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<(String, String)>,
    answers: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    frame: Frame,
    lines: Vec<Line>,
}

#[get("/docs")]
async fn docs(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let lines = openapi()
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            operations(item)
                .into_iter()
                .map(move |(method, op)| line(method, path, op))
        })
        .collect();
    // The descriptions are written in English only.
    let frame = Frame::new(&app, &request, "docs").in_language("en");
    Ok(pages::page(StatusCode::OK, &DocsPage { frame, lines }))
}

fn line(method: HttpMethod, path: &str, operation: &Operation) -> Line {
    let described = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(p) => Some((p.name.clone(), p.description.clone().unwrap_or_default())),
            RefOr::Ref(_) => None,
        });
    Line {
        method: method_name(&method),
        path: path.to_owned(),
        summary: operation.summary.clone().unwrap_or_default(),
        description: operation.description.clone().unwrap_or_default(),
        parameters: described.collect(),
        answers: operation
            .responses
            .responses
            .iter()
            .map(|(status, answer)| {
                let text = match answer {
                    RefOr::T(answer) => answer.description.clone(),
                    RefOr::Ref(_) => String::new(),
                };
                (status.clone(), text)
            })
            .collect(),
    }
}

fn operations(item: &PathItem) -> Vec<(HttpMethod, &Operation)> {
    [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Patch, &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|o| (method, o)))
    .collect()
}

fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "POST",
        HttpMethod::Patch => "PATCH",
        _ => "GET",
    }
}

/// The methods of an address, by the description; empty when there is no such address.
#[must_use]
pub fn methods_of(path: &str) -> Vec<&'static str> {
    if ResourceDef::new(pages::ADDRESSES).is_match(path) {
        return vec!["GET"];
    }
    openapi()
        .paths
        .paths
        .iter()
        .filter(|(pattern, _)| ResourceDef::new(pattern.as_str()).is_match(path))
        .flat_map(|(_, item)| {
            operations(item)
                .into_iter()
                .map(|(method, _)| method_name(&method))
        })
        .collect()
}
