//! Who calls and with what: everything is parsed here, at the door.
//!
//! A handler that takes a [`Caller`] is called by a widget whose token was
//! believed, one that takes a [`BackEnd`] by the Publisher; one that takes neither
//! nor a signature is public.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BodyLimitExceeded;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use jsonwebtoken::crypto::verify;
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use uuid::Uuid;

use super::context;
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::claims::{WireClaims, check_header};
use crate::domain::forms::Object;
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::store::Store;
use crate::store::products::Known;

/// The header of a one-time token.
pub const TOKEN: &str = "X-Auth-Token";
/// amoCRM's are well below 1 KiB.
const LONGEST_TOKEN: usize = 8 * 1024;
/// The longest body of the widget API.
const LONGEST_BODY: usize = 64 * 1024;

/// How long a body may take: whoever sends a byte a second holds a connection for no longer.
const WHOLE_BODY: Duration = Duration::from_secs(10);

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The parameters of a query, each at most once.
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// A parameter that may be absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that has to be there.
    ///
    /// # Errors
    /// [`Code::Malformed`] naming the parameter when it is absent or empty.
    pub fn need(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name)
            .filter(|v| !v.is_empty())
            .ok_or(Error::Malformed(Code::Malformed, name))
    }
}

impl FromRequest for Query {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut query = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            if query
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return std::future::ready(Err(Error::Malformed(
                    Code::Malformed,
                    "a repeated query parameter",
                )));
            }
        }
        std::future::ready(Ok(Self(query)))
    }
}

/// Whether the caller has what `etag` names already (RFC 9110, section 13.1.2).
pub fn has_etag(request: &HttpRequest, etag: &str) -> bool {
    let seen = request.headers().get(header::IF_NONE_MATCH);
    seen.and_then(|v| v.to_str().ok()).is_some_and(|seen| {
        seen.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    })
}

/// The Product that the path names.
pub struct OfProduct(pub Arc<Product>);

impl FromRequest for OfProduct {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (app, code) = (house(request), code_of(request));
        Box::pin(async move {
            let app = app?;
            let product = product(&app, &code).await?;
            context::about(&product);
            Ok(Self(product))
        })
    }
}

/// The same for amoCRM's hooks, which wait for no other reader's connection.
pub struct Hooked(pub Known);

impl FromRequest for Hooked {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (app, code) = (house(request), code_of(request));
        Box::pin(async move {
            let app = app?;
            let known = known(app.store.for_hooks(), &code).await?;
            context::about(&known.product);
            Ok(Self(known))
        })
    }
}

fn code_of(request: &HttpRequest) -> String {
    let code = request.match_info().get("product");
    code.unwrap_or_default().to_owned()
}

/// The Product of a code.
///
/// # Errors
/// [`Code::UnknownProduct`] when there is none.
pub async fn product(app: &App, code: &str) -> Result<Arc<Product>, Error> {
    Ok(known(&app.store, code).await?.product)
}

async fn known(store: &Store, code: &str) -> Result<Known, Error> {
    let catalog = store.catalog().await?;
    let known = catalog.of_code(code).cloned();
    known.ok_or(Error::Refused(Code::UnknownProduct))
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = house(request);
        let token = token(request);
        let origin = request.headers().get(header::ORIGIN).cloned();
        Box::pin(async move {
            let app = app?;
            believe(&app, &token?, origin.as_ref()).await
        })
    }
}

/// The Product that one of the Publisher's own back ends asks about.
pub struct BackEnd(pub Arc<Product>);

impl FromRequest for BackEnd {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let known = house(request)
            .is_ok_and(|app| bearer(request).is_some_and(|key| app.config.api_keys.contains(key)));
        if !known {
            // Nothing is looked up for a stranger.
            return Box::pin(async { Err(Error::Refused(Code::ApiKeyInvalid)) });
        }
        let product = OfProduct::from_request(request, payload);
        Box::pin(async move { product.await.map(|OfProduct(product)| Self(product)) })
    }
}

/// The one `Authorization: Bearer` (RFC 6750, section 2.1).
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    let alone = values.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    alone.then(|| key.trim())
}

