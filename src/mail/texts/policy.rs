//! The letter about a new version of the Policy.

use super::{Cover, Frame, Part, ServiceLetter};
use crate::domain::facts::difference::Change;
use crate::domain::time::Timestamp;
use crate::texts;

/// What a reader is told about a version.
pub struct PolicyLetter<'a> {
    /// Its number.
    pub number: u32,
    /// Since when it is in force (clause 12.3).
    pub posted_at: Timestamp,
    /// The version the reader agreed to.
    pub agreed: u32,
    /// What the facts differ in from the version the reader agreed to; may be empty.
    pub changes: &'a [Change],
    /// Whether the reader has to agree again.
    pub again: Again,
}

/// Whether somebody has to agree again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The consent stays valid.
    No,
    /// Until then the Product works under the earlier consent.
    Until(Timestamp),
    /// The Product waits for it already.
    AtOnce,
}

impl PolicyLetter<'_> {
    /// Writes the letter.
    ///
    /// # Errors
    /// When a template cannot be filled.
    pub fn write(&self, frame: &Frame<'_>, cover: Cover) -> Result<ServiceLetter, askama::Error> {
        let (number, agreed) = (self.number.to_string(), self.agreed.to_string());
        let account = frame.account.to_string();
        let product = ("product", frame.product_name);
        let subject = match self.again {
            Again::No => "mail-policy-subject",
            Again::Until(_) | Again::AtOnce => "mail-reconsent-subject",
        };
        let subject = frame.tell(subject, &[product, ("number", &number)]);

        let writer = ("publisher", frame.writer());
        let mut parts = vec![
            Part::Words(frame.tell("mail-why", &[writer, product, ("account", &account)])),
            Part::Words(frame.tell(
                "mail-policy-since",
                &[
                    ("number", &number),
                    ("agreed", &agreed),
                    ("since", &frame.time(self.posted_at)),
                ],
            )),
        ];
        let changes = texts::sentences(&frame.tag(), self.changes);
        if !changes.is_empty() {
            parts.push(Part::List(frame.say("mail-policy-changes"), changes));
        }
        let policy = format!("{}/policy/{}", frame.public_url, frame.product);
        let compared = format!("{policy}/{agreed}..{number}");
        parts.push(Part::Link(frame.say("mail-policy-compare"), compared));
        parts.push(Part::Link(
            frame.say("mail-policy-read"),
            format!("{policy}/{number}"),
        ));
        parts.extend(self.what_to_do(frame).into_iter().map(Part::Words));
        parts.push(Part::Words(frame.how_to_withdraw()));
        frame.page(subject, parts).letter(cover)
    }

    fn what_to_do(&self, frame: &Frame<'_>) -> Vec<String> {
        let product = ("product", frame.product_name);
        let where_to = || frame.tell("mail-reconsent-where", &[product]);
        match self.again {
            Again::No => vec![frame.say("mail-policy-nothing")],
            Again::Until(end) => {
                let until = frame.time(end);
                vec![
                    frame.tell("mail-reconsent-until", &[product, ("until", &until)]),
                    where_to(),
                ]
            }
            Again::AtOnce => vec![frame.tell("mail-reconsent-at-once", &[product]), where_to()],
        }
    }
}
