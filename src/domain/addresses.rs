//! Every address that is configured or entered: what each kind may look like.
//!
//! One table for all of them, so that nothing is accepted that would be served or used
//! otherwise than it was written. What is not in the table is refused with the reason.
//!
//! | kind | schemes | port | path | query |
//! | --- | --- | --- | --- | --- |
//! | [`public`]: `ACCORD_PUBLIC_URL` | https, loopback http | any | none | no |
//! | [`authorize_page`]: `AMOCRM_AUTHORIZE_URL` | https, loopback http | any | any | no |
//! | [`redirect`]: a Product's redirect URI | https, loopback http | any | `/amocrm/C/install`, with or without one `/` behind | no |
//! | [`hooks::Prefix`]: where a Product's webhooks point | https, http | any | any | yes |
//! | [`endpoint`]: where events go | https, loopback http | any | any | yes |
//! | [`backend`]: `widget pack --backend` | https, loopback http | any | any | no |
//! | [`site`]: `ACCORD_PUBLISHER_SITE` | https, http, or none written | any | any | yes |
//!
//! None of them has a user, a password or a fragment, white space or control characters, a
//! host that ends in a dot or that is empty. Schemes and hosts are read in any case, IPv6 in
//! brackets; a host of other letters than Latin is compared as DNS knows it (`xn--…`). Where
//! accounts may live (`AMOCRM_HOSTS`) is [`super::hosts`]; `SMTP_URL` and `DATABASE_URL` are
//! secrets and are read in `config`.

use thiserror::Error;
use url::{Host, Url};

use super::products::ProductCode;

pub mod hooks;
pub mod reach;

/// The longest address we keep: what browsers and proxies carry without trouble.
const LONGEST: usize = 2000;

/// Why an address cannot be used, as the end of a sentence that begins with its name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BadAddress {
    /// It is no absolute address.
    #[error("is not an address like {0}")]
    Form(&'static str),
    /// It has another scheme than https.
    #[error("is neither https nor http")]
    Scheme,
    /// It is plain http.
    #[error("is plain http, which is accepted for loopback names only")]
    Plain,
    /// It carries what an address of its kind may not.
    #[error("carries {0}")]
    Carries(&'static str),
    /// It is not one that this service serves.
    #[error(
        "is not served: the path is {path}, with or without a slash behind it, written exactly so"
    )]
    NotServed {
        /// The path that is.
        path: String,
    },
    /// amoCRM compares it to the letter, and there are two ways to write it.
    #[error("has a host that is not written in ASCII: write {0}")]
    Letters(String),
}

/// What an address of a kind may have.
struct Kind {
    example: &'static str,
    plain: bool,
    path: bool,
    query: bool,
}

impl Kind {
    const fn like(example: &'static str) -> Self {
        Self {
            example,
            plain: false,
            path: true,
            query: false,
        }
    }

    fn read(&self, text: &str) -> Result<Url, BadAddress> {
        let form = || BadAddress::Form(self.example);
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        if text.len() > LONGEST || text.chars().any(odd) {
            return Err(form());
        }
        let url = Url::parse(text).map_err(|_| form())?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain || is_loopback(&url) => {}
            "http" => return Err(BadAddress::Plain),
            _ => return Err(BadAddress::Scheme),
        }
        self.host(text, &url)?;
        if url.fragment().is_some() {
            return Err(BadAddress::Carries("a fragment"));
        }
        if url.query().is_some() && !self.query {
            return Err(BadAddress::Carries("a query"));
        }
        if url.path() != "/" && !self.path {
            return Err(BadAddress::Carries(
                "a path: the service answers at the root of a host of its own",
            ));
        }
        Ok(url)
    }

    /// What stands between scheme and path: a host, and maybe a port.
    fn host(&self, text: &str, url: &Url) -> Result<(), BadAddress> {
        let form = || BadAddress::Form(self.example);
        // `https:host` and `https:///host` mean `https://host` to browsers only.
        let rest = text.get(url.scheme().len()..).unwrap_or_default();
        let rest = rest.strip_prefix("://").ok_or_else(form)?;
        let written = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if written.contains('@') {
            return Err(BadAddress::Carries("a user or a password"));
        }
        if written.is_empty() || written.ends_with(':') || written.contains('%') {
            return Err(form());
        }
        if url.port() == Some(0) {
            return Err(BadAddress::Carries("the port 0"));
        }
        match url.host() {
            Some(Host::Domain(name)) if name.ends_with('.') || name.contains('*') => Err(form()),
            Some(_) => Ok(()),
            None => Err(form()),
        }
    }
}

/// Whether an address is on this very machine, for certain and without DNS.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => super::hosts::is_loopback(name),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// How browsers and amoCRM reach this service. Returns the origin, without a trailing slash.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn public(text: &str) -> Result<String, BadAddress> {
    let kind = Kind {
        path: false,
        ..Kind::like("https://widgets.example.com")
    };
    Ok(kind.read(text)?.origin().ascii_serialization())
}

/// The authorize page of the button flow; what it is asked is appended as a query.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn authorize_page(text: &str) -> Result<Url, BadAddress> {
    Kind::like("https://www.amocrm.ru/oauth").read(text)
}

/// Where events go.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn endpoint(text: &str) -> Result<Url, BadAddress> {
    let kind = Kind {
        query: true,
        ..Kind::like("https://example.com/events")
    };
    kind.read(text)
}

/// The service that a packed widget talks to. Returns it without a trailing slash.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn backend(text: &str) -> Result<String, BadAddress> {
    let url = Kind::like("https://widgets.example.com").read(text)?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The publisher's site, as people are shown it: an address, or a host name alone.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn site(text: &str) -> Result<String, BadAddress> {
    let kind = Kind {
        plain: true,
        query: true,
        ..Kind::like("https://widgets.example.com")
    };
    let written = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    kind.read(&written)?;
    Ok(text.to_owned())
}

/// Where amoCRM's install hook and a browser after the button flow find a Product.
#[must_use]
pub fn install_path(code: &ProductCode) -> String {
    format!("/amocrm/{code}/install")
}

/// Where amoCRM announces that a Product was disabled.
#[must_use]
pub fn disconnect_path(code: &ProductCode) -> String {
    format!("/amocrm/{code}/disconnect")
}

/// A redirect URI, which amoCRM compares to the letter: it is kept as it was written, and
/// everything that is accepted is served. Which host names lead here is the proxy's business.
///
/// # Errors
/// [`BadAddress`], by what is wrong with it.
pub fn redirect(text: &str, code: &ProductCode) -> Result<String, BadAddress> {
    let url = Kind::like("https://widgets.example.com/amocrm/C/install").read(text)?;
    let path = install_path(code);
    let written = text.strip_suffix('/').unwrap_or(text);
    let origin = written.strip_suffix(&path);
    // The path as it was written, not as it reads after `..` and encodings.
    let bare = |origin: &str| origin.matches('/').count() == 2;
    if !origin.is_some_and(bare) {
        return Err(BadAddress::NotServed { path });
    }
    if !text.is_ascii() {
        let origin = url.origin().ascii_serialization();
        return Err(BadAddress::Letters(format!("{origin}{path}")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
