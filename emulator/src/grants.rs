//! Who gave whom access: codes, exchanges, refreshes, withdrawal. The rules of OAuth, without HTTP
//! (RU:oauth/step-by-step, KO:oauth-20).

use std::collections::BTreeMap;
use std::io;

use serde_json::json;
use uuid::Uuid;

use crate::model::{Code, Grant, IntegrationKind};
use crate::switches::Rotation;
use crate::world::{State, World, opaque};

/// Lifetime of a code: 20 minutes.
pub const CODE_SECS: i64 = 20 * 60;
/// Lifetime of an access token: 24 hours.
pub const ACCESS_SECS: i64 = 24 * 60 * 60;
/// Lifetime of a refresh token: three months, taken as 92 days.
pub const REFRESH_SECS: i64 = 92 * 24 * 60 * 60;

/// Why the token endpoint refuses: the status and the `hint` of the vendor's error body. FIELD: the vendor
/// documents 200 and 400 only; texts and the 401 come from recorded answers and PHP's issues 123 and 315.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Text of `hint`.
    pub hint: String,
}

impl Refusal {
    /// A 400 with this hint.
    pub fn bad(hint: &str) -> Refusal {
        Refusal {
            status: 400,
            hint: hint.to_owned(),
        }
    }

    /// 401: the refresh token was used before or access was withdrawn.
    pub fn revoked() -> Refusal {
        Refusal {
            status: 401,
            hint: "Token has been revoked".to_owned(),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Refusal {
        Refusal {
            status: 500,
            hint: "The token could not be signed".to_owned(),
        }
    }
}

/// What a good exchange gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// JWT, 24 hours.
    pub access: String,
    /// Opaque, three months.
    pub refresh: String,
    /// The emulator's Unix second.
    pub server_time: i64,
}

/// The person, account and integration behind an accepted access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Account.
    pub account_id: u64,
    /// Person whose rights apply: the owner, or the user of `X-Context-User-ID`.
    pub user_id: u64,
    /// Person who gave the access.
    pub owner_id: u64,
    /// Integration.
    pub client_id: String,
}

impl Caller {
    /// Whether a person in the account's pages calls, and no integration.
    pub fn is_person(&self) -> bool {
        self.client_id.is_empty()
    }
}

/// What the host of a request to the token endpoint named.
#[derive(Debug, Clone, Copy, Default)]
pub struct AskedOn {
    /// The account, if it named one.
    pub account: Option<u64>,
    /// The vendor's domain, if it was one of its hosts.
    pub domain: Option<&'static str>,
}

impl World {
    /// Makes a code for a person's agreement.
    pub fn create_code(&self, account_id: u64, user_id: u64, client_id: &str) -> String {
        let code = format!("def502{}", opaque(500));
        self.change(|state| {
            let expires_at = state.clock.now() + CODE_SECS;
            let issued = Code {
                account_id,
                user_id,
                client_id: client_id.to_owned(),
                expires_at,
                used: false,
                revoked: false,
            };
            state.codes.insert(code.clone(), issued);
        });
        code
    }

    /// Exchanges a code.
    ///
    /// # Errors
    /// The refusal amoCRM would give.
    pub fn exchange(
        &self,
        client_id: &str,
        code: &str,
        asked_on: AskedOn,
    ) -> Result<Tokens, Refusal> {
        let found = self.change(|state| {
            let now = state.clock.now();
            let found = state
                .codes
                .get_mut(code)
                .filter(|found| found.client_id == client_id)
                .ok_or_else(|| Refusal::bad("Cannot decrypt the authorization code"))?;
            if asked_on
                .account
                .is_some_and(|account| account != found.account_id)
            {
                return Err(Refusal::bad("Invalid account"));
            }
            if found.used || found.revoked {
                return Err(Refusal::bad("Authorization code has been revoked"));
            }
            if found.expires_at <= now {
                return Err(Refusal {
                    status: state.switches.expired_code_status,
                    hint: "Authorization code has expired".to_owned(),
                });
            }
            found.used = true;
            Ok(found.clone())
        })?;
        let giver = (found.account_id, found.user_id);
        let tokens = self.sign_tokens(giver, client_id, asked_on.domain)?;
        self.change(|state| {
            state.grants.push(Grant {
                account_id: found.account_id,
                user_id: found.user_id,
                client_id: client_id.to_owned(),
                alive: true,
                access: BTreeMap::from([(tokens.access.clone(), tokens.server_time + ACCESS_SECS)]),
                refresh: tokens.refresh.clone(),
                refresh_expires_at: tokens.server_time + REFRESH_SECS,
                previous: None,
                spent: Vec::new(),
            });
        });
        Ok(tokens)
    }

    /// Exchanges a refresh token under the rotation that is switched on.
    ///
    /// # Errors
    /// The refusal amoCRM would give.
    pub fn refresh(
        &self,
        client_id: &str,
        refresh: &str,
        asked_on: AskedOn,
    ) -> Result<Tokens, Refusal> {
        let host_account = asked_on.account;
        let giver = self.read(|state| usable_grant(state, client_id, refresh, host_account))?;
        let tokens = self.sign_tokens(giver, client_id, asked_on.domain)?;
        // Judged again under the lock: of two requests with one token, only one may win.
        self.change(|state| {
            usable_grant(state, client_id, refresh, host_account)?;
            let grant = state
                .grants
                .iter_mut()
                .find(|grant| knows(grant, refresh))
                .ok_or_else(|| Refusal::bad("Invalid refresh token"))?;
            grant
                .access
                .retain(|_, expires_at| *expires_at > tokens.server_time);
            grant
                .access
                .insert(tokens.access.clone(), tokens.server_time + ACCESS_SECS);
            let replaced = std::mem::replace(&mut grant.refresh, tokens.refresh.clone());
            grant.refresh_expires_at = tokens.server_time + REFRESH_SECS;
            if replaced == refresh {
                grant.spent.extend(grant.previous.replace(replaced));
            } else {
                grant.spent.push(replaced);
            }
            Ok(tokens)
        })
    }

