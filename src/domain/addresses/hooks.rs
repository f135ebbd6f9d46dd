//! Which webhooks of an account are a Product's: those that point below one of its prefixes.
//!
//! Addresses are compared as a server reads them: the host in any case, default ports equal,
//! `..` and encodings resolved, the path by whole segments. Another's webhook must not be
//! removed, and none of ours may stay.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{BadAddress, Kind};
use crate::domain::products::Product;

/// Where a Product's webhooks point: an origin, a path of whole segments, and maybe a query,
/// all of whose parameters a webhook of exactly that path must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(Url);

impl Prefix {
    /// Reads a prefix.
    ///
    /// # Errors
    /// [`BadAddress`], by what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let kind = Kind {
            plain: true,
            query: true,
            ..Kind::like("https://hooks.example.com/widget")
        };
        kind.read(text).map(Self)
    }

    /// As it is compared, and kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How closely a destination is described by this prefix; `None` when it lies elsewhere.
    fn holds(&self, destination: &Url) -> Option<usize> {
        if origin(&self.0) != origin(destination) {
            return None;
        }
        let (wanted, path) = (segments(&self.0), segments(destination));
        if !path.starts_with(&wanted) {
            return None;
        }
        if self.0.query().is_none() {
            return Some(wanted.len());
        }
        let mut parameters: Vec<_> = destination.query_pairs().collect();
        for wanted in self.0.query_pairs() {
            let at = parameters.iter().position(|have| *have == wanted)?;
            parameters.swap_remove(at);
        }
        // A query belongs to one address, not to what lies below it.
        (path.len() == wanted.len()).then(|| wanted.len() + self.0.query_pairs().count())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Scheme, host and port; a root dot behind the host means nothing.
fn origin(url: &Url) -> (&str, &str, Option<u16>) {
    let host = url.host_str().unwrap_or_default();
    (
        url.scheme(),
        host.strip_suffix('.').unwrap_or(host),
        url.port_or_known_default(),
    )
}

/// The path, each segment decoded: an encoded slash is no separator, empty segments are none.
fn segments(url: &Url) -> Vec<Vec<u8>> {
    url.path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).collect())
        .collect()
}

