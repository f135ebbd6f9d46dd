//! What is read a thousand times and seldom changes, in memory: Products with their secrets and
//! versions, the key that signs, and what the standing of an account depends on.
//!
//! Never stale where it was changed: a transaction says what it changes ([`Tx::changes`]), and that
//! is forgotten before its commit is reported. What others change is seen by [`watch`]; while that
//! does not know, everything is read from the database.
//!
//! [`Tx::changes`]: super::Tx::changes
//! [`watch`]: super::watch

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::Weighter;
use tokio::time::Instant;

use super::accounts::Account;
use super::products::Catalog;
use super::signing_keys::Signer;
use crate::domain::ids::{AccountId, InstallId, ProductId};
use crate::domain::policies::history::History;

mod fresh;
mod versioned;
use fresh::Fresh;
pub(super) use fresh::TRUSTED;
use versioned::{Ticket, Versioned};

/// The bytes that all kept accounts take together; about 60,000 of them.
const MOST_BYTES: u64 = 48 << 20;
/// What an account takes besides its strings, with its places in the maps.
const EACH: u64 = 600;
/// About how many accounts that is.
const USUAL_COUNT: usize = 60_000;
/// How many Products' versions are kept. A Publisher has tens.
const PRODUCTS: usize = 1_000;

/// What a transaction changes of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The Install, its people's consents or what they know, or whether a grant lives.
    Install(InstallId),
    /// A Product, its secrets or its versions.
    Products,
    /// Anything.
    Everything,
}

/// What is kept.
pub(super) struct Cache {
    catalog: Versioned<(), Arc<Catalog>>,
    signer: Versioned<(), Arc<Signer>>,
    histories: Versioned<ProductId, Arc<History>>,
    /// Which Install an account has never changes.
    found: quick_cache::sync::Cache<(ProductId, AccountId), InstallId>,
    accounts: Versioned<InstallId, Arc<Account>, Bytes>,
    fresh: Fresh,
    /// When a commit of ours ended without an answer: it may come to pass later.
    in_doubt: Mutex<Option<Instant>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            catalog: Versioned::new(1),
            signer: Versioned::new(1),
            histories: Versioned::new(PRODUCTS),
            found: quick_cache::sync::Cache::new(USUAL_COUNT),
            accounts: Versioned::weighted(USUAL_COUNT, MOST_BYTES, Bytes),
            fresh: Fresh::default(),
            in_doubt: Mutex::default(),
        }
    }
}

impl Cache {
    /// All Products.
    pub(super) fn catalog(&self) -> Result<Arc<Catalog>, Ticket> {
        self.kept(&self.catalog, &())
    }

    pub(super) fn keep_catalog(&self, catalog: &Arc<Catalog>, ticket: Ticket) {
        self.catalog.insert((), catalog.clone(), ticket);
    }

    /// The key that signs.
    pub(super) fn signer(&self) -> Result<Arc<Signer>, Ticket> {
        self.kept(&self.signer, &())
    }

    pub(super) fn keep_signer(&self, signer: &Arc<Signer>, ticket: Ticket) {
        self.signer.insert((), signer.clone(), ticket);
    }

    /// The posted versions of a Product.
    pub(super) fn history(&self, product: ProductId) -> Result<Arc<History>, Ticket> {
        self.kept(&self.histories, &product)
    }

    pub(super) fn keep_history(&self, of: ProductId, history: &Arc<History>, ticket: Ticket) {
        self.histories.insert(of, history.clone(), ticket);
    }

    /// An account.
    pub(super) fn account(
        &self,
        product: ProductId,
        account: AccountId,
    ) -> Result<Arc<Account>, Ticket> {
        match self.found.get(&(product, account)) {
            Some(install) => self.kept(&self.accounts, &install),
            None => Err(self.accounts.ticket()),
        }
    }

    pub(super) fn keep_account(&self, account: &Arc<Account>, ticket: Ticket) {
        let install = &account.install;
        self.found
            .insert((install.product, install.account), install.id);
        self.accounts.insert(install.id, account.clone(), ticket);
    }

    /// The value, or the ticket with which what is read now may be kept.
    fn kept<K, V, W>(&self, values: &Versioned<K, V, W>, key: &K) -> Result<V, Ticket>
    where
        K: Eq + std::hash::Hash,
        V: Clone,
        W: Weighter<K, V> + Clone,
    {
        let kept = values.get(key).filter(|_| self.fresh.is(Instant::now()));
        kept.ok_or_else(|| values.ticket())
    }

    /// Whether memory is trusted at this moment.
    pub(super) fn remembers(&self) -> bool {
        self.fresh.is(Instant::now())
    }

    /// Forgets what was changed.
    pub(super) fn forget(&self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Install(install) => self.accounts.remove(install),
                Change::Products => {
                    self.catalog.clear();
                    self.histories.clear();
                }
                Change::Everything => self.clear(),
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.catalog.clear();
        self.signer.clear();
        self.histories.clear();
        self.found.clear();
        self.accounts.clear();
    }

    /// Nobody knows whether a commit of ours comes to pass: nothing is taken from memory until the
    /// database was looked at again.
    pub(super) fn doubt(&self) {
        *lock(&self.in_doubt) = Some(Instant::now());
        self.fresh.end();
    }

    /// The database was looked at, at `asked`, and `changed` says whether others wrote.
    pub(super) fn looked(&self, asked: Instant, changed: bool) {
        let mut in_doubt = lock(&self.in_doubt);
        let settled = in_doubt.take_if(|since| *since < asked).is_some();
        if settled || changed {
            self.clear();
        }
        if in_doubt.is_none() {
            self.fresh.since(asked);
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone)]
struct Bytes;

impl Weighter<InstallId, Arc<Account>> for Bytes {
    fn weight(&self, _: &InstallId, account: &Arc<Account>) -> u64 {
        EACH + account.size() as u64
    }
}
