//! Contact details: exactly the list of clause 4.2, nothing besides.
//!
//! A form is loose, a `Contact` is strict; whoever holds one need not check again.

mod email;
mod name;
mod phone;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use email::{key as email_key, on_the_wire};
pub use name::for_letters as name_for_letters;

use super::forms::{FieldError, Form as _, NEEDED, form};
use super::policies::LangTag;

/// The longest free text we take for one field, in characters.
const LONGEST: usize = 200;

/// Contact details of one person (clause 4.2). The account id is kept with the Install.
// The default is the blank that a whole form is read onto; what comes of it is right.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Names no person, so that it may stand in a log line.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(***)")
    }
}

form! {
    /// Contact details as somebody sends them. What is absent stays as it was, and null clears
    /// what need not be there.
    #[derive(Clone, Default)]
    pub struct ContactForm {
        /// Surname, name, patronymic.
        #[schema(nullable = false)]
        pub name: Option<Option<String>>,
        /// Name of the company.
        pub company: Option<Option<String>>,
        /// Position in it.
        pub position: Option<Option<String>>,
        /// In any form that people write numbers in.
        pub phone: Option<Option<String>>,
        /// The address for letters and claims.
        #[schema(nullable = false)]
        pub email: Option<Option<String>>,
        /// Usual language, BCP 47.
        pub language: Option<Option<String>>,
    }
}

/// What the consent form collects, by the names that facts use: its fields, and the account id,
/// which comes with them (clause 4.2).
pub fn collected() -> impl Iterator<Item = &'static str> {
    ContactForm::FIELDS.iter().copied().chain(["account_id"])
}

impl ContactForm {
    /// Reads a whole form: what is absent is empty. `around` are languages that tell where the
    /// person is, besides their own: that of the text they read, and that of the account's host.
    /// A number without its country's code is read with them.
    ///
    /// # Errors
    /// Every field that is wrong, each with what would be right.
    pub fn parse(self, around: &[&str]) -> Result<Contact, Vec<FieldError>> {
        let always = [("name", &self.name), ("email", &self.email)];
        let absent = always.into_iter().filter(|(_, sent)| sent.is_none());
        let mut errors: Vec<FieldError> = absent
            .map(|(field, _)| FieldError::new(field, NEEDED))
            .collect();
        let contact = self.onto(Contact::default(), around, &mut errors);
        right(contact, errors)
    }

    /// Applies the fields that were sent to what we have; null clears an optional one.
    ///
    /// # Errors
    /// Every field that is wrong, each with what would be right.
    pub fn change(self, old: Contact, around: &[&str]) -> Result<Contact, Vec<FieldError>> {
        let mut errors = Vec::new();
        let contact = self.onto(old, around, &mut errors);
        right(contact, errors)
    }

    fn onto(self, old: Contact, around: &[&str], errors: &mut Vec<FieldError>) -> Contact {
        let spoken = self.language.as_ref().unwrap_or(&old.language).as_deref();
        let mut around = around.iter().copied().chain(spoken);
        let eight_is_seven = around.any(phone::says_eight);
        let phone = |value: &str| phone::read(value, eight_is_seven);
        Contact {
            name: needed("name", self.name, old.name, text, errors),
            company: optional("company", self.company, old.company, text, errors),
            position: optional("position", self.position, old.position, text, errors),
            phone: optional("phone", self.phone, old.phone, phone, errors),
            email: needed("email", self.email, old.email, email::read, errors),
            language: optional("language", self.language, old.language, language, errors),
        }
    }
}

fn right(contact: Contact, errors: Vec<FieldError>) -> Result<Contact, Vec<FieldError>> {
    if errors.is_empty() {
        Ok(contact)
    } else {
        Err(errors)
    }
}

type Read = Result<String, &'static str>;

fn optional(
    field: &str,
    sent: Option<Option<String>>,
    old: Option<String>,
    read: impl Fn(&str) -> Read,
    errors: &mut Vec<FieldError>,
) -> Option<String> {
    let Some(sent) = sent else { return old };
    // An empty box in a form is a person's way to say null.
    let value = sent.filter(|v| !v.trim().is_empty())?;
    read(value.trim())
        .map_err(|message| errors.push(FieldError::new(field, message)))
        .ok()
}

fn needed(
    field: &str,
    sent: Option<Option<String>>,
    old: String,
    read: impl Fn(&str) -> Read,
    errors: &mut Vec<FieldError>,
) -> String {
    let Some(sent) = sent else { return old };
    let sent = sent.unwrap_or_default();
    let value = match sent.trim() {
        "" => Err(NEEDED),
        value => read(value),
    };
    value.unwrap_or_else(|message| {
        errors.push(FieldError::new(field, message));
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
