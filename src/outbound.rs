//! The HTTP client of every call that leaves the house: no redirects, `*.localhost` without
//! DNS, and no address that nothing of ours is ever sent to.
//!
//! A name is judged by what it resolves to at the moment of each connection, so that a name
//! that is moved after it was checked (DNS rebinding) leads nowhere either. Behind an HTTP
//! proxy of the environment it is the proxy that resolves, and has to judge.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, redirect};
use url::Url;

use crate::domain::addresses::reach::{self, Reach};
use crate::domain::hosts::is_loopback;

/// Turns a name into addresses.
pub type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// How the machine does it.
#[must_use]
pub fn system() -> Lookup {
    Arc::new(|name| {
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    })
}

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden(&'static str);

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it leads to {}", self.0)
    }
}

impl std::error::Error for Forbidden {}

/// Which addresses may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allow {
    /// All but those that are never called; this machine only by a name that says so.
    Outside,
    /// This machine by any name, as in tests and the demo.
    Here,
}

impl Allow {
    /// Whether an address that a name led to may be called.
    ///
    /// # Errors
    /// [`Forbidden`], with the reason.
    pub fn check(self, ip: IpAddr) -> Result<(), Forbidden> {
        match reach::of(ip) {
            Reach::World | Reach::Private => Ok(()),
            Reach::Here if self == Self::Here => Ok(()),
            Reach::Here => Err(Forbidden("this very machine, without saying so")),
            Reach::Never(what) => Err(Forbidden(what)),
        }
    }
}

/// A client with the rules of the house.
pub fn client(lookup: Lookup, allow: Allow) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("accord/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .dns_resolver(Resolver { lookup, allow })
}

/// An address that is written as a number is not resolved: it is judged before it is called.
/// This machine was said plainly then, and is fine.
///
/// # Errors
/// [`Forbidden`], with the reason.
pub fn check_literal(url: &Url) -> Result<(), Forbidden> {
    match reach::of_url(url) {
        Some(Reach::Never(what)) => Err(Forbidden(what)),
        _ => Ok(()),
    }
}

/// Whether a call failed because its address is not called.
#[must_use]
pub fn forbidden(e: &reqwest::Error) -> Option<Forbidden> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(e);
    while let Some(e) = source {
        if let Some(forbidden) = e.downcast_ref::<Forbidden>() {
            return Some(*forbidden);
        }
        source = e.source();
    }
    None
}

struct Resolver {
    lookup: Lookup,
    allow: Allow,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, allow) = (self.lookup.clone(), self.allow);
        Box::pin(async move {
            // RFC 6761, section 6.3: such a name says plainly that it is this machine.
            if is_loopback(name.as_str()) {
                return Ok(addresses(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
            }
            let found = lookup(name.as_str().to_owned()).await?;
            let mut refused = None;
            let mut allowed = Vec::new();
            for ip in found {
                match allow.check(ip) {
                    Ok(()) => allowed.push(ip),
                    Err(forbidden) => refused = Some(forbidden),
                }
            }
            match refused {
                Some(forbidden) if allowed.is_empty() => Err(forbidden.into()),
                _ => Ok(addresses(allowed)),
            }
        })
    }
}

fn addresses(found: Vec<IpAddr>) -> Addrs {
    Box::new(found.into_iter().map(|ip| SocketAddr::from((ip, 0))))
}
