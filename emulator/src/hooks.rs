//! The hooks that amoCRM's server sends to an integration: the install hook with the code, and the disconnect
//! hook with its signature. Only this machine is ever called.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::model::Account;
use crate::records::{self, Finding, HookKind, HookOutcome, HookRecord};
use crate::switches::{Delivery, Referer, Switches};
use crate::world::World;

/// What the vendor's servers call themselves: seen with the disconnect hook (KO:oauth-20), taken for all.
const USER_AGENT: &str = "amoService-oAuth-Code-Sender/1.0";
/// The vendor's limit for the install hook (RU:oauth/auth-public-integrations); none is told for the other.
const HOOK_TIMEOUT: Duration = Duration::from_secs(3);

/// `localhost` and everything under it is this machine; no other name exists.
struct LoopbackNames;

impl Resolve for LoopbackNames {
    fn resolve(&self, name: Name) -> Resolving {
        let known = is_local_name(name.as_str());
        Box::pin(async move {
            if !known {
                return Err("the emulator calls this machine only".into());
            }
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            Ok(Box::new(std::iter::once(address)) as Addrs)
        })
    }
}

fn is_local_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_local_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The outgoing client: this machine only, no redirects, no proxy.
pub(crate) fn client() -> io::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(LoopbackNames))
        .user_agent(USER_AGENT)
        .build()
        .map_err(io::Error::other)
}

