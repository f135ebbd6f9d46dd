//! Who may end an installation, and whose withdrawal takes back their own consent alone.
//!
//! Consent is a person's and entitlement the account's. Taking back one's own consent is free
//! (clause 11.11.1) and asks for nobody's leave; ending the Product for everybody is the right of
//! the account's administrators, of the person whose consent made this generation active, and of
//! the only person whose consent is in force. The letters and the desk ask the same function.

use super::consents::{Act, Entry, last_of_each};
use super::ids::SubjectId;

/// How far a withdrawal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It ends the Product for the whole account.
    Account,
    /// It takes back the person's own consent; the account goes on under the others'.
    Own,
}

/// What amoCRM says about the rights of who withdraws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// It was not asked.
    Unasked,
    /// They administer the account.
    Administrator,
    /// They use it.
    User,
    /// It could not say.
    Unknown,
}

/// What becomes of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It counts, and reaches this far.
    Takes(Reach),
    /// It was made before: the same request again.
    Again,
    /// It depends on the person's rights: amoCRM has to be asked.
    Ask,
    /// There is no consent to take back.
    NoConsent,
    /// They have no consent of their own to take back, and do not administer the account.
    AdministratorRequired,
    /// They have no consent of their own to take back, and amoCRM could not say what they are.
    CannotSay,
}

/// Decides on a withdrawal by `who` (`None`: somebody who was never known here).
///
/// `entries` are those of the present generation, oldest first; `ended` tells that its consent was
/// withdrawn for the whole account already.
#[must_use]
pub fn decide(entries: &[Entry], ended: bool, who: Option<SubjectId>, rights: Rights) -> Decision {
    let own = |entry: &&Entry| Some(entry.subject) == who;
    let standing = || last_of_each(entries).filter(|entry| entry.act == Act::Given);
    let began = entries.iter().find(|entry| entry.act == Act::Given);
    let Some(began) = began else {
        return Decision::NoConsent;
    };
    let acted = entries.iter().any(|entry| own(&entry));
    let holds = standing().any(|entry| own(&entry));
    let ends = own(&began) || (holds && standing().count() == 1);

    if ended {
        return match rights {
            _ if acted => Decision::Again,
            Rights::Administrator => Decision::Again,
            Rights::Unasked => Decision::Ask,
            Rights::User => Decision::AdministratorRequired,
            Rights::Unknown => Decision::CannotSay,
        };
    }
    if ends {
        return Decision::Takes(Reach::Account);
    }
    match rights {
        Rights::Administrator => Decision::Takes(Reach::Account),
        Rights::Unasked => Decision::Ask,
        Rights::User | Rights::Unknown if holds => Decision::Takes(Reach::Own),
        Rights::User | Rights::Unknown if acted => Decision::Again,
        Rights::User => Decision::AdministratorRequired,
        Rights::Unknown => Decision::CannotSay,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Decision::{AdministratorRequired, Again, Ask, CannotSay, NoConsent, Takes};
    use super::Rights::{Administrator, Unasked, Unknown, User};
    use super::*;
    use crate::domain::consents::{Declares, Shown};
    use crate::domain::ids::{ConsentId, InstallId};
    use crate::domain::time::Timestamp;

    fn person(name: char) -> SubjectId {
        SubjectId(Uuid::from_u128(u128::from(u32::from(name))))
    }

    /// `a+ b+ b-`: Anna consents, Boris consents, Boris withdraws.
    fn entries(history: &str) -> Vec<Entry> {
        history
            .split_whitespace()
            .zip(1..)
            .map(|(step, at)| Entry {
                id: ConsentId(Uuid::nil()),
                install: InstallId(Uuid::nil()),
                generation: 1,
                subject: person(step.chars().next().unwrap()),
                user: None,
                act: if step.ends_with('+') {
                    Act::Given
                } else {
                    Act::Withdrawn
                },
                shown: Shown {
                    number: 1,
                    lang: "en".into(),
                    hash: "sha256:0".into(),
                },
                purposes: Vec::new(),
                declares: Declares {
                    read: true,
                    own_data: true,
                },
                at: Timestamp::from_secs(at),
            })
            .collect()
    }

    /// Each row: what happened, whether it ended, who withdraws, and what becomes of it when they
    /// were not asked about, administer the account, use it, or amoCRM cannot say.
    #[test]
    fn who_may_end_an_installation() {
        let all = Takes(Reach::Account);
        let own = Takes(Reach::Own);
        #[rustfmt::skip]
        let cases = [
            // Nobody has consented.
            ("",            false, 'a', [NoConsent; 4]),
            // Whoever began it, and whoever is the only one, need not be asked about.
            ("a+",          false, 'a', [all; 4]),
            ("a+ a+",       false, 'a', [all; 4]),
            ("a+ b+",       false, 'a', [all; 4]),
            ("a+ b+ a+",    false, 'a', [all; 4]),
            ("a+ b+ c+ b-", false, 'a', [all; 4]),
            // A second consent gives no right to end it for the others.
            ("a+ b+",       false, 'b', [Ask, all, own, own]),
            ("a+ b+ b+",    false, 'b', [Ask, all, own, own]),
            ("a+ b+ c+",    false, 'c', [Ask, all, own, own]),
            // What was taken back can be given and taken back again.
            ("a+ b+ b-",    false, 'b', [Ask, all, Again, Again]),
            ("a+ b+ b- b+", false, 'b', [Ask, all, own, own]),
            // Without a consent of one's own only an administrator may.
            ("a+",          false, 'x', [Ask, all, AdministratorRequired, CannotSay]),
            ("a+ b+ b-",    false, 'x', [Ask, all, AdministratorRequired, CannotSay]),
            // Once it has ended there is nothing more to end.
            ("a+ a-",       true,  'a', [Again; 4]),
            ("a+ b+ a-",    true,  'b', [Again; 4]),
            ("a+ c-",       true,  'c', [Again; 4]),
            ("a+ a-",       true,  'x', [Ask, Again, AdministratorRequired, CannotSay]),
            // Should the one who began it be gone otherwise, the only one left may.
            ("a+ b+ a-",    false, 'b', [all; 4]),
        ];
        for (history, ended, who, expected) in cases {
            for (rights, expected) in [Unasked, Administrator, User, Unknown]
                .into_iter()
                .zip(expected)
            {
                let decision = decide(&entries(history), ended, Some(person(who)), rights);
                assert_eq!(
                    decision, expected,
                    "{history:?}, {ended}, {who}, {rights:?}"
                );
            }
        }
        assert_eq!(
            decide(&entries("a+"), false, None, User),
            AdministratorRequired
        );
        assert_eq!(decide(&entries("a+"), false, None, Administrator), all);
    }
}
