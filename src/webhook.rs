//! Tells a back end of an event: one POST, any 2xx within 15 s is an answer.

use std::time::Duration;

use reqwest::{Client, redirect};
use url::Url;

use crate::domain::hosts::is_loopback;
use crate::domain::time::Timestamp;

/// How long an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends events. Follows no redirect: what is signed for one address is for no other.
#[derive(Clone, Debug)]
pub struct Sender {
    outside: Client,
    here: Client,
}

/// Why a message was not taken, in a few words that name no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The endpoint answered, but with no 2xx: this message is no good to it now.
    Refused(String),
    /// There was no answer: no message will get through now.
    Down(String),
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub at: Timestamp,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: &'a str,
}

impl Sender {
    /// A sender.
    ///
    /// # Errors
    /// When no TLS can be set up.
    pub fn new() -> anyhow::Result<Self> {
        let client = || {
            Client::builder()
                .user_agent(concat!("accord/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .timeout(PATIENCE)
        };
        Ok(Self {
            outside: client().build()?,
            // Nobody between us and this machine.
            here: client().no_proxy().build()?,
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Fault`], by whether there was an answer.
    pub async fn send(&self, url: &Url, message: &Message<'_>) -> Result<(), Fault> {
        let loopback = url.host_str().is_some_and(is_loopback);
        let client = if loopback { &self.here } else { &self.outside };
        let answer = client
            .post(url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.at.secs())
            .header("webhook-signature", &message.signature)
            .body(message.body.to_owned())
            .send()
            .await;
        let down = |why: &str| Err(Fault::Down(why.to_owned()));
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                Err(Fault::Refused(format!("it answered {status}")))
            }
            Err(e) if e.is_timeout() => down("it did not answer within 15 s"),
            Err(e) if e.is_connect() => down("it cannot be reached"),
            Err(_) => down("the connection broke"),
        }
    }
}
