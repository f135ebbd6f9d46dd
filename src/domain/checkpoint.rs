//! Checkpoints: "at this moment the ledger had so many entries and this root",
//! signed so that whoever keeps a copy can prove a later rewriting.
//!
//! The text is a C2SP `tlog-checkpoint` in a C2SP `signed-note`
//! (<https://c2sp.org/tlog-checkpoint>, <https://c2sp.org/signed-note>), so that
//! tools for transparency logs read it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::merkle::Hash;
use super::signing::{PublicKey, SigningKey};

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 1;

/// What was wrong with a note.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadNote {
    /// No text, no blank line, no signature line.
    #[error("it is no signed note")]
    Form,
    /// No line of it was signed by a known key.
    #[error("none of the keys has signed it")]
    Unsigned,
    /// The text is no checkpoint.
    #[error("it is signed, but is no checkpoint")]
    NoCheckpoint,
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which ledger: an address without scheme.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    fn text(&self) -> String {
        let Self { origin, size, root } = self;
        format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.0))
    }

    /// Signs it.
    #[must_use]
    pub fn signed(&self, key: &SigningKey) -> String {
        let text = self.text();
        let mut signature = key_hash(&self.origin, key.public()).to_vec();
        signature.extend(key.sign(text.as_bytes()));
        format!(
            "{text}\n\u{2014} {} {}\n",
            self.origin,
            STANDARD.encode(signature)
        )
    }

    /// Reads a note that one of `keys` signed.
    ///
    /// # Errors
    /// [`BadNote`], by what is wrong.
    pub fn open(note: &str, keys: &[PublicKey]) -> Result<Self, BadNote> {
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(BadNote::Form)?;
        let text = format!("{text}\n");
        let signed = signatures
            .lines()
            .any(|line| keys.iter().any(|key| is_signed(line, &text, *key)));
        if !signed {
            return Err(BadNote::Unsigned);
        }
        Self::parse(&text).ok_or(BadNote::NoCheckpoint)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let origin = lines.next().filter(|o| !o.is_empty())?.to_owned();
        let size = lines.next()?;
        let root = STANDARD.decode(lines.next()?).ok()?;
        Some(Self {
            origin,
            size: size.parse().ok().filter(|n: &u64| n.to_string() == size)?,
            root: Hash::from_slice(&root)?,
        })
    }
}

/// The four bytes that tell a verifier which key a line is for.
fn key_hash(name: &str, key: PublicKey) -> [u8; 4] {
    let named = [name.as_bytes(), b"\n", &[ED25519], key.bytes().as_slice()].concat();
    let mut hash = [0; 4];
    hash.copy_from_slice(&digest(&SHA256, &named).as_ref()[..4]);
    hash
}

fn is_signed(line: &str, text: &str, key: PublicKey) -> bool {
    let parts = line
        .strip_prefix("\u{2014} ")
        .and_then(|rest| rest.split_once(' '));
    let Some((name, signature)) = parts else {
        return false;
    };
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    signature
        .split_at_checked(4)
        .is_some_and(|(hash, signature)| {
            hash == key_hash(name, key) && key.verifies(text.as_bytes(), signature)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_seed(&[byte; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "widgets.example.com/ledger".to_owned(),
            size: 7,
            root: Hash::of_leaf(b"x"),
        }
    }

    #[test]
    fn a_checkpoint_opens_with_its_key_and_unchanged() {
        let note = checkpoint().signed(&key(1));
        let open = |note: &str, byte| Checkpoint::open(note, &[key(byte).public()]);
        assert_eq!(open(&note, 1), Ok(checkpoint()));
        assert_eq!(open(&note, 2), Err(BadNote::Unsigned));
        assert_eq!(
            open(&note.replace("\n7\n", "\n8\n"), 1),
            Err(BadNote::Unsigned)
        );
        assert_eq!(open("a text", 1), Err(BadNote::Form));
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(
            (lines[0], lines[1], lines[3]),
            ("widgets.example.com/ledger", "7", "")
        );
        assert!(lines[4].starts_with("\u{2014} widgets.example.com/ledger "));
    }

    /// The example in the documentation of Go's `golang.org/x/mod/sumdb/note`, whose form C2SP
    /// took over: `PeterNeumann+c74f20a3+ARpc2Qc…`.
    #[test]
    fn a_note_of_another_program_is_verified() {
        let key = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        assert_eq!(key[0], ED25519);
        let key = PublicKey::from_slice(&key[1..]).unwrap();
        assert_eq!(key_hash("PeterNeumann", key), [0xc7, 0x4f, 0x20, 0xa3]);
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert_eq!(Checkpoint::open(note, &[key]), Err(BadNote::NoCheckpoint));
    }
}
