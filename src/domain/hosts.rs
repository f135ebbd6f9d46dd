//! Where an account may live, and nothing else.
//!
//! The `referer` of a hook decides where the client secret is sent, and the
//! `iss` of a token whose word is taken, so both are read here, strictly:
//! exactly one label before an allowed suffix, with the port where it is not
//! the scheme's own.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

/// A host name that is not on the allow-list, or is not a host name at all.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the host is not an account of an allowed amoCRM or Kommo address")]
pub struct ForeignHost;

/// Why an entry of `AMOCRM_HOSTS` cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadRule {
    /// It is no address of the form `https://suffix[:port]`.
    #[error("{0:?} is not an address like https://amocrm.ru")]
    Malformed(String),
    /// It would take in everybody below a public suffix, or nobody.
    #[error("{0:?} is not the address of one service: accounts live one label below it")]
    Suffix(String),
    /// A Product's host is not among those of `AMOCRM_HOSTS`.
    #[error("{0:?} is not among the hosts of AMOCRM_HOSTS")]
    Stranger(String),
    /// Plain http would carry secrets in the open.
    #[error("{0:?}: http is accepted for localhost, *.localhost and 127.0.0.1 only")]
    PlainHttp(String),
}

/// One entry of `AMOCRM_HOSTS`: accounts live one label below it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    https: bool,
    suffix: String,
    port: u16,
}

/// Whose service an entry belongs to: an integration lives on one platform, and its secret is
/// nobody else's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    /// amocrm.ru and amocrm.com.
    Amocrm,
    /// kommo.com.
    Kommo,
    /// This machine: the emulator.
    Here,
    /// Anything else that was configured.
    Other,
}

/// Everywhere an account may live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<Rule>);

/// The address of one account, checked against the allow-list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountHost {
    https: bool,
    name: String,
    port: u16,
}

impl Hosts {
    /// Reads a comma separated list such as `https://amocrm.ru,https://kommo.com`.
    ///
    /// # Errors
    /// [`BadRule`] for the first entry that is malformed, or is plain http and not loopback.
    pub fn parse(list: &str) -> Result<Self, BadRule> {
        let rules: Vec<Rule> = list
            .split(',')
            .map(str::trim)
            .filter(|e| !e.is_empty())
            .map(Rule::parse)
            .collect::<Result<_, _>>()?;
        if rules.is_empty() {
            return Err(BadRule::Malformed(list.to_owned()));
        }
        Ok(Self(rules))
    }

    /// Reads the `referer` of a hook: a host without a scheme, `shop.amocrm.ru`.
    ///
    /// # Errors
    /// [`ForeignHost`] for anything that is not exactly an account host.
    pub fn account(&self, referer: &str) -> Result<AccountHost, ForeignHost> {
        self.0
            .iter()
            .find_map(|rule| rule.account(referer))
            .ok_or(ForeignHost)
    }

    /// Reads an origin as a browser or a token writes it: `https://shop.amocrm.ru`.
    ///
    /// # Errors
    /// [`ForeignHost`] for anything that is not exactly the origin of an account host.
    pub fn origin(&self, origin: &str) -> Result<AccountHost, ForeignHost> {
        let (https, rest) = match (
            origin.strip_prefix("https://"),
            origin.strip_prefix("http://"),
        ) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(ForeignHost),
        };
        self.0
            .iter()
            .filter(|r| r.https == https)
            .find_map(|r| r.account(rest))
            .ok_or(ForeignHost)
    }

    /// The authorize page of the button flow when none is configured: the common site of the
    /// first entry, or `/oauth` of that entry itself on loopback.
    #[must_use]
    pub fn authorize_url(&self) -> String {
        match self.0.first() {
            Some(rule) if !rule.https => format!("http://{}/oauth", rule.authority(&rule.suffix)),
            Some(rule) if rule.suffix == "kommo.com" => "https://www.kommo.com/oauth".to_owned(),
            _ => "https://www.amocrm.ru/oauth".to_owned(),
        }
    }

    /// The entries that a list names, each by its host or as it stands here.
    ///
    /// # Errors
    /// [`BadRule::Stranger`] for the first that is not here.
    pub fn only(&self, list: &str) -> Result<Self, BadRule> {
        let named = |entry: &str| {
            let bare = entry.trim().to_ascii_lowercase();
            let bare = bare.trim_end_matches('/').to_owned();
            let mut rules = self.0.iter();
            let is = |rule: &&Rule| rule.authority(&rule.suffix) == bare || rule.entry() == bare;
            let found = rules.find(is).cloned();
            found.ok_or_else(|| BadRule::Stranger(entry.trim().to_owned()))
        };
        list.split(',')
            .map(named)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Those where a Product's accounts live: its own, else all of these.
    #[must_use]
    pub fn of_product(&self, own: Option<&Self>) -> Self {
        match own {
            Some(own) => own.within(self),
            None => self.clone(),
        }
    }

    /// The entries that are in both.
    #[must_use]
    pub fn within(&self, allowed: &Self) -> Self {
        let both = self.0.iter().filter(|rule| allowed.0.contains(rule));
        Self(both.cloned().collect())
    }

    /// Whether the entries belong to several platforms: a secret that goes to any of them goes to
    /// one that has no business with it.
    #[must_use]
    pub fn span_platforms(&self) -> bool {
        let first = self.0.first().map(Rule::platform);
        self.0.iter().any(|rule| Some(rule.platform()) != first)
    }

    /// Each entry as an address: `https://amocrm.ru`.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        self.0.iter().map(Rule::entry).collect()
    }

    /// Whether every entry is on this machine, as in the demo and in tests.
    #[must_use]
    pub fn all_loopback(&self) -> bool {
        self.0.iter().all(|rule| is_loopback(&rule.suffix))
    }
}

