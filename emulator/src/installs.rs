//! What people do with a widget: install it, save its settings, switch it off, give access by a button, open a
//! page that asks for a short-lived token.

use std::io;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::jwt::hmac_token;
use crate::model::{InstallStatus, WidgetInstall};
use crate::world::World;

impl World {
    /// A person presses Install: the widget is switched on and the install hook is sent. Returns the status of
    /// the hook's answer, `None` when there was none in 3 seconds, when account or integration is unknown, or
    /// when a private integration belongs to another account.
    pub async fn install(&self, account_id: u64, client_id: &str, user_id: u64) -> Option<u16> {
        if !self.switch_on(account_id, client_id, user_id) {
            return None;
        }
        self.send_install_hook(account_id, user_id, client_id).await
    }

    /// The same for pages, which do not wait for the hook.
    pub fn install_in_background(self: &Arc<Self>, account_id: u64, client_id: &str, user_id: u64) {
        let world = Arc::clone(self);
        let client_id = client_id.to_owned();
        tokio::spawn(async move {
            world.install(account_id, &client_id, user_id).await;
        });
    }

    fn switch_on(&self, account_id: u64, client_id: &str, user_id: u64) -> bool {
        self.change(|state| {
            let card = state.integrations.get(client_id);
            if !card.is_some_and(|card| card.may_be_installed_in(account_id)) {
                return false;
            }
            let Some(account) = state.accounts.get_mut(&account_id) else {
                return false;
            };
            let install = account.installs.entry(client_id.to_owned()).or_default();
            install.status = InstallStatus::Installed;
            install.active = true;
            install.installed_by = user_id;
            true
        })
    }

    /// Stores the settings of a widget; false when account or integration is unknown.
    pub fn save_widget_settings(
        &self,
        account_id: u64,
        client_id: &str,
        settings: Map<String, Value>,
    ) -> bool {
        self.change(|state| {
            if !state.integrations.contains_key(client_id) {
                return false;
            }
            let Some(account) = state.accounts.get_mut(&account_id) else {
                return false;
            };
            account
                .installs
                .entry(client_id.to_owned())
                .or_default()
                .settings = settings;
            true
        })
    }

    /// A widget in an account, as the interface shows it; an untouched one when it was never installed.
    pub fn widget_install(&self, account_id: u64, client_id: &str) -> WidgetInstall {
        self.read(|state| {
            state
                .accounts
                .get(&account_id)
                .and_then(|account| account.installs.get(client_id))
                .cloned()
                .unwrap_or_default()
        })
    }

    /// A person switches the integration off: all its access in the account is withdrawn and the disconnect
    /// hook is sent (RU:oauth/step-by-step). Returns the status of the hook's answer, if any.
    pub async fn disable(&self, account_id: u64, client_id: &str, user_id: u64) -> Option<u16> {
        tracing::info!(account_id, client_id, user_id, "integration switched off");
        self.switch_off(account_id, client_id);
        self.revoke_grants(account_id, client_id);
        self.send_disconnect_hook(account_id, client_id).await
    }

    /// The same for pages, which do not wait for the hook: access is withdrawn at once.
    pub fn disable_in_background(self: &Arc<Self>, account_id: u64, client_id: &str, user_id: u64) {
        let world = Arc::clone(self);
        let client_id = client_id.to_owned();
        tokio::spawn(async move {
            world.disable(account_id, &client_id, user_id).await;
        });
    }

    pub(crate) fn switch_off(&self, account_id: u64, client_id: &str) {
        self.change(|state| {
            let installs = state
                .accounts
                .get_mut(&account_id)
                .map(|account| &mut account.installs);
            if let Some(install) = installs.and_then(|installs| installs.get_mut(client_id)) {
                install.status = InstallStatus::Install;
                install.active = false;
            }
        });
    }

