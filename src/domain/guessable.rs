//! Keys that somebody can guess: constant ones, ones that repeat or count, short ones, and text
//! where random bytes are due.
//!
//! Each rule is so narrow that a key from a random source fails it less than once in a hundred
//! billion times. They find keys that were typed or copied from an example, not clever ones.

use std::collections::BTreeSet;
use std::fmt;

/// The shortest key or secret of text that nobody guesses, in characters: 128 bits in hexadecimal.
pub const LONG_ENOUGH: usize = 32;

/// Why a key can be guessed. Says nothing of the key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than [`LONG_ENOUGH`].
    Short,
    /// Very few different bytes.
    Constant,
    /// One half is the other again, or a smaller part over and over.
    Repeats,
    /// It counts up or down.
    Counts,
    /// It is text where random bytes are due.
    Text,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "is shorter than 32 characters",
            Self::Constant => "consists of the same few characters",
            Self::Repeats => "repeats itself",
            Self::Counts => "is a sequence",
            Self::Text => "is text, not random bytes",
        })
    }
}

/// What makes a key of random bytes guessable, if anything.
#[must_use]
pub fn of_bytes(key: &[u8]) -> Option<Weakness> {
    patterned(key).or_else(|| is_text(key).then_some(Weakness::Text))
}

/// What makes a key or secret of text guessable, if anything.
#[must_use]
pub fn of_text(key: &str) -> Option<Weakness> {
    let short = key.chars().count() < LONG_ENOUGH;
    patterned(key.as_bytes()).or_else(|| short.then_some(Weakness::Short))
}

fn patterned(key: &[u8]) -> Option<Weakness> {
    let different = key.iter().collect::<BTreeSet<_>>().len();
    if different < 5 {
        Some(Weakness::Constant)
    } else if repeats(key) {
        Some(Weakness::Repeats)
    } else if counts(key) {
        Some(Weakness::Counts)
    } else {
        None
    }
}

/// Whether some part of at most half the length makes up the whole.
fn repeats(key: &[u8]) -> bool {
    (1..=key.len() / 2).any(|period| key[period..] == key[..key.len() - period])
}

/// Whether three quarters of the steps are the same: `0123456789…` counts on after its 9, and a
/// key of bytes may count by any step.
fn counts(key: &[u8]) -> bool {
    let steps: Vec<u8> = key.windows(2).map(|w| w[1].wrapping_sub(w[0])).collect();
    let most = (0..=u8::MAX)
        .map(|step| steps.iter().filter(|s| **s == step).count())
        .max();
    most.is_some_and(|most| most * 4 >= steps.len() * 3 && steps.len() > 2)
}

fn is_text(key: &[u8]) -> bool {
    std::str::from_utf8(key).is_ok_and(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_were_typed_or_copied_are_found() {
        let up: Vec<u8> = (0..32).collect();
        let down: Vec<u8> = (0..32).rev().collect();
        let by_eight: Vec<u8> = (0..32).map(|n: u8| n.wrapping_mul(8)).collect();
        let half: Vec<u8> = (0..32).map(|n: u8| (n % 16).wrapping_mul(n % 16)).collect();
        for (key, weakness) in [
            (&[0; 32][..], Weakness::Constant),
            (&[255; 32], Weakness::Constant),
            (b"abababababababababababababababab", Weakness::Constant),
            (&up, Weakness::Counts),
            (&down, Weakness::Counts),
            (&by_eight, Weakness::Counts),
            (&half, Weakness::Repeats),
            (b"01234567890123456789012345678901", Weakness::Repeats),
            (b"correct horse battery staple 42!", Weakness::Text),
            ("ключ к замку №42".as_bytes(), Weakness::Text),
        ] {
            assert_eq!(of_bytes(key), Some(weakness), "{key:?}");
        }
        for (key, weakness) in [
            ("", Weakness::Constant),
            ("x", Weakness::Constant),
            ("hunter2", Weakness::Short),
            ("7f0f6d5d3ad0ba9c6c8e7d2a8e4c5b1", Weakness::Short),
            ("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", Weakness::Constant),
            ("changemechangemechangemechangeme", Weakness::Repeats),
            ("0123456789abcdef0123456789abcdef", Weakness::Repeats),
            ("abcdefghijklmnopqrstuvwxyz0123456789", Weakness::Counts),
            ("ключключключключ", Weakness::Repeats),
        ] {
            assert_eq!(of_text(key), Some(weakness), "{key}");
        }
    }

    proptest! {
        #[test]
        fn random_keys_are_not(key in any::<[u8; 32]>()) {
            // proptest likes arrays of zeros; a hash of whatever it chose is as random as can be.
            let key = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &key);
            prop_assert_eq!(of_bytes(key.as_ref()), None);
            let hex: String = key.as_ref()[..16].iter().map(|b| format!("{b:02x}")).collect();
            prop_assert_eq!(of_text(&hex), None);
        }
    }
}
