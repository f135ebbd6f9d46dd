//! "My data": everything that is held about one person, to read, to keep, to carry away.

use std::io::{Cursor, Write as _};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::pages::Frame;
use super::receipts::{self, ReceiptFile};
use super::views::{ContactView, RequestView, StandingView};
use crate::actions::caller::Caller;
use crate::actions::me::Held;
use crate::app::App;
use crate::domain::receipts::Receipt;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};

/// All that is held about one Install and the calling person.
#[derive(Serialize, ToSchema)]
pub struct Report {
    #[schema(value_type = String, format = DateTime)]
    generated_at: Timestamp,
    install: StandingView,
    /// Null when the person never consented here.
    person: Option<PersonView>,
    #[schema(value_type = Vec<ReceiptFile>)]
    consents: Vec<Receipt>,
    requests: Vec<RequestView>,
}

#[derive(Serialize, ToSchema)]
struct PersonView {
    user_id: i64,
    account_id: i64,
    contact: Option<ContactView>,
    /// What the details were before, oldest first.
    history: Vec<RevisionView>,
}

#[derive(Serialize, ToSchema)]
struct RevisionView {
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    contact: ContactView,
}

impl Report {
    /// Puts together what was read.
    #[must_use]
    pub fn new(
        now: Timestamp,
        caller: &Caller,
        install: StandingView,
        held: Option<Held>,
        receipts: Vec<Receipt>,
    ) -> Self {
        let Some(held) = held else {
            return Self {
                generated_at: now,
                install,
                person: None,
                consents: Vec::new(),
                requests: Vec::new(),
            };
        };
        let history: Vec<RevisionView> = held
            .contacts
            .iter()
            .map(|r| RevisionView {
                recorded_at: r.recorded_at,
                contact: r.contact.clone().into(),
            })
            .collect();
        Self {
            generated_at: now,
            install,
            person: Some(PersonView {
                user_id: caller.claims.user.0,
                account_id: caller.claims.account.0,
                contact: held.contacts.last().map(|r| r.contact.clone().into()),
                history,
            }),
            consents: receipts,
            requests: held
                .requests
                .into_iter()
                .map(|(request, comment)| RequestView::new(&request, comment))
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "me.html")]
struct Page<'a> {
    frame: Frame,
    report: &'a Report,
}

/// Answers in the form that was asked for.
///
/// # Errors
/// [`Code::Malformed`] for a form we do not know.
pub fn answer(
    app: &App,
    request: &HttpRequest,
    format: Option<&str>,
    report: &Report,
) -> Result<HttpResponse, Error> {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    match format {
        None | Some("json") => Ok(response.json(report)),
        Some("html") => Ok(response
            .content_type("text/html; charset=utf-8")
            .body(html(app, request, report)?)),
        Some("zip") => Ok(response
            .content_type("application/zip")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"my-data.zip\"",
            ))
            .body(archive(app, request, report)?)),
        Some(_) => Err(Error::Malformed(Code::Malformed, "format")),
    }
}

fn html(app: &App, request: &HttpRequest, report: &Report) -> Result<String, Error> {
    // The page is saved and opened elsewhere: it carries its style with it.
    let frame = Frame::new(app, request, "my-data").standalone();
    Page { frame, report }
        .render()
        .map_err(|e| Error::Internal(e.into()))
}

fn archive(app: &App, request: &HttpRequest, report: &Report) -> Result<Vec<u8>, Error> {
    let mut files = vec![
        ("my-data.json".to_owned(), pretty(report)?),
        (
            "my-data.html".to_owned(),
            html(app, request, report)?.into_bytes(),
        ),
    ];
    for receipt in &report.consents {
        let page = receipts::page(app, request, receipt)?;
        files.push((format!("receipts/{}.json", receipt.id), pretty(receipt)?));
        files.push((format!("receipts/{}.html", receipt.id), page.into_bytes()));
    }
    zip(&files).map_err(Error::Internal)
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec_pretty(value).map_err(|e| Error::Internal(e.into()))
}

fn zip(files: &[(String, Vec<u8>)]) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
