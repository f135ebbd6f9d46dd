//! The audit of what was refused: tokens, keys, signatures, hosts, states, rights, consents.
//!
//! One line at `warn` for each, with the Product, the account and the peer, and no secret. At
//! most so many lines a minute of each kind, then a count: whoever knocks a thousand times a
//! second does not write our log.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::domain::ids::AccountId;
use crate::domain::products::Product;
use crate::domain::time::{Timestamp, minutes};
use crate::error::Code;

/// How many lines of one kind are written within a minute.
const LINES: u32 = 20;
const MINUTE: TimeDelta = minutes(1);

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A one-time token.
    Token,
    /// A key of a back end.
    Key,
    /// A signature of a hook.
    Signature,
    /// A hook that names a foreign host or another integration.
    Hook,
    /// A state of the button flow.
    State,
    /// Somebody who may not do this.
    Right,
    /// A consent, for any other reason.
    Consent,
}

impl Kind {
    fn of(code: Code, route: &str) -> Option<Self> {
        match code {
            Code::TokenMissing | Code::TokenInvalid | Code::TokenReplayed | Code::TokenStale => {
                Some(Self::Token)
            }
            Code::ApiKeyInvalid => Some(Self::Key),
            Code::SignatureWrong => Some(Self::Signature),
            Code::ForeignHost | Code::WrongClient => Some(Self::Hook),
            Code::StateInvalid => Some(Self::State),
            Code::AdministratorRequired => Some(Self::Right),
            Code::DatabaseUnavailable | Code::Internal => None,
            _ if route == CONSENTS => Some(Self::Consent),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Hook => "hook",
            Self::State => "state",
            Self::Right => "right",
            Self::Consent => "consent",
        }
    }
}

/// Where consents are given.
const CONSENTS: &str = "/widget/v1/consents";

/// What a request turned out to be about, as far as it was read. Each is noted once.
#[derive(Debug, Default)]
pub struct Notes {
    /// The Product.
    pub product: OnceLock<Arc<Product>>,
    /// The account that is claimed.
    pub account: OnceLock<AccountId>,
    /// Set when the claim was proved.
    pub proven: OnceLock<()>,
    /// Why the request was refused, if it was.
    pub refusal: OnceLock<(Code, &'static str)>,
}

impl Notes {
    /// The Product's code.
    pub fn code(&self) -> Option<&str> {
        self.product.get().map(|product| product.code.as_str())
    }
}

/// The lines of the running minute, by kind.
#[derive(Debug, Default)]
pub struct Audit(Mutex<BTreeMap<Kind, Window>>);

#[derive(Debug)]
struct Window {
    since: Timestamp,
    written: u32,
    left_out: u64,
}

impl Audit {
    /// Writes down what was refused, and counts whose minute is over.
    pub fn note(&self, id: Uuid, route: &str, peer: Option<IpAddr>, notes: &Notes, now: Timestamp) {
        for (kind, left_out) in self.over(now) {
            tracing::warn!(
                kind = kind.name(),
                left_out,
                "{left_out} more were refused within a minute"
            );
        }
        let Some((code, reason)) = notes.refusal.get() else {
            return;
        };
        let Some(kind) = Kind::of(*code, route).filter(|kind| self.admit(*kind, now)) else {
            return;
        };
        let account = notes.account.get().map(|account| account.0);
        let proven = notes.proven.get().is_some();
        tracing::warn!(
            request_id = %id,
            kind = kind.name(),
            product = notes.code(),
            account = account.filter(|_| proven),
            account_claimed = account.filter(|_| !proven),
            peer = peer.map(tracing::field::display),
            reason = Some(*reason).filter(|reason| !reason.is_empty()),
            "refused: {}",
            code.as_str()
        );
    }

    /// Whether a line of this kind may still be written in this minute.
    fn admit(&self, kind: Kind, now: Timestamp) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(kind).or_insert(Window {
            since: now,
            written: 0,
            left_out: 0,
        });
        if window.written < LINES {
            window.written += 1;
            return true;
        }
        window.left_out += 1;
        false
    }

    /// Ends the minutes that are over; tells what was left out in them.
    fn over(&self, now: Timestamp) -> Vec<(Kind, u64)> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = Vec::new();
        windows.retain(|kind, window| {
            // A clock that was set back ends a minute too.
            let lasts = (TimeDelta::zero()..MINUTE).contains(&(now - window.since));
            if !lasts && window.left_out > 0 {
                left_out.push((*kind, window.left_out));
            }
            lasts
        });
        left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_lines_of_a_kind_and_then_a_count() {
        let audit = Audit::default();
        let at = Timestamp::from_secs;
        let written = |kind, n, now| (0..n).filter(|_| audit.admit(kind, at(now))).count();
        assert_eq!(written(Kind::Token, 1000, 0), 20);
        assert_eq!(
            written(Kind::Key, 5, 0),
            5,
            "kinds do not crowd each other out"
        );
        assert_eq!(written(Kind::Token, 10, 59), 0);
        assert_eq!(audit.over(at(59)), []);
        assert_eq!(audit.over(at(60)), [(Kind::Token, 990)]);
        assert_eq!(audit.over(at(60)), [], "told once");
        assert_eq!(written(Kind::Token, 30, 60), 20);
        assert_eq!(audit.over(at(-1)), [(Kind::Token, 10)]);
    }

    #[test]
    fn what_is_refused_for_a_reason_of_trust_is_written_down() {
        for code in Code::ALL {
            let kind = Kind::of(code, "/widget/v1/standing");
            let trust = matches!(
                code,
                Code::TokenMissing
                    | Code::TokenInvalid
                    | Code::TokenReplayed
                    | Code::TokenStale
                    | Code::ApiKeyInvalid
                    | Code::SignatureWrong
                    | Code::ForeignHost
                    | Code::WrongClient
                    | Code::StateInvalid
                    | Code::AdministratorRequired
            );
            assert_eq!(kind.is_some(), trust, "{code:?}");
        }
        assert_eq!(Kind::of(Code::PolicyChanged, CONSENTS), Some(Kind::Consent));
        assert_eq!(Kind::of(Code::TokenInvalid, CONSENTS), Some(Kind::Token));
        assert_eq!(Kind::of(Code::Internal, CONSENTS), None);
    }
}
