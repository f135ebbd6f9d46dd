//! Codes and refresh tokens into tokens, and where an account moved to.
//!
//! The `oauth2` crate writes the request and reads the answer (RFC 6749). Between it and
//! amoCRM stands [`Amocrm::send_as_json`], because amoCRM differs in three things: the
//! request is JSON, a refusal has a `hint` instead of an `error`, and a life may be
//! written in any way (amoCRM developers, oauth/step-by-step).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest,
    HttpResponse, RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::Answer;
use super::{Amocrm, Error, answers};
use crate::domain::grants::Tokens;
use crate::domain::hosts::{AccountHost, Hosts};
use crate::domain::time::{Timestamp, days};

/// What amoCRM knows an integration by.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its id.
    pub client_id: Uuid,
    /// Its secret.
    pub secret: SecretString,
    /// Its redirect address, to the letter.
    pub redirect_uri: String,
    /// Where its accounts live, if that was said: the secret goes nowhere else.
    pub hosts: Option<Hosts>,
}

/// amoCRM's access tokens live a day. What claims to live longer than a month is renewed then.
const LONGEST_LIFE: TimeDelta = days(31);

#[derive(Deserialize)]
struct WireProblem {
    hint: Option<String>,
}

#[derive(Deserialize)]
struct WireDomain {
    domain: String,
}

#[derive(Deserialize)]
struct WireRouting {
    api_domain: Option<String>,
}

impl Amocrm {
    /// Exchanges an authorization code. How many may be exchanged a second is the caller's to ask
    /// ([`Amocrm::may_exchange`]).
    ///
    /// # Errors
    /// [`Error::Refused`] when the code is over; else as the platform answered.
    pub async fn exchange(
        &self,
        integration: &Integration,
        host: &AccountHost,
        code: &SecretString,
        now: Timestamp,
    ) -> Result<Tokens, Error> {
        self.tokens(integration, host, Grant::Code(code), now).await
    }

    /// Exchanges a refresh token, which works once.
    ///
    /// # Errors
    /// [`Error::Refused`] when the refresh token is over; else as the platform answered.
    pub async fn refresh(
        &self,
        integration: &Integration,
        host: &AccountHost,
        refresh: &SecretString,
        now: Timestamp,
    ) -> Result<Tokens, Error> {
        let grant = Grant::RefreshToken(refresh);
        self.tokens(integration, host, grant, now).await
    }

    /// Where the account of these tokens lives now, asked of the API domain that the access
    /// token names. `None` when the token names none, or the answer is none of the hosts where
    /// the integration's accounts live (`own`, if that was said).
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn moved_to(
        &self,
        own: Option<&Hosts>,
        tokens: &Tokens,
    ) -> Result<Option<AccountHost>, Error> {
        let Some(api) = api_domain(tokens.access.expose_secret()) else {
            return Ok(None);
        };
        let hosts = self.hosts.of_product(own);
        let Ok(api) = hosts.account(&api) else {
            return Ok(None);
        };
        let origin = self.origin(&api)?;
        let request = self
            .http
            .get(format!("{origin}/oauth2/account/current/subdomain"))
            .header("X-Refresh-Token", tokens.refresh.expose_secret());
        let answer: WireDomain = Answer::to(request).await?.parse()?;
        Ok(hosts.account(&answer.domain).ok())
    }

    async fn tokens(
        &self,
        integration: &Integration,
        host: &AccountHost,
        grant: Grant<'_>,
        now: Timestamp,
    ) -> Result<Tokens, Error> {
        self.hosts
            .of_product(integration.hosts.as_ref())
            .origin(&host.origin())
            .map_err(|_| Error::ForeignHost)?;
        let url = format!("{}/oauth2/access_token", self.origin(host)?);
        let secret = integration.secret.expose_secret().to_owned();
        let client = BasicClient::new(ClientId::new(integration.client_id.to_string()))
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(url).map_err(|_| Error::ForeignHost)?);
        // amoCRM wants it with a refresh token too, unlike RFC 6749, section 6.
        let redirect = ("redirect_uri", integration.redirect_uri.clone());
        let answer = match grant {
            Grant::Code(code) => {
                let code = AuthorizationCode::new(code.expose_secret().to_owned());
                let request = client.exchange_code(code);
                let request = request.add_extra_param(redirect.0, redirect.1);
                request.request_async(self).await
            }
            Grant::RefreshToken(token) => {
                self.turn(host, &integration.client_id.to_string())?;
                let token = RefreshToken::new(token.expose_secret().to_owned());
                let request = client.exchange_refresh_token(&token);
                let request = request.add_extra_param(redirect.0, redirect.1);
                request.request_async(self).await
            }
        };
        match answer {
            Ok(answer) => pair(&answer, now),
            Err(RequestTokenError::Request(e)) => Err(e),
            // A 200 that is no pair: a page, or half an answer.
            Err(_) => Err(Error::OutOfOrder(200)),
        }
    }

    /// Sends what the `oauth2` crate wrote as a form the way amoCRM documents it, and gives what
    /// came in the form that the crate insists on.
    async fn send_as_json(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let fields: BTreeMap<_, _> = url::form_urlencoded::parse(request.body()).collect();
        let url = request.uri().to_string();
        let answer = Answer::to(self.http.post(url).json(&fields)).await?;
        if !answer.status.is_success() {
            let problem = serde_json::from_slice::<WireProblem>(&answer.body).ok();
            let hint = problem.and_then(|problem| problem.hint);
            let status = answer.status.as_u16();
            return Err(answers::of_token_endpoint(
                status,
                answer.json,
                hint.as_deref(),
            ));
        }
        Ok(HttpResponse::new(
            readable(&answer.body).unwrap_or(answer.body),
        ))
    }
}

