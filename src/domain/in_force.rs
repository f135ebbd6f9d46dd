//! Which text bound an account at some time (clauses 3.1, 7.2.1, 12.1 and 12.3).
//!
//! A posted version is in force in the Product for everybody who comes. An account
//! that agreed to an earlier one is carried along by each later version that is a
//! notice (12.1), but never beyond one that asks for more than was agreed to: that
//! one binds it from its own consent on.

use std::collections::HashSet;

use super::consents::{Act, Posted};
use super::facts::Level;
use super::ids::SubjectId;
use super::time::Timestamp;

/// An entry of the ledger, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed<E> {
    /// By whom.
    pub subject: SubjectId,
    /// In which generation of the Install.
    pub generation: u32,
    /// What was done.
    pub act: Act,
    /// Whether it is a withdrawal that ended the Product for the whole account.
    pub ends: bool,
    /// To which version.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// The entry.
    pub entry: E,
}

/// What bound the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<E> {
    /// The version.
    pub version: Posted,
    /// The consent that stood then; `None` when there was none.
    pub consent: Option<E>,
}

/// The version in force in the Product at `at`; `None` before the first posting.
#[must_use]
pub fn in_force(posted: &[Posted], at: Timestamp) -> Option<Posted> {
    posted.iter().rfind(|version| version.at <= at).copied()
}

/// What bound the account at `at`: `posted` in the order of their numbers, `entries` from the
/// oldest to the newest. `None` when nothing was in force.
#[must_use]
pub fn bound<E: Copy>(posted: &[Posted], entries: &[Agreed<E>], at: Timestamp) -> Option<Bound<E>> {
    let latest = in_force(posted, at)?;
    let Some(consent) = standing(entries, at) else {
        return Some(Bound {
            version: latest,
            consent: None,
        });
    };
    let known = posted.iter().filter(|version| version.at <= at);
    let carried = known
        .skip_while(|version| version.number < consent.number)
        .take_while(|version| version.number == consent.number || version.level == Level::Notice)
        .last();
    Some(Bound {
        version: carried.copied().unwrap_or(latest),
        consent: Some(consent.entry),
    })
}

/// The latest consent that stood at `at`: of each person the last entry counts.
fn standing<E>(entries: &[Agreed<E>], at: Timestamp) -> Option<&Agreed<E>> {
    let last = entries.iter().rfind(|entry| entry.at <= at)?;
    let mut seen = HashSet::new();
    entries
        .iter()
        .rev()
        .filter(|entry| entry.at <= at && entry.generation == last.generation)
        .take_while(|entry| !entry.ends)
        .filter(|entry| seen.insert(entry.subject))
        .find(|entry| entry.act == Act::Given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_secs(hour * 3600)
    }

    fn version(number: u32, level: Level, hour: i64) -> Posted {
        Posted {
            number,
            level,
            at: at(hour),
        }
    }

    fn agreed(act: Act, number: u32, hour: i64) -> Agreed<i64> {
        Agreed {
            subject: SubjectId(uuid::Uuid::nil()),
            generation: 1,
            act,
            ends: act == Act::Withdrawn,
            number,
            at: at(hour),
            entry: hour,
        }
    }

    #[test]
    fn each_hour_of_a_history_has_its_text() {
        use Level::{Notice, Reconsent};
        let posted = [
            version(1, Reconsent, 10),
            version(2, Notice, 20),
            version(3, Reconsent, 30),
            version(4, Notice, 40),
        ];
        let entries = [
            agreed(Act::Given, 1, 12),
            agreed(Act::Given, 3, 45),
            agreed(Act::Withdrawn, 3, 50),
        ];
        for (hour, number, consent) in [
            (9, None, None),
            (10, Some(1), None),
            (12, Some(1), Some(12)),
            (20, Some(2), Some(12)),
            (30, Some(2), Some(12)),
            (40, Some(2), Some(12)),
            (45, Some(4), Some(45)),
            (50, Some(4), None),
        ] {
            let bound = bound(&posted, &entries, at(hour));
            assert_eq!(bound.map(|b| b.version.number), number, "{hour}");
            assert_eq!(bound.and_then(|b| b.consent), consent, "{hour}");
            assert_eq!(
                in_force(&posted, at(hour)).map(|v| v.number),
                [40, 30, 20, 10]
                    .iter()
                    .position(|h| *h <= hour)
                    .map(|i| 4 - u32::try_from(i).unwrap()),
                "{hour}"
            );
        }
    }

    #[test]
    fn one_persons_withdrawal_leaves_the_others_consent() {
        let posted = [version(1, Level::Reconsent, 10)];
        let by = |who: u128, generation, agreed: Agreed<i64>| Agreed {
            subject: SubjectId(uuid::Uuid::from_u128(who)),
            generation,
            ..agreed
        };
        let own = Agreed {
            ends: false,
            ..agreed(Act::Withdrawn, 1, 30)
        };
        let entries = [
            by(1, 1, agreed(Act::Given, 1, 12)),
            by(2, 1, agreed(Act::Given, 1, 20)),
            by(2, 1, own),
            // An administrator who had not consented ends it for all.
            by(3, 1, agreed(Act::Withdrawn, 1, 40)),
            by(1, 2, agreed(Act::Given, 1, 50)),
        ];
        for (hour, consent) in [
            (12, Some(12)),
            (20, Some(20)),
            (30, Some(12)),
            (40, None),
            (50, Some(50)),
        ] {
            let bound = bound(&posted, &entries, at(hour));
            assert_eq!(bound.and_then(|b| b.consent), consent, "{hour}");
        }
    }

    #[test]
    fn of_two_versions_of_one_instant_the_later_number_is_in_force() {
        let posted = [version(1, Level::Notice, 10), version(2, Level::Notice, 10)];
        assert_eq!(in_force(&posted, at(10)).map(|v| v.number), Some(2));
    }
}