fn token(request: &HttpRequest) -> Result<String, Error> {
    let mut values = request.headers().get_all(TOKEN);
    let value = values
        .next()
        .filter(|v| !v.is_empty())
        .ok_or(Error::Refused(Code::TokenMissing))?;
    if values.next().is_some() {
        return Err(untrusted("there are several tokens"));
    }
    if value.len() > LONGEST_TOKEN {
        return Err(untrusted("the token is longer than 8 KiB"));
    }
    value
        .to_str()
        .map(str::to_owned)
        .map_err(|_| untrusted("the token is not ASCII"))
}

/// Finds the integration that the token names, checks its signature with that integration's
/// secret and nothing but HS256, then its claims. `origin` is the site of the page that calls.
async fn believe(
    app: &App,
    token: &str,
    origin: Option<&header::HeaderValue>,
) -> Result<Caller, Error> {
    let unreadable = || untrusted("it cannot be read");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(unreadable)?;
    let (head, body) = signed.split_once('.').ok_or_else(unreadable)?;
    check_header(head)?;
    let claims = WireClaims::read(body).ok_or_else(unreadable)?;
    context::claims(claims.claimed_account());
    let client =
        Uuid::try_parse(&claims.client_uuid).map_err(|_| untrusted("client_uuid is no UUID"))?;
    let catalog = app.store.catalog().await?;
    let known = catalog
        .of_client(client)
        .ok_or_else(|| untrusted("client_uuid is no integration of ours"))?;
    context::about(&known.product);
    let now = app.clock.now();
    let proven = known.secrets(now)?.any(|secret| {
        let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
        verify(signature, signed.as_bytes(), &key, Algorithm::HS256).unwrap_or(false)
    });
    if !proven {
        return Err(untrusted("the signature is not the integration's"));
    }
    let hosts = known.hosts(&app.config.hosts);
    let claims = claims.check(&known.product, hosts, now)?;
    context::proved();
    let is_of_account = |o: &header::HeaderValue| o.to_str().is_ok_and(|o| hosts.origin(o).is_ok());
    if !origin.is_none_or(is_of_account) {
        return Err(untrusted(
            "the call comes from another site than the account",
        ));
    }
    Ok(Caller {
        product: known.product.clone(),
        claims,
    })
}

fn untrusted(why: &'static str) -> Error {
    Error::Malformed(Code::TokenInvalid, why)
}

/// A JSON object of at most 64 KiB in which no name stands twice.
pub struct Body(pub Object);

impl FromRequest for Body {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        let is_json =
            media_type.and_then(|v| v.split(';').next()).map(str::trim) == Some("application/json");
        let body = actix_web::web::Payload::from_request(request, payload).into_inner();
        Box::pin(async move {
            if !is_json {
                return Err(Error::Refused(Code::UnsupportedMediaType));
            }
            let payload = body.map_err(|_| Error::Refused(Code::MalformedJson))?;
            let bytes = whole(payload.to_bytes_limited(LONGEST_BODY)).await?;
            object(&bytes).map(Self)
        })
    }
}

/// A body that is read as a whole, in time and within its limit, or not at all.
async fn whole<T, E>(
    read: impl Future<Output = Result<Result<T, E>, BodyLimitExceeded>>,
) -> Result<T, Error> {
    tokio::time::timeout(WHOLE_BODY, read)
        .await
        .map_err(|_| Error::Refused(Code::BodyTimeout))?
        .map_err(|_| Error::Refused(Code::BodyTooLarge))?
        .map_err(|_| Error::Malformed(Code::MalformedJson, "the body was cut short"))
}

fn object(bytes: &[u8]) -> Result<Object, Error> {
    let malformed = |what| Error::Malformed(Code::MalformedJson, what);
    let super::strict::Strict(value) = serde_json::from_slice(bytes)
        .map_err(|_| malformed("invalid, cut short, or a name stands twice"))?;
    match value {
        Value::Object(fields) => Ok(Object::new(fields)),
        _ => Err(malformed("not an object")),
    }
}

/// The house that this request came to.
fn house(request: &HttpRequest) -> Result<Data<App>, Error> {
    request
        .app_data::<Data<App>>()
        .cloned()
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("the routes were mounted without a house")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let never = std::future::pending::<Result<Result<(), ()>, BodyLimitExceeded>>();
        let begun = tokio::time::Instant::now();
        let refused = whole(never).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(Code::BodyTimeout)));
        assert_eq!(begun.elapsed(), WHOLE_BODY);
    }
}