/// Whether a webhook is this Product's: it points below one of its prefixes, or at this
/// service, and no other Product describes it more closely.
#[must_use]
pub fn is_of(destination: &str, product: &Product, others: &[Product], public_url: &str) -> bool {
    let Ok(destination) = Url::parse(destination) else {
        return false;
    };
    let closest = |prefixes: &[Prefix]| {
        let held = prefixes.iter().filter_map(|p| p.holds(&destination));
        held.max()
    };
    // What is at this service is everybody's, but for the addresses of one Product.
    let here = |path: &str| {
        let prefix = Prefix::parse(&format!("{public_url}{path}"));
        prefix.ok().and_then(|prefix| prefix.holds(&destination))
    };
    let described = |product: &Product| {
        closest(&product.hook_prefixes).max(here(&format!("/amocrm/{}", product.code)))
    };
    let ours = described(product).max(here(""));
    let theirs = others.iter().filter(|other| other.id != product.id);
    ours.is_some() && ours >= theirs.filter_map(described).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ProductId;
    use crate::domain::products::ProductCode;
    use uuid::Uuid;

    fn holds(prefix: &str, destination: &str) -> bool {
        let prefix = Prefix::parse(prefix).unwrap();
        Url::parse(destination).is_ok_and(|to| prefix.holds(&to).is_some())
    }

    #[test]
    fn a_prefix_is_an_origin_and_whole_segments() {
        let prefix = "https://hooks.example/a";
        for ours in [
            "https://hooks.example/a",
            "https://hooks.example/a/",
            "https://hooks.example/a/1",
            "https://HOOKS.example/a/4",
            "HTTPS://hooks.example:443/a/4",
            "https://hooks.example/a?b=1",
            "https://hooks.example/a/x?b=/c",
            "https://hooks.example/b/../a/2",
            "https://hooks.example/b/%2e%2E/a/2",
            "https://hooks.example/%61/2",
            "https://hooks.example//a/2",
            "https://hooks.example./a/2",
            "https://user@hooks.example/a",
            "https://hooks.example\\a\\b",
        ] {
            assert!(holds(prefix, ours), "{ours}");
            assert!(holds("https://HOOKS.EXAMPLE:443/x/../%61/", ours), "{ours}");
        }
        for anothers in [
            "https://hooks.example/ab/2",
            "https://hooks.example/a.php",
            "https://hooks.example/A/1",
            "https://hooks.example/",
            "https://hooks.example/?/a/",
            "https://hooks.example/b/a",
            "https://hooks.example/a/../b",
            "https://hooks.example/a/%2e%2e/b",
            "https://hooks.example/a%2Fb",
            "https://hooks.example/%2561",
            "https://hooks.example:8443/a",
            "http://hooks.example/a",
            "https://hooks.example.evil.example/a",
            "https://hooks.example@evil.example/a",
            "https://evil.example/https://hooks.example/a",
            "https://sub.hooks.example/a",
            "hooks.example/a",
            "",
        ] {
            assert!(!holds(prefix, anothers), "{anothers}");
        }
    }

    #[test]
    fn hosts_are_compared_as_dns_knows_them() {
        assert!(holds(
            "https://крючки.example/а",
            "https://xn--h1adax9a3b.example/%D0%B0/1"
        ));
        assert!(holds("http://[::1]:80/a", "http://[0:0:0:0:0:0:0:1]/a"));
        assert!(holds(
            "http://hooks.example",
            "http://hooks.example:80/anything"
        ));
        assert!(!holds("http://hooks.example", "http://hooks.example:8080/"));
    }

    #[test]
    fn a_query_of_a_prefix_tells_one_address_apart() {
        let prefix = "https://hooks.example/in.php?app=demo&v=1";
        for ours in [
            "https://hooks.example/in.php?app=demo&v=1",
            "https://hooks.example/in.php?account=7&v=1&app=d%65mo",
        ] {
            assert!(holds(prefix, ours), "{ours}");
        }
        for anothers in [
            "https://hooks.example/in.php",
            "https://hooks.example/in.php?app=demo2&v=1",
            "https://hooks.example/in.php?app=demo",
            "https://hooks.example/in.php?app=demo&v=12",
            "https://hooks.example/in.php/below?app=demo&v=1",
        ] {
            assert!(!holds(prefix, anothers), "{anothers}");
        }
    }

    fn product(n: u128, code: &str, prefixes: &[&str]) -> Product {
        Product {
            id: ProductId(Uuid::from_u128(n)),
            code: ProductCode::parse(code).unwrap(),
            name: String::new(),
            client_id: Uuid::from_u128(n),
            redirect_uri: String::new(),
            hook_prefixes: prefixes.iter().map(|p| Prefix::parse(p).unwrap()).collect(),
            hosts: None,
        }
    }

    #[test]
    fn what_another_product_describes_more_closely_is_that_ones() {
        let wide = product(1, "wide", &["https://hooks.example/a"]);
        let close = product(2, "close", &["https://hooks.example/a/b"]);
        let all = [wide.clone(), close.clone()];
        for (destination, is_wide, is_close) in [
            ("https://hooks.example/a/1", true, false),
            ("https://hooks.example/a/b/1", false, true),
            ("https://own.example/hooks", true, true),
            ("https://own.example/amocrm/close/install", false, true),
            (
                "https://own.example/amocrm/wide/disconnect?x=1",
                true,
                false,
            ),
            ("https://elsewhere.example/a", false, false),
            ("no address", false, false),
        ] {
            let is = |product| is_of(destination, product, &all, "https://own.example");
            assert_eq!(
                (is(&wide), is(&close)),
                (is_wide, is_close),
                "{destination}"
            );
        }
    }
}
