//! Codes and refresh tokens into tokens, and where an account moved to.
//!
//! The `oauth2` crate builds and reads the messages; the adapter below sends them
//! as JSON, which is what amoCRM documents, and reads amoCRM's own problem
//! bodies, which have a `hint` instead of RFC 6749's `error` (amoCRM developers, oauth/step-by-step).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use oauth2::basic::{BasicClient, BasicRequestTokenError, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest,
    HttpResponse, RedirectUrl, RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

use super::http::Answer;
use super::{Amocrm, Error, answers};
use crate::domain::grants::Tokens;
use crate::domain::hosts::{AccountHost, Hosts};
use crate::domain::time::Timestamp;

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
        let client = self.oauth(integration, host)?;
        let request = client.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        tokens(
            request
                .request_async(&TokenEndpoint(self.http.clone()))
                .await,
            now,
        )
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
        let client = self.oauth(integration, host)?;
        self.turn(host, &integration.client_id.to_string())?;
        let token = RefreshToken::new(refresh.expose_secret().to_owned());
        let request = client
            .exchange_refresh_token(&token)
            // amoCRM wants it here too, unlike RFC 6749, section 6.
            .add_extra_param("redirect_uri", integration.redirect_uri.clone());
        tokens(
            request
                .request_async(&TokenEndpoint(self.http.clone()))
                .await,
            now,
        )
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

    fn oauth(&self, integration: &Integration, host: &AccountHost) -> Result<TokenClient, Error> {
        self.hosts
            .of_product(integration.hosts.as_ref())
            .origin(&host.origin())
            .map_err(|_| Error::ForeignHost)?;
        let misconfigured = |_| Error::NotNow {
            status: 400,
            hint: None,
        };
        let token_url = TokenUrl::new(format!("{}/oauth2/access_token", self.origin(host)?))
            .map_err(misconfigured)?;
        let redirect = RedirectUrl::new(integration.redirect_uri.clone()).map_err(misconfigured)?;
        Ok(
            BasicClient::new(ClientId::new(integration.client_id.to_string()))
                .set_client_secret(ClientSecret::new(
                    integration.secret.expose_secret().to_owned(),
                ))
                .set_auth_type(AuthType::RequestBody)
                .set_token_uri(token_url)
                .set_redirect_uri(redirect),
        )
    }
}

/// Sends what the `oauth2` crate wrote as a form the way amoCRM documents it: as JSON.
struct TokenEndpoint(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint {
    type Error = Error;
    type Future = BoxFuture<'c, Result<HttpResponse, Error>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}

impl TokenEndpoint {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let (parts, form) = request.into_parts();
        let fields: BTreeMap<String, String> =
            url::form_urlencoded::parse(&form).into_owned().collect();
        let answer = Answer::to(self.0.post(parts.uri.to_string()).json(&fields)).await?;
        let status = answer.status.as_u16();
        if !matches!(status, 200..=299) {
            let problem = serde_json::from_slice::<WireProblem>(&answer.body).ok();
            let hint = problem.and_then(|problem| problem.hint);
            return Err(answers::of_token_endpoint(
                status,
                answer.json,
                hint.as_deref(),
            ));
        }
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = http::StatusCode::OK;
        Ok(response)
    }
}

type TokenClient = BasicClient<
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

fn tokens(
    answer: Result<BasicTokenResponse, BasicRequestTokenError<Error>>,
    now: Timestamp,
) -> Result<Tokens, Error> {
    let answer = answer.map_err(|e| match e {
        RequestTokenError::Request(e) => e,
        // A 200 that is no token: a page, or half an answer.
        RequestTokenError::ServerResponse(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => Error::OutOfOrder(200),
    })?;
    let lives = answer
        .expires_in()
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
    let refresh = answer.refresh_token().ok_or(Error::OutOfOrder(200))?;
    Ok(Tokens {
        access: answer.access_token().secret().clone().into(),
        refresh: refresh.secret().clone().into(),
        access_expires_at: now + chrono::TimeDelta::seconds(lives),
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
