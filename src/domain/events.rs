//! What the Publisher's back ends are told, and how: Standard Webhooks
//! (<https://www.standardwebhooks.com>), one JSON body each, with no personal data.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::ids::AccountId;
use super::time::Timestamp;
use crate::domain::time::{days, seconds};

/// How a secret begins when it is shown to people.
const SECRET: &str = "whsec_";
/// How long a secret signs after another took its place: time for a back end's release.
pub const OLD_SECRET: TimeDelta = days(1);
/// How long an event is tried.
const PATIENCE: TimeDelta = days(3);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first consent of a generation: the account may use the Product.
    InstallActivated,
    /// The Product left the account.
    InstallUninstalled,
    /// Somebody agreed, or agreed again.
    ConsentGiven,
    /// The consent was taken back.
    ConsentWithdrawn,
    /// A version came into force.
    PolicyPosted,
}

impl Kind {
    /// The event's type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InstallActivated => "install.activated",
            Self::InstallUninstalled => "install.uninstalled",
            Self::ConsentGiven => "consent.given",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::PolicyPosted => "policy.posted",
        }
    }
}

/// What is told about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Data {
    /// The Product's code.
    pub product: String,
    /// The account, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The Install's generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// The version of the Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_number: Option<u32>,
    /// `notice` or `reconsent`, of a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<&'static str>,
    /// Why, of an uninstall: `consent-withdrawn` or `disconnected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// The body that is sent, to the byte.
#[must_use]
pub fn body(kind: Kind, data: &Data, at: Timestamp) -> String {
    json!({"type": kind.name(), "timestamp": at, "data": data}).to_string()
}

/// The secret as people copy it.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET}{}", STANDARD.encode(secret))
}

/// One signature: HMAC-SHA256 over id, time and body.
#[must_use]
pub fn signature(secret: &[u8], id: &str, at: Timestamp, body: &str) -> String {
    let signed = format!("{id}.{}.{body}", at.secs());
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        signed.as_bytes(),
    );
    format!("v1,{}", STANDARD.encode(tag))
}

/// The value of `webhook-signature` while several secrets sign: one after the other, the one in
/// force first (Standard Webhooks, "Verifying webhook authenticity").
#[must_use]
pub fn signatures(secrets: &[Vec<u8>], id: &str, at: Timestamp, body: &str) -> String {
    let all: Vec<String> = secrets
        .iter()
        .map(|secret| signature(secret, id, at, body))
        .collect();
    all.join(" ")
}

/// When an event that was refused is tried again after `attempt` tries: 5 s, then doubling to an
/// hour; `None` when three days have passed since it began to wait.
#[must_use]
pub fn next_try(attempt: u32, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    Some(now + doubled(attempt, 3600)).filter(|at| *at - since <= PATIENCE)
}

/// How long an endpoint that could not be reached `failures` times in a row is left alone: 5 s,
/// then doubling to ten minutes.
#[must_use]
pub fn quiet(failures: u32) -> TimeDelta {
    doubled(failures, 600)
}

/// What began to wait before this is given up.
#[must_use]
pub fn too_old(now: Timestamp) -> Timestamp {
    now - PATIENCE
}

fn doubled(times: u32, most: u32) -> TimeDelta {
    let doublings = times.saturating_sub(1).min(10);
    seconds((5_u32 << doublings).min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in the specification's own reference implementations.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(
            signature(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                Timestamp::from_secs(1_614_265_330),
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(
            secret_text(&secret),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        );
    }

    #[test]
    fn an_event_is_tried_for_three_days_and_ever_more_seldom() {
        let begun = Timestamp::from_secs(1_000_000);
        let (mut now, mut waits) = (begun, Vec::new());
        for attempt in 1.. {
            let Some(at) = next_try(attempt, begun, now) else {
                break;
            };
            waits.push((at - now).num_seconds());
            now = at;
        }
        assert_eq!(waits[..5], [5, 10, 20, 40, 80]);
        assert_eq!(*waits.iter().max().unwrap(), 3600);
        let days = (now - begun).num_hours();
        assert!((70..=72).contains(&days), "{days}");
    }

    #[test]
    fn who_cannot_be_reached_is_asked_again_within_ten_minutes() {
        let waits = [1, 2, 3, 8, u32::MAX].map(|failures| quiet(failures).num_seconds());
        assert_eq!(waits, [5, 10, 20, 600, 600]);
    }

    #[test]
    fn a_body_names_the_account_and_nobody() {
        let data = Data {
            product: "demo".into(),
            account_id: Some(AccountId(7)),
            generation: Some(1),
            ..Data::default()
        };
        assert_eq!(
            body(
                Kind::ConsentWithdrawn,
                &data,
                Timestamp::parse("2026-11-22T08:00:00Z").unwrap()
            ),
            r#"{"data":{"account_id":7,"generation":1,"product":"demo"},"timestamp":"2026-11-22T08:00:00Z","type":"consent.withdrawn"}"#
        );
    }
}