impl Rule {
    fn parse(entry: &str) -> Result<Self, BadRule> {
        let malformed = || BadRule::Malformed(entry.to_owned());
        let url = Url::parse(entry).map_err(|_| malformed())?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(malformed()),
        };
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        let suffix = match url.host() {
            Some(Host::Domain(name)) if !name.ends_with('.') => name.to_owned(),
            Some(Host::Ipv4(ip)) if ip.is_loopback() => ip.to_string(),
            _ => return Err(malformed()),
        };
        if !bare {
            return Err(malformed());
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        if !suffix.bytes().all(plain) || (!suffix.contains('.') && !is_loopback(&suffix)) {
            return Err(BadRule::Suffix(entry.to_owned()));
        }
        if !https && !is_loopback(&suffix) {
            return Err(BadRule::PlainHttp(entry.to_owned()));
        }
        Ok(Self {
            https,
            suffix,
            port: url.port_or_known_default().ok_or_else(malformed)?,
        })
    }

    fn account(&self, referer: &str) -> Option<AccountHost> {
        let lower = referer.to_ascii_lowercase();
        let (name, port) = match lower.rsplit_once(':') {
            Some((name, port)) => (
                name,
                port.parse()
                    .ok()
                    .filter(|_| port.bytes().all(|b| b.is_ascii_digit()))?,
            ),
            None => (lower.as_str(), self.default_port()),
        };
        let allowed = match name.strip_suffix(self.suffix.as_str()) {
            // The suffix itself is an account's address only on loopback, where there may be no names.
            Some("") => is_loopback(&self.suffix),
            Some(label) => label.strip_suffix('.').is_some_and(is_label) && !is_ip(&self.suffix),
            None => false,
        };
        (allowed && port == self.port).then(|| AccountHost {
            https: self.https,
            name: name.to_owned(),
            port,
        })
    }

    fn platform(&self) -> Platform {
        match self.suffix.as_str() {
            "amocrm.ru" | "amocrm.com" => Platform::Amocrm,
            "kommo.com" => Platform::Kommo,
            name if is_loopback(name) => Platform::Here,
            _ => Platform::Other,
        }
    }

    fn entry(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority(&self.suffix))
    }

    fn default_port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }

    fn authority(&self, name: &str) -> String {
        if self.port == self.default_port() {
            name.to_owned()
        } else {
            format!("{name}:{}", self.port)
        }
    }
}

