//! Everything that is encrypted at rest passes through here.
//!
//! Values are sealed with AES-256-GCM-SIV, which forgives a repeated nonce, and
//! are bound to their column and row: a sealed value moved elsewhere does not
//! open. The master keys of the configuration only wrap; each person's fields
//! have a key of their own, so that whoever destroys that key has destroyed the
//! fields (Policy, clause 1.13), in a backup as soon as the key's row is gone
//! from it too.
//!
//! Form: key id (4 bytes), nonce (12), ciphertext and tag.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{hmac, rand};
use secrecy::{ExposeSecret as _, SecretBox};
use thiserror::Error;
use uuid::Uuid;

use super::sealed::Column;
use crate::config::MasterKey;

const ID: usize = 4;
const NONCE: usize = 12;

/// A sealed value that cannot be opened, or a key that cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum VaultError {
    /// No configured master key has sealed this.
    #[error("sealed with a key that ACCORD_MASTER_KEY does not hold")]
    UnknownKey,
    /// Changed, cut short, or moved from another row.
    #[error("a sealed value does not open in its place")]
    Broken,
    /// The machine has no randomness, or no key was given.
    #[error("no key could be made")]
    NoKey,
}

/// Where a sealed value lives: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The column, of those that are known to hold sealed values.
    pub column: Column,
    /// The row.
    pub row: Uuid,
}

impl Place {
    /// The place of a value.
    #[must_use]
    pub fn new(column: Column, row: Uuid) -> Self {
        Self { column, row }
    }

    fn aad(self) -> Aad<Vec<u8>> {
        let Column { table, name, .. } = self.column;
        let mut bytes = format!("{table}.{name}:").into_bytes();
        bytes.extend_from_slice(self.row.as_bytes());
        Aad::from(bytes)
    }
}

/// What a key is called in the values it sealed: 32 bits of a hash of it, shown in hex. It tells
/// keys apart and nothing about them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId([u8; ID]);

impl KeyId {
    /// The id that a sealed value begins with; `None` when it is cut short.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Option<Self> {
        sealed.first_chunk().copied().map(Self)
    }

    /// Its four bytes, as sealed values begin.
    #[must_use]
    pub fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Key {
    id: KeyId,
    aead: RandomizedNonceKey,
}

impl Key {
    fn derive(secret: &[u8; 32]) -> Result<Self, VaultError> {
        let name = digest(&SHA256, &[b"accord key id v1".as_slice(), secret].concat());
        let id = KeyId::of(name.as_ref()).ok_or(VaultError::NoKey)?;
        let aead = RandomizedNonceKey::new(&AES_256_GCM_SIV, &expand(secret, b"accord seal v1")?)
            .map_err(|_| VaultError::NoKey)?;
        Ok(Self { id, aead })
    }

    fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut body = plain.to_vec();
        let nonce = self
            .aead
            .seal_in_place_append_tag(place.aad(), &mut body)
            .map_err(|_| VaultError::NoKey)?;
        Ok([self.id.0.as_slice(), nonce.as_ref(), &body].concat())
    }

    fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (head, body) = sealed
            .split_at_checked(ID + NONCE)
            .ok_or(VaultError::Broken)?;
        let nonce =
            Nonce::try_assume_unique_for_key(&head[ID..]).map_err(|_| VaultError::Broken)?;
        let mut body = body.to_vec();
        let plain = self
            .aead
            .open_in_place(nonce, place.aad(), &mut body)
            .map_err(|_| VaultError::Broken)?;
        Ok(plain.to_vec())
    }
}

/// The key of one person's fields.
pub struct PersonKey(Key);

impl PersonKey {
    /// Encrypts a value for its place.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when the cipher refuses.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.0.seal(place, plain)
    }

    /// Decrypts a value in its place.
    ///
    /// # Errors
    /// [`VaultError::Broken`] when it was changed, moved, or sealed for somebody else.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.0.open(place, sealed)
    }
}

