//! How many letters somebody may cause, and in which order letters of several kinds go.
//!
//! Whoever fills in the form chooses the address. So nobody can make us write often: a person's
//! and an account's receipts are counted, and an address that nobody confirmed yet is counted
//! over all people, accounts and Products. What does not go by letter stands in the panel.

use crate::domain::time::days;
use chrono::TimeDelta;

/// The span in which letters are counted.
pub const A_DAY: TimeDelta = days(1);
/// How long the link in a letter works.
pub const LINK_LIFE: TimeDelta = days(7);

/// By letter a day to one person.
const OF_PERSON: u64 = 5;
/// By letter a day to all people of one account, over all Products.
const OF_ACCOUNT: u64 = 20;

/// What people caused by letter during the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// To this person.
    pub of_person: u64,
    /// To all people of the account.
    pub of_account: u64,
    /// To this person and address, for the same act in the same generation and version.
    pub same: u64,
    /// To this address, whoever gave it, for the same act.
    pub to_address: u64,
}

/// Whether one more goes by letter. `confirmed` is whether the address is.
///
/// To an address that nobody confirmed go one receipt of a consent and one of a withdrawal a day,
/// both in fixed words: that much a stranger can send somebody else.
#[must_use]
pub fn goes_by_letter(lately: &Lately, confirmed: bool) -> bool {
    lately.of_person < OF_PERSON
        && lately.of_account < OF_ACCOUNT
        && lately.same == 0
        && (confirmed || lately.to_address == 0)
}

/// The first `limit` of several queues that take turns: none waits for the end of another.
#[must_use]
pub fn in_turns<T>(queues: Vec<Vec<T>>, limit: usize) -> Vec<T> {
    let mut queues: Vec<_> = queues.into_iter().map(Vec::into_iter).collect();
    let mut order = Vec::new();
    loop {
        let before = order.len();
        order.extend(queues.iter_mut().filter_map(Iterator::next));
        if order.len() == before || order.len() >= limit {
            order.truncate(limit);
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_caused_is_bounded() {
        let none = Lately::default();
        for (lately, confirmed, unconfirmed) in [
            (none, true, true),
            (
                Lately {
                    of_person: 4,
                    ..none
                },
                true,
                true,
            ),
            (
                Lately {
                    of_person: 5,
                    ..none
                },
                false,
                false,
            ),
            (
                Lately {
                    of_account: 19,
                    ..none
                },
                true,
                true,
            ),
            (
                Lately {
                    of_account: 20,
                    ..none
                },
                false,
                false,
            ),
            (Lately { same: 1, ..none }, false, false),
            (
                Lately {
                    to_address: 1,
                    ..none
                },
                true,
                false,
            ),
        ] {
            assert_eq!(goes_by_letter(&lately, true), confirmed, "{lately:?}");
            assert_eq!(goes_by_letter(&lately, false), unconfirmed, "{lately:?}");
        }
    }

    #[test]
    fn queues_take_turns() {
        let queues = || vec![vec!["r1", "r2", "r3", "r4"], vec![], vec!["n1", "n2"]];
        assert_eq!(in_turns(queues(), 10), ["r1", "n1", "r2", "n2", "r3", "r4"]);
        assert_eq!(in_turns(queues(), 3), ["r1", "n1", "r2"]);
        assert!(in_turns(Vec::<Vec<u8>>::new(), 3).is_empty());
    }
}
