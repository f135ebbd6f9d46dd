//! What service letters say, in the reader's language. One template serves them all,
//! as plain text and as simple HTML.

mod address;
mod policy;
mod receipt;

use askama::Template;
use chrono_tz::Tz;
use unic_langid::{LanguageIdentifier, langid};

use super::{Attachment, ServiceLetter};
use crate::config::Publisher;
use crate::domain::letters::Language;
use crate::domain::time::Timestamp;
use crate::texts;

pub use address::address_letter;
pub use policy::{Again, PolicyLetter};
pub use receipt::{Done, ReceiptLetter};

/// What every letter needs to know.
pub struct Frame<'a> {
    /// The reader's language.
    pub language: Language,
    /// Who writes.
    pub publisher: &'a Publisher,
    /// Where the service is reached; no trailing slash.
    pub public_url: &'a str,
    /// The Publisher's zone, for times people read.
    pub zone: Tz,
    /// The Product's code.
    pub product: &'a str,
    /// The Product's name.
    pub product_name: &'a str,
    /// The amoCRM account.
    pub account: i64,
    /// The reader's name; `None` while nobody confirmed the address: then the letter holds no
    /// word that somebody typed.
    pub reader: Option<&'a str>,
    /// How the reader confirms the address, where that is to be done.
    pub confirm: Option<Confirm<'a>>,
}

/// The page that confirms an address.
#[derive(Clone, Copy)]
pub struct Confirm<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Until when the link works.
    pub until: Timestamp,
}

/// How and when a letter goes out.
pub struct Cover {
    /// The address.
    pub to: String,
    /// `Message-ID` without its brackets.
    pub message_id: String,
    /// `Date`.
    pub date: Timestamp,
    /// What goes along.
    pub attachments: Vec<Attachment>,
}

/// A piece of a letter.
enum Part {
    /// A paragraph.
    Words(String),
    /// A heading and what stands under it.
    List(String, Vec<String>),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// Where to read on.
    Link(String, String),
}

/// A letter before it is text.
struct Page {
    lang: &'static str,
    subject: String,
    greeting: String,
    parts: Vec<Part>,
    signature: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/service.txt")]
struct Plain<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "mail/service.html")]
struct Html<'a> {
    page: &'a Page,
}

impl Frame<'_> {
    /// A text of ours without gaps to fill.
    fn say(&self, key: &str) -> String {
        self.tell(key, &[])
    }

    /// A text of ours with its gaps filled.
    fn tell(&self, key: &str, gaps: &[(&'static str, &str)]) -> String {
        texts::filled(&self.tag(), key, gaps)
    }

    fn tag(&self) -> LanguageIdentifier {
        const EN: LanguageIdentifier = langid!("en");
        const RU: LanguageIdentifier = langid!("ru");
        match self.language {
            Language::En => EN,
            Language::Ru => RU,
        }
    }

    /// A time as the Publisher's clocks show it, and in UTC.
    fn time(&self, at: Timestamp) -> String {
        let there = at.utc().with_timezone(&self.zone);
        format!(
            "{} ({}), {}",
            there.format("%Y-%m-%d %H:%M"),
            self.zone.name(),
            at.to_the_minute()
        )
    }

    /// The Publisher's name, or the Product's where the configuration has none.
    fn writer(&self) -> &str {
        self.publisher.name.as_deref().unwrap_or(self.product_name)
    }

    /// How to withdraw: it is as easy as agreeing was, and stands in every letter to who agreed.
    fn how_to_withdraw(&self) -> String {
        match self.publisher.mailbox.as_deref() {
            Some(mailbox) => self.tell("mail-withdraw-by-mail", &[("mailbox", mailbox)]),
            None => self.say("mail-withdraw"),
        }
    }

    /// Asks to confirm the address. It stands first: it is what there is to do.
    fn asking(&self) -> Vec<Part> {
        let Some(Confirm { url, until }) = self.confirm else {
            return Vec::new();
        };
        let until = self.time(until);
        vec![
            Part::Words(self.tell("mail-confirm", &[("until", &until)])),
            Part::Link(self.say("mail-confirm-link"), url.to_owned()),
            Part::Words(self.say("mail-confirm-stranger")),
        ]
    }

    fn page(&self, subject: String, parts: Vec<Part>) -> Page {
        let publisher = self.publisher;
        let tax_number = publisher.tax_number.as_deref();
        let tax_number = tax_number.map(|n| self.tell("mail-tax-number", &[("number", n)]));
        let signature = [
            Some(self.writer().to_owned()),
            publisher.legal_form.clone(),
            tax_number,
            publisher.address.clone(),
            publisher.site.clone(),
            publisher.mailbox.clone(),
            Some(self.say("mail-service")),
        ];
        Page {
            lang: self.language.as_str(),
            subject,
            greeting: match self.reader {
                Some(name) => self.tell("mail-greeting", &[("name", name)]),
                None => self.say("mail-greeting-nameless"),
            },
            parts: self.asking().into_iter().chain(parts).collect(),
            signature: signature.into_iter().flatten().collect(),
        }
    }
}

impl Page {
    fn letter(&self, cover: Cover) -> Result<ServiceLetter, askama::Error> {
        Ok(ServiceLetter {
            to: cover.to,
            lang: self.lang,
            subject: self.subject.clone(),
            text: Plain { page: self }.render()?,
            html: Html { page: self }.render()?,
            attachments: cover.attachments,
            message_id: cover.message_id,
            date: cover.date,
        })
    }
}

#[cfg(test)]
mod tests;