    /// A fresh pair. FIELD: the claims are those of a payload seen in public code; `exp` and `api_domain` are
    /// read by PHP, `sub`, `jti`, `iat` and `nbf` are expected by analogy. They name the vendor's domain where
    /// the account pretends to live there, or was asked for there.
    fn sign_tokens(
        &self,
        (account_id, user_id): (u64, u64),
        client_id: &str,
        asked_domain: Option<&str>,
    ) -> io::Result<Tokens> {
        let now = self.now_secs();
        let (pretended, names_shard) = self.read(|state| {
            let account = state.accounts.get(&account_id);
            let domain = account.and_then(|account| account.pretended_domain().map(str::to_owned));
            (domain, state.switches.access_token_api_domain)
        });
        let base_domain = pretended
            .or_else(|| asked_domain.map(str::to_owned))
            .unwrap_or_else(|| format!("localhost:{}", self.port()));
        let mut claims = json!({
            "aud": client_id,
            "jti": opaque(80),
            "iat": now,
            "nbf": now,
            "exp": now + ACCESS_SECS,
            "sub": user_id.to_string(),
            "grant_type": "",
            "account_id": account_id,
            "base_domain": &base_domain,
            "version": 2,
            "scopes": ["push_notifications", "files", "crm", "files_delete", "notifications"],
            "hash_uuid": Uuid::new_v4(),
            "user_flags": 0,
        });
        if names_shard {
            claims["api_domain"] = json!(format!("api-a.{base_domain}"));
        }
        Ok(Tokens {
            access: self.signer.access_token(&claims)?,
            refresh: format!("def502{}", opaque(700)),
            server_time: now,
        })
    }

    /// Whose access token this is; `None` when unknown, expired or revoked. Access given by an administrator
    /// outlives that person's deactivation (RU:oauth/scopes).
    pub fn caller(&self, access_token: &str) -> Option<Caller> {
        self.read(|state| {
            let now = state.clock.now();
            let grant = state.grants.iter().find(|grant| {
                grant.alive
                    && grant
                        .access
                        .get(access_token)
                        .is_some_and(|expires_at| *expires_at > now)
            })?;
            let user = state.accounts.get(&grant.account_id)?.user(grant.user_id)?;
            (user.is_active || user.is_admin).then(|| Caller {
                account_id: grant.account_id,
                user_id: grant.user_id,
                owner_id: grant.user_id,
                client_id: grant.client_id.clone(),
            })
        })
    }

    /// The account of a living refresh token, for the lookup of a renamed account.
    pub fn account_of_refresh(&self, refresh: &str) -> Option<u64> {
        self.read(|state| {
            let now = state.clock.now();
            state
                .grants
                .iter()
                .find(|grant| {
                    grant.alive && grant.refresh == refresh && grant.refresh_expires_at > now
                })
                .map(|grant| grant.account_id)
        })
    }

    /// Withdraws every access of an integration in an account, codes on their way included. Returns how many
    /// grants died.
    pub fn revoke_grants(&self, account_id: u64, client_id: &str) -> usize {
        self.revoke(account_id, client_id, |_| true)
    }

    /// Withdraws what one person gave, as that person can in their profile and an administrator in the list of
    /// granted accesses (RU:integrations/requirements 2.2). Other people's access lives on. Returns how many
    /// grants died.
    pub fn revoke_grants_of(&self, account_id: u64, client_id: &str, user_id: u64) -> usize {
        self.revoke(account_id, client_id, |giver| giver == user_id)
    }

    fn revoke(&self, account_id: u64, client_id: &str, given_by: impl Fn(u64) -> bool) -> usize {
        self.change(|state| {
            let hit = |account: u64, client: &str, user: u64| {
                account == account_id && client == client_id && given_by(user)
            };
            for code in state.codes.values_mut() {
                code.revoked |= hit(code.account_id, &code.client_id, code.user_id);
            }
            let hit = state.grants.iter_mut().filter(|grant| {
                grant.alive && hit(grant.account_id, &grant.client_id, grant.user_id)
            });
            hit.map(|grant| grant.alive = false).count()
        })
    }

    /// Whether this integration may read users.
    pub(crate) fn is_external(&self, client_id: &str) -> bool {
        self.read(|state| {
            state
                .integrations
                .get(client_id)
                .is_some_and(|found| found.kind == IntegrationKind::External)
        })
    }
}

fn knows(grant: &Grant, refresh: &str) -> bool {
    grant.refresh == refresh
        || grant.previous.as_deref() == Some(refresh)
        || grant.spent.iter().any(|old| old == refresh)
}

/// Account and person of a refresh token that may be exchanged now.
fn usable_grant(
    state: &State,
    client_id: &str,
    refresh: &str,
    host_account: Option<u64>,
) -> Result<(u64, u64), Refusal> {
    let grant = state
        .grants
        .iter()
        .find(|grant| grant.client_id == client_id && knows(grant, refresh))
        .ok_or_else(|| Refusal::bad("Invalid refresh token"))?;
    if host_account.is_some_and(|account| account != grant.account_id) {
        return Err(Refusal::bad("Invalid account"));
    }
    let in_turn = grant.refresh == refresh
        || (state.switches.rotation == Rotation::Grace
            && grant.previous.as_deref() == Some(refresh));
    if !grant.alive || !in_turn || grant.refresh_expires_at <= state.clock.now() {
        return Err(Refusal::revoked());
    }
    Ok((grant.account_id, grant.user_id))
}
