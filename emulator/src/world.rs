//! The whole world of the emulator behind one lock: who exists, who may do what, what happened.
//!
//! Handlers look with [`World::read`] and act with [`World::change`]; each is one short critical section, so
//! two requests never see half a change. A changed world is written to its state file soon after.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Clock;
use crate::deliveries::Waiting;
use crate::faults::{Fault, FaultKind};
use crate::holds::Holds;
use crate::jwt::Signer;
use crate::model::{Account, Code, Grant, Integration, User};
use crate::records::{self, Finding, HookRecord, RequestRecord};
use crate::switches::Switches;

/// A person signed in to the account's pages; the cookie `emu_session` holds its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// Account.
    pub account_id: u64,
    /// Person.
    pub user_id: u64,
}

/// Everything that is saved.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Time.
    pub clock: Clock,
    /// Accounts by number.
    pub accounts: BTreeMap<u64, Account>,
    /// Integrations by client id.
    pub integrations: BTreeMap<String, Integration>,
    /// Authorization codes.
    pub codes: BTreeMap<String, Code>,
    /// Access given, dead and alive.
    pub grants: Vec<Grant>,
    /// Signed-in people by cookie value.
    pub sessions: BTreeMap<String, Session>,
    /// How this amoCRM behaves.
    pub switches: Switches,
    /// Faults waiting.
    pub faults: Vec<Fault>,
    /// Requests received.
    pub requests: VecDeque<RequestRecord>,
    /// Webhook deliveries that wait for their moment.
    pub waiting: Vec<Waiting>,
    /// Hooks sent.
    pub hooks: VecDeque<HookRecord>,
    /// Behaviour of widgets worth a remark.
    pub findings: VecDeque<Finding>,
    /// Last number given to an account, user, webhook or hook record.
    pub last_id: u64,
}

impl State {
    /// The next free number.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The account whose present subdomain this is.
    pub fn account_by_subdomain(&self, subdomain: &str) -> Option<&Account> {
        self.accounts
            .values()
            .find(|account| account.subdomain == subdomain)
    }

    /// The integration whose widget has this code.
    pub fn integration_by_code(&self, code: &str) -> Option<&Integration> {
        self.integrations
            .values()
            .find(|integration| integration.code == code)
    }
}

/// The running world.
pub struct World {
    state: Mutex<State>,
    dirty: AtomicBool,
    // Held while the file is written, so that whoever saves next finds it written.
    saving: Mutex<()>,
    state_file: Option<PathBuf>,
    port: u16,
    pub(crate) signer: Signer,
    pub(crate) client: reqwest::Client,
    /// Held during a round of deliveries, so that rounds do not overlap.
    pub(crate) delivering: tokio::sync::Mutex<()>,
    /// Requests that a fault holds.
    pub holds: Holds,
    pub(crate) limits: Mutex<BTreeMap<(u64, String), (i64, u32)>>,
}

