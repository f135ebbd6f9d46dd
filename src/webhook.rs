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
    /// What went wrong, in a few words that name no secret: the status, or why there is none.
    pub async fn send(&self, url: &Url, message: &Message<'_>) -> Result<(), String> {
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
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status().as_u16())),
            Err(e) if e.is_timeout() => Err("it did not answer within 15 s".to_owned()),
            Err(e) if e.is_connect() => Err("it cannot be reached".to_owned()),
            Err(_) => Err("the connection broke".to_owned()),
        }
    }
}
