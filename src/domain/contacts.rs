//! Contact details: exactly the list of clause 4.2, nothing besides.
//!
//! A form is loose, a `Contact` is strict; whoever holds one need not check again.

mod email;
mod name;
mod phone;

use serde::{Deserialize, Serialize};

pub use email::{key as email_key, on_the_wire};
pub use name::for_letters as name_for_letters;

use super::policies::LangTag;

/// The longest free text we take for one field, in characters.
const LONGEST: usize = 200;

/// What is wrong with one field, in words for the person who filled it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadField {
    /// The field's name in the form.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: &'static str,
}

/// Contact details of one person (clause 4.2). The account id is kept with the Install.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Surname, name, patronymic, as the person writes them.
    pub name: String,
    /// Name of the company.
    pub company: Option<String>,
    /// Position in it.
    pub position: Option<String>,
    /// E.164: `+` and 7 to 15 digits.
    pub phone: Option<String>,
    /// The address for letters and claims (clause 9.1).
    pub email: String,
    /// Usual language, BCP 47.
    pub language: Option<String>,
}

/// What the consent form collects, by the names that facts use: the fields of [`Contact`], and the
/// account id, which comes with them (clause 4.2).
pub const COLLECTED: [&str; 7] = [
    "name",
    "company",
    "position",
    "phone",
    "email",
    "language",
    "account_id",
];

/// Names no person, so that it may stand in a log line.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(***)")
    }
}

/// The fields as somebody sent them: `None` is absent, `Some(None)` is an explicit null.
#[derive(Clone, Default)]
pub struct ContactForm {
    /// As [`Contact::name`].
    pub name: Option<Option<String>>,
    /// As [`Contact::company`].
    pub company: Option<Option<String>>,
    /// As [`Contact::position`].
    pub position: Option<Option<String>>,
    /// As [`Contact::phone`], in any form that people write numbers in.
    pub phone: Option<Option<String>>,
    /// As [`Contact::email`].
    pub email: Option<Option<String>>,
    /// As [`Contact::language`].
    pub language: Option<Option<String>>,
    /// Languages that tell where the person is, besides their own: that of the text they read, and
    /// that of the account's host. A number without its country's code is read with them.
    pub around: Vec<String>,
}

impl ContactForm {
    /// Reads a whole form: what is absent is empty.
    ///
    /// # Errors
    /// Every field that is wrong, each with what would be right.
    pub fn parse(self) -> Result<Contact, Vec<BadField>> {
        let empty = Contact {
            name: String::new(),
            company: None,
            position: None,
            phone: None,
            email: String::new(),
            language: None,
        };
        let missing = [
            ("name", self.name.is_none()),
            ("email", self.email.is_none()),
        ];
        let mut faults: Vec<BadField> = missing
            .into_iter()
            .filter(|(_, absent)| *absent)
            .map(|(field, _)| BadField {
                field,
                message: "this field is needed",
            })
            .collect();
        match self.change(empty) {
            Ok(contact) if faults.is_empty() => Ok(contact),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// Applies the fields that were sent to what we have; null clears an optional one.
    ///
    /// # Errors
    /// Every field that is wrong, each with what would be right.
    pub fn change(self, old: Contact) -> Result<Contact, Vec<BadField>> {
        let mut faults = Vec::new();
        let spoken = self.language.as_ref().unwrap_or(&old.language);
        let mut around = self.around.iter().chain(spoken);
        let eight_is_seven = around.any(|language| phone::says_eight(language));
        let phone = |value: &str| phone::read(value, eight_is_seven);
        let contact = Contact {
            name: needed("name", self.name, old.name, text, &mut faults),
            company: optional("company", self.company, old.company, text, &mut faults),
            position: optional("position", self.position, old.position, text, &mut faults),
            phone: optional("phone", self.phone, old.phone, phone, &mut faults),
            email: needed("email", self.email, old.email, email::read, &mut faults),
            language: optional(
                "language",
                self.language,
                old.language,
                language,
                &mut faults,
            ),
        };
        if faults.is_empty() {
            Ok(contact)
        } else {
            Err(faults)
        }
    }
}

type Read = Result<String, &'static str>;

fn optional(
    field: &'static str,
    sent: Option<Option<String>>,
    old: Option<String>,
    read: impl Fn(&str) -> Read,
    faults: &mut Vec<BadField>,
) -> Option<String> {
    let Some(sent) = sent else { return old };
    // An empty box in a form is a person's way to say null.
    let value = sent.filter(|v| !v.trim().is_empty())?;
    read(value.trim())
        .map_err(|message| faults.push(BadField { field, message }))
        .ok()
}

fn needed(
    field: &'static str,
    sent: Option<Option<String>>,
    old: String,
    read: impl Fn(&str) -> Read,
    faults: &mut Vec<BadField>,
) -> String {
    let Some(sent) = sent else { return old };
    optional(field, Some(sent), None, read, faults).unwrap_or_else(|| {
        if faults.last().is_none_or(|f| f.field != field) {
            faults.push(BadField {
                field,
                message: "this field is needed",
            });
        }
        String::new()
    })
}

fn text(value: &str) -> Read {
    if value.chars().count() > LONGEST {
        Err("at most 200 characters")
    } else if value.chars().any(char::is_control) {
        Err("one line of plain text")
    } else {
        Ok(value.to_owned())
    }
}

/// A tag as people and programs write it: `ru_RU` is `ru-RU`.
fn language(value: &str) -> Read {
    LangTag::parse(value)
        .map(String::from)
        .ok_or("a language tag like en or pt-BR")
}

#[cfg(test)]
mod tests;
