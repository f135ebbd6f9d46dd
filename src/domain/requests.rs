//! Privacy requests: what a person asks for, with its clock.
//!
//! Today the one kind is the withdrawal of consent from the control panel
//! (clause 11.11); it is received, carried out by the uninstall, and due by the
//! end of the tenth working day.

use super::consents::Entry;
use super::ids::{InstallId, RequestId, SubjectId};
use super::time::Timestamp;
use super::withdrawals::Reach;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Taking consent back (clause 11.11.1).
    Withdrawal,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It counts from here on.
    Received,
    /// The Product was taken out of the account; or, where it reaches the person alone, their
    /// consent was taken back.
    Executed,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Ours.
    pub id: RequestId,
    /// For people: `W-2026-000001`.
    pub number: String,
    /// Of which Install.
    pub install: InstallId,
    /// Of which generation of it.
    pub generation: u32,
    /// Whose.
    pub subject: SubjectId,
    /// What is asked for.
    pub kind: Kind,
    /// How far it reaches.
    pub reach: Reach,
    /// How far it is.
    pub state: State,
    /// When it reached us; never moves.
    pub received_at: Timestamp,
    /// The last permitted instant for an answer.
    pub due_at: Timestamp,
}

impl Request {
    /// Whether it is the one that `entry` was added for: the same person, in the same instant.
    #[must_use]
    pub fn is_of(&self, entry: &Entry) -> bool {
        self.subject == entry.subject && self.received_at == entry.at
    }
}

/// The number people are given: a letter for the kind, the local year, a running count.
#[must_use]
pub fn number(kind: Kind, year: i32, count: u32) -> String {
    let letter = match kind {
        Kind::Withdrawal => 'W',
    };
    format!("{letter}-{year}-{count:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_enough_to_say_on_the_phone() {
        assert_eq!(number(Kind::Withdrawal, 2026, 1), "W-2026-000001");
        assert_eq!(number(Kind::Withdrawal, 2026, 1_234_567), "W-2026-1234567");
    }
}
