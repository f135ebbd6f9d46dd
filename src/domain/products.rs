//! Products: what the Publisher offers, one amoCRM integration each.

use std::fmt;

use chrono::TimeDelta;
use serde::Serialize;
use thiserror::Error;
use url::Url;
use uuid::Uuid;

use super::addresses::BadAddress;
use super::addresses::hooks::Prefix;
use super::hosts::{BadRule, Hosts};
use super::ids::ProductId;
use super::time::Timestamp;
use crate::domain::time::hours;

/// How long a secret is accepted after another took its place: the longest life of a one-time
/// token, so that none under way is lost.
pub const OLD_SECRET: TimeDelta = hours(1);

/// The short name of a Product in addresses and commands: `[a-z][a-z0-9-]{1,31}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductCode(String);

/// What is wrong with the description of a Product.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadProduct {
    /// The code has another form.
    #[error("a product's code is 2 to 32 characters of a-z, 0-9 and -, beginning with a letter")]
    Code,
    /// The integration's id is no UUID.
    #[error("the client id is the integration's UUID")]
    ClientId,
    /// An address that cannot be served or used as it is written.
    #[error("{0} {1}")]
    Address(String, BadAddress),
    /// A host where the Product's accounts may not live.
    #[error("{0}")]
    Hosts(#[from] BadRule),
    /// There is no secret to check anything with.
    #[error("the secret is empty, or longer than 512 bytes")]
    Secret,
}

impl ProductCode {
    /// Reads a code.
    ///
    /// # Errors
    /// [`BadProduct::Code`] when it has another form.
    pub fn parse(text: &str) -> Result<Self, BadProduct> {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
        let rest = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if first && rest && (2..=32).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadProduct::Code)
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A Product, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Ours.
    pub id: ProductId,
    /// In addresses and commands.
    pub code: ProductCode,
    /// For people; may be empty.
    pub name: String,
    /// amoCRM's id of the integration.
    pub client_id: Uuid,
    /// Exactly as on the integration's card: amoCRM compares it to the letter.
    pub redirect_uri: String,
    /// Webhooks in an account that point below one of these are the Product's.
    pub hook_prefixes: Vec<Prefix>,
    /// Where its accounts live, if that was said.
    pub hosts: Option<Hosts>,
}

impl Product {
    /// What people are told it is called: its name, else its code.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        match self.name.trim() {
            "" => self.code.as_str(),
            name => name,
        }
    }

    /// Where its accounts live: as was said, else wherever accounts may live at all; and never
    /// where none may any more.
    #[must_use]
    pub fn hosts_among(&self, configured: &Hosts) -> Hosts {
        configured.of_product(self.hosts.as_ref())
    }

    /// The values `aud` of a one-time token may have: the origin of the redirect URI, with
    /// and without a port that is not the scheme's own (the vendor's own client drops it).
    #[must_use]
    pub fn audiences(&self) -> Vec<String> {
        let Ok(url) = Url::parse(&self.redirect_uri) else {
            return Vec::new();
        };
        let Some(host) = url.host_str() else {
            return Vec::new();
        };
        let bare = format!("{}://{host}", url.scheme());
        match url.port() {
            Some(port) => vec![format!("{bare}:{port}"), bare],
            None => vec![bare],
        }
    }
}

/// How long a secret is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecretTerm {
    /// Ours.
    pub id: Uuid,
    /// Null for the one in force: it is the one that is sent to amoCRM.
    pub accepted_until: Option<Timestamp>,
}

/// Takes a secret as it comes from a file or a pipe: one trailing line feed is not part of it.
///
/// # Errors
/// [`BadProduct::Secret`] when nothing is left, or more than 512 bytes.
pub fn secret(text: &str) -> Result<&str, BadProduct> {
    let text = text
        .strip_suffix('\n')
        .map_or(text, |t| t.strip_suffix('\r').unwrap_or(t));
    if text.is_empty() || text.len() > 512 {
        Err(BadProduct::Secret)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_plain() {
        for good in ["ab", "realtor", "a1-b2", &"a".repeat(32)] {
            assert!(ProductCode::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "1a",
            "-a",
            "Realtor",
            "a_b",
            "a b",
            "ё1",
            &"a".repeat(33),
        ] {
            assert_eq!(ProductCode::parse(bad), Err(BadProduct::Code), "{bad}");
        }
    }

    #[test]
    fn one_trailing_line_feed_is_not_part_of_a_secret() {
        assert_eq!(secret("s3cret\n"), Ok("s3cret"));
        assert_eq!(secret("s3cret\n\n"), Ok("s3cret\n"));
        assert_eq!(secret("\n"), Err(BadProduct::Secret));
    }

    #[test]
    fn the_audience_is_the_origin_with_and_without_a_port() {
        let product = |uri: &str| Product {
            id: ProductId(Uuid::nil()),
            code: ProductCode::parse("demo").unwrap(),
            name: String::new(),
            client_id: Uuid::nil(),
            redirect_uri: uri.to_owned(),
            hook_prefixes: Vec::new(),
            hosts: None,
        };
        assert_eq!(
            product("https://w.example/amocrm/demo/install").audiences(),
            ["https://w.example"]
        );
        assert_eq!(
            product("http://localhost:8080/x").audiences(),
            ["http://localhost:8080", "http://localhost"]
        );
    }
}
