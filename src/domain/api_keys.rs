//! The keys by which the Publisher's own back ends are known.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use thiserror::Error;

use super::guessable::{self, Weakness};

/// Keys, as digests: what is not kept cannot leak, and comparing digests of one length tells
/// nothing about a key by the time it takes.
#[derive(Clone, Default)]
pub struct ApiKeys {
    digests: Vec<Digest>,
}

/// Why a list of keys cannot be used. Repeats none of it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadKeys {
    /// Nothing stands between two commas.
    #[error("holds an empty key between commas")]
    Empty,
    /// No header could carry it.
    #[error("holds a key that is more than visible ASCII, which no header carries")]
    Form,
    /// Somebody can guess it.
    #[error("holds a key that {0}, which can be guessed: openssl rand -hex 32 makes one")]
    Guessable(Weakness),
}

impl ApiKeys {
    /// Reads comma separated keys.
    ///
    /// # Errors
    /// [`BadKeys`], by the first key that cannot be used.
    pub fn parse(list: &str) -> Result<Self, BadKeys> {
        let digests = list.split(',').map(str::trim).map(|key| {
            if key.is_empty() {
                return Err(BadKeys::Empty);
            }
            if !key.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(BadKeys::Form);
            }
            match guessable::of_text(key) {
                Some(weakness) => Err(BadKeys::Guessable(weakness)),
                None => Ok(of(key)),
            }
        });
        Ok(Self {
            digests: digests.collect::<Result<_, _>>()?,
        })
    }

    /// How many keys are accepted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.digests.len()
    }

    /// Whether this is one of the keys.
    #[must_use]
    pub fn contains(&self, presented: &str) -> bool {
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

    const FIRST: &str = "7f0f6d5d3ad0ba9c6c8e7d2a8e4c5b19";
    const SECOND: &str = "b3b1f0cb52e94a0d8c8cf6a7f2f59d61";

    #[test]
    fn each_key_of_the_list_opens_and_nothing_else_does() {
        let both = format!("{FIRST}, {SECOND}");
        let keys = ApiKeys::parse(&both).unwrap();
        for (presented, opens) in [
            (FIRST, true),
            (SECOND, true),
            (&FIRST[..31], false),
            (&both, false),
            ("", false),
        ] {
            assert_eq!(keys.contains(presented), opens, "{presented:?}");
        }
        assert!(!ApiKeys::default().contains(""));
        assert_eq!(
            (keys.count(), format!("{keys:?}").as_str()),
            (2, "ApiKeys(2)")
        );
    }

    #[test]
    fn what_no_header_carries_or_anybody_guesses_is_no_key() {
        for (list, why) in [
            (String::new(), BadKeys::Empty),
            (format!("{FIRST},"), BadKeys::Empty),
            (format!("{FIRST},,{SECOND}"), BadKeys::Empty),
            ("ключ".to_owned(), BadKeys::Form),
            (format!("{FIRST} {SECOND}"), BadKeys::Form),
            ("a".to_owned(), BadKeys::Guessable(Weakness::Constant)),
            ("a".repeat(64), BadKeys::Guessable(Weakness::Constant)),
            (
                format!("{FIRST},hunter2"),
                BadKeys::Guessable(Weakness::Short),
            ),
            (FIRST[..31].to_owned(), BadKeys::Guessable(Weakness::Short)),
        ] {
            assert_eq!(ApiKeys::parse(&list).err(), Some(why), "{list:?}");
            assert!(!why.to_string().contains("hunter2"));
        }
    }
}
