//! What a one-time token of the widget must say before it is accepted.
//!
//! The signature is checked elsewhere, with the Product's secret; here are the
//! claims and the clock (amoCRM developers, oauth/disposable-tokens).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

use super::hosts::{AccountHost, Hosts};
use super::ids::{AccountId, ProductId, UserId};
use super::products::Product;
use super::time::Timestamp;
use crate::domain::time::{hours, seconds};

/// Clocks of two machines may differ by this much.
pub const LEEWAY: TimeDelta = seconds(60);
/// amoCRM's tokens live 30 minutes; ones that claim more than an hour are not amoCRM's.
const LONGEST_LIFE: TimeDelta = hours(1);

/// The claims as amoCRM sends them.
#[derive(Clone, Deserialize)]
pub struct WireClaims {
    iss: String,
    #[serde(deserialize_with = "one_or_list_of_one")]
    aud: String,
    #[serde(default)]
    jti: Option<String>,
    iat: i64,
    nbf: i64,
    exp: i64,
    account_id: i64,
    user_id: i64,
    /// Which integration the token is for: tells which secret to check it with.
    pub client_uuid: String,
}

/// Who calls, as far as a token proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    /// The account's address.
    pub host: AccountHost,
    /// The account.
    pub account: AccountId,
    /// The person.
    pub user: UserId,
    /// The token's own id, needed for writing calls.
    pub jti: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// A person in an account, proven by a one-time token of one Product.
#[derive(Clone)]
pub struct Caller {
    /// The Product whose secret signed the token.
    pub product: Arc<Product>,
    /// What the token says.
    pub claims: Claims,
}

