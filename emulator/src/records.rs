//! What the emulator remembers so that a person or a test can look: requests, hooks, forbidden behaviour.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Entries kept of each kind; older ones fall out.
pub const KEPT: usize = 500;

/// Adds an entry and forgets the oldest beyond [`KEPT`].
pub fn remember<T>(list: &mut VecDeque<T>, entry: T) {
    if list.len() >= KEPT {
        list.pop_front();
    }
    list.push_back(entry);
}

/// A request that came in. Bodies, tokens and query values are never kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Unix second on the emulator's clock.
    pub at: i64,
    /// Method.
    pub method: String,
    /// `Host` header.
    pub host: String,
    /// Path without query.
    pub path: String,
    /// Status answered.
    pub status: u16,
    /// `User-Agent` header.
    pub user_agent: String,
}

/// Which hook was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    /// Code after Install.
    Install,
    /// Access withdrawn.
    Disconnect,
    /// Keys of an external integration; cannot be repeated.
    Secrets,
    /// Event of the account (webhooks API).
    Webhook,
}

impl HookKind {
    /// Whether the same GET can be sent again by hand.
    pub fn is_repeatable(self) -> bool {
        match self {
            HookKind::Install | HookKind::Disconnect => true,
            HookKind::Secrets | HookKind::Webhook => false,
        }
    }
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum HookOutcome {
    /// On its way.
    Pending,
    /// The other side answered with this status.
    Answered {
        /// HTTP status.
        status: u16,
    },
    /// No answer: refused, timed out, not a loopback address.
    Failed {
        /// What went wrong.
        reason: String,
    },
    /// Deliberately not sent (switch or fault).
    Lost,
}

impl fmt::Display for HookOutcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HookOutcome::Pending => out.write_str("on its way"),
            HookOutcome::Answered { status } => write!(out, "answered {status}"),
            HookOutcome::Failed { reason } => write!(out, "no answer: {reason}"),
            HookOutcome::Lost => out.write_str("lost on purpose"),
        }
    }
}

/// A hook that this amoCRM sent, or should have sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookRecord {
    /// Number, from 1.
    pub n: u64,
    /// Unix second.
    pub at: i64,
    /// Kind.
    pub kind: HookKind,
    /// Account.
    pub account_id: u64,
    /// Integration.
    pub client_id: String,
    /// Full address for a GET hook; destination for a webhook.
    pub url: String,
    /// Form body of a webhook.
    pub body: Option<String>,
    /// Attempt, from 1.
    pub attempt: u8,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: HookOutcome,
}

/// Forbidden or doubtful behaviour of a widget, reported by the account's pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// Unix second.
    #[serde(default)]
    pub at: i64,
    /// Short name of the rule.
    pub rule: String,
    /// What was seen.
    #[serde(default)]
    pub detail: String,
    /// Widget code, when known.
    #[serde(default)]
    pub widget: String,
}

/// Hides all but the first eight characters of a token.
pub fn masked(token: &str) -> String {
    let shown: String = token.chars().take(8).collect();
    format!("{shown}…")
}
