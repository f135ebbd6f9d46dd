//! Contact details: exactly the list of clause 4.2, nothing besides.
//!
//! A form is loose, a `Contact` is strict; whoever holds one need not check again.

use email_address::{EmailAddress, Options};
use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};

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
    /// As [`Contact::phone`]; spaces, brackets and dashes are taken out.
    pub phone: Option<Option<String>>,
    /// As [`Contact::email`].
    pub email: Option<Option<String>>,
    /// As [`Contact::language`].
    pub language: Option<Option<String>>,
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
        let contact = Contact {
            name: needed("name", self.name, old.name, text, &mut faults),
            company: optional("company", self.company, old.company, text, &mut faults),
            position: optional("position", self.position, old.position, text, &mut faults),
            phone: optional("phone", self.phone, old.phone, phone, &mut faults),
            email: needed("email", self.email, old.email, email, &mut faults),
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

type Reader = fn(&str) -> Result<String, &'static str>;

fn optional(
    field: &'static str,
    sent: Option<Option<String>>,
    old: Option<String>,
    read: Reader,
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
    read: Reader,
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

fn text(value: &str) -> Result<String, &'static str> {
    if value.chars().count() > LONGEST {
        Err("at most 200 characters")
    } else if value.chars().any(char::is_control) {
        Err("one line of plain text")
    } else {
        Ok(value.to_owned())
    }
}

fn phone(value: &str) -> Result<String, &'static str> {
    let digits: String = value
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{a0}'))
        .collect();
    let number = digits.strip_prefix('+').unwrap_or_default();
    let e164 = (7..=15).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.starts_with('0');
    if e164 {
        Ok(digits)
    } else {
        Err("an international number: + and the country code, then 7 to 15 digits in all")
    }
}

fn email(value: &str) -> Result<String, &'static str> {
    // No display names, no quoted parts, no bracketed addresses: an address people really have.
    let options = Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let plain = !value
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '"');
    match EmailAddress::parse_with_options(value, options) {
        Ok(_) if plain && value.len() <= 254 => Ok(value.to_owned()),
        _ => Err("an e-mail address like anna@example.com"),
    }
}

fn language(value: &str) -> Result<String, &'static str> {
    LanguageTag::parse_and_normalize(value)
        .map(|tag| tag.as_str().to_owned())
        .map_err(|_| "a language tag like en or pt-BR")
}

/// An e-mail address as the blind index knows it: case and outer space do not matter.
#[must_use]
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, email: &str) -> ContactForm {
        ContactForm {
            name: Some(Some(name.into())),
            email: Some(Some(email.into())),
            ..ContactForm::default()
        }
    }

    fn faults(form: ContactForm) -> Vec<&'static str> {
        form.parse()
            .unwrap_err()
            .into_iter()
            .map(|f| f.field)
            .collect()
    }

    #[test]
    fn a_name_and_an_address_are_enough() {
        let contact = form(" Анна Петровна Ким ", "anna@example.com")
            .parse()
            .unwrap();
        assert_eq!(
            (contact.name.as_str(), contact.email.as_str()),
            ("Анна Петровна Ким", "anna@example.com")
        );
        assert_eq!(contact.phone, None);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let bad = ContactForm {
            phone: Some(Some("8 999".into())),
            language: Some(Some("in English please".into())),
            company: Some(Some("x".repeat(201))),
            ..form("", "not an address")
        };
        assert_eq!(
            faults(bad),
            ["name", "company", "phone", "email", "language"]
        );
        assert_eq!(faults(ContactForm::default()), ["name", "email"]);
    }

    #[test]
    fn phones_become_e164() {
        for (given, expected) in [
            ("+996 (700) 12-34-56", Some("+996700123456")),
            ("", None),
            ("  ", None),
        ] {
            let contact = ContactForm {
                phone: Some(Some(given.into())),
                ..form("A", "a@b.co")
            }
            .parse()
            .unwrap();
            assert_eq!(contact.phone.as_deref(), expected);
        }
        for bad in [
            "996700123456",
            "+0123456789",
            "+12",
            "+1234567890123456",
            "+12345abc",
            "+12\n34567",
        ] {
            assert_eq!(
                faults(ContactForm {
                    phone: Some(Some(bad.into())),
                    ..form("A", "a@b.co")
                }),
                ["phone"],
                "{bad}"
            );
        }
    }

    #[test]
    fn addresses_are_ones_that_people_have() {
        for bad in [
            "a",
            "a@",
            "@b.co",
            "Anna <a@b.co>",
            "a@[127.0.0.1]",
            "a b@c.co",
            "\"a\"@b.co",
            "a@b\r\n.co",
        ] {
            assert_eq!(faults(form("A", bad)), ["email"], "{bad:?}");
        }
        assert_eq!(email_key(" Anna@Example.COM "), "anna@example.com");
    }

    #[test]
    fn a_change_touches_only_what_was_sent() {
        let old = ContactForm {
            phone: Some(Some("+996700123456".into())),
            ..form("A", "a@b.co")
        }
        .parse()
        .unwrap();
        let new = ContactForm {
            phone: Some(None),
            company: Some(Some("Роза".into())),
            ..ContactForm::default()
        }
        .change(old.clone())
        .unwrap();
        assert_eq!(
            (new.phone, new.company.as_deref(), new.name),
            (None, Some("Роза"), old.name.clone())
        );
        let cleared = ContactForm {
            name: Some(None),
            ..ContactForm::default()
        }
        .change(old)
        .unwrap_err();
        assert_eq!(
            cleared,
            [BadField {
                field: "name",
                message: "this field is needed"
            }]
        );
    }
}
