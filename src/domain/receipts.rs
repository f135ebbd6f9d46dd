//! Receipts: what a person keeps of a consent or a withdrawal, and how anybody
//! verifies one with nothing but the file and the published keys.
//!
//! A receipt carries the record of ISO/IEC TS 27560, the ledger's own entry with
//! the proof that it stands in the tree, a signed checkpoint of that tree, and a
//! signature over all of it in the form of RFC 8785.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use utoipa::ToSchema;

use super::checkpoint::{BadNote, Checkpoint};
use super::ledger::{Declared, Leaf, Words, canonical};
use super::merkle::{Hash, root_of};
use super::signing::{ALGORITHM, PublicKey, PublishedKey, PublishedKeys, SigningKey};
use super::time::Timestamp;

mod record;

pub use record::{Holder, Record};

/// A receipt. Everything in it is signed but the signature itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The entry's id in the ledger.
    pub id: String,
    /// When the entry was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Timestamp,
    /// The time that its signature speaks for: the entry's, or the key's first moment if the entry
    /// is older than the key. A key is believed for its own time only.
    #[schema(value_type = String, format = DateTime)]
    pub signed_at: Timestamp,
    /// The Product's code.
    pub product: String,
    /// The account.
    pub account_id: i64,
    /// `given` or `withdrawn`.
    pub act: String,
    /// Which words were shown.
    pub policy: Words,
    /// Codes of the purposes agreed to (clauses 5.2.x).
    pub purposes: Vec<String>,
    /// What was declared (clauses 3.1.1 to 3.1.4).
    pub declares: Declared,
    /// The same for programs that read ISO/IEC TS 27560.
    pub record: Record,
    /// Where the entry stands, and the proof of it.
    pub ledger: Proof,
    /// The Publisher's signature over all of the above in the form of RFC 8785.
    #[schema(required, nullable = false)]
    pub signature: Option<Signature>,
}

/// The proof that an entry stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proof {
    /// Place in the ledger, from 0.
    pub index: u64,
    /// SHA-256 of the entry as a leaf (RFC 9162, 2.1.1), in hex.
    pub leaf_hash: String,
    /// The inclusion proof (RFC 9162, 2.1.3) in the checkpoint's tree, in hex.
    pub proof: Vec<String>,
    /// The tree's size and root, as a signed note.
    pub checkpoint: String,
    /// The entry itself, as it was hashed.
    pub entry: Leaf,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signature {
    /// The key's name in the list of keys.
    pub key: String,
    /// `Ed25519`.
    pub alg: String,
    /// 64 bytes in base64.
    pub value: String,
}

/// Why a receipt is not to be believed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotProved {
    /// No JSON, or a part of a receipt is missing.
    #[error("the file is no receipt: {0}")]
    Form(String),
    /// The signature names a key that is not in the list.
    #[error("it was signed with the key {0}, which is not in the list of keys")]
    UnknownKey(String),
    /// Something in it was changed after it was signed.
    #[error("the signature is not of this receipt: something in it was changed")]
    Signature,
    /// The key did not sign at that time.
    #[error("it says that it was signed at {at}, when the key {key} did not sign")]
    OutOfTime {
        /// The key's name.
        key: String,
        /// When it claims to be signed.
        at: Timestamp,
    },
    /// It was signed before there was anything to sign.
    #[error("it says that it was signed before its entry was recorded")]
    TooEarly,
    /// The key was revoked before.
    #[error("it was signed after its key {key} was revoked ({at})")]
    AfterRevocation {
        /// The key's name.
        key: String,
        /// When it was revoked.
        at: Timestamp,
    },
    /// The key was revoked later, so that the file alone proves nothing any more.
    #[error(
        "its key {key} was revoked at {at}: whoever had the key could date a receipt back, so this file proves \
         nothing by itself. The publisher can prove it with a checkpoint that was kept elsewhere since before \
         (--checkpoint); a receipt that is downloaded anew is signed with the key of today"
    )]
    Revoked {
        /// The key's name.
        key: String,
        /// When it was revoked.
        at: Timestamp,
    },
    /// The receipt and the entry inside say different things.
    #[error("the receipt says another {0} than the ledger's entry in it")]
    Differs(&'static str),
    /// The entry does not have the hash that is proved.
    #[error("the ledger's entry does not have the hash that is proved")]
    Leaf,
    /// The proof does not lead to the checkpoint's root.
    #[error("the proof does not lead from the entry to the checkpoint")]
    Inclusion,
    /// The checkpoint is not to be believed.
    #[error("the checkpoint: {0}")]
    Checkpoint(BadNote),
}

impl Receipt {
    /// The receipt with its signature.
    #[must_use]
    pub fn signed(self, key: &SigningKey) -> Self {
        let unsigned = Self {
            signature: None,
            ..self
        };
        let value = STANDARD.encode(key.sign(&signed_bytes(&unsigned)));
        Self {
            signature: Some(Signature {
                key: key.public().id(),
                alg: ALGORITHM.to_owned(),
                value,
            }),
            ..unsigned
        }
    }
}

