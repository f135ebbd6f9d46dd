//! Which host is whose, and how addresses on it are written: an account's own on this machine, or the vendor's
//! where it pretends to live.

use actix_web::HttpRequest;
use serde_json::{Value, json};

use crate::model::Account;
use crate::world::World;

/// The vendor's domains under which accounts live: amocrm.ru, kommo.com, and amocrm.com, which kommo.com was
/// before (kommo.com, platform/rebranding-requirments). Only here can an account pretend to be reached by TLS.
pub const VENDOR_DOMAINS: [&str; 3] = ["amocrm.ru", "amocrm.com", "kommo.com"];

/// Splits a host of the vendor's into its labels and its domain: `shop.kommo.com` into `shop` and `kommo.com`,
/// the bare domain into nothing and itself. `None` for every other host.
pub fn vendor_host(host: &str) -> Option<(&str, &'static str)> {
    VENDOR_DOMAINS.into_iter().find_map(|domain| {
        let before = host.strip_suffix(domain)?;
        match before.strip_suffix('.') {
            Some(label) if !label.is_empty() => Some((label, domain)),
            None if before.is_empty() => Some(("", domain)),
            _ => None,
        }
    })
}

/// What the `Host` header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostLabel {
    /// `{subdomain}.localhost` of this account, or its host at the vendor's.
    Account(u64),
    /// A subdomain that this account had before it was renamed.
    Former(u64),
    /// `127.0.0.1`, `localhost`, the vendor's bare domain, `www` or a shard `api-…` of either: the token decides.
    Common,
    /// A subdomain that nobody has.
    Unknown,
}

/// The host of a request in lower case, without its port.
pub fn host_name(request: &HttpRequest) -> String {
    let info = request.connection_info();
    let name = info
        .host()
        .rsplit_once(':')
        .map_or(info.host(), |(name, _)| name);
    name.to_ascii_lowercase()
}

/// Reads the `Host` header. An account that pretends nothing is known at the vendor's by its subdomain, so that
/// a client which writes `https://SUB.amocrm.ru` by itself finds it through the TLS door.
pub fn host_label(world: &World, request: &HttpRequest) -> HostLabel {
    let host = host_name(request);
    world.read(|state| {
        let mut accounts = state.accounts.values();
        let pretended = accounts.find(|one| one.pretended_host.as_deref() == Some(&host));
        if let Some(account) = pretended {
            return HostLabel::Account(account.id);
        }
        let here = host.strip_suffix(".localhost");
        let Some(label) = here.or_else(|| vendor_host(&host).map(|(label, _)| label)) else {
            return HostLabel::Common;
        };
        if label.is_empty() || label == "www" || is_shard(label) {
            return HostLabel::Common;
        }
        if let Some(account) = state.account_by_subdomain(label)
            && (here.is_some() || account.pretended_host.is_none())
        {
            return HostLabel::Account(account.id);
        }
        let former = |account: &&Account| account.former_subdomains.iter().any(|old| old == label);
        let former = state.accounts.values().find(former);
        former.map_or(HostLabel::Unknown, |account| HostLabel::Former(account.id))
    })
}

/// `api-a`, `drive-b`: a part of the vendor's that serves many accounts.
fn is_shard(label: &str) -> bool {
    label.starts_with("api-") || label.starts_with("drive-")
}

/// The vendor's domain that a request was sent to, if it was.
pub fn vendor_domain(request: &HttpRequest) -> Option<&'static str> {
    vendor_host(&host_name(request)).map(|(_, domain)| domain)
}

/// Where an answer of the API stands, for the links in it.
pub struct Place {
    base: String,
    path: String,
    query: String,
}

impl Place {
    /// The place of an answer about this account. An account that lives at the vendor's is named by its host
    /// there, however the request came; every other by the host it was asked on.
    pub fn of(world: &World, request: &HttpRequest, account_id: u64) -> Place {
        let pretended = world.read(|state| {
            let account = state.accounts.get(&account_id)?;
            account.pretended_host.clone()
        });
        let base = match (pretended, vendor_domain(request)) {
            (Some(host), _) => format!("https://{host}"),
            (None, Some(_)) => format!("https://{}", host_name(request)),
            (None, None) => format!("http://{}", request.connection_info().host()),
        };
        Place {
            base,
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
        }
    }

    /// `_links` with the address of the request itself.
    pub fn own(&self) -> Value {
        json!({"self": {"href": self.with_query(&self.query)}})
    }

    /// `_links` of one thing, which lives at this path.
    pub fn of_row(&self, path: &str) -> Value {
        json!({"self": {"href": format!("{}{path}", self.base)}})
    }

    /// Another page of the same list: every parameter stays as it was sent, but for the page's number.
    pub fn page(&self, number: usize) -> Value {
        let mut query: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| !is_page(pair))
            .collect();
        query.retain(|pair| !pair.is_empty());
        let page = format!("page={number}");
        query.push(&page);
        json!({"href": self.with_query(&query.join("&"))})
    }

    /// Where the files of accounts are: a host of the vendor's that is no account's own.
    pub fn drive(&self, world: &World) -> String {
        let host = self.base.strip_prefix("https://");
        match host.and_then(|host| host.split_once('.')) {
            Some((_, domain)) => format!("https://drive-b.{domain}"),
            None => format!("http://{}", world.host("drive-b")),
        }
    }

    fn with_query(&self, query: &str) -> String {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.base, self.path)
    }
}

fn is_page(pair: &str) -> bool {
    url::form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == "page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_labels_belong_to_the_vendor() {
        assert_eq!(vendor_host("shop.kommo.com"), Some(("shop", "kommo.com")));
        assert_eq!(vendor_host("api-a.amocrm.ru"), Some(("api-a", "amocrm.ru")));
        assert_eq!(vendor_host("amocrm.com"), Some(("", "amocrm.com")));
        for other in [
            "notamocrm.ru",
            ".amocrm.ru",
            "amocrm.ru.example",
            "localhost",
            "",
        ] {
            assert_eq!(vendor_host(other), None, "{other}");
        }
    }

    #[test]
    fn another_page_keeps_every_other_parameter_as_it_was_sent() {
        let place = |query: &str| Place {
            base: "https://fid.amocrm.ru".to_owned(),
            path: "/api/v4/users".to_owned(),
            query: query.to_owned(),
        };
        let table = [
            ("", "page=2"),
            ("page=1", "page=2"),
            (
                "limit=1&with=phone_number,group",
                "limit=1&with=phone_number,group&page=2",
            ),
            ("limit=1&p%61ge=1&with=a%2Cb", "limit=1&with=a%2Cb&page=2"),
            (
                "filter[id][]=1&page=4&filter%5Bid%5D%5B%5D=2",
                "filter[id][]=1&filter%5Bid%5D%5B%5D=2&page=2",
            ),
            ("pages=3&&order[id]=asc", "pages=3&order[id]=asc&page=2"),
        ];
        for (query, expected) in table {
            let href = format!("https://fid.amocrm.ru/api/v4/users?{expected}");
            assert_eq!(place(query).page(2), json!({"href": href}), "{query}");
        }
    }
}
