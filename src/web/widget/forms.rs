//! The forms of the widget API, as they are read and as they are described.

use serde_json::Value;

use crate::domain::claims::Caller;
use crate::domain::consents::Declares;
use crate::domain::consents::agreement::Agreement;
use crate::domain::contacts::{Contact, ContactForm};
use crate::domain::forms::{Field, Object, form};
use crate::domain::policies::LangTag;
use crate::error::Error;

/// The longest comment of a withdrawal, in characters.
const LONGEST_COMMENT: usize = 2000;

form! {
    /// The consent form.
    pub(super) struct ConsentForm {
        /// `sha256:…` of the text that was shown.
        policy_hash: String,
        /// Language of that text.
        lang: String,
        #[schema(value_type = Contact)]
        contact: ContactForm,
        #[schema(nullable = false)]
        purposes: Option<Purposes>,
        declares: Declarations,
    }
}

form! {
    /// What may be agreed to besides.
    struct Purposes {
        /// Clause 5.2.8; off unless true.
        #[schema(nullable = false)]
        advertising: Option<bool>,
    }
}

form! {
    /// What has to be declared.
    struct Declarations {
        /// Clauses 3.1.1, 3.1.3 and 3.1.4.
        #[schema(value_type = bool)]
        read: Declared,
        /// Clause 3.1.2.
        #[schema(value_type = bool)]
        own_data: Declared,
    }
}

/// A box that has to be ticked.
struct Declared(bool);

impl Field for Declared {
    fn read(object: &mut Object, field: &str) -> Self {
        let ticked = object.take(field) == Some(Value::Bool(true));
        if !ticked {
            object.wrong(field, "has to be true: without it there is no consent");
        }
        Self(ticked)
    }
}

/// Reads the consent form, and checks what its fields cannot check alone.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong.
pub(super) fn agreement(caller: &Caller, mut body: Object) -> Result<Agreement, Error> {
    let form: ConsentForm = body.read();
    // As some programs write it: ru_RU is ru-RU.
    let lang = form.lang.replace('_', "-");
    let host = caller.claims.host.language();
    let around: Vec<&str> = host.into_iter().chain([lang.as_str()]).collect();
    let contact = body.checked("contact", form.contact.parse(&around));
    let lang = match LangTag::parse(&lang) {
        Some(tag) => tag.into(),
        None => {
            if !lang.is_empty() {
                body.wrong("lang", "a language tag like en or pt-BR");
            }
            lang
        }
    };
    Ok(Agreement {
        contact: body.finish(contact)?,
        hash: form.policy_hash,
        lang,
        advertising: form.purposes.and_then(|p| p.advertising).unwrap_or(false),
        declares: Declares {
            read: form.declares.read.0,
            own_data: form.declares.own_data.0,
        },
    })
}

form! {
    /// What a withdrawal may say.
    pub(super) struct WithdrawalForm {
        /// At most 2000 characters.
        comment: Option<String>,
    }
}

/// Reads what a withdrawal says; `None` when that is nothing.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong.
pub(super) fn comment(mut body: Object) -> Result<Option<String>, Error> {
    let WithdrawalForm { comment } = body.read();
    let comment = comment.filter(|c| !c.trim().is_empty());
    let length = comment.as_ref().map_or(0, |c| c.chars().count());
    if length > LONGEST_COMMENT {
        body.wrong("comment", "at most 2000 characters");
    }
    Ok(body.finish(Some(comment))?)
}