/// What is signed: everything but the signature.
fn signed_bytes(receipt: &impl Serialize) -> Vec<u8> {
    let mut value = serde_json::to_value(receipt).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.remove("signature");
    }
    canonical(&value)
}

/// Verifies a receipt with nothing but its bytes and the published keys.
///
/// # Errors
/// [`NotProved`], by the first thing that is not as it has to be.
pub fn verify(json: &[u8], keys: &PublishedKeys) -> Result<Receipt, NotProved> {
    verify_beside(json, keys, None)
}

/// The same beside a ledger that a checkpoint kept elsewhere proves: `stands` is the hash of the
/// entry at the receipt's index there. It makes up for a key that was revoked later.
///
/// # Errors
/// [`NotProved`], by the first thing that is not as it has to be.
pub fn verify_beside(
    json: &[u8],
    keys: &PublishedKeys,
    stands: Option<Hash>,
) -> Result<Receipt, NotProved> {
    let form = |e: serde_json::Error| NotProved::Form(e.to_string());
    let value: Value = serde_json::from_slice(json).map_err(form)?;
    let receipt: Receipt = serde_json::from_slice(json).map_err(form)?;
    let (key, published) = signature_is_good(&value, &receipt, keys)?;
    signed_in_its_time(&receipt, published)?;
    says_what_its_entry_says(&receipt)?;
    stands_in_the_ledger(&receipt, key)?;
    match published.revoked_at {
        Some(at) if stands != Some(receipt.ledger.entry.hash()) => Err(NotProved::Revoked {
            key: published.id.clone(),
            at,
        }),
        _ => Ok(receipt),
    }
}

fn signed_in_its_time(receipt: &Receipt, published: &PublishedKey) -> Result<(), NotProved> {
    let (at, key) = (receipt.signed_at, || published.id.clone());
    if at < receipt.issued_at {
        return Err(NotProved::TooEarly);
    }
    match published.revoked_at {
        Some(revoked) if at >= revoked => Err(NotProved::AfterRevocation {
            key: key(),
            at: revoked,
        }),
        _ if published.signed_at(at) => Ok(()),
        _ => Err(NotProved::OutOfTime { key: key(), at }),
    }
}

fn signature_is_good<'k>(
    value: &Value,
    receipt: &Receipt,
    keys: &'k PublishedKeys,
) -> Result<(PublicKey, &'k PublishedKey), NotProved> {
    let signature = receipt
        .signature
        .as_ref()
        .filter(|s| s.alg == ALGORITHM)
        .ok_or_else(|| NotProved::Form("it has no Ed25519 signature".to_owned()))?;
    let (key, published) = keys
        .find(&signature.key)
        .ok_or_else(|| NotProved::UnknownKey(signature.key.clone()))?;
    let bytes = STANDARD.decode(&signature.value).unwrap_or_default();
    // Over the file's own JSON: a field that we do not know is signed all the same.
    if !key.verifies(&signed_bytes(value), &bytes) {
        return Err(NotProved::Signature);
    }
    Ok((key, published))
}

fn says_what_its_entry_says(receipt: &Receipt) -> Result<(), NotProved> {
    let entry = &receipt.ledger.entry;
    let alike = [
        ("id", receipt.id == entry.id),
        ("time", receipt.issued_at.to_string() == entry.at),
        ("product", receipt.product == entry.product),
        ("act", receipt.act == entry.act),
        ("policy", receipt.policy == entry.policy),
        ("purposes", receipt.purposes == entry.purposes),
        ("declarations", receipt.declares == entry.declares),
        ("index", receipt.ledger.index == entry.index),
    ];
    match alike.iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(NotProved::Differs(what)),
        None => Ok(()),
    }
}

/// The checkpoint has to be signed with the receipt's own key: both are made at once.
fn stands_in_the_ledger(receipt: &Receipt, key: PublicKey) -> Result<(), NotProved> {
    let ledger = &receipt.ledger;
    let leaf = ledger.entry.hash();
    if Hash::from_hex(&ledger.leaf_hash) != Some(leaf) {
        return Err(NotProved::Leaf);
    }
    let checkpoint = Checkpoint::open(&ledger.checkpoint, &[key]).map_err(NotProved::Checkpoint)?;
    let proof: Option<Vec<Hash>> = ledger.proof.iter().map(|h| Hash::from_hex(h)).collect();
    let root = proof.and_then(|proof| root_of(ledger.index, checkpoint.size, leaf, &proof));
    if root == Some(checkpoint.root) {
        Ok(())
    } else {
        Err(NotProved::Inclusion)
    }
}

#[cfg(test)]
mod tests;
