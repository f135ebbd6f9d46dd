//! Signatures that anybody can verify: Ed25519 (RFC 8032), and the list of keys
//! that is published at `/.well-known/accord-keys.json`.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time::Timestamp;

/// The one algorithm, as it is named in receipts and in the list of keys.
pub const ALGORITHM: &str = "Ed25519";

/// A key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The key of a secret seed; `None` when the cipher library refuses it.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        Some(Self { pair, public })
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature of some bytes: 64 bytes, the same ones every time.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }
}

/// A key that verifies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From 32 bytes; `None` for any other number.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From base64.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_slice(&STANDARD.decode(text).ok()?)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What it is called: the first eight bytes of its SHA-256 in hex.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = digest(&SHA256, &self.0);
        hash.as_ref()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whether this key's owner signed these bytes.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(bytes, signature)
            .is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

/// The keys with their history, as they are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedKeys {
    /// The one that signs now has no `until`.
    pub keys: Vec<PublishedKey>,
}

/// A key that verifies, and when it signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedKey {
    /// Its name in signatures.
    pub id: String,
    /// `Ed25519`.
    pub alg: String,
    /// The 32 bytes in base64.
    pub public: String,
    /// Since when it signs.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when it signed; null while it does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Since when nothing is believed that it signs, because it may be in other hands; null if
    /// that never happened. What it signed before proves nothing by itself either: whoever has
    /// the key can write any time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl PublishedKey {
    /// How a key is published.
    #[must_use]
    pub fn new(key: PublicKey, from: Timestamp, until: Option<Timestamp>) -> Self {
        Self {
            id: key.id(),
            alg: ALGORITHM.to_owned(),
            public: STANDARD.encode(key.bytes()),
            from,
            until,
            revoked_at: None,
        }
    }

    /// The key itself; `None` when it is of another algorithm, not whole, or misnamed.
    #[must_use]
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_base64(&self.public)
            .filter(|key| self.alg == ALGORITHM && key.id() == self.id)
    }

    /// Whether it signed at that time. What came after a revocation is another question.
    #[must_use]
    pub fn signed_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at <= until)
    }
}

impl PublishedKeys {
    /// Reads a list of keys; `None` when it is none.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The usable key of that name, with what is published about it.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(PublicKey, &PublishedKey)> {
        self.keys
            .iter()
            .filter(|published| published.id == id)
            .find_map(|published| Some((published.key()?, published)))
    }

    /// All keys that can be used: of our algorithm, whole, and named as they should be.
    #[must_use]
    pub fn public(&self) -> Vec<PublicKey> {
        self.keys.iter().filter_map(PublishedKey::key).collect()
    }
}