impl World {
    /// Loads the state file, or begins with an empty world when it does not exist.
    ///
    /// # Errors
    /// When the file cannot be read or is not a saved world, or when no key can be made.
    pub fn open(state_file: Option<PathBuf>, port: u16) -> io::Result<World> {
        let state = match state_file.as_ref().map(std::fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => State::default(),
        };
        Ok(World {
            state: Mutex::new(state),
            dirty: AtomicBool::new(false),
            saving: Mutex::default(),
            state_file,
            port,
            signer: Signer::generate()?,
            client: crate::hooks::client()?,
            delivering: tokio::sync::Mutex::default(),
            holds: Holds::default(),
            limits: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the world.
    pub fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let answer = act(&mut self.lock());
        self.dirty.store(true, Ordering::Relaxed);
        answer
    }

    /// Writes the state file if anything changed since the last time. A crash leaves the old or the new file,
    /// never half of one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> io::Result<()> {
        let Some(path) = &self.state_file else {
            return Ok(());
        };
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.dirty.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let json = self.read(serde_json::to_vec)?;
        let draft = path.with_extension("draft");
        let written = std::fs::write(&draft, json).and_then(|()| std::fs::rename(draft, path));
        if written.is_err() {
            // The change is still unsaved: the next round tries again.
            self.dirty.store(true, Ordering::Relaxed);
        }
        written
    }

    /// Port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `{label}.localhost:PORT`, the host of an account or of a shard such as `api-a`.
    pub fn host(&self, label: &str) -> String {
        format!("{label}.localhost:{}", self.port)
    }

    /// The host under which an account is known: the vendor's when it pretends to live there.
    pub fn host_of(&self, account: &Account) -> String {
        let pretended = account.pretended_host.clone();
        pretended.unwrap_or_else(|| self.host(&account.subdomain))
    }

    /// The address under which an account is known, without a trailing slash: by https when it pretends to live
    /// at the vendor's.
    pub fn address_of(&self, account: &Account) -> String {
        match &account.pretended_host {
            Some(host) => format!("https://{host}"),
            None => self.account_url(&account.subdomain),
        }
    }

    /// Address of an account's pages on this machine, without a trailing slash.
    pub fn account_url(&self, subdomain: &str) -> String {
        format!("http://{}", self.host(subdomain))
    }

    /// The present Unix second on the emulator's clock.
    pub fn now_secs(&self) -> i64 {
        self.read(|state| state.clock.now())
    }

    /// Moves the emulator's time by this many seconds; codes, tokens and webhooks follow.
    pub fn advance(&self, secs: i64) {
        self.change(|state| state.clock.advance(secs));
    }

    /// Adds an account; an `id` of 0 means the next free number. Users without a number get one. Returns it.
    pub fn add_account(&self, mut account: Account) -> Account {
        self.change(|state| {
            if account.id == 0 {
                account.id = 31_000_000 + state.next_id();
            }
            if account.created_at == 0 {
                account.created_at = state.clock.now();
            }
            for (value, usual) in [
                (&mut account.country, "KG"),
                (&mut account.currency, "KGS"),
                (&mut account.timezone, "Asia/Bishkek"),
            ] {
                if value.is_empty() {
                    usual.clone_into(value);
                }
            }
            for user in &mut account.users {
                if user.id == 0 {
                    user.id = 11_000_000 + state.next_id();
                }
            }
            state.accounts.insert(account.id, account.clone());
            account
        })
    }

    /// Adds a person to an account; `None` when there is no such account.
    pub fn add_user(&self, account_id: u64, mut user: User) -> Option<User> {
        self.change(|state| {
            if user.id == 0 {
                user.id = 11_000_000 + state.next_id();
            }
            state
                .accounts
                .get_mut(&account_id)?
                .users
                .push(user.clone());
            Some(user)
        })
    }

    /// Gives an account another subdomain; its old host stops answering. One that lives at the vendor's moves
    /// within its domain there. False when there is no such account or the name is taken.
    pub fn rename(&self, account_id: u64, subdomain: &str) -> bool {
        self.change(|state| {
            if state.account_by_subdomain(subdomain).is_some() {
                return false;
            }
            let Some(account) = state.accounts.get_mut(&account_id) else {
                return false;
            };
            let known_as = account.label().to_owned();
            if let Some(domain) = account.pretended_domain() {
                account.pretended_host = Some(format!("{subdomain}.{domain}"));
            }
            let old = std::mem::replace(&mut account.subdomain, subdomain.to_owned());
            if known_as != old {
                account.former_subdomains.push(known_as);
            }
            account.former_subdomains.push(old);
            true
        })
    }

    /// Registers an integration, or replaces its card. An empty client id, secret or widget code is made up.
    pub fn add_integration(&self, mut integration: Integration) -> Integration {
        for (value, made_up) in [
            (&mut integration.client_id, Uuid::new_v4().to_string()),
            (&mut integration.client_secret, opaque(64)),
            (&mut integration.code, format!("w{}", opaque(16))),
        ] {
            if value.is_empty() {
                *value = made_up;
            }
        }
        self.change(|state| {
            let key = integration.client_id.clone();
            state.integrations.insert(key, integration.clone());
        });
        integration
    }

    /// Signs a person in to the account's pages; returns the value of the cookie `emu_session`, or `None` for
    /// an unknown or deactivated user.
    pub fn sign_in(&self, account_id: u64, user_id: u64) -> Option<String> {
        self.change(|state| {
            let user = state.accounts.get(&account_id)?.user(user_id)?;
            if !user.is_active {
                return None;
            }
            let key = opaque(32);
            let session = Session {
                account_id,
                user_id,
            };
            state.sessions.insert(key.clone(), session);
            Some(key)
        })
    }

    /// Makes the next matching requests fail.
    pub fn fail_next(&self, fault: Fault) {
        self.change(|state| state.faults.push(fault));
    }

    /// The fault that hits this request, if any; whose account the request is for is asked only when faults
    /// are waiting.
    pub(crate) fn take_fault(
        &self,
        method: &str,
        path: &str,
        account_id: impl FnOnce() -> Option<u64>,
    ) -> Option<FaultKind> {
        if self.read(|state| state.faults.is_empty()) {
            return None;
        }
        let account_id = account_id();
        self.change(|state| crate::faults::take(&mut state.faults, method, path, account_id))
    }

    /// Notes forbidden or doubtful behaviour of a widget.
    pub fn record_finding(&self, mut finding: Finding) {
        self.change(|state| {
            finding.at = state.clock.now();
            records::remember(&mut state.findings, finding);
        });
    }
}

/// Random lower-case hex of this length, unguessable.
pub fn opaque(length: usize) -> String {
    let mut text = String::with_capacity(length + 32);
    while text.len() < length {
        text.push_str(&Uuid::new_v4().simple().to_string());
    }
    text.truncate(length);
    text
}
