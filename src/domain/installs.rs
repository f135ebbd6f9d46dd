//! The life of one Product in one Account.
//!
//! A generation begins with the first grant or consent and ends with an
//! uninstall; whatever comes after an end begins the next generation and needs
//! its own consent.

use thiserror::Error;

use super::hosts::AccountHost;
use super::ids::{AccountId, InstallId, ProductId};
use super::time::Timestamp;

/// Where the Product stands in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// amoCRM installed it, or somebody looked at it; nobody has consented yet.
    Pending,
    /// Somebody consented.
    Active,
    /// Consent was withdrawn and the Product is being taken out of the account.
    Uninstalling,
    /// It left the account.
    Uninstalled,
}

/// A change that does not fit the state of the Install.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The Product is being taken out: nothing new until that is over.
    #[error("an install that is being uninstalled takes no new consent")]
    Uninstalling,
}

/// One Product in one Account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// Ours.
    pub id: InstallId,
    /// Which Product.
    pub product: ProductId,
    /// Which account, as amoCRM's own answer or token says.
    pub account: AccountId,
    /// Where the account lived when we last heard of it.
    pub host: AccountHost,
    /// Where it stands now.
    pub state: State,
    /// Grows with every new installation after an uninstall; the first is 1.
    pub generation: u32,
    /// The last withdrawal or uninstall: a token issued up to that second is stale.
    pub ended_at: Option<Timestamp>,
    /// The consent of this generation was withdrawn.
    pub withdrawn: bool,
    /// amoCRM refused to switch the Product off: an administrator has to do it by hand.
    pub by_hand: bool,
    /// Something was to be done that employees' grants do not allow, and no administrator's lives.
    pub needs_administrator: bool,
}

impl Install {
    /// An Install that was never seen before.
    #[must_use]
    pub fn first(id: InstallId, product: ProductId, account: AccountId, host: AccountHost) -> Self {
        Self {
            id,
            product,
            account,
            host,
            state: State::Pending,
            generation: 1,
            ended_at: None,
            withdrawn: false,
            by_hand: false,
            needs_administrator: false,
        }
    }

    /// amoCRM granted access that it announced at `announced`.
    ///
    /// While the Product is being taken out, an older grant only helps to finish that; a newer
    /// one means that an administrator installed it again, so the rest is not taken out.
    #[must_use]
    pub fn granted(self, host: AccountHost, announced: Timestamp) -> Self {
        let reinstalled = match self.state {
            State::Pending | State::Active => false,
            State::Uninstalled => true,
            State::Uninstalling => self.ended_at.is_none_or(|end| announced > end),
        };
        let install = if reinstalled {
            self.next(State::Pending)
        } else {
            self
        };
        Self { host, ..install }
    }

    /// An administrator's grant landed: what employees' do not allow can be done again.
    #[must_use]
    pub fn administered(self) -> Self {
        Self {
            needs_administrator: false,
            ..self
        }
    }

    /// Somebody consented.
    ///
    /// # Errors
    /// [`Refused::Uninstalling`] while the Product is being taken out.
    pub fn consented(self) -> Result<Self, Refused> {
        match self.state {
            State::Pending | State::Active => Ok(Self {
                state: State::Active,
                ..self
            }),
            State::Uninstalled => Ok(self.next(State::Active)),
            State::Uninstalling => Err(Refused::Uninstalling),
        }
    }

    /// Consent was withdrawn: from here on nobody is entitled. What had left already stays gone.
    #[must_use]
    pub fn withdrawn(self, at: Timestamp) -> Self {
        let state = match self.state {
            State::Pending | State::Active | State::Uninstalling => State::Uninstalling,
            State::Uninstalled => State::Uninstalled,
        };
        Self {
            state,
            withdrawn: true,
            ended_at: Some(at),
            ..self
        }
    }

    /// Everything that could be taken out was; `by_hand` when amoCRM refused the switch-off.
    #[must_use]
    pub fn left(self, at: Timestamp, by_hand: bool) -> Self {
        Self {
            state: State::Uninstalled,
            ended_at: Some(at),
            by_hand,
            ..self
        }
    }

