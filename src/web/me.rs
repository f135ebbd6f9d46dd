//! "My data": everything that is held about one person, to read, to keep, to carry away.
//!
//! Receipts are made one after the other while the answer is on its way, so that however many
//! there are, no more than one is in memory.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;

use super::archive::{Piece, packed};
use super::pages::{self, Frame};
use super::receipts as receipt_pages;
use super::views::{RequestView, StandingView};
use crate::actions::me::Held;
use crate::actions::receipts;
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::consents::Entry;
use crate::domain::contacts::Contact;
use crate::domain::ledger::act_text;
use crate::domain::receipts::Receipt;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};

/// All that is held about one Install and the calling person, but for `consents`: the receipts.
#[derive(Serialize)]
struct Report {
    generated_at: Timestamp,
    install: StandingView,
    /// Null when the person never consented here.
    person: Option<PersonView>,
    requests: Vec<RequestView>,
}

#[derive(Serialize)]
struct PersonView {
    user_id: i64,
    account_id: i64,
    contact: Option<Contact>,
    /// Whether the e-mail address was confirmed by who reads its mail.
    email_confirmed: bool,
    /// What the details were before, oldest first.
    history: Vec<RevisionView>,
}

#[derive(Serialize)]
struct RevisionView {
    recorded_at: Timestamp,
    email_confirmed_at: Option<Timestamp>,
    contact: Contact,
}

impl PersonView {
    fn new(caller: &Caller, held: &Held) -> Self {
        let revision = |r: &crate::store::people::Revision| RevisionView {
            recorded_at: r.recorded_at,
            email_confirmed_at: r.confirmed_at,
            contact: r.contact.clone(),
        };
        let last = held.contacts.last();
        Self {
            user_id: caller.claims.user.0,
            account_id: caller.claims.account.0,
            contact: last.map(|r| r.contact.clone()),
            email_confirmed: last.is_some_and(|r| r.confirmed_at.is_some()),
            history: held.contacts.iter().map(revision).collect(),
        }
    }
}

/// What was read, on its way to whoever asked.
pub struct Mine {
    app: Data<App>,
    caller: Arc<Caller>,
    frame: Frame,
    report: Report,
    entries: Vec<Entry>,
}

impl Mine {
    /// Puts together what was read. `install` tells of the account, and so of others: they are
    /// left out.
    #[must_use]
    pub fn new(
        app: Data<App>,
        request: &HttpRequest,
        caller: Caller,
        install: StandingView,
        held: Option<Held>,
    ) -> Self {
        let person = held.as_ref().map(|held| PersonView::new(&caller, held));
        let held = held.unwrap_or_default();
        let requests = held.requests.into_iter();
        Self {
            frame: Frame::new(&app, request, "my-data"),
            report: Report {
                generated_at: app.clock.now(),
                install: install.naming_only(caller.claims.user),
                person,
                requests: requests
                    .map(|(request, comment)| RequestView::new(&request, comment))
                    .collect(),
            },
            entries: held.consents,
            caller: Arc::new(caller),
            app,
        }
    }

    /// Answers in the form that was asked for.
    ///
    /// # Errors
    /// [`Code::Malformed`] for a form we do not know.
    pub fn answer(self, format: Option<&str>) -> Result<HttpResponse, Error> {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        match format {
            None | Some("json") => Ok(response
                .content_type("application/json")
                .streaming(self.json()?)),
            Some("html") => Ok(pages::saved(self.html()?)),
            Some("zip") => Ok(response
                .content_type("application/zip")
                .insert_header((
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"my-data.zip\"",
                ))
                .streaming(self.archive()?)),
            Some(_) => Err(Error::Malformed(Code::Malformed, "format")),
        }
    }

    fn receipts(&self) -> impl Stream<Item = Result<Receipt, Error>> + use<> {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        stream::iter(self.entries.clone()).then(move |entry| {
            let (app, caller) = (app.clone(), caller.clone());
            async move {
                let account = caller.claims.account;
                let receipt = receipts::of(&app, &caller.product, account, &entry).await;
                // The answer has begun: all we can do is to break it off, and to say why here.
                receipt.inspect_err(|e| tracing::error!("my data was cut short: {e}"))
            }
        })
    }

    /// The report, and at its end the receipts.
    fn json(&self) -> Result<impl Stream<Item = Result<Bytes, Error>> + use<>, Error> {
        let mut head = serde_json::to_vec(&self.report).map_err(no_json)?;
        head.pop();
        head.extend_from_slice(b",\"consents\":[");
        let receipts = self.receipts().enumerate().map(|(i, receipt)| {
            let mut piece = if i == 0 { Vec::new() } else { b",".to_vec() };
            serde_json::to_writer(&mut piece, &receipt?).map_err(no_json)?;
            Ok(piece.into())
        });
        Ok(once(Ok(head.into()))
            .chain(receipts)
            .chain(once(Ok(Bytes::from_static(b"]}")))))
    }

    fn html(&self) -> Result<String, Error> {
        let page = Page {
            // The page is saved and opened elsewhere: it carries its style with it.
            frame: self.frame.clone().standalone(),
            report: &self.report,
            entries: self.entries.iter().map(Line::new).collect(),
        };
        page.render().map_err(|e| Error::Internal(e.into()))
    }

    /// The report in both forms, and each receipt in both.
    fn archive(self) -> Result<impl Stream<Item = Result<Bytes, Error>> + use<>, Error> {
        let report = once(Ok(Piece::File("my-data.json".to_owned())))
            .chain(self.json()?.map(|bytes| bytes.map(Piece::Bytes)));
        let html = [
            Ok(Piece::File("my-data.html".to_owned())),
            Ok(Piece::Bytes(self.html()?.into())),
        ];
        let receipts = self.receipts();
        let (app, frame) = (self.app, self.frame);
        let receipts = receipts.flat_map(move |receipt| {
            let files = receipt.and_then(|receipt| files(&app, &frame, &receipt));
            stream::iter(match files {
                Ok(files) => Vec::from(files.map(Ok)),
                Err(e) => vec![Err(e)],
            })
        });
        Ok(packed(report.chain(stream::iter(html)).chain(receipts)))
    }
}

/// A receipt as two files: for programs, and to read.
fn files(app: &App, frame: &Frame, receipt: &Receipt) -> Result<[Piece; 4], Error> {
    let page = receipt_pages::page(app, frame, receipt)?;
    Ok([
        Piece::File(format!("receipts/{}.json", receipt.id)),
        Piece::Bytes(serde_json::to_vec_pretty(receipt).map_err(no_json)?.into()),
        Piece::File(format!("receipts/{}.html", receipt.id)),
        Piece::Bytes(page.into()),
    ])
}

fn once<T>(value: T) -> impl Stream<Item = T> {
    stream::iter([value])
}

fn no_json(e: serde_json::Error) -> Error {
    Error::Internal(e.into())
}

#[derive(Template)]
#[template(path = "me.html")]
struct Page<'a> {
    frame: Frame,
    report: &'a Report,
    entries: Vec<Line<'a>>,
}

/// An entry of the ledger, in a line.
struct Line<'a> {
    act: &'static str,
    at: String,
    number: u32,
    lang: &'a str,
    id: String,
    hash: &'a str,
}

impl<'a> Line<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            act: act_text(entry.act),
            at: entry.at.to_the_minute(),
            number: entry.shown.number,
            lang: &entry.shown.lang,
            id: entry.id.to_string(),
            hash: &entry.shown.hash,
        }
    }
}
