//! Work that must happen although nobody waits for it.
//!
//! A job is a row written in the transaction of the change that wants it. Its
//! payload holds ids, never data, so that a row tells nothing about a person.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{EndpointId, GrantId, InstallId, JobId, PolicyVersionId};
use super::time::Timestamp;
use crate::domain::time::{hours, minutes, seconds};

const EXCHANGE: &str = "exchange-grant";
const CHECK: &str = "check-grant";
const UNINSTALL: &str = "uninstall";
const RENEW: &str = "renew-tokens";
const TELL_EVERYBODY: &str = "tell-everybody";
const SEND_LETTERS: &str = "send-letters";
const TELL_BACK_END: &str = "tell-back-end";
const SWEEP: &str = "sweep";

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
            Self::ExchangeGrant { .. } => EXCHANGE,
            Self::CheckGrant { .. } => CHECK,
            Self::Uninstall { .. } => UNINSTALL,
            Self::RenewTokens { .. } => RENEW,
            Self::TellEverybody { .. } => TELL_EVERYBODY,
            Self::SendLetters => SEND_LETTERS,
            Self::TellBackEnd { .. } => TELL_BACK_END,
            Self::Sweep => SWEEP,
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

/// Jobs of one lane share places among themselves only: what strangers can ask for never holds
/// up what people, or accounts that we know, have asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Codes of install hooks: anybody can ask for these.
    Exchanges,
    /// A person withdrew: the Product leaves the account.
    Uninstalls,
    /// Questions to accounts that we know.
    Accounts,
    /// Letters.
    Letters,
    /// Events for the Publisher's back ends.
    BackEnds,
    /// Housekeeping.
    Upkeep,
}

impl Lane {
    /// Every lane, the one that people wait for first.
    pub const ALL: [Self; 6] = [
        Self::Uninstalls,
        Self::Exchanges,
        Self::Accounts,
        Self::Letters,
        Self::BackEnds,
        Self::Upkeep,
    ];

    /// How many of its jobs one process runs side by side. They wait for the network, not for us.
    #[must_use]
    pub const fn places(self) -> usize {
        match self {
            Self::Exchanges | Self::Uninstalls => 6,
            Self::Accounts | Self::BackEnds => 4,
            Self::Letters => 2,
            Self::Upkeep => 1,
        }
    }

    /// The kinds of jobs that run in it, as [`Job::kind`] names them.
    #[must_use]
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Exchanges => &[EXCHANGE],
            Self::Uninstalls => &[UNINSTALL],
            Self::Accounts => &[CHECK, RENEW],
            Self::Letters => &[TELL_EVERYBODY, SEND_LETTERS],
            Self::BackEnds => &[TELL_BACK_END],
            Self::Upkeep => &[SWEEP],
        }
    }

    /// The lane of a kind; `None` for a kind that this version does not know.
    #[must_use]
    pub fn of(kind: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|lane| lane.kinds().contains(&kind))
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
    seconds((4 << doublings).min(60))
}

/// How often a job may break down (a fault of ours, not an answer of somebody's) before it is given up.
pub const BREAKDOWNS: u32 = 3;

/// How often a worker tells that it looks for jobs.
pub const LOOK: TimeDelta = seconds(20);

/// How long a due job may wait, and a worker be silent, before something is wrong.
const PATIENCE: TimeDelta = minutes(1);

/// What is wrong with the work that waits.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Stalled {
    /// No process looks for jobs.
    #[error("nobody has looked for jobs for a minute: is a worker running?")]
    NobodyLooks,
    /// A due job waits for more than a minute.
    #[error("a job that is due waits for more than a minute")]
    Waits,
}

/// Whether jobs are done in time. `waiting` says by kind since when the oldest due one waits that
/// nobody has taken; `looked` when a worker last told that it looks, `exchanged` when one last took
/// an exchange: strangers can make these wait, so there only standing still counts.
#[must_use]
pub fn stalled(
    waiting: &[(String, Timestamp)],
    looked: Option<Timestamp>,
    exchanged: Option<Timestamp>,
    now: Timestamp,
) -> Option<Stalled> {
    let long_ago = |at: Timestamp| now - at > PATIENCE;
    if looked.is_none_or(long_ago) {
        return Some(Stalled::NobodyLooks);
    }
    let waits = waiting.iter().any(|(kind, since)| {
        long_ago(*since) && (kind != EXCHANGE || exchanged.is_none_or(long_ago))
    });
    waits.then_some(Stalled::Waits)
}

/// How long a job is tried at all when nothing else bounds it: a day of once a minute.
#[must_use]
pub fn worth_another_try(asked_at: Timestamp, now: Timestamp) -> bool {
    now - asked_at < hours(24)
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
    fn every_kind_has_a_place_in_exactly_one_lane() {
        let id = uuid::Uuid::nil();
        let (install, generation) = (InstallId(id), 1);
        let jobs = [
            Job::ExchangeGrant { grant: GrantId(id) },
            Job::CheckGrant {
                install,
                generation,
            },
            Job::Uninstall {
                install,
                generation,
            },
            Job::RenewTokens { install },
            Job::TellEverybody {
                version: PolicyVersionId(id),
            },
            Job::SendLetters,
            Job::TellBackEnd {
                endpoint: EndpointId(id),
            },
            Job::Sweep,
        ];
        for job in &jobs {
            let lanes = Lane::ALL
                .iter()
                .filter(|l| l.kinds().contains(&job.kind()))
                .count();
            assert_eq!(lanes, 1, "{}", job.kind());
        }
        let kinds: usize = Lane::ALL.iter().map(|l| l.kinds().len()).sum();
        assert_eq!(kinds, jobs.len());
        assert!(Lane::ALL.iter().all(|l| l.places() > 0));
        assert_eq!(Lane::of("from-the-future"), None);
    }

    #[test]
    fn work_is_stalled_when_it_waits_or_nobody_looks() {
        let at = Timestamp::from_secs;
        let now = at(1_000);
        let waits = |kind: &str, since| vec![(kind.to_owned(), at(since))];
        for (waiting, looked, exchanged, expected) in [
            (vec![], None, None, Some(Stalled::NobodyLooks)),
            (vec![], Some(939), None, Some(Stalled::NobodyLooks)),
            (vec![], Some(940), None, None),
            (waits("uninstall", 940), Some(990), None, None),
            (
                waits("uninstall", 939),
                Some(990),
                Some(999),
                Some(Stalled::Waits),
            ),
            (waits("exchange-grant", 100), Some(990), Some(999), None),
            (
                waits("exchange-grant", 100),
                Some(990),
                Some(900),
                Some(Stalled::Waits),
            ),
            (waits("exchange-grant", 990), Some(990), None, None),
        ] {
            let told = stalled(&waiting, looked.map(at), exchanged.map(at), now);
            assert_eq!(told, expected, "{waiting:?} {looked:?} {exchanged:?}");
        }
    }

    #[test]
    fn what_strangers_ask_for_shares_no_place_with_anything_else() {
        assert_eq!(Lane::Exchanges.kinds(), ["exchange-grant"]);
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