/// All keys of a running service.
pub struct Vault {
    /// Never empty.
    ring: Vec<Key>,
    first: KeyId,
    index: SecretBox<[u8; 32]>,
}

impl Vault {
    /// Makes a vault of the master keys: the first seals, all open.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when there is none.
    pub fn new(keys: &[MasterKey]) -> Result<Self, VaultError> {
        let ring: Vec<Key> = keys
            .iter()
            .map(|k| Key::derive(k.expose_secret()))
            .collect::<Result<_, _>>()?;
        let first = ring.first().ok_or(VaultError::NoKey)?.id;
        Ok(Self {
            ring,
            first,
            index: SecretBox::new(Box::new([0; 32])),
        })
    }

    /// A fresh random secret, wrapped for the keyring table.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when the machine has no randomness.
    pub fn fresh(&self, place: Place) -> Result<Vec<u8>, VaultError> {
        self.seal(place, &random()?)
    }

    /// Takes the key of the blind indexes. It never rotates with the master keys: what was
    /// indexed must be found again.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn with_index(self, place: Place, wrapped: &[u8]) -> Result<Self, VaultError> {
        let key = self.open_key(place, wrapped)?;
        Ok(Self {
            index: SecretBox::new(Box::new(key)),
            ..self
        })
    }

    /// Encrypts a value for its place.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when the cipher refuses.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.ring
            .first()
            .ok_or(VaultError::NoKey)?
            .seal(place, plain)
    }

    /// Decrypts a value in its place.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] or [`VaultError::Broken`].
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let id = KeyId::of(sealed).ok_or(VaultError::Broken)?;
        self.ring
            .iter()
            .find(|k| k.id == id)
            .ok_or(VaultError::UnknownKey)?
            .open(place, sealed)
    }

    /// The key that seals.
    #[must_use]
    pub fn first(&self) -> KeyId {
        self.first
    }

    /// The keys that open, the one that seals first.
    #[must_use]
    pub fn held(&self) -> Vec<KeyId> {
        self.ring.iter().map(|key| key.id).collect()
    }

    /// The same value, sealed with the first key.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn reseal(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.seal(place, &self.open(place, sealed)?)
    }

    /// A new person's key and its wrapped form for `subject.wrapped_key`.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when the machine has no randomness.
    pub fn new_person(&self, place: Place) -> Result<(PersonKey, Vec<u8>), VaultError> {
        let secret = random()?;
        Ok((PersonKey(Key::derive(&secret)?), self.seal(place, &secret)?))
    }

    /// A person's key from its wrapped form.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn person(&self, place: Place, wrapped: &[u8]) -> Result<PersonKey, VaultError> {
        Ok(PersonKey(Key::derive(&self.open_key(place, wrapped)?)?))
    }

    /// The blind index of a value: equal values of one column are equal, nothing else is told.
    /// 128 bits of HMAC-SHA256 under a key of the column's own.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when the key cannot be derived.
    pub fn blind(&self, column: &str, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        let info = format!("accord blind index v1 {column}");
        let key = expand(self.index.expose_secret(), info.as_bytes())?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), value);
        Ok(tag.as_ref()[..16].to_vec())
    }

    fn open_key(&self, place: Place, wrapped: &[u8]) -> Result<[u8; 32], VaultError> {
        self.open(place, wrapped)?
            .try_into()
            .map_err(|_| VaultError::Broken)
    }
}

/// 32 random bytes from the system.
///
/// # Errors
/// [`VaultError::NoKey`] when the machine has no randomness.
pub fn random() -> Result<[u8; 32], VaultError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| VaultError::NoKey)?;
    Ok(bytes)
}

struct Len32;

impl KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

