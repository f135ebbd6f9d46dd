//! The keys by which the Publisher's own back ends are known.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};

/// Keys, as digests: what is not kept cannot leak, and comparing digests of one length tells
/// nothing about a key by the time it takes.
#[derive(Clone, Default)]
pub struct ApiKeys {
    digests: Vec<Digest>,
    /// Whether one of them is short enough to be guessed.
    pub guessable: bool,
}

/// The shortest key that nobody guesses, in characters: 128 bits in hexadecimal.
const LONG_ENOUGH: usize = 32;

impl ApiKeys {
    /// Reads comma separated keys.
    ///
    /// # Errors
    /// What is wrong with the list, without repeating any of it.
    pub fn parse(list: &str) -> Result<Self, &'static str> {
        let keys = || list.split(',').map(str::trim);
        let digests = keys().map(|key| match key {
            "" => Err("holds an empty key between commas"),
            key if key.bytes().all(|b| b.is_ascii_graphic()) => Ok(of(key)),
            _ => Err("holds a key that is more than visible ASCII, which no header carries"),
        });
        Ok(Self {
            digests: digests.collect::<Result<_, _>>()?,
            guessable: keys().any(|key| key.len() < LONG_ENOUGH),
        })
    }

    /// Whether this is one of the keys.
    #[must_use]
    pub fn know(&self, presented: &str) -> bool {
        let presented = of(presented);
        self.digests
            .iter()
            .any(|known| verify_slices_are_equal(known.as_ref(), presented.as_ref()).is_ok())
    }
}

fn of(key: &str) -> Digest {
    digest(&SHA256, key.as_bytes())
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({})", self.digests.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_of_the_list_opens_and_nothing_else_does() {
        let keys = ApiKeys::parse("first-key, second-key").unwrap();
        for (presented, opens) in [
            ("first-key", true),
            ("second-key", true),
            ("first-ke", false),
            ("first-key, second-key", false),
            ("", false),
        ] {
            assert_eq!(keys.know(presented), opens, "{presented:?}");
        }
        assert!(!ApiKeys::default().know(""));
        assert_eq!(format!("{keys:?}"), "ApiKeys(2)");
    }

    #[test]
    fn what_no_header_carries_is_no_key() {
        for bad in ["", "a,", "a,,b", "ключ", "two words"] {
            assert!(ApiKeys::parse(bad).is_err(), "{bad:?}");
        }
    }
}
