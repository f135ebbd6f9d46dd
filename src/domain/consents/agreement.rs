//! A consent on its way into the ledger: what the form said, and what became of it.

use super::{Declares, Entry};
use crate::domain::claims::Caller;
use crate::domain::contacts::Contact;
use crate::domain::ledger::Leaf;
use crate::domain::merkle::Hash;
use crate::domain::policies::history::{History, TextRef, Version};

/// What the form said, checked.
#[derive(Clone)]
pub struct Agreement {
    /// The hash of the text that was on the screen.
    pub hash: String,
    /// The language it was asked for in.
    pub lang: String,
    /// Clause 4.2.
    pub contact: Contact,
    /// Clause 5.2.8, off unless ticked.
    pub advertising: bool,
    /// Clauses 3.1.1 to 3.1.4.
    pub declares: Declares,
}

/// A form and who sent it.
#[derive(Clone)]
pub struct Form {
    /// The caller, proven by their token.
    pub caller: Caller,
    /// What it says.
    pub agreement: Agreement,
}

/// What is in force, seen from a form.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'h> {
    /// The text that was on the screen, in the language that the form names.
    Shown(&'h Version, &'h TextRef),
    /// Another one, or the form names another language: this is the one to show.
    Another(&'h Version, &'h TextRef),
}

impl Agreement {
    /// Holds the form against the versions; `None` when there is nothing to agree to.
    #[must_use]
    pub fn against<'h>(&self, history: &'h History) -> Option<Wanted<'h>> {
        let version = history.in_force()?;
        let best = version.text_for(std::slice::from_ref(&self.lang))?;
        let shown = version
            .texts
            .iter()
            .find(|text| text.hash == self.hash && text.lang.eq_ignore_ascii_case(&self.lang));
        Some(match shown {
            Some(shown) => Wanted::Shown(version, shown),
            None => Wanted::Another(version, best),
        })
    }
}

/// An entry in its place in the ledger, with all that proves it there.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// The form in which it was hashed.
    pub leaf: Leaf,
    /// Its hash.
    pub hash: Hash,
    /// The path of the tree that ends with it.
    pub path: Vec<Hash>,
}

impl Outcome {
    /// The form was about another text than the one in force.
    #[must_use]
    pub fn changed(version: &Version, text: &TextRef) -> Self {
        Self::PolicyChanged(Box::new((version.clone(), text.clone())))
    }
}

/// What became of a form.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The consent is in the ledger.
    Given(Box<Recorded>),
    /// The Policy was replaced while the person read: this is the one in force.
    PolicyChanged(Box<(Version, TextRef)>),
}