fn expand(secret: &[u8; 32], info: &[u8]) -> Result<[u8; 32], VaultError> {
    let mut out = [0; 32];
    Salt::new(HKDF_SHA256, b"accord")
        .extract(secret)
        .expand(&[info], Len32)
        .and_then(|okm| okm.fill(&mut out))
        .map_err(|_| VaultError::NoKey)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sealed::{CONTACT, KEYRING, PERSON_KEY, REQUEST_COMMENT, TOKEN_ACCESS};

    fn key(byte: u8) -> MasterKey {
        SecretBox::new(Box::new([byte; 32]))
    }

    fn place(column: Column, row: u128) -> Place {
        Place::new(column, Uuid::from_u128(row))
    }

    #[test]
    fn a_value_opens_only_in_its_place_and_unchanged() {
        let vault = Vault::new(&[key(1)]).unwrap();
        let here = place(CONTACT, 1);
        let sealed = vault.seal(here, b"anna@example.com").unwrap();
        assert_eq!(vault.open(here, &sealed).unwrap(), b"anna@example.com");
        assert_eq!(
            vault.open(place(CONTACT, 2), &sealed),
            Err(VaultError::Broken)
        );
        assert_eq!(
            vault.open(place(REQUEST_COMMENT, 1), &sealed),
            Err(VaultError::Broken)
        );
        for cut in [0, 3, 10, sealed.len() - 1] {
            assert_eq!(vault.open(here, &sealed[..cut]), Err(VaultError::Broken));
        }
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(vault.open(here, &changed), Err(VaultError::Broken));
        assert_ne!(
            vault.seal(here, b"anna@example.com").unwrap(),
            sealed,
            "nonces must differ"
        );
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let here = place(TOKEN_ACCESS, 1);
        let old = Vault::new(&[key(1)]).unwrap().seal(here, b"token").unwrap();
        let rotated = Vault::new(&[key(2), key(1)]).unwrap();
        assert_eq!(rotated.open(here, &old).unwrap(), b"token");
        let new = rotated.seal(here, b"token").unwrap();
        assert_eq!(
            Vault::new(&[key(1)]).unwrap().open(here, &new),
            Err(VaultError::UnknownKey)
        );
        assert!(Vault::new(&[]).is_err());

        let anew = rotated.reseal(here, &old).unwrap();
        assert_eq!(KeyId::of(&anew), Some(rotated.first()));
        let alone = Vault::new(&[key(2)]).unwrap();
        assert_eq!(alone.open(here, &anew).unwrap(), b"token");
        assert_eq!(alone.reseal(here, &old), Err(VaultError::UnknownKey));
        assert_eq!(rotated.held().len(), 2);
    }

    #[test]
    fn each_person_has_a_key_of_their_own() {
        let vault = Vault::new(&[key(1)]).unwrap();
        let (anna, wrapped) = vault.new_person(place(PERSON_KEY, 1)).unwrap();
        let (boris, _) = vault.new_person(place(PERSON_KEY, 2)).unwrap();
        let here = place(CONTACT, 9);
        let sealed = anna.seal(here, b"secret").unwrap();
        assert!(boris.open(here, &sealed).is_err());
        let again = vault.person(place(PERSON_KEY, 1), &wrapped).unwrap();
        assert_eq!(again.open(here, &sealed).unwrap(), b"secret");
        assert!(vault.person(place(PERSON_KEY, 2), &wrapped).is_err());
    }

    #[test]
    fn a_blind_index_finds_equal_values_and_outlives_a_rotation() {
        let ring = place(KEYRING, 1);
        let first = Vault::new(&[key(1)]).unwrap();
        let wrapped = first.fresh(ring).unwrap();
        let first = first.with_index(ring, &wrapped).unwrap();
        let rotated = Vault::new(&[key(2), key(1)])
            .unwrap()
            .with_index(ring, &wrapped)
            .unwrap();
        let index = first.blind("contact.email", b"anna@example.com").unwrap();
        assert_eq!(
            rotated.blind("contact.email", b"anna@example.com").unwrap(),
            index
        );
        assert_ne!(
            first.blind("contact.phone", b"anna@example.com").unwrap(),
            index
        );
        assert_eq!(index.len(), 16);
    }
}
