//! Which text bound an account at some time (clauses 3.1, 7.2.1, 12.1 and 12.3).
//!
//! A posted version is in force in the Product for everybody who comes. An account
//! that agreed to an earlier one is carried along by each later version that is a
//! notice (12.1), but never beyond one that asks for more than was agreed to: that
//! one binds it from its own consent on.

use std::collections::HashSet;

use super::consents::{Act, Entry};
use super::policies::history::{History, Version};
use super::time::Timestamp;

/// What bound the account.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// The version.
    pub version: &'a Version,
    /// The consent that stood then; `None` when there was none.
    pub consent: Option<&'a Entry>,
}

/// What bound the account at `at`: `entries` from the oldest to the newest; `ends` says of a
/// withdrawal whether it ended the Product for the whole account. `None` when nothing was in force.
#[must_use]
pub fn bound<'a>(
    history: &'a History,
    entries: &'a [Entry],
    ends: impl Fn(&Entry) -> bool,
    at: Timestamp,
) -> Option<Bound<'a>> {
    let latest = history.at(at)?;
    let consent = standing(entries, ends, at);
    let carried = consent.and_then(|consent| history.carried(consent.shown.number, at));
    Some(Bound {
        version: carried.unwrap_or(latest),
        consent,
    })
}

/// The latest consent that stood at `at`: of each person the last entry counts.
fn standing(entries: &[Entry], ends: impl Fn(&Entry) -> bool, at: Timestamp) -> Option<&Entry> {
    let last = entries.iter().rfind(|entry| entry.at <= at)?;
    let mut seen = HashSet::new();
    entries
        .iter()
        .rev()
        .filter(|entry| entry.at <= at && entry.generation == last.generation)
        .take_while(|entry| !ends(entry))
        .filter(|entry| seen.insert(entry.subject))
        .find(|entry| entry.act == Act::Given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::consents::{Declares, Shown};
    use crate::domain::facts::Level;
    use crate::domain::ids::{ConsentId, InstallId, SubjectId};
    use uuid::Uuid;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_secs(hour * 3600)
    }

    fn version(number: u32, level: Level, hour: i64) -> Version {
        Version::example(number, level, at(hour))
    }

    fn entry(who: u128, generation: u32, act: Act, number: u32, hour: i64) -> Entry {
        Entry {
            id: ConsentId(Uuid::nil()),
            install: InstallId(Uuid::nil()),
            generation,
            subject: SubjectId(Uuid::from_u128(who)),
            user: None,
            act,
            shown: Shown {
                number,
                lang: "en".to_owned(),
                hash: "sha256:0".to_owned(),
            },
            purposes: Vec::new(),
            declares: Declares {
                read: true,
                own_data: true,
            },
            at: at(hour),
        }
    }

    /// The hour of the consent that bound at `hour`.
    fn consent(bound: Option<Bound<'_>>) -> Option<i64> {
        let consent = bound.and_then(|bound| bound.consent);
        consent.map(|entry| entry.at.secs() / 3600)
    }

    #[test]
    fn each_hour_of_a_history_has_its_text() {
        use Level::{Notice, Reconsent};
        let history = History::new(vec![
            version(1, Reconsent, 10),
            version(2, Notice, 20),
            version(3, Reconsent, 30),
            version(4, Notice, 40),
        ]);
        let entries = [
            entry(1, 1, Act::Given, 1, 12),
            entry(1, 1, Act::Given, 3, 45),
            entry(1, 1, Act::Withdrawn, 3, 50),
        ];
        for (hour, in_force, number, by) in [
            (9, None, None, None),
            (10, Some(1), Some(1), None),
            (12, Some(1), Some(1), Some(12)),
            (20, Some(2), Some(2), Some(12)),
            (30, Some(3), Some(2), Some(12)),
            (40, Some(4), Some(2), Some(12)),
            (45, Some(4), Some(4), Some(45)),
            (50, Some(4), Some(4), None),
        ] {
            let ends = |entry: &Entry| entry.act == Act::Withdrawn;
            let bound = bound(&history, &entries, ends, at(hour));
            assert_eq!(bound.map(|b| b.version.number), number, "{hour}");
            assert_eq!(consent(bound), by, "{hour}");
            assert_eq!(history.at(at(hour)).map(|v| v.number), in_force, "{hour}");
        }
    }

    #[test]
    fn one_persons_withdrawal_leaves_the_others_consent() {
        let history = History::new(vec![version(1, Level::Reconsent, 10)]);
        let entries = [
            entry(1, 1, Act::Given, 1, 12),
            entry(2, 1, Act::Given, 1, 20),
            entry(2, 1, Act::Withdrawn, 1, 30),
            // An administrator who had not consented ends it for all.
            entry(3, 1, Act::Withdrawn, 1, 40),
            entry(1, 2, Act::Given, 1, 50),
        ];
        for (hour, by) in [
            (12, Some(12)),
            (20, Some(20)),
            (30, Some(12)),
            (40, None),
            (50, Some(50)),
        ] {
            let ends = |entry: &Entry| entry.at == at(40);
            let bound = bound(&history, &entries, ends, at(hour));
            assert_eq!(consent(bound), by, "{hour}");
        }
    }
}
