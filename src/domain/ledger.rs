//! The form in which an entry of the consent ledger is hashed.
//!
//! An entry names the one before it of the same Install by its hash, so that
//! each Install has a chain of its own, and is a leaf of one tree over all
//! entries. Who the person is stands in it sealed: whoever destroys the person's
//! key leaves every hash as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::consents::{Act, Entry};
use super::merkle::{Hash, Tree};

/// What is hashed, as JSON in the form of RFC 8785. It holds nothing that says who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Place in the ledger, from 0.
    pub index: u64,
    /// The entry's id, and its receipt's.
    pub id: String,
    /// The Install, by our id.
    pub install: String,
    /// Place in the Install's own chain, from 1.
    pub chain: u32,
    /// The hash of the entry before it in that chain, in hex; null for the first.
    pub previous: Option<String>,
    /// The Install's generation.
    pub generation: u32,
    /// The person, by our id.
    pub subject: String,
    /// Who they are to amoCRM, sealed under their own key, in base64.
    pub sealed: String,
    /// The Product's code.
    pub product: String,
    /// `given` or `withdrawn`.
    pub act: String,
    /// Which words were shown.
    pub policy: Words,
    /// Codes of the purposes agreed to (clauses 5.2.x).
    pub purposes: Vec<String>,
    /// What was declared (clauses 3.1.1 to 3.1.4).
    pub declares: Declared,
    /// When, in UTC to the millisecond.
    pub at: String,
}

/// The words that somebody agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The version's number.
    pub number: u32,
    /// The language, BCP 47.
    pub lang: String,
    /// `sha256:…` of exactly the text shown.
    pub hash: String,
}

/// What somebody declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Read and understood (3.1.1, 3.1.3, 3.1.4).
    pub read: bool,
    /// The data are the person's own (3.1.2).
    pub own_data: bool,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// In the ledger, from 0.
    pub index: u64,
    /// In the Install's chain, from 1.
    pub chain: u32,
    /// The hash of the one before in that chain.
    pub previous: Option<Hash>,
}

impl Leaf {
    /// The form of an entry at its spot; `sealed` is who the person is, under their key.
    #[must_use]
    pub fn new(entry: &Entry, spot: Spot, product: &str, sealed: &[u8]) -> Self {
        Self {
            index: spot.index,
            id: entry.id.to_string(),
            install: entry.install.to_string(),
            chain: spot.chain,
            previous: spot.previous.map(|hash| hash.to_string()),
            generation: entry.generation,
            subject: entry.subject.to_string(),
            sealed: STANDARD.encode(sealed),
            product: product.to_owned(),
            act: act_text(entry.act).to_owned(),
            policy: Words {
                number: entry.shown.number,
                lang: entry.shown.lang.clone(),
                hash: entry.shown.hash.clone(),
            },
            purposes: entry.purposes.clone(),
            declares: Declared {
                read: entry.declares.read,
                own_data: entry.declares.own_data,
            },
            at: entry.at.to_string(),
        }
    }

    /// The leaf's hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of_leaf(&canonical(self))
    }
}

/// A line of the ledger as the database has it now.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its place, from 0.
    pub index: u64,
    /// The entry with the hash and the path that are kept beside it; `None` when the row can no
    /// longer be read as an entry.
    pub content: Option<(Leaf, Hash, Vec<Hash>)>,
    /// The kept hash of the line before it in its Install's chain.
    pub before: Option<Hash>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// The line that should be here is not.
    #[error("the entry is missing")]
    Missing,
    /// It is not what was hashed, or it stands in another's place.
    #[error("the entry was changed, or stands in another's place")]
    Changed,
    /// It does not follow the entry of its Install that it names.
    #[error("the entry does not follow the one before it in its Install's chain")]
    Chain,
    /// Its hash is not that of the tree it was added to.
    #[error("the entry does not belong to the tree of those before it")]
    Tree,
    /// Nobody was ever shown these words.
    #[error("the entry names words that were never published")]
    Words,
}

/// The first line that is not as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Where.
    pub index: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// Reads the ledger from its beginning and holds every line against those before it, in
/// constant memory.
#[derive(Debug, Default)]
pub struct Audit {
    tree: Tree,
}

impl Audit {
    /// How much was read, and to what it adds up.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Takes the next line. `published` tells whether a Product's words were ever published.
    ///
    /// # Errors
    /// [`Bad`] when it is not the line that has to come.
    pub fn next(
        &mut self,
        line: &Line,
        published: impl Fn(&str, &Words) -> bool,
    ) -> Result<(), Bad> {
        let index = self.tree.size();
        let bad = |fault| Bad { index, fault };
        if line.index != index {
            return Err(bad(Fault::Missing));
        }
        let (leaf, hash, path) = line.content.as_ref().ok_or(bad(Fault::Changed))?;
        if leaf.hash() != *hash {
            return Err(bad(Fault::Changed));
        }
        let follows = (leaf.chain == 1) == line.before.is_none();
        if !follows || leaf.previous != line.before.map(|hash| hash.to_string()) {
            return Err(bad(Fault::Chain));
        }
        if path != self.tree.path() {
            return Err(bad(Fault::Tree));
        }
        if !published(&leaf.product, &leaf.policy) {
            return Err(bad(Fault::Words));
        }
        self.tree.add(*hash);
        Ok(())
    }
}

/// JSON in the one form of RFC 8785, to be hashed or signed.
#[must_use]
pub fn canonical(value: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no text, or a number that is none, can fail here.
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// The word for an act in the ledger, in receipts and in the database.
#[must_use]
pub fn act_text(act: Act) -> &'static str {
    match act {
        Act::Given => "given",
        Act::Withdrawn => "withdrawn",
    }
}

/// Reads the word for an act.
#[must_use]
pub fn act_of(text: &str) -> Option<Act> {
    match text {
        "given" => Some(Act::Given),
        "withdrawn" => Some(Act::Withdrawn),
        _ => None,
    }
}
