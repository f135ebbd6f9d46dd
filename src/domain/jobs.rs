//! Work that must happen although nobody waits for it.
//!
//! A job is a row written in the transaction of the change that wants it. Its
//! payload holds ids, never data, so that a row tells nothing about a person.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ids::{EndpointId, GrantId, InstallId, JobId, PolicyVersionId};
use super::time::Timestamp;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Job {
    /// Turn an authorization code into tokens and find out whose they are.
    ExchangeGrant {
        /// The grant that was announced.
        grant: GrantId,
    },
    /// Ask the platform whether our access still lives, after a disconnect hook.
    CheckGrant {
        /// Which Install.
        install: InstallId,
        /// Of this generation only: a later installation is not the hook's business.
        generation: u32,
    },
    /// Take the Product out of the account.
    Uninstall {
        /// Which Install.
        install: InstallId,
        /// Of this generation only.
        generation: u32,
    },
    /// Renew a pair of tokens before the refresh token dies of disuse (three months).
    RenewTokens {
        /// Whose tokens.
        install: InstallId,
    },
    /// Queue a letter for everybody who is bound by an earlier version of the Policy.
    TellEverybody {
        /// The version that was posted.
        version: PolicyVersionId,
    },
    /// Send the letters that are due.
    SendLetters,
    /// Tell an endpoint what happened. One job for each endpoint, so that a slow one takes no more
    /// than one worker's place.
    TellBackEnd {
        /// Where to.
        endpoint: EndpointId,
    },
    /// Throw away what has lapsed: codes, states, used token ids; and see which tokens need renewal.
    Sweep,
}

impl Job {
    /// The kind as the table and the log name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ExchangeGrant { .. } => "exchange-grant",
            Self::CheckGrant { .. } => "check-grant",
            Self::Uninstall { .. } => "uninstall",
            Self::RenewTokens { .. } => "renew-tokens",
            Self::TellEverybody { .. } => "tell-everybody",
            Self::SendLetters => "send-letters",
            Self::TellBackEnd { .. } => "tell-back-end",
            Self::Sweep => "sweep",
        }
    }

    /// The Install it works for, if it is known.
    #[must_use]
    pub fn install(&self) -> Option<InstallId> {
        match self {
            Self::CheckGrant { install, .. }
            | Self::Uninstall { install, .. }
            | Self::RenewTokens { install } => Some(*install),
            Self::ExchangeGrant { .. }
            | Self::TellEverybody { .. }
            | Self::SendLetters
            | Self::TellBackEnd { .. }
            | Self::Sweep => None,
        }
    }

    /// Two open jobs of the same key are one job; `None` means each counts.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match self {
            Self::ExchangeGrant { grant } => Some(format!("exchange-grant/{grant}")),
            Self::CheckGrant {
                install,
                generation,
            } => Some(format!("check-grant/{install}/{generation}")),
            Self::Uninstall {
                install,
                generation,
            } => Some(format!("uninstall/{install}/{generation}")),
            Self::RenewTokens { install } => Some(format!("renew-tokens/{install}")),
            Self::TellEverybody { version } => Some(format!("tell-everybody/{version}")),
            Self::SendLetters => Some("send-letters".to_owned()),
            Self::TellBackEnd { endpoint } => Some(format!("tell-back-end/{endpoint}")),
            Self::Sweep => Some("sweep".to_owned()),
        }
    }
}

/// A job that somebody took, until its lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The row.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// How often it was taken, this time included. It is the fence: a worker that lost its
    /// lease holds an older number and cannot finish its successor's work.
    pub attempt: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is left to do.
    Done,
    /// Worth another try, at the earliest then.
    Again(Timestamp),
    /// No further try can help; an operator sees it.
    Failed,
}

/// How long after `attempt` tries the next one waits: 4 s, then doubling to 60 s. The worker
/// looks once a second, so that the first retry comes within 5 s.
#[must_use]
pub fn backoff(attempt: u32) -> TimeDelta {
    let doublings = attempt.saturating_sub(1).min(4);
    TimeDelta::seconds((4 << doublings).min(60))
}

/// How long a job is tried at all when nothing else bounds it: a day of once a minute.
#[must_use]
pub fn worth_another_try(asked_at: Timestamp, now: Timestamp) -> bool {
    now - asked_at < TimeDelta::hours(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_within_five_seconds_and_none_waits_longer_than_a_minute() {
        let waits: Vec<i64> = (1..=7).map(|n| backoff(n).num_seconds()).collect();
        assert_eq!(waits, [4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff(u32::MAX).num_seconds(), 60);
    }

    #[test]
    fn a_payload_holds_ids_and_survives_a_round_trip() {
        let job = Job::Uninstall {
            install: InstallId(uuid::Uuid::nil()),
            generation: 2,
        };
        let json = serde_json::to_string(&job).unwrap();
        assert_eq!(
            json,
            r#"{"kind":"uninstall","install":"00000000-0000-0000-0000-000000000000","generation":2}"#
        );
        assert_eq!(serde_json::from_str::<Job>(&json).unwrap(), job);
    }
}
