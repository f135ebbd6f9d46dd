//! Everything we say to amoCRM over HTTP, and how its words are checked.
//!
//! Rules that hold for every call: only hosts of the allow-list, asked again at
//! the last moment; no redirects, because the client secret is in the body; at
//! most 7 requests a second per Install; answers are read up to 1 MiB and taken
//! as JSON only when they are (amoCRM developers, oauth/step-by-step and api/recommendations).

mod api;
mod http;
mod oauth;
pub mod signature;

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use thiserror::Error;

use crate::domain::hosts::{AccountHost, Hosts};

pub use api::{Account, Session, Webhook, Widget};
pub use oauth::Integration;

/// The vendor's limit for one integration in one account.
const PER_SECOND: NonZeroU32 = match NonZeroU32::new(7) {
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
    /// A plain no, which asking again does not change.
    #[error("{status} refused{}", .hint.map(|h| format!(": {h}")).unwrap_or_default())]
    Refused {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// The vendor's own word for it, when it is one we know.
        hint: Option<&'static str>,
    },
    /// 429, or the plain-text 403 of a blocked caller.
    #[error("{0} too many requests")]
    SlowDown(u16),
    /// 5xx, or a page where JSON was due.
    #[error("{0} out of order")]
    OutOfOrder(u16),
    /// No connection, no answer in time, or an answer cut short.
    #[error("no answer: {0}")]
    Unreachable(&'static str),
}

impl Error {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::SlowDown(_) | Self::OutOfOrder(_) | Self::Unreachable(_) => true,
            Self::ForeignHost | Self::Unauthorized | Self::Refused { .. } => false,
        }
    }
}

/// The client of all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Amocrm {
    http: reqwest::Client,
    hosts: Hosts,
    limiter: Arc<DefaultKeyedRateLimiter<String>>,
}

impl Amocrm {
    /// A client that speaks to accounts of `hosts` only.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine.
    pub fn new(hosts: Hosts) -> anyhow::Result<Self> {
        let http = http::client(&hosts)?;
        Ok(Self {
            http,
            hosts,
            limiter: Arc::new(RateLimiter::keyed(Quota::per_second(PER_SECOND))),
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

    /// Waits for this Install's turn. `whom` is the Product's client id.
    async fn turn(&self, host: &AccountHost, whom: &str) {
        self.limiter
            .until_key_ready(&format!("{whom}@{host}"))
            .await;
    }
}
