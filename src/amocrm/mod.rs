//! Everything we say to amoCRM over HTTP, and how its words are checked.
//!
//! Rules that hold for every call: only hosts of the allow-list, asked again at
//! the last moment; no redirects, because the client secret is in the body; at
//! most 7 requests a second per Install; answers are read up to 1 MiB and taken
//! as JSON only when they are (amoCRM developers, oauth/step-by-step and api/recommendations).

mod answers;
mod api;
mod clock;
mod http;
mod oauth;
pub mod signature;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use thiserror::Error;

use crate::domain::hosts::{AccountHost, Hosts};

pub use answers::OfGrant;
pub use api::{Account, Session, Webhook, Widget};
pub use oauth::Integration;

/// The vendor's limit for one integration in one account.
const PER_SECOND: NonZeroU32 = match NonZeroU32::new(7) {
    Some(n) => n,
    None => NonZeroU32::MIN,
};

/// How many codes of install hooks are exchanged a second, over all hosts. Anybody can make up a
/// code, and amoCRM blocks whoever asks too much; ten a second get through 12,000 made-up codes
/// before the 20 minutes of a real one among them are over.
const EXCHANGES_PER_SECOND: NonZeroU32 = match NonZeroU32::new(10) {
    Some(n) => n,
    None => NonZeroU32::MIN,
};

/// What amoCRM answered when it did not do what was asked. Names no secret and no person.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The host is not on the allow-list (any more): nothing was sent.
    #[error("the host is not allowed")]
    ForeignHost,
    /// 401: the token is dead.
    #[error("401 unauthorized")]
    Unauthorized,
    /// A plain no, which asking again does not change; from the token endpoint: the code or the
    /// token is over.
    #[error("{status} refused{}", .hint.map(|h| format!(": {h}")).unwrap_or_default())]
    Refused {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// The vendor's own word for it, when it is one we know.
        hint: Option<&'static str>,
    },
    /// The token endpoint said no for a reason that is not the code's or the token's, and that
    /// somebody may mend: a secret that was changed on one side only, an unpaid account.
    #[error("{status} not now{}", .hint.map(|h| format!(": {h}")).unwrap_or_default())]
    NotNow {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// The vendor's own word for it, when it is one we know.
        hint: Option<&'static str>,
    },
    /// 429, or the plain-text 403 of a blocked caller.
    #[error("{0} too many requests")]
    SlowDown(u16),
    /// Not asked yet: the limit of what we ask of one account is used up for so long.
    #[error("our own limit, for {} ms", .0.as_millis())]
    NotYet(Duration),
    /// 5xx, or a page where JSON was due.
    #[error("{0} out of order")]
    OutOfOrder(u16),
    /// No connection, no answer in time, or an answer cut short.
    #[error("no answer: {0}")]
    Unreachable(&'static str),
}

/// The client of all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Amocrm {
    http: reqwest::Client,
    hosts: Hosts,
    limiter: Arc<DefaultKeyedRateLimiter<String>>,
    exchanges: Arc<DefaultDirectRateLimiter>,
}

impl Amocrm {
    /// A client that speaks to accounts of `hosts` only.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine.
    pub fn new(hosts: Hosts) -> anyhow::Result<Self> {
        Self::with_limits(hosts, PER_SECOND, EXCHANGES_PER_SECOND)
    }

    /// The same with limits of one's own, a second: of questions to one account for one Product,
    /// and of exchanges of codes over all.
    ///
    /// # Errors
    /// As [`Amocrm::new`].
    pub fn with_limits(
        hosts: Hosts,
        questions: NonZeroU32,
        exchanges: NonZeroU32,
    ) -> anyhow::Result<Self> {
        let http = http::client(&hosts)?;
        Ok(Self {
            http,
            hosts,
            limiter: Arc::new(RateLimiter::keyed(Quota::per_second(questions))),
            exchanges: Arc::new(RateLimiter::direct(Quota::per_second(exchanges))),
        })
    }

    /// The origin to speak to, if the host is still allowed.
    fn origin(&self, host: &AccountHost) -> Result<String, Error> {
        let origin = host.origin();
        self.hosts
            .origin(&origin)
            .map(|host| host.origin())
            .map_err(|_| Error::ForeignHost)
    }

    /// Whether one more code may be exchanged now; if so, it counts.
    #[must_use]
    pub fn may_exchange(&self) -> bool {
        self.exchanges.check().is_ok()
    }

    /// Takes this Install's turn, or says how long to wait for it: whoever asks does not hold a
    /// worker's place meanwhile. `whom` is the Product's client id.
    fn turn(&self, host: &AccountHost, whom: &str) -> Result<(), Error> {
        self.limiter
            .check_key(&format!("{whom}@{host}"))
            .map_err(|until| Error::NotYet(until.wait_time_from(self.limiter.clock().now())))
    }

    /// Forgets the hosts that were not asked lately: strangers choose some of their names.
    pub fn forget_idle_hosts(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eighth_question_of_a_second_is_put_off_and_other_accounts_are_not() {
        let hosts = Hosts::parse("https://amocrm.ru").unwrap();
        let host = |name: &str| hosts.account(name).unwrap();
        let amocrm = Amocrm::new(hosts.clone()).unwrap();
        for _ in 0..7 {
            assert_eq!(amocrm.turn(&host("a.amocrm.ru"), "client"), Ok(()));
        }
        let told = amocrm.turn(&host("a.amocrm.ru"), "client");
        assert!(matches!(told, Err(Error::NotYet(wait)) if wait < Duration::from_millis(150)));
        assert_eq!(amocrm.turn(&host("b.amocrm.ru"), "client"), Ok(()));
        assert_eq!(amocrm.turn(&host("a.amocrm.ru"), "another"), Ok(()));
    }

    #[test]
    fn ten_codes_a_second_are_exchanged_whatever_their_hosts() {
        let amocrm = Amocrm::new(Hosts::parse("https://amocrm.ru").unwrap()).unwrap();
        let allowed = (0..1_000).filter(|_| amocrm.may_exchange()).count();
        // A slow machine may be at it for longer than a tenth of a second.
        assert!((10..100).contains(&allowed), "{allowed}");
    }
}