impl Caller {
    /// The account, at the Product.
    #[must_use]
    pub fn account(&self) -> (ProductId, AccountId) {
        (self.product.id, self.claims.account)
    }
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{}", self.as_str())]
pub enum InvalidClaim {
    /// The header cannot be read.
    Header,
    /// `alg` is not HS256.
    Algorithm,
    /// `typ` says that it is another kind of token.
    Kind,
    /// `crit` names extensions that have to be understood, and we know none.
    Critical,
    /// `iss` is no account of an allowed host.
    Issuer,
    /// `aud` is not us.
    Audience,
    /// `client_uuid` is another integration.
    Client,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` lies ahead.
    TooEarly,
    /// It claims to live longer than an hour, or ends before it begins.
    Lifetime,
    /// Ids are positive numbers; `jti` is short.
    Ids,
}

impl InvalidClaim {
    /// In words for the log and for the developer of a widget.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "it cannot be read",
            Self::Algorithm => "alg is not HS256",
            Self::Kind => "typ is not JWT",
            Self::Critical => "crit asks for an extension that is not known here",
            Self::Issuer => "iss is not an allowed account host",
            Self::Audience => "aud is not the origin of the redirect address",
            Self::Client => "client_uuid is another integration",
            Self::Expired => "the token has expired",
            Self::TooEarly => "the token is not valid yet",
            Self::Lifetime => "the lifetime is not that of a one-time token",
            Self::Ids => "account_id, user_id or jti is out of range",
        }
    }
}

/// Checks a token's header, as it stands before the first dot. `alg` is HS256 and nothing else
/// (RFC 8725, section 3.1); `typ` is absent or `JWT` in any case (RFC 7519, section 5.1), so that
/// no other kind of token under the same secret passes for one of the widget's; `crit` is absent
/// (RFC 7515, section 4.1.11: whoever does not understand what it names has to refuse).
///
/// # Errors
/// [`InvalidClaim`] names what does not hold.
pub fn check_header(head: &str) -> Result<(), InvalidClaim> {
    let bytes = URL_SAFE_NO_PAD
        .decode(head)
        .map_err(|_| InvalidClaim::Header)?;
    let fields: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|_| InvalidClaim::Header)?;
    match fields.get("alg") {
        None => return Err(InvalidClaim::Header),
        Some(Value::String(alg)) if alg == "HS256" => {}
        Some(_) => return Err(InvalidClaim::Algorithm),
    }
    if fields.contains_key("crit") {
        return Err(InvalidClaim::Critical);
    }
    match fields.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if typ.eq_ignore_ascii_case("JWT") => Ok(()),
        Some(_) => Err(InvalidClaim::Kind),
    }
}

impl WireClaims {
    /// Reads the claims of a token, as they stand between its dots; `None` when they are none.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The account that is claimed; nothing proves it yet.
    #[must_use]
    pub fn claimed_account(&self) -> AccountId {
        AccountId(self.account_id)
    }

    /// Checks everything but the signature. `hosts` is where the Product's accounts live.
    ///
    /// # Errors
    /// [`InvalidClaim`] names the first claim that does not hold.
    pub fn check(
        self,
        product: &Product,
        hosts: &Hosts,
        now: Timestamp,
    ) -> Result<Claims, InvalidClaim> {
        let host = hosts.origin(&self.iss).map_err(|_| InvalidClaim::Issuer)?;
        if !product.audiences().contains(&self.aud) {
            return Err(InvalidClaim::Audience);
        }
        if Uuid::try_parse(&self.client_uuid) != Ok(product.client_id) {
            return Err(InvalidClaim::Client);
        }
        let [issued, starts, expires] = [self.iat, self.nbf, self.exp].map(Timestamp::from_secs);
        if now >= expires + LEEWAY {
            return Err(InvalidClaim::Expired);
        }
        if now + LEEWAY < starts || now + LEEWAY < issued {
            return Err(InvalidClaim::TooEarly);
        }
        if expires <= issued || expires - issued > LONGEST_LIFE {
            return Err(InvalidClaim::Lifetime);
        }
        let jti_fits = self
            .jti
            .as_ref()
            .is_none_or(|j| (1..=255).contains(&j.len()));
        if self.account_id <= 0 || self.user_id <= 0 || !jti_fits {
            return Err(InvalidClaim::Ids);
        }
        Ok(Claims {
            host,
            account: AccountId(self.account_id),
            user: UserId(self.user_id),
            jti: self.jti,
            issued_at: issued,
            expires_at: expires,
        })
    }
}

fn one_or_list_of_one<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Aud {
        One(String),
        List([String; 1]),
    }
    Ok(match Aud::deserialize(from)? {
        Aud::One(aud) | Aud::List([aud]) => aud,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ProductId;
    use crate::domain::products::ProductCode;
    use serde_json::json;

    const NOW: i64 = 1_594_204_300;

    fn product() -> Product {
        Product {
            id: ProductId(Uuid::nil()),
            code: ProductCode::parse("demo").unwrap(),
            name: String::new(),
            client_id: Uuid::parse_str("01d01160-d7a0-4087-b4af-6a1bb83fcd1d").unwrap(),
            redirect_uri: "https://widget.example/amocrm/demo/install".into(),
            hook_prefixes: Vec::new(),
            hosts: None,
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://subdomain.amocrm.ru", "aud": "https://widget.example", "jti": "d628f123",
            "iat": 1_594_204_245, "nbf": 1_594_204_245, "exp": 1_594_206_045, "account_id": 12_345_678,
            "user_id": 87_654_321, "subdomain": "subdomain", "client_uuid": "01D01160-D7A0-4087-B4AF-6A1BB83FCD1D"})
    }

    fn check(claims: Value, now: i64) -> Result<Claims, InvalidClaim> {
        let hosts = Hosts::parse("https://amocrm.ru,https://kommo.com").unwrap();
        let wire: WireClaims = serde_json::from_value(claims).unwrap();
        wire.check(&product(), &hosts, Timestamp::from_secs(now))
    }

    fn with(key: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[key] = value;
        claims
    }

    #[test]
    fn the_vendors_sample_is_accepted() {
        let caller = check(claims(), NOW).unwrap();
        assert_eq!(
            (caller.account, caller.host.to_string().as_str()),
            (AccountId(12_345_678), "subdomain.amocrm.ru")
        );
        assert!(check(with("aud", json!(["https://widget.example"])), NOW).is_ok());
        assert!(check(with("iss", json!("https://shop.kommo.com")), NOW).is_ok());
    }

    #[test]
    fn each_claim_that_does_not_hold_is_named() {
        for (key, value, fault) in [
            (
                "iss",
                json!("https://subdomain.amocrm.ru.evil.example"),
                InvalidClaim::Issuer,
            ),
            ("iss", json!("subdomain.amocrm.ru"), InvalidClaim::Issuer),
            (
                "aud",
                json!("https://other.example"),
                InvalidClaim::Audience,
            ),
            (
                "client_uuid",
                json!("11d01160-d7a0-4087-b4af-6a1bb83fcd1d"),
                InvalidClaim::Client,
            ),
            ("exp", json!(NOW - 60), InvalidClaim::Expired),
            ("nbf", json!(NOW + 61), InvalidClaim::TooEarly),
            ("iat", json!(NOW + 61), InvalidClaim::TooEarly),
            ("exp", json!(1_594_204_245 + 3601), InvalidClaim::Lifetime),
            ("account_id", json!(0), InvalidClaim::Ids),
            ("user_id", json!(-5), InvalidClaim::Ids),
            ("jti", json!(""), InvalidClaim::Ids),
        ] {
            assert_eq!(
                check(with(key, value.clone()), NOW).err(),
                Some(fault),
                "{key} = {value}"
            );
        }
    }

    #[test]
    fn a_header_that_asks_for_more_than_we_know_is_refused() {
        for (header, fault) in [
            (r#"{"alg":"HS256","typ":"JWT"}"#, None),
            (r#"{"alg":"HS256","typ":"jwt"}"#, None),
            (r#"{"alg":"HS256","kid":"1"}"#, None),
            (
                r#"{"alg":"HS256","typ":"at+jwt"}"#,
                Some(InvalidClaim::Kind),
            ),
            (r#"{"alg":"HS256","typ":" JWT"}"#, Some(InvalidClaim::Kind)),
            (r#"{"alg":"HS256","typ":""}"#, Some(InvalidClaim::Kind)),
            (r#"{"alg":"HS256","typ":null}"#, Some(InvalidClaim::Kind)),
            (r#"{"alg":"HS256","typ":["JWT"]}"#, Some(InvalidClaim::Kind)),
            (
                r#"{"alg":"HS256","crit":["x"]}"#,
                Some(InvalidClaim::Critical),
            ),
            (r#"{"alg":"HS256","crit":[]}"#, Some(InvalidClaim::Critical)),
            (
                r#"{"alg":"HS256","crit":null}"#,
                Some(InvalidClaim::Critical),
            ),
            (r#"{"alg":"none"}"#, Some(InvalidClaim::Algorithm)),
            (r#"{"alg":"hs256"}"#, Some(InvalidClaim::Algorithm)),
            (r#"{"alg":"RS256"}"#, Some(InvalidClaim::Algorithm)),
            (r#"{"alg":null}"#, Some(InvalidClaim::Algorithm)),
            (r#"{"typ":"JWT"}"#, Some(InvalidClaim::Header)),
            (r#"["HS256"]"#, Some(InvalidClaim::Header)),
            ("", Some(InvalidClaim::Header)),
        ] {
            let head = URL_SAFE_NO_PAD.encode(header);
            assert_eq!(check_header(&head).err(), fault, "{header}");
        }
        assert_eq!(check_header("{}"), Err(InvalidClaim::Header));
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        assert!(check(claims(), 1_594_204_245 - 60).is_ok());
        assert_eq!(
            check(claims(), 1_594_204_245 - 61).err(),
            Some(InvalidClaim::TooEarly)
        );
        assert!(check(claims(), 1_594_206_045 + 59).is_ok());
    }

    #[test]
    fn ids_are_numbers_and_audiences_are_single() {
        for (key, value) in [
            ("account_id", json!("12345678")),
            ("user_id", json!(1.5)),
            (
                "aud",
                json!(["https://widget.example", "https://b.example"]),
            ),
            ("aud", json!([])),
            ("iss", json!(null)),
        ] {
            assert!(
                serde_json::from_value::<WireClaims>(with(key, value.clone())).is_err(),
                "{key} = {value}"
            );
        }
    }
}
