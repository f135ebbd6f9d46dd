//! Letters to people who consented: what they are about, whether one may still go,
//! and when one is tried again.
//!
//! There are service letters only: a new version of the Policy (clauses 5.2.6 and
//! 12.1) and the receipt of a consent or a withdrawal. Advertising has no letter,
//! no template and no sender here.

mod bounds;

use super::consents::Act;
use super::facts::Level;
use super::ids::{ConsentId, ContactId, InstallId, LetterId, PolicyVersionId, SubjectId};
use super::installs::{Install, State as InstallState};
use super::time::Timestamp;
use crate::domain::time::{hours, minutes};

pub use bounds::{A_DAY, LINK_LIFE, Lately, goes_by_letter, in_turns};

/// What a letter is about; there is one letter per person for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A version of the Policy was posted.
    Policy {
        /// Which.
        version: PolicyVersionId,
        /// Whether people are told or must agree again.
        level: Level,
    },
    /// Somebody consented or withdrew: the receipt.
    Receipt {
        /// The entry in the ledger.
        entry: ConsentId,
    },
    /// Somebody gave another address: whether it is theirs.
    Address,
}

/// Which kind of letter, as the table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A receipt: somebody waits for it.
    Receipt,
    /// A new address is to be confirmed.
    Address,
    /// A version that people must agree to again.
    PolicyReconsent,
    /// A version that people are told of.
    PolicyNotice,
}

impl Kind {
    /// All kinds, in the order in which they take turns.
    pub const ALL: [Self; 4] = [
        Self::Receipt,
        Self::Address,
        Self::PolicyReconsent,
        Self::PolicyNotice,
    ];

    /// The kind as the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Address => "address",
            Self::PolicyReconsent => "policy-reconsent",
            Self::PolicyNotice => "policy-notice",
        }
    }
}

impl About {
    /// Its kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Receipt { .. } => Kind::Receipt,
            Self::Address => Kind::Address,
            Self::Policy { level, .. } => match level {
                Level::Reconsent => Kind::PolicyReconsent,
                Level::Notice => Kind::PolicyNotice,
            },
        }
    }
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is to be sent.
    Queued,
    /// Somebody is speaking to the mail server about it.
    Sending,
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good, or put it off for three days.
    Bounced,
    /// It was handed over and no answer came: it may have been taken, so it is not sent again.
    Unknown,
    /// It was no longer wanted when its turn came.
    Dropped,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Bounced,
        Self::Unknown,
        Self::Dropped,
    ];

    /// The state as the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
            Self::Unknown => "unknown",
            Self::Dropped => "dropped",
        }
    }
}

/// A letter to one person. It holds neither text nor address: both are put together when it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Ours.
    pub id: LetterId,
    /// What it is about.
    pub about: About,
    /// To whom.
    pub subject: SubjectId,
    /// As a user of which Install.
    pub install: InstallId,
    /// Of which generation.
    pub generation: u32,
    /// The contact details whose address it goes to; `None` for those of now.
    pub contact: Option<ContactId>,
    /// The language of the text the person agreed to, BCP 47.
    pub lang: String,
    /// Where it stands.
    pub state: State,
    /// `Message-ID` without its brackets; never changes.
    pub message_id: String,
    /// How often somebody began to send it. It is the fence: who lost the letter holds an older
    /// number and cannot say what became of it.
    pub attempt: u32,
    /// How often the mail server put it off.
    pub deferred: u32,
}

/// What a person did last, as the ledger adds it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastAct {
    /// In which generation.
    pub generation: u32,
    /// Gave or withdrew.
    pub act: Act,
    /// To which version.
    pub number: u32,
}

/// Whether a letter may still go. `number` is that of the version it tells of.
///
/// A receipt is owed for what was done, whatever came after. A letter about the Policy goes only
/// to whoever is bound by an earlier version at this moment: never after a withdrawal or an
/// uninstall, and not to who agreed meanwhile.
#[must_use]
pub fn may_go(letter: &Letter, number: u32, install: &Install, last: Option<LastAct>) -> bool {
    match letter.about {
        About::Receipt { .. } | About::Address => true,
        About::Policy { .. } => {
            install.state == InstallState::Active
                && !install.withdrawn
                && install.generation == letter.generation
                && last.is_some_and(|last| {
                    last.act == Act::Given
                        && last.generation == letter.generation
                        && last.number < number
                })
        }
    }
}

/// How often the mail server may put a letter off: with the waits of [`next_try`] three days.
pub const TRIES: u32 = 20;

/// How long a letter waits after it was put off for the `deferred`th time: a minute, then
/// doubling to six hours. `None` when that was the last try.
#[must_use]
pub fn next_try(deferred: u32, now: Timestamp) -> Option<Timestamp> {
    if deferred >= TRIES {
        return None;
    }
    let doublings = deferred.saturating_sub(1).min(9);
    let wait = minutes(1 << doublings).min(hours(6));
    Some(now + wait)
}

/// The languages that letters are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// The first of `wanted` (BCP 47) that letters are written in, else English.
    #[must_use]
    pub fn first_of<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        wanted
            .into_iter()
            .find_map(|tag| {
                let primary = tag.split('-').next().unwrap_or_default();
                [Self::En, Self::Ru]
                    .into_iter()
                    .find(|have| primary.eq_ignore_ascii_case(have.as_str()))
            })
            .unwrap_or(Self::En)
    }

    /// Its tag.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

#[cfg(test)]
mod tests;