/// Signature of the disconnect hook: lower-case hex of HMAC-SHA256 over `client_uuid|account_id`
/// (RU:oauth/step-by-step).
pub fn disconnect_signature(client_secret: &str, client_id: &str, account_id: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, client_secret.as_bytes());
    let tag = hmac::sign(&key, format!("{client_id}|{account_id}").as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl World {
    /// The account's host as hooks and callbacks spell it: without a scheme (RU:oauth/step-by-step).
    pub(crate) fn referer(&self, account: &Account) -> String {
        match self.read(|state| state.switches.referer) {
            Referer::Subdomain => self.host_of(account),
            Referer::Address => format!("127.0.0.1:{}", self.port()),
        }
    }

    /// Sends the install hook with a fresh code; returns the status of the answer, if one came in 3 seconds.
    /// The vendor neither checks it nor sends the hook again, and puts no `state` into it
    /// (RU:oauth/auth-public-integrations).
    pub async fn send_install_hook(
        &self,
        account_id: u64,
        user_id: u64,
        client_id: &str,
    ) -> Option<u16> {
        let (integration, account, switches) = self.read(|state| {
            Some((
                state.integrations.get(client_id)?.clone(),
                state.accounts.get(&account_id)?.clone(),
                state.switches.clone(),
            ))
        })?;
        let code = self.create_code(account_id, user_id, client_id);
        let mut url = Url::parse(&integration.redirect_uri).ok()?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("code", &code);
            query.append_pair("referer", &self.referer(&account));
            query.append_pair("from_widget", &switches.from_widget);
            if switches.install_hook_platform {
                query.append_pair("platform", &account.platform.number().to_string());
            }
            if switches.install_hook_client_id {
                query.append_pair("client_id", client_id);
            }
        }
        let hook = (HookKind::Install, account_id, client_id, url.as_str());
        self.deliver_get(hook, switches.install_hook).await
    }

    /// Sends the disconnect hook, if the integration has an address for it; returns the answer's status. It
    /// names no user, so one hook may mean one of several people's access (RU:oauth/step-by-step).
    pub async fn send_disconnect_hook(&self, account_id: u64, client_id: &str) -> Option<u16> {
        let (integration, switches) = self.read(|state| {
            let integration = state.integrations.get(client_id)?.clone();
            Some((integration, state.switches.clone()))
        })?;
        let mut url = Url::parse(integration.disconnect_uri.as_deref()?).ok()?;
        let signature = disconnect_signature(&integration.client_secret, client_id, account_id);
        url.query_pairs_mut()
            .append_pair(disconnect_name(&switches), client_id)
            .append_pair("account_id", &account_id.to_string())
            .append_pair("signature", &signature);
        let hook = (HookKind::Disconnect, account_id, client_id, url.as_str());
        self.deliver_get(hook, switches.disconnect_hook).await
    }

    /// Sends a recorded GET hook again, as an attacker or a nervous network would; returns the answer's status.
    pub async fn repeat_hook(&self, n: u64) -> Option<u16> {
        let old = self.read(|state| state.hooks.iter().find(|hook| hook.n == n).cloned())?;
        if !old.kind.is_repeatable() {
            return None;
        }
        let hook = (
            old.kind,
            old.account_id,
            old.client_id.as_str(),
            old.url.as_str(),
        );
        self.deliver_get(hook, Delivery::Normal).await
    }

    async fn deliver_get(
        &self,
        (kind, account_id, client_id, url): (HookKind, u64, &str, &str),
        delivery: Delivery,
    ) -> Option<u16> {
        let times = match delivery {
            Delivery::Duplicated => 2,
            Delivery::Normal | Delivery::Lost => 1,
        };
        let mut status = None;
        for _ in 0..times {
            let n = self.record_hook(HookRecord {
                n: 0,
                at: 0,
                kind,
                account_id,
                client_id: client_id.to_owned(),
                url: url.to_owned(),
                body: None,
                attempt: 1,
                outcome: HookOutcome::Pending,
            });
            let outcome = if delivery == Delivery::Lost {
                HookOutcome::Lost
            } else {
                self.call(self.client.get(url), url, HOOK_TIMEOUT).await
            };
            if let HookOutcome::Answered { status: answered } = outcome {
                status = Some(answered);
            }
            self.finish_hook(n, outcome);
        }
        status
    }

    /// Sends one request to this machine and tells how it ended.
    pub(crate) async fn call(
        &self,
        request: reqwest::RequestBuilder,
        url: &str,
        timeout: Duration,
    ) -> HookOutcome {
        if let Err(reason) = self.check_address(url) {
            return HookOutcome::Failed { reason };
        }
        match request.timeout(timeout).send().await {
            Ok(answer) => HookOutcome::Answered {
                status: answer.status().as_u16(),
            },
            Err(error) => HookOutcome::Failed {
                reason: error.without_url().to_string(),
            },
        }
    }

    /// Passes a widget's form on to its server, on this machine only: the status and the text answered.
    ///
    /// # Errors
    /// In words, when the address is not allowed or nothing answered in time.
    pub(crate) async fn post_for_widget(
        &self,
        url: &str,
        data: &serde_json::Value,
        timeout: Duration,
    ) -> Result<(u16, String), String> {
        self.check_address(url)?;
        let request = self.client.post(url).timeout(timeout).form(data);
        let fault = |error: reqwest::Error| error.without_url().to_string();
        let answer = request.send().await.map_err(fault)?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await.map_err(fault)?))
    }

    /// Lets only this machine be called, and remarks on every other address.
    fn check_address(&self, url: &str) -> Result<(), String> {
        let parsed = Url::parse(url).ok();
        if parsed.as_ref().is_some_and(is_this_machine) {
            return Ok(());
        }
        // Without the query, which may hold a code.
        let host = parsed.as_ref().and_then(Url::host_str).unwrap_or_default();
        self.record_finding(Finding {
            at: 0,
            rule: "foreign-address".to_owned(),
            detail: format!("not called, because it is not on this machine: {host}"),
            widget: String::new(),
        });
        Err("not an address of this machine".to_owned())
    }

    pub(crate) fn record_hook(&self, mut record: HookRecord) -> u64 {
        self.change(|state| {
            record.n = state.next_id();
            record.at = state.clock.now();
            let n = record.n;
            records::remember(&mut state.hooks, record);
            n
        })
    }

    pub(crate) fn finish_hook(&self, n: u64, outcome: HookOutcome) {
        self.change(|state| {
            if let Some(record) = state.hooks.iter_mut().find(|hook| hook.n == n) {
                record.outcome = outcome;
            }
        });
    }
}

fn disconnect_name(switches: &Switches) -> &'static str {
    if switches.disconnect_legacy_name {
        "client_id"
    } else {
        "client_uuid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_matches_the_reference_vector() {
        let client = "01d01160-d7a0-4087-b4af-6a1bb83fcd1d";
        assert_eq!(
            disconnect_signature("test-secret-do-not-use", client, 32_720_107),
            "1e51ddabf2734f1bc4cbf59ef1084e0b58b541208691d87a6b1913e0bcfc0fbf"
        );
    }

    #[test]
    fn only_this_machine_is_called() {
        let local = |text: &str| is_this_machine(&Url::parse(text).unwrap());
        assert!(local("http://127.0.0.1:1/x") && local("http://app.localhost/x"));
        assert!(!local("http://example.com/") && !local("http://10.0.0.1/"));
    }
}
