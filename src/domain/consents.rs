//! Consent entries and what they add up to.
//!
//! Nothing here is ever changed or removed; `standing` reads the entries of the
//! present generation from the oldest to the newest and tells where the account
//! stands now (Policy, clauses 3.1 to 3.3 and 11.11). Consent is a person's and
//! entitlement the account's: it stands while one person's consent does.

pub mod agreement;

use std::collections::HashSet;

use chrono::TimeDelta;

use super::facts::Level;
use super::ids::{ConsentId, InstallId, SubjectId, UserId};
use super::installs::{Install, State as InstallState};
use super::policies::history::History;
use super::time::Timestamp;

/// How often a person may consent or correct their details within a day. Who has more to say
/// writes to the support; what was recorded stays readable in one piece.
pub const MOST_A_DAY: u64 = 20;

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ticked the box and sent the form; again for the same version: a renewal.
    Given,
    /// Took the consent back (clause 11.11).
    Withdrawn,
}

/// The declarations of clauses 3.1.1 to 3.1.4, kept apart so that each can be disputed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declares {
    /// Read and understood, and agrees freely to the operations named (3.1.1, 3.1.3, 3.1.4).
    pub read: bool,
    /// The data are the person's own and hurt nobody (3.1.2).
    pub own_data: bool,
}

/// Which words were on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The version's number.
    pub number: u32,
    /// The language of the text, BCP 47.
    pub lang: String,
    /// `sha256:…` of exactly the text shown.
    pub hash: String,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Also the id of the receipt.
    pub id: ConsentId,
    /// For which Install.
    pub install: InstallId,
    /// Of which generation.
    pub generation: u32,
    /// Who, as a row of ours.
    pub subject: SubjectId,
    /// Who, as amoCRM knows them; encrypted at rest, `None` once the person's key is destroyed.
    pub user: Option<UserId>,
    /// What they did.
    pub act: Act,
    /// To which words.
    pub shown: Shown,
    /// Codes of the purposes agreed to (clauses 5.2.x).
    pub purposes: Vec<String>,
    /// What they declared.
    pub declares: Declares,
    /// When we received it.
    pub at: Timestamp,
}

/// What the entries of the present generation add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentState {
    /// Nobody has consented.
    None,
    /// Somebody has, to the version in force or to one that asks for nothing more.
    Given,
    /// A later version asks for more than was agreed to.
    Outdated,
    /// It was taken back.
    Withdrawn,
}

/// Why nobody may use the Product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has consented yet.
    ConsentRequired,
    /// A version that asks for more is in force and its grace is over.
    ReconsentRequired,
    /// Consent was taken back.
    ConsentWithdrawn,
    /// The Product left the account.
    NotInstalled,
}

/// A version somebody has yet to learn of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub number: u32,
    /// Whether they have to agree again, to it or to one before it.
    pub level: Level,
    /// When it came into force (clause 12.3).
    pub at: Timestamp,
}

/// Where an account stands with a Product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// May the account use the Product?
    pub entitled: bool,
    /// If not, why.
    pub reason: Option<Reason>,
    /// What the entries add up to.
    pub consent: ConsentState,
    /// The version to be told of, if there is one.
    pub notice: Option<Notice>,
}

/// The last entry of each person, the newest first.
pub fn last_of_each(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let mut seen = HashSet::new();
    entries
        .iter()
        .rev()
        .filter(move |entry| seen.insert(entry.subject))
}

/// The entry of a generation that decides where the account stands: the latest consent that is in
/// force, whoever gave it; else, and once the consent was withdrawn for the whole account
/// (`ended`), the last entry.
#[must_use]
pub fn deciding(entries: &[Entry], ended: bool) -> Option<&Entry> {
    last_of_each(entries)
        .find(|entry| entry.act == Act::Given && !ended)
        .or(entries.last())
}

/// Reads the whole meaning of the ledger.
///
/// `entry` is the [`deciding`] one of the Install's present generation; `history` are the versions
/// posted in the Product; `acknowledged` is the highest version that the reader said to have
/// learned of; `grace` is how long an outdated consent still entitles (`ACCORD_RECONSENT_GRACE`).
#[must_use]
pub fn standing(
    install: Option<&Install>,
    entry: Option<&Entry>,
    history: &History,
    acknowledged: Option<u32>,
    grace: TimeDelta,
    now: Timestamp,
) -> Standing {
    let given = entry.filter(|e| e.act == Act::Given);
    // The first version that asked for more starts the clock; a later one does not restart it.
    let wider = given.and_then(|e| history.first_wider(e.shown.number, u32::MAX));
    let notice = given
        .and_then(|e| history.in_force().filter(|v| v.number > e.shown.number))
        .map(|v| Notice {
            number: v.number,
            level: wider.map_or(v.level, |wider| wider.level),
            at: v.posted_at,
        })
        // Whoever has to agree again is not done with knowing.
        .filter(|n| n.level == Level::Reconsent || acknowledged.is_none_or(|a| a < n.number));

    let consent = match (entry, wider) {
        (None, _) => ConsentState::None,
        (Some(e), _) if e.act == Act::Withdrawn => ConsentState::Withdrawn,
        (Some(_), Some(_)) => ConsentState::Outdated,
        (Some(_), None) => ConsentState::Given,
    };
    let reason = match install {
        None => Some(Reason::ConsentRequired),
        Some(i) if i.withdrawn => Some(Reason::ConsentWithdrawn),
        Some(i) => match i.state {
            InstallState::Pending => Some(Reason::ConsentRequired),
            InstallState::Uninstalling | InstallState::Uninstalled => Some(Reason::NotInstalled),
            InstallState::Active => match consent {
                ConsentState::Given => None,
                ConsentState::Outdated => wider
                    .filter(|v| now >= v.posted_at + grace)
                    .map(|_| Reason::ReconsentRequired),
                ConsentState::Withdrawn => Some(Reason::ConsentWithdrawn),
                ConsentState::None => Some(Reason::ConsentRequired),
            },
        },
    };
    Standing {
        entitled: reason.is_none(),
        reason,
        consent,
        notice,
    }
}

#[cfg(test)]
mod tests;
