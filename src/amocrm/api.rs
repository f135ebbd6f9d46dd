//! The calls of the account's API that we need, and no more of their answers than we need.

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::http::Answer;
use super::{Amocrm, Error};
use crate::domain::hosts::AccountHost;
use crate::domain::ids::{AccountId, UserId};

/// Pages we read at most of a list: real accounts show hundreds of widgets, not thousands.
const MOST_PAGES: u32 = 20;

/// What `/api/v4/account` says and we need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// Who granted the access it was asked with.
    pub current_user: Option<UserId>,
}

/// A widget as the account lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Widget {
    /// The code the platform gave it at upload.
    pub code: String,
    /// The integration it belongs to. Strangers' widgets may have anything here.
    #[serde(default)]
    pub client_uuid: Option<String>,
    /// Whether it is switched on in this account.
    #[serde(default)]
    pub is_active_in_account: bool,
}

impl Widget {
    fn belongs_to(&self, client_id: Uuid) -> bool {
        let uuid = self.client_uuid.as_deref();
        uuid.is_some_and(|uuid| Uuid::try_parse(uuid) == Ok(client_id))
    }
}

/// A webhook of the account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Where it points.
    pub destination: String,
}

#[derive(Deserialize)]
struct WireAccount {
    id: i64,
    current_user_id: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct WireUser {
    rights: WireRights,
}

#[derive(Deserialize)]
struct WireRights {
    #[serde(default)]
    is_admin: bool,
    #[serde(default = "yes")]
    is_active: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(rename = "_embedded")]
    embedded: T,
    #[serde(rename = "_links", default)]
    links: Links,
}

#[derive(Default, Deserialize)]
struct Links {
    next: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Widgets {
    widgets: Vec<Widget>,
}

#[derive(Deserialize)]
struct Webhooks {
    webhooks: Vec<Webhook>,
}

/// One account, with the right to speak to it.
pub struct Session<'a> {
    client: &'a Amocrm,
    host: &'a AccountHost,
    client_id: Uuid,
    access: &'a SecretString,
}

impl Amocrm {
    /// Speaks to an account as the integration `client_id`.
    #[must_use]
    pub fn session<'a>(
        &'a self,
        host: &'a AccountHost,
        client_id: Uuid,
        access: &'a SecretString,
    ) -> Session<'a> {
        Session {
            client: self,
            host,
            client_id,
            access,
        }
    }
}

impl Session<'_> {
    /// Whose account this is: the only thing that identifies it.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn account(&self) -> Result<Account, Error> {
        let wire: WireAccount = self.get("/api/v4/account").await?.parse()?;
        if wire.id <= 0 {
            return Err(Error::OutOfOrder(200));
        }
        Ok(Account {
            id: AccountId(wire.id),
            current_user: wire
                .current_user_id
                .and_then(|id| id.as_i64())
                .filter(|id| *id > 0)
                .map(UserId),
        })
    }

    /// Whether a user may decide for the account. Asked when needed, never kept.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered; 403 when our grant may not ask, 404 for somebody
    /// whom the account does not know.
    pub async fn is_administrator(&self, user: UserId) -> Result<bool, Error> {
        let answer = self.get(&format!("/api/v4/users/{}", user.0)).await?;
        let WireUser { rights } = answer.parse()?;
        Ok(rights.is_admin && rights.is_active)
    }

    /// The widget of this integration, if the account lists it.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn own_widget(&self) -> Result<Option<Widget>, Error> {
        for page in 1..=MOST_PAGES {
            let answer = self
                .get(&format!("/api/v4/widgets?page={page}&limit=250"))
                .await?;
            if answer.status.as_u16() == 204 {
                return Ok(None);
            }
            let list: Page<Widgets> = answer.parse()?;
            let own = list
                .embedded
                .widgets
                .into_iter()
                .find(|w| w.belongs_to(self.client_id));
            if own.is_some() || list.links.next.is_none() {
                return Ok(own);
            }
        }
        Ok(None)
    }

    /// Switches a widget off.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn switch_off(&self, widget: &Widget) -> Result<(), Error> {
        let mut path = String::from("/api/v4/widgets/");
        path.extend(url::form_urlencoded::byte_serialize(widget.code.as_bytes()));
        let answer = self.send(Method::DELETE, &path, |r| r).await?.ok()?;
        done(&answer)
    }

    /// The webhooks of the account.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let answer = self.get("/api/v4/webhooks").await?;
        if answer.status.as_u16() == 204 {
            return Ok(Vec::new());
        }
        Ok(answer.parse::<Page<Webhooks>>()?.embedded.webhooks)
    }

    /// Removes a webhook. One that is gone already counts as removed.
    ///
    /// # Errors
    /// [`enum@Error`] as the platform answered.
    pub async fn remove_webhook(&self, webhook: &Webhook) -> Result<(), Error> {
        let body = json!({"destination": webhook.destination});
        let answer = self
            .send(Method::DELETE, "/api/v4/webhooks", |r| r.json(&body))
            .await?;
        match answer.ok() {
            Ok(answer) => done(&answer),
            Err(Error::Refused { status: 404, .. }) => Ok(()),
            Err(e) => Err(e),
        }
    }

    async fn get(&self, path: &str) -> Result<Answer, Error> {
        self.send(Method::GET, path, |r| r).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let address = format!("{}{path}", self.client.origin(self.host)?);
        self.client.turn(self.host, &self.client_id.to_string())?;
        let request = self
            .client
            .http
            .request(method, address)
            .bearer_auth(self.access.expose_secret());
        Answer::to(with(request)).await
    }
}

/// The vendor documents 204 for a removal. Any other 2xx counts when it is JSON: a page that says
/// 200 is no yes.
fn done(answer: &Answer) -> Result<(), Error> {
    let status = answer.status.as_u16();
    if status == 204 || answer.json {
        Ok(())
    } else {
        Err(Error::OutOfOrder(status))
    }
}