/// The HTTP client that the `oauth2` crate asks for.
impl<'c> AsyncHttpClient<'c> for Amocrm {
    type Error = Error;
    type Future = BoxFuture<'c, Result<HttpResponse, Error>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send_as_json(request).boxed()
    }
}

/// What is exchanged for tokens; each works once.
enum Grant<'a> {
    Code(&'a SecretString),
    RefreshToken(&'a SecretString),
}

/// The same answer with only what is needed of it, in the form that the `oauth2` crate insists
/// on. The code is spent by now: a pair must not be lost because of a life in words, below zero
/// or beyond all bounds. `None` when there is no pair in it.
fn readable(body: &[u8]) -> Option<Vec<u8>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let word = |name: &str| answer.get(name)?.as_str().filter(|word| !word.is_empty());
    let tidy = json!({
        "token_type": "Bearer",
        "access_token": word("access_token")?,
        "refresh_token": word("refresh_token")?,
        "expires_in": answer.get("expires_in").map_or(0, seconds),
    });
    serde_json::to_vec(&tidy).ok()
}

/// Seconds as somebody else may write them: `86400`, `86400.0`, `"86400"`; anything else is 0.
fn seconds(value: &Value) -> u64 {
    let text = value.as_str().map(|text| text.trim().parse::<f64>());
    let seconds = text.map_or_else(|| value.as_f64(), Result::ok);
    // `as` cuts off what is below 0 or above the largest, and makes 0 of what is no number.
    seconds.map_or(0, |seconds| seconds as u64)
}

fn pair(answer: &BasicTokenResponse, now: Timestamp) -> Result<Tokens, Error> {
    // Unknown is 0: the next use renews the pair.
    let lives = TimeDelta::from_std(answer.expires_in().unwrap_or_default());
    let lives = lives.unwrap_or(LONGEST_LIFE).min(LONGEST_LIFE);
    let refresh = answer.refresh_token().ok_or(Error::OutOfOrder(200))?;
    Ok(Tokens {
        access: answer.access_token().secret().clone().into(),
        refresh: refresh.secret().clone().into(),
        access_expires_at: now + lives,
    })
}

/// Reads the routing claim of an access token. It cannot be verified and proves nothing: the
/// answer goes through the allow-list like any other host.
fn api_domain(access: &str) -> Option<String> {
    let payload = access.split('.').nth(1)?;
    let claims: WireRouting =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims.api_domain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(body: &str) -> Tokens {
        let body = readable(body.as_bytes()).unwrap();
        let answer: BasicTokenResponse = serde_json::from_slice(&body).unwrap();
        pair(&answer, Timestamp::from_secs(0)).unwrap()
    }

    #[test]
    fn whatever_a_pair_says_of_its_life_it_is_taken() {
        let month = 31 * 86_400;
        for (said, lives) in [
            ("86400", 86_400),
            ("86400.9", 86_400),
            (r#""86400""#, 86_400),
            (r#"" 3600 ""#, 3_600),
            ("0", 0),
            ("-1", 0),
            ("-9300000000000000", 0),
            ("9300000000000000", month),
            ("18446744073709551615", month),
            ("1e300", month),
            (r#""1e300""#, month),
            (r#""inf""#, month),
            (r#""NaN""#, 0),
            (r#""a day""#, 0),
            ("null", 0),
            ("true", 0),
            ("[86400]", 0),
            ("{}", 0),
        ] {
            let body = format!(r#"{{"expires_in":{said},"access_token":"a","refresh_token":"r"}}"#);
            let expected = Timestamp::from_secs(lives);
            assert_eq!(tokens(&body).access_expires_at, expected, "{said}");
        }
        let absent = tokens(r#"{"access_token":"a","refresh_token":"r"}"#);
        assert_eq!(absent.access_expires_at, Timestamp::from_secs(0));
    }

    #[test]
    fn what_holds_no_pair_is_left_as_it_came() {
        for body in [
            "<html>",
            "{}",
            "[]",
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"","refresh_token":"r"}"#,
            r#"{"access_token":1,"refresh_token":"r"}"#,
        ] {
            assert_eq!(readable(body.as_bytes()), None, "{body}");
        }
    }
}