    /// A person agrees on the authorize page: the address their browser goes to, with a fresh code. Access
    /// given by an administrator also switches the integration on. `None` when account, person or integration
    /// is unknown, when an employee would give the first access (RU:oauth/scopes), or when a private
    /// integration belongs to another account.
    pub fn authorize(
        &self,
        account_id: u64,
        user_id: u64,
        client_id: &str,
        state_param: Option<&str>,
    ) -> Option<String> {
        let (redirect_uri, account, user, switches) = self.read(|state| {
            let account = state.accounts.get(&account_id)?;
            Some((
                state.integrations.get(client_id)?.redirect_uri.clone(),
                account.clone(),
                account.user(user_id)?.clone(),
                state.switches.clone(),
            ))
        })?;
        let installed = account
            .installs
            .get(client_id)
            .is_some_and(|install| install.active);
        if !user.is_active || !(user.is_admin || installed) {
            return None;
        }
        if !installed && !self.switch_on(account_id, client_id, user_id) {
            return None;
        }
        let code = self.create_code(account_id, user_id, client_id);
        let mut url = Url::parse(&redirect_uri).ok()?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("code", &code);
            query.append_pair("referer", &self.referer(&account));
            if let Some(value) = state_param {
                query.append_pair("state", value);
            }
            if switches.install_hook_client_id {
                query.append_pair("client_id", client_id);
            }
            if switches.install_hook_platform {
                query.append_pair("platform", &account.platform.number().to_string());
            }
        }
        Some(url.into())
    }

    /// A person refuses on the authorize page: the address their browser goes to. `external_redirect_uri`
    /// stands in for the card of an external integration, which does not exist yet. Only KO:oauth-20 has
    /// `client_id` here, so the callback's switch decides.
    pub fn deny(
        &self,
        client_id: &str,
        external_redirect_uri: &str,
        state_param: Option<&str>,
    ) -> Option<String> {
        let (known, names_client) = self.read(|state| {
            let card = state.integrations.get(client_id);
            let address = card.map(|card| card.redirect_uri.clone());
            (address, state.switches.install_hook_client_id)
        });
        let redirect_uri = known.unwrap_or_else(|| external_redirect_uri.to_owned());
        let mut url = Url::parse(&redirect_uri).ok()?;
        url.query_pairs_mut().append_pair("error", "access_denied");
        if let Some(value) = state_param {
            url.query_pairs_mut().append_pair("state", value);
        }
        if names_client && !client_id.is_empty() {
            url.query_pairs_mut().append_pair("client_id", client_id);
        }
        Some(url.into())
    }

    /// The claims of a widget's short-lived token (`X-Auth-Token`, RU:oauth/disposable-tokens); `None` when
    /// account, person or integration is unknown.
    pub fn disposable_claims(
        &self,
        account_id: u64,
        user_id: u64,
        client_id: &str,
    ) -> Option<Value> {
        self.read(|state| {
            let account = state.accounts.get(&account_id)?;
            let user = account.user(user_id)?;
            let integration = state.integrations.get(client_id)?;
            let redirect = Url::parse(&integration.redirect_uri).ok()?;
            let now = state.clock.now() + state.switches.disposable_skew_secs;
            let mut claims = json!({
                "iss": self.address_of(account),
                "aud": audience(&redirect, state.switches.disposable_port_in_aud)?,
                "jti": Uuid::new_v4(),
                "iat": now,
                "nbf": now,
                "exp": now + state.switches.disposable_lifetime_secs,
                "account_id": account_id,
                "user_id": user_id,
                "subdomain": account.label(),
                "client_uuid": client_id,
            });
            if state.switches.disposable_is_admin {
                claims["is_admin"] = json!(user.is_admin);
            }
            Some(claims)
        })
    }

    /// A widget's short-lived token (HS256 under the integration's secret).
    ///
    /// # Errors
    /// When account, person or integration is unknown, or signing fails.
    pub fn disposable_token(
        &self,
        account_id: u64,
        user_id: u64,
        client_id: &str,
    ) -> io::Result<String> {
        let claims = self
            .disposable_claims(account_id, user_id, client_id)
            .ok_or_else(|| io::Error::other("no such account, user or integration"))?;
        let secret = self
            .read(|state| Some(state.integrations.get(client_id)?.client_secret.clone()))
            .unwrap_or_default();
        hmac_token(&claims, "HS256", secret.as_bytes())
    }
}

impl World {
    /// A widget token with other claims, another algorithm (HS256, HS384, HS512, RS256 under the emulator's own
    /// key, `none`) or another key, for tests of forgery.
    ///
    /// # Errors
    /// When the algorithm is unknown or signing fails.
    pub fn custom_token(&self, claims: &Value, alg: &str, key: &[u8]) -> io::Result<String> {
        if alg == "RS256" {
            return self.signer.access_token(claims);
        }
        hmac_token(claims, alg, key)
    }
}

/// Scheme and host of the redirect address, as PHP expects it; with its port when the switch says so, as other
/// public code does.
fn audience(redirect: &Url, with_port: bool) -> Option<String> {
    let host = redirect.host_str()?;
    let port = redirect.port().filter(|_| with_port);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{}://{host}{port}", redirect.scheme()))
}
