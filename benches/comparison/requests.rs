//! Requests, signed and written out before the clock runs, so that sending one costs little.

use aws_lc_rs::hmac;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Serialize;

use crate::cells::{Cell, Reads, Workload};
use crate::service::{CLIENT, SECRET};

/// The account before the first that is written into a database beforehand.
pub const BEFORE_FIRST: u64 = 10_000_000;
/// The first of the accounts that nobody has seen.
const UNSEEN: u64 = 20_000_000;
/// How many accounts are hot.
const HOT: u64 = 10_000;
/// A prime, so that going round in its steps meets every account once.
const STEP: u64 = 7_919;

/// What is sent, in turn.
pub struct Plan {
    pub requests: Vec<Box<[u8]>>,
    /// Whether each may be sent only once: the run ends with the last.
    pub once: bool,
}

/// Writes requests for one address.
#[derive(Clone)]
pub struct Maker {
    /// Where the contestants listen, one after the other.
    pub port: u16,
    /// The port of the emulated amoCRM, which is part of every account's host.
    pub amocrm: u16,
    /// Of the text in force.
    pub policy_hash: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    aud: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    account_id: u64,
    user_id: u64,
    subdomain: String,
    client_uuid: &'a str,
}

impl Maker {
    pub fn audience(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Enough for a run of so many seconds, however fast it is answered.
    pub fn plan(&self, cell: &Cell, seconds: f64) -> Plan {
        let enough = |rate: u64| (rate as f64 * seconds) as u64;
        let (once, requests): (bool, Vec<String>) = match (cell.workload, cell.installs) {
            (Workload::Standing, Some((installs, Reads::Hot))) => {
                let hot = HOT.min(installs);
                let account = |n| BEFORE_FIRST + 1 + n * (installs / hot);
                (false, (0..hot).map(|n| self.standing(account(n))).collect())
            }
            (Workload::Standing, installs) => {
                let installs = installs.map_or(HOT, |(count, _)| count);
                let account = |n| BEFORE_FIRST + 1 + n * STEP % installs;
                let count = enough(25_000).min(installs);
                (
                    true,
                    (0..count).map(|n| self.standing(account(n))).collect(),
                )
            }
            (Workload::Consent, _) => {
                (true, (1..enough(14_000)).map(|n| self.consent(n)).collect())
            }
            (Workload::Disconnect, _) => {
                let accounts = 1..disconnects(seconds);
                (true, accounts.map(|n| self.disconnect(n, SECRET)).collect())
            }
            (Workload::Install, _) => {
                let hooks = 1..enough(20_000);
                (true, hooks.map(|n| self.install(n, "localhost")).collect())
            }
        };
        Plan {
            requests: requests
                .into_iter()
                .map(|r| r.into_bytes().into())
                .collect(),
            once,
        }
    }

    /// A one-time token of an account and of a person in it.
    pub fn token(&self, account: u64, user: u64, secret: &str, from_now: i64) -> String {
        #[expect(
            clippy::disallowed_methods,
            reason = "the services go by the machine's clock"
        )]
        let now = chrono::Utc::now().timestamp() + from_now;
        let claims = Claims {
            iss: format!("http://a{account}.localhost:{}", self.amocrm),
            aud: self.audience(),
            jti: uuid::Uuid::new_v4().to_string(),
            iat: now,
            nbf: now,
            exp: now + 1_800,
            account_id: account,
            user_id: user,
            subdomain: format!("a{account}"),
            client_uuid: CLIENT,
        };
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::default(), &claims, &key).unwrap()
    }

    fn get(&self, path: &str, header: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n{header}\r\n",
            self.port
        )
    }

    pub fn standing(&self, account: u64) -> String {
        self.standing_with(&self.token(account, 7, SECRET, 0))
    }

    pub fn standing_with(&self, token: &str) -> String {
        self.get("/widget/v1/standing", &format!("X-Auth-Token: {token}\r\n"))
    }

    /// The consent of a person nobody knows yet, in an account nobody has seen.
    pub fn consent(&self, n: u64) -> String {
        let account = UNSEEN + n;
        self.consent_with(n, &self.token(account, 30_000_000 + n, SECRET, 0))
    }

    pub fn consent_with(&self, n: u64, token: &str) -> String {
        let body = format!(
            r#"{{"policy_hash":"{}","lang":"en","contact":{{"name":"Anna Petrova","email":"anna{n}@example.com"}},"declares":{{"read":true,"own_data":true}}}}"#,
            self.policy_hash
        );
        format!(
            "POST /widget/v1/consents HTTP/1.1\r\nHost: localhost:{}\r\nX-Auth-Token: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
    }

    /// The hook of an account that is known and whose grant lives.
    pub fn disconnect(&self, n: u64, secret: &str) -> String {
        let account = BEFORE_FIRST + n;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{CLIENT}|{account}").as_bytes());
        let tag: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let query = format!("client_uuid={CLIENT}&account_id={account}&signature={tag}");
        self.get(&format!("/amocrm/demo/disconnect?{query}"), "")
    }

    /// The install hook of an account nobody has seen.
    pub fn install(&self, n: u64, suffix: &str) -> String {
        let host = format!("a{}.{suffix}:{}", UNSEEN + n, self.amocrm);
        let query = format!("code=def502{n:0200x}&referer={host}&from_widget=1");
        self.get(&format!("/amocrm/demo/install?{query}"), "")
    }
}

/// How many accounts have to be known for hooks of so many seconds.
pub fn disconnects(seconds: f64) -> u64 {
    (20_000.0 * seconds) as u64
}
