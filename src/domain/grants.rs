//! What amoCRM hands us when a Product is installed or authorized.
//!
//! A grant begins as a code that lives 20 minutes, becomes a pair of tokens
//! whose owner we do not know yet, and lands at the Install that the platform
//! itself names (amoCRM developers, oauth/step-by-step).

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};

use super::hosts::AccountHost;
use super::ids::{GrantId, ProductId, UserId};
use super::time::Timestamp;
use crate::domain::time::{days, hours, minutes, seconds};

/// How long a code can be exchanged.
pub const CODE_LIFE: TimeDelta = minutes(20);
/// How long an unused refresh token lives: three months, taken as 92 days.
pub const REFRESH_LIFE: TimeDelta = days(92);

/// What a hook brings.
#[derive(Clone, Debug)]
pub struct Announced {
    /// For which Product.
    pub product: ProductId,
    /// Where the account lives: allow-listed.
    pub host: AccountHost,
    /// What can be exchanged for tokens.
    pub code: SecretString,
}

/// The pair that opens an account.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Lives a day.
    pub access: SecretString,
    /// Lives three months, and can be used once.
    pub refresh: SecretString,
    /// When the access token lapses.
    pub access_expires_at: Timestamp,
}

/// Who granted access. It belongs to them, and allows what they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Giver {
    /// The person, as the platform names them; `None` where it named nobody.
    pub user: Option<UserId>,
    /// Whether they administered the account when they granted it.
    pub administrator: bool,
}

/// How far a grant is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// A code that waits to be exchanged.
    Code(SecretString),
    /// Tokens whose account we have yet to ask for.
    Tokens(Tokens),
    /// They belong to an Install now.
    Landed,
    /// The code or the tokens died before that.
    Dead,
}

/// One authorization.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Ours.
    pub id: GrantId,
    /// For which Product.
    pub product: ProductId,
    /// Where amoCRM says the account lives: allow-listed, and no proof of whose it is.
    pub host: AccountHost,
    /// When the hook reached us; the code's life is counted from here.
    pub announced_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

impl Grant {
    /// Whether exchanging the code can still succeed.
    #[must_use]
    pub fn code_lives(&self, now: Timestamp) -> bool {
        now - self.announced_at < CODE_LIFE
    }

    /// Whether it was announced so lately that amoCRM itself may not know yet where the account is,
    /// after a renaming. Strangers make hosts up, so this is short.
    #[must_use]
    pub fn is_young(&self, now: Timestamp) -> bool {
        now - self.announced_at < minutes(1)
    }

    /// When to ask again whose the tokens are that we hold: soon at first, then ever more seldom,
    /// at least four times a day. `None` when the refresh token has died of disuse.
    #[must_use]
    pub fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let age = now - self.announced_at;
        let wait = (age / 2).clamp(seconds(4), hours(6));
        (age < REFRESH_LIFE).then(|| now + wait)
    }
}

/// Whether a text can be an authorization code: amoCRM's are some 700 hex digits, and 2 KiB of
/// letters, digits, dots, lines and hyphens leave room for another form.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (1..=2048).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Whether a code looks like those that amoCRM gives out: hundreds of hex digits behind `def50`
/// (amoCRM developers, oauth/step-by-step). It proves nothing, so it only decides who is first.
#[must_use]
pub fn looks_issued(code: &SecretString) -> bool {
    let code = code.expose_secret();
    code.len() >= 200 && code.starts_with("def50") && code.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_tokens_are_tried_soon_and_then_seldom_while_they_live() {
        let hosts = crate::domain::hosts::Hosts::parse("https://amocrm.ru").unwrap();
        let grant = Grant {
            id: GrantId(uuid::Uuid::nil()),
            product: ProductId(uuid::Uuid::nil()),
            host: hosts.account("shop.amocrm.ru").unwrap(),
            announced_at: Timestamp::from_secs(0),
            stage: Stage::Dead,
        };
        for (age, wait) in [
            (0, Some(4)),
            (9, Some(4)),
            (60, Some(30)),
            (3_600, Some(1_800)),
            (86_400, Some(21_600)),
            (91 * 86_400, Some(21_600)),
            (92 * 86_400, None),
        ] {
            let now = Timestamp::from_secs(age);
            let next = grant.next_try(now).map(|at| (at - now).num_seconds());
            assert_eq!(next, wait, "{age}");
        }
    }

    #[test]
    fn a_code_is_a_word_of_at_most_two_kibibytes() {
        assert!(is_code("def50200deadbeef") && is_code(&"a-._Z9".repeat(341)));
        for bad in [
            "",
            "two words",
            "line\nfeed",
            "кот",
            "a/b",
            "<i>",
            "'--",
            &"a".repeat(2049),
        ] {
            assert!(!is_code(bad), "{bad}");
        }
    }

    #[test]
    fn a_code_that_looks_issued_is_long_and_hexadecimal() {
        let looks = |code: String| looks_issued(&code.into());
        assert!(looks(format!("def502{}", "0a".repeat(97))));
        for made_up in [
            "junk",
            "def502",
            &"a".repeat(700),
            &format!("def502{}", "x".repeat(400)),
        ] {
            assert!(!looks(made_up.to_owned()), "{made_up}");
        }
    }
}
