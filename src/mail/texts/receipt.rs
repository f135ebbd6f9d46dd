//! The receipt of a consent or a withdrawal, for reading; the signed one goes along.

use super::{Cover, Frame, Part, ServiceLetter};
use crate::domain::consents::{Act, Entry};
use crate::domain::time::Timestamp;
use crate::domain::withdrawals::Reach;

/// What a receipt tells.
pub struct ReceiptLetter<'a> {
    /// The entry in the ledger.
    pub entry: &'a Entry,
    /// Codes and titles, in the reader's language, of the purposes agreed to.
    pub purposes: &'a [(String, String)],
    /// The request that a withdrawal began.
    pub request: Option<Done<'a>>,
}

/// The request that a withdrawal began.
pub struct Done<'a> {
    /// `W-2026-000001`.
    pub number: &'a str,
    /// When it is answered at the latest.
    pub due_at: Timestamp,
    /// Whether it ends the product, or takes back one consent of several.
    pub reach: Reach,
}

impl ReceiptLetter<'_> {
    /// Writes the letter.
    ///
    /// # Errors
    /// When a template cannot be filled.
    pub fn write(&self, frame: &Frame<'_>, cover: Cover) -> Result<ServiceLetter, askama::Error> {
        let gaps = [
            ("product", frame.product_name),
            ("publisher", frame.writer()),
        ];
        let (subject, lead) = match self.entry.act {
            Act::Given => ("mail-receipt-given-subject", "mail-receipt-given"),
            Act::Withdrawn => ("mail-receipt-withdrawn-subject", "mail-receipt-withdrawn"),
        };
        let mut parts = vec![
            Part::Words(frame.tell(lead, &gaps)),
            Part::Facts(self.facts(frame)),
        ];
        if !self.purposes.is_empty() {
            let purposes = self.purposes.iter();
            let purposes = purposes.map(|(code, title)| format!("{code}: {title}"));
            parts.push(Part::List(
                frame.say("mail-receipt-purposes"),
                purposes.collect(),
            ));
        }
        let declared = self.declared(frame);
        if !declared.is_empty() {
            parts.push(Part::List(frame.say("mail-receipt-declared"), declared));
        }
        let number = self.entry.shown.number;
        parts.push(Part::Link(
            frame.say("mail-receipt-policy"),
            format!("{}/policy/{}/{number}", frame.public_url, frame.product),
        ));
        parts.push(Part::Words(match self.entry.act {
            Act::Given => frame.how_to_withdraw(),
            Act::Withdrawn => frame.say(self.next()),
        }));
        frame.page(frame.tell(subject, &gaps), parts).letter(cover)
    }

    /// What happens after a withdrawal.
    fn next(&self) -> &'static str {
        match self.request.as_ref().map(|request| request.reach) {
            Some(Reach::Own) => "mail-receipt-next-own",
            Some(Reach::Account) | None => "mail-receipt-next",
        }
    }

    fn facts(&self, frame: &Frame<'_>) -> Vec<(String, String)> {
        let Entry {
            id, act, shown, at, ..
        } = self.entry;
        let act = match act {
            Act::Given => "mail-receipt-act-given",
            Act::Withdrawn => "mail-receipt-act-withdrawn",
        };
        let product = format!("{} ({})", frame.product_name, frame.product);
        let mut rows = vec![
            ("mail-receipt-id", id.to_string()),
            ("mail-receipt-act", frame.say(act)),
            ("mail-receipt-at", frame.time(*at)),
            ("mail-receipt-product", product),
            ("mail-receipt-account", frame.account.to_string()),
            ("mail-receipt-version", shown.number.to_string()),
            ("mail-receipt-language", shown.lang.clone()),
            ("mail-receipt-hash", shown.hash.clone()),
        ];
        if let Some(request) = &self.request {
            rows.push(("mail-receipt-request", request.number.to_owned()));
            rows.push(("mail-receipt-due", frame.time(request.due_at)));
        }
        rows.into_iter()
            .map(|(key, value)| (frame.say(key), value))
            .collect()
    }

    fn declared(&self, frame: &Frame<'_>) -> Vec<String> {
        let declares = self.entry.declares;
        [
            (declares.read, "mail-receipt-declared-read"),
            (declares.own_data, "mail-receipt-declared-own-data"),
        ]
        .into_iter()
        .filter(|(declared, _)| *declared)
        .map(|(_, key)| frame.say(key))
        .collect()
    }
}
