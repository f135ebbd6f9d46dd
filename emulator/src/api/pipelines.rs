//! `/api/v4/leads/pipelines`: one fixed pipeline with its statuses, because nearly every client looks for one
//! before anything else (RU:crm_platform/leads_pipelines). Changing it is not modelled and stays 501.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::host::{self, Problem, hal};
use crate::places::Place;
use crate::world::World;

/// Number of the pipeline; `self.get_pipeline_id()` of the pages says the same.
const PIPELINE: u64 = 7001;

/// Number, name, place, colour, and whether people may change it. 142 and 143 are won and lost in every
/// account of the vendor's; the first one holds what was not sorted yet.
const STATUSES: [(u64, &str, u64, &str, bool); 5] = [
    (70_010, "Incoming leads", 10, "#c1c1c1", false),
    (70_011, "First contact", 20, "#99ccff", true),
    (70_012, "Talks", 30, "#ffff99", true),
    (142, "Closed - won", 10_000, "#CCFF66", false),
    (143, "Closed - lost", 11_000, "#D5D8DB", false),
];

/// Mounts the addresses of this file.
pub fn configure(config: &mut web::ServiceConfig) {
    const AT: &str = "/api/v4/leads/pipelines";
    config
        .route(AT, web::get().to(list))
        .route(&format!("{AT}/{{id}}"), web::get().to(one))
        .route(&format!("{AT}/{{id}}/statuses"), web::get().to(statuses))
        .route(
            &format!("{AT}/{{id}}/statuses/{{status}}"),
            web::get().to(status),
        );
}

/// The account and the place of an answer to a caller who may read.
fn reader(world: &World, request: &HttpRequest) -> Result<(u64, Place), Problem> {
    let caller = host::authorize(world, request)?;
    let account_id = caller.account_id;
    Ok((account_id, Place::of(world, request, account_id)))
}

fn known(id: &str) -> Result<(), Problem> {
    let missing = || Problem::new(404, "Pipeline not found");
    (id.parse() == Ok(PIPELINE))
        .then_some(())
        .ok_or_else(missing)
}

async fn list(world: web::Data<World>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (account_id, place) = reader(&world, &request)?;
    Ok(hal(&json!({
        "_total_items": 1,
        "_links": place.own(),
        "_embedded": {"pipelines": [pipeline(account_id, &place)]},
    })))
}

async fn one(
    world: web::Data<World>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (account_id, place) = reader(&world, &request)?;
    known(&id)?;
    Ok(hal(&pipeline(account_id, &place)))
}

async fn statuses(
    world: web::Data<World>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (account_id, place) = reader(&world, &request)?;
    known(&id)?;
    let rows = all_statuses(account_id, &place);
    Ok(hal(&json!({
        "_total_items": rows.len(),
        "_links": place.own(),
        "_embedded": {"statuses": rows},
    })))
}

async fn status(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (account_id, place) = reader(&world, &request)?;
    known(&path.0)?;
    let wanted = path.1.parse::<u64>().ok();
    let mut rows = all_statuses(account_id, &place).into_iter();
    let found = rows.find(|row| row["id"].as_u64() == wanted && wanted.is_some());
    found
        .map(|row| hal(&row))
        .ok_or_else(|| Problem::new(404, "Status not found"))
}

fn pipeline(account_id: u64, place: &Place) -> Value {
    json!({
        "id": PIPELINE,
        "name": "Pipeline",
        "sort": 1,
        "is_main": true,
        "is_unsorted_on": true,
        "is_archive": false,
        "account_id": account_id,
        "_links": place.of_row(&format!("/api/v4/leads/pipelines/{PIPELINE}")),
        "_embedded": {"statuses": all_statuses(account_id, place)},
    })
}

fn all_statuses(account_id: u64, place: &Place) -> Vec<Value> {
    let row = |(id, name, sort, color, is_editable): (u64, &str, u64, &str, bool)| {
        let path = format!("/api/v4/leads/pipelines/{PIPELINE}/statuses/{id}");
        json!({
            "id": id,
            "name": name,
            "sort": sort,
            "is_editable": is_editable,
            "pipeline_id": PIPELINE,
            "color": color,
            // 1 marks the status of what was not sorted yet, 0 every other.
            "type": u8::from(sort == 10),
            "account_id": account_id,
            "_links": place.of_row(&path),
        })
    };
    STATUSES.into_iter().map(row).collect()
}
