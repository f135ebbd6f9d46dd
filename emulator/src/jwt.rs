//! The tokens this amoCRM signs: RS256 access tokens under a key made at start (RU:oauth/oauth says JWT,
//! KO:long-lived-token shows the family), and the widget's short-lived tokens under the integration's secret
//! (RU:oauth/disposable-tokens).

use std::io;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use serde_json::json;

/// The throw-away RSA key of one run. amoCRM publishes no key, so nobody outside can check these signatures.
pub struct Signer {
    key: EncodingKey,
}

impl Signer {
    /// Makes a 2048-bit key.
    ///
    /// # Errors
    /// When the machine's crypto refuses.
    pub fn generate() -> io::Result<Signer> {
        let refused = |_| io::Error::other("no RSA key could be generated");
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(refused)?;
        let der = pair.as_der().map_err(refused)?;
        let key = pkcs1_from_pkcs8(der.as_ref())
            .map(EncodingKey::from_rsa_der)
            .ok_or_else(|| io::Error::other("the generated RSA key has an unknown form"))?;
        Ok(Signer { key })
    }

    /// Signs the claims of an access token (RS256).
    ///
    /// # Errors
    /// When signing fails.
    pub fn access_token(&self, claims: &impl Serialize) -> io::Result<String> {
        encode(&Header::new(Algorithm::RS256), claims, &self.key).map_err(io::Error::other)
    }
}

/// Signs arbitrary claims with an HMAC algorithm (HS256, HS384, HS512), or not at all (`none`); for tests of
/// forged tokens.
///
/// # Errors
/// When `alg` is another algorithm or signing fails.
pub fn hmac_token(claims: &serde_json::Value, alg: &str, key: &[u8]) -> io::Result<String> {
    if alg.eq_ignore_ascii_case("none") {
        return Ok(unsigned(claims));
    }
    let alg: Algorithm = alg.parse().map_err(io::Error::other)?;
    encode(&Header::new(alg), claims, &EncodingKey::from_secret(key)).map_err(io::Error::other)
}

fn unsigned(claims: &serde_json::Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.",
        part(&json!({"typ": "JWT", "alg": "none"})),
        part(claims)
    )
}

/// The RSAPrivateKey inside a PKCS#8 wrapping: the content of its only OCTET STRING (RFC 5208, section 5).
fn pkcs1_from_pkcs8(der: &[u8]) -> Option<&[u8]> {
    let (_, sequence, _) = der_element(der)?;
    let (_, _version, rest) = der_element(sequence)?;
    let (_, _algorithm, rest) = der_element(rest)?;
    let (tag, key, _) = der_element(rest)?;
    (tag == 0x04).then_some(key)
}

/// Splits one DER element off: tag, content, what follows.
fn der_element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = bytes
            .iter()
            .fold(0usize, |sum, &byte| (sum << 8) | usize::from(byte));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by hand from the vendor's sample claims, valid from 1594204245 to 1594206045.
    const SAMPLE: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJodHRwczovL3N1YmRvbWFpbi5hbW9jcm0ucnUiLCJhdWQiOiJodHRwczovL3dpZGdldC5leGFtcGxlIiwianRpIjoiZDYyOGYxMjMt\
        NTEyMy00NzNlLWExMjMtZWQxMjNlZjMxZjhmIiwiaWF0IjoxNTk0MjA0MjQ1LCJuYmYiOjE1OTQyMDQyNDUsImV4cCI6MTU5NDIwNjA0NSwiYWNj\
        b3VudF9pZCI6MTIzNDU2NzgsInVzZXJfaWQiOjg3NjU0MzIxLCJzdWJkb21haW4iOiJzdWJkb21haW4iLCJjbGllbnRfdXVpZCI6IjAxZDAxMTYw\
        LWQ3YTAtNDA4Ny1iNGFmLTZhMWJiODNmY2QxZCJ9.NuRFn3_IOSRRwTSWy02aiCypp_ZkJAX9UfU1s_R8z9g";

    #[test]
    fn a_widgets_token_is_signed_as_the_sample_is() {
        let key = b"test-secret-do-not-use";
        let mut rules = jsonwebtoken::Validation::new(Algorithm::HS256);
        rules.validate_exp = false;
        rules.set_audience(&["https://widget.example"]);
        let read = |token: &str| {
            let key = jsonwebtoken::DecodingKey::from_secret(key);
            jsonwebtoken::decode::<serde_json::Value>(token, &key, &rules).unwrap()
        };
        let sample = read(SAMPLE);
        let ours = read(&hmac_token(&sample.claims, "HS256", key).unwrap());
        assert_eq!(ours.claims, sample.claims);
        assert_eq!(
            (ours.header.alg, ours.header.typ),
            (sample.header.alg, sample.header.typ)
        );
    }

    #[test]
    fn access_tokens_are_rs256_and_readable() {
        let signer = Signer::generate().unwrap();
        let token = signer.access_token(&json!({"account_id": 7})).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.alg, Algorithm::RS256);
        let claims: serde_json::Value =
            jsonwebtoken::dangerous::insecure_decode_claims(&token).unwrap();
        assert_eq!(claims["account_id"], 7);
    }
}