impl AccountHost {
    /// Reads back what [`AccountHost::origin`] wrote and the database kept. Whether it is
    /// still allowed is asked again before anything is sent there.
    #[must_use]
    pub fn stored(origin: &str) -> Option<Self> {
        let url = Url::parse(origin).ok()?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Some(Self {
            https,
            name: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// `https://shop.amocrm.ru`, with the port where it is not the scheme's own.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{self}", if self.https { "https" } else { "http" })
    }
}

impl AccountHost {
    /// The language (BCP 47) of the country that the platform's address is of, where it is of one.
    #[must_use]
    pub fn language(&self) -> Option<&'static str> {
        self.name.ends_with(".amocrm.ru").then_some("ru")
    }
}

/// As a hook's `referer` writes it: no scheme, the port where it is not the scheme's own.
impl fmt::Display for AccountHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = if self.https { 443 } else { 80 };
        f.write_str(&self.name)?;
        if self.port == default {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

/// Whether a name means this machine, for certain and without DNS (RFC 6761, section 6.3).
#[must_use]
pub fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1"
}

fn is_ip(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendor() -> Hosts {
        Hosts::parse("https://amocrm.ru,https://amocrm.com,https://kommo.com").unwrap()
    }

    #[test]
    fn an_account_is_one_label_before_an_allowed_suffix() {
        for (referer, origin) in [
            ("shop.amocrm.ru", "https://shop.amocrm.ru"),
            ("Shop.AmoCRM.ru", "https://shop.amocrm.ru"),
            ("my-shop2.kommo.com", "https://my-shop2.kommo.com"),
            ("shop.amocrm.com:443", "https://shop.amocrm.com"),
        ] {
            assert_eq!(vendor().account(referer).unwrap().origin(), origin);
        }
    }

    #[test]
    fn everything_else_is_foreign() {
        for referer in [
            "",
            "amocrm.ru",
            ".amocrm.ru",
            "a.b.amocrm.ru",
            "shop.amocrm.ru.",
            "shop.amocrm.ru.evil.example",
            "evilamocrm.ru",
            "user@shop.amocrm.ru",
            "shop.amocrm.ru:8443",
            "shop.amocrm.ru:",
            "shop.amocrm.ru/x",
            "https://shop.amocrm.ru",
            "shop_1.amocrm.ru",
            "шоп.amocrm.ru",
            "shop.amocrm.ru:+443",
            "127.0.0.1",
            "shop.amocrm.ru\u{0}",
            "shop .amocrm.ru",
            "localhost",
        ] {
            assert_eq!(vendor().account(referer), Err(ForeignHost), "{referer:?}");
        }
    }

    #[test]
    fn on_loopback_the_suffix_itself_may_be_an_account_and_the_port_counts() {
        let local = Hosts::parse("http://localhost:8081, http://127.0.0.1:8081").unwrap();
        for referer in ["shop.localhost:8081", "localhost:8081", "127.0.0.1:8081"] {
            let host = local.account(referer).unwrap();
            assert_eq!(host.to_string(), referer);
            assert_eq!(AccountHost::stored(&host.origin()), Some(host));
        }
        for referer in [
            "shop.localhost",
            "shop.localhost:8082",
            "shop.127.0.0.1:8081",
            "a.b.localhost:8081",
        ] {
            assert_eq!(local.account(referer), Err(ForeignHost), "{referer:?}");
        }
        assert_eq!(local.authorize_url(), "http://localhost:8081/oauth");
        assert!(local.all_loopback() && !vendor().all_loopback());
    }

    #[test]
    fn a_product_is_offered_at_some_of_them() {
        let kommo = vendor().only("kommo.com").unwrap();
        assert_eq!(kommo.origins(), ["https://kommo.com"]);
        assert!(kommo.account("shop.kommo.com").is_ok());
        assert_eq!(kommo.account("shop.amocrm.ru"), Err(ForeignHost));
        assert_eq!(kommo.authorize_url(), "https://www.kommo.com/oauth");
        let both = vendor().only(" https://AMOCRM.com/ ,amocrm.ru").unwrap();
        assert_eq!(both.origins(), ["https://amocrm.com", "https://amocrm.ru"]);
        for bad in [
            "",
            "kommo.com,",
            "evil.example",
            "shop.kommo.com",
            "http://kommo.com",
        ] {
            assert!(
                matches!(vendor().only(bad), Err(BadRule::Stranger(_))),
                "{bad:?}"
            );
        }
        let local = Hosts::parse("http://localhost:8081,http://127.0.0.1:8081").unwrap();
        assert!(local.only("localhost:8081").is_ok() && local.only("localhost").is_err());
        assert!(both.within(&kommo).origins().is_empty());
        assert_eq!(both.within(&vendor()), both);
    }

    #[test]
    fn amocrm_and_kommo_are_two_platforms() {
        for (configured, several) in [
            (
                "https://amocrm.ru,https://kommo.com,https://amocrm.com",
                true,
            ),
            ("https://amocrm.ru,https://amocrm.com", false),
            ("https://kommo.com", false),
            (
                "http://localhost:1,http://127.0.0.1:1,https://kommo.com",
                true,
            ),
            ("http://localhost:1,http://127.0.0.1:1", false),
        ] {
            let hosts = Hosts::parse(configured).unwrap();
            assert_eq!(hosts.span_platforms(), several, "{configured}");
            assert_eq!(hosts.of_product(None), hosts);
        }
    }

    #[test]
    fn an_origin_carries_its_scheme() {
        assert!(vendor().origin("https://shop.kommo.com").is_ok());
        for origin in [
            "http://shop.kommo.com",
            "shop.kommo.com",
            "https://shop.kommo.com/",
            "null",
            "https://kommo.com",
        ] {
            assert_eq!(vendor().origin(origin), Err(ForeignHost), "{origin:?}");
        }
    }

    #[test]
    fn rules_are_checked_when_they_are_read() {
        assert_eq!(
            Hosts::parse("http://amocrm.ru").unwrap_err().to_string(),
            "\"http://amocrm.ru\": http is accepted for localhost, *.localhost and 127.0.0.1 only"
        );
        for bad in [
            "",
            "amocrm.ru",
            "ftp://amocrm.ru",
            "https://amocrm.ru/path",
            "https://a:b@amocrm.ru",
            "https://10.0.0.1",
            "https://ru",
            "https://*.amocrm.ru",
            "https://amocrm_ru.example",
        ] {
            assert!(Hosts::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Hosts::parse("https://kommo.com").unwrap().authorize_url(),
            "https://www.kommo.com/oauth"
        );
        assert_eq!(vendor().authorize_url(), "https://www.amocrm.ru/oauth");
    }
}