    /// The platform proved that our access is over: the Product was disabled there.
    ///
    /// While we take it out ourselves, that work goes on and ends by itself.
    #[must_use]
    pub fn disconnected(self, at: Timestamp) -> Self {
        match self.state {
            State::Pending | State::Active => self.left(at, false),
            State::Uninstalling => self,
            State::Uninstalled => Self {
                by_hand: false,
                ..self
            },
        }
    }

    /// Whether a token issued at `issued` speaks for a time that is over. The same second
    /// counts as before: tokens carry whole seconds.
    #[must_use]
    pub fn is_stale(&self, issued: Timestamp) -> bool {
        self.ended_at.is_some_and(|end| issued.secs() <= end.secs())
    }

    fn next(self, state: State) -> Self {
        Self {
            state,
            generation: self.generation + 1,
            withdrawn: false,
            by_hand: false,
            needs_administrator: false,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hosts::Hosts;
    use uuid::Uuid;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn host() -> AccountHost {
        Hosts::parse("https://amocrm.ru")
            .unwrap()
            .account("shop.amocrm.ru")
            .unwrap()
    }

    fn install() -> Install {
        Install::first(
            InstallId(Uuid::nil()),
            ProductId(Uuid::nil()),
            AccountId(7),
            host(),
        )
    }

    #[test]
    fn consent_activates_and_withdrawal_begins_the_uninstall() {
        let active = install().consented().unwrap();
        assert_eq!(active.state, State::Active);

        let leaving = active.withdrawn(at(100));
        assert_eq!(
            (leaving.state, leaving.withdrawn),
            (State::Uninstalling, true)
        );
        assert_eq!(leaving.clone().consented(), Err(Refused::Uninstalling));

        let gone = leaving.left(at(130), true);
        assert_eq!(
            (gone.state, gone.by_hand, gone.ended_at),
            (State::Uninstalled, true, Some(at(130)))
        );
    }

    #[test]
    fn whatever_comes_after_an_end_begins_the_next_generation() {
        let gone = install()
            .consented()
            .unwrap()
            .withdrawn(at(100))
            .left(at(130), true);

        let regranted = gone.clone().granted(host(), at(140));
        assert_eq!((regranted.state, regranted.generation), (State::Pending, 2));
        assert!(!regranted.withdrawn && !regranted.by_hand);

        let reconsented = gone.consented().unwrap();
        assert_eq!(
            (reconsented.state, reconsented.generation),
            (State::Active, 2)
        );
        assert_eq!(reconsented.granted(host(), at(141)).generation, 2);
    }

    #[test]
    fn a_late_grant_helps_to_leave_and_a_new_one_stops_the_leaving() {
        let leaving = install().consented().unwrap().withdrawn(at(100));
        assert_eq!(
            leaving.clone().granted(host(), at(99)).state,
            State::Uninstalling
        );
        let again = leaving.granted(host(), at(101));
        assert_eq!((again.state, again.generation), (State::Pending, 2));
    }

    #[test]
    fn a_proven_disconnect_uninstalls_once() {
        let gone = install().consented().unwrap().disconnected(at(50));
        assert_eq!((gone.state, gone.withdrawn), (State::Uninstalled, false));
        assert_eq!(gone.clone().disconnected(at(60)).ended_at, Some(at(50)));
        assert_eq!(
            install()
                .consented()
                .unwrap()
                .withdrawn(at(9))
                .disconnected(at(10))
                .state,
            State::Uninstalling
        );
    }

    #[test]
    fn a_token_of_the_same_second_as_the_end_is_stale() {
        let gone = install().disconnected(Timestamp::from_millis(50_400));
        assert!(gone.is_stale(at(50)) && gone.is_stale(at(49)));
        assert!(!gone.is_stale(at(51)) && !install().is_stale(at(0)));
    }
}
