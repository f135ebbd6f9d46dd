//! Rows to domain values and back; the only place that knows the database.
//!
//! There is one way to write: a [`Tx`], which every writing function demands, so
//! that a write without a transaction does not compile. Reads take anything
//! that can [`Read`]: the store itself, or a transaction that has to see its
//! own work.
//!
//! Everything here fails with `Unavailable` when the database does not answer; `# Errors` names what else.

mod bounded;
mod cache;
mod connect;
mod entity;
mod fault;
mod instances;
mod open;
pub mod sealed;
pub mod vault;
mod watch;
mod writer;

pub mod accounts;
pub mod burned;
pub mod clocks;
pub mod consents;
pub mod disconnects;
pub mod endpoints;
pub mod events;
pub mod grants;
pub mod installs;
pub mod jobs;
pub mod ledger;
pub mod letters;
pub mod links;
pub mod notices;
#[cfg(feature = "demo")]
pub mod overview;
pub mod people;
pub mod policies;
pub mod products;
pub mod removals;
pub mod requests;
pub mod reseal;
pub mod signing_keys;
pub mod states;
pub mod tokens;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use uuid::Uuid;

pub use bounded::Bounded;
use bounded::Limit;
use cache::Cache;
pub use cache::Change;
pub use fault::Fault;
pub use instances::{WorkerLock, lack_first_key, worker_lock};
pub use open::{files, migrate};
use vault::{KeyId, Vault};
use watch::{Channel, DataVersion};
use writer::{Who, Writer};

/// How long anybody waits for the database before being told that it is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database and the keys to what is sealed in it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Bounded<DatabaseConnection>,
    /// What writes: on SQLite one connection of its own, on PostgreSQL the same as `db`.
    write: Bounded<DatabaseConnection>,
    vault: Arc<Vault>,
    cache: Arc<Cache>,
    data_version: Arc<DataVersion>,
    channel: Arc<Channel>,
    /// On PostgreSQL, what hears of others' changes.
    listens: Option<DatabaseConnection>,
    /// SQLite has one writer. On PostgreSQL there are several, and fewer than connections: who
    /// waits for locks leaves some to readers.
    writer: Option<Writer>,
    /// On PostgreSQL, the same database over connections that only hooks use.
    hooks: Option<Box<Store>>,
}

/// What is done about Installs that others change at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locked {
    /// They are left out, and nobody waits.
    LeftOut,
    /// Whoever changes them is waited for.
    WaitedFor,
}

/// An open transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    inner: Bounded<DatabaseTransaction>,
    vault: Arc<Vault>,
    cache: Arc<Cache>,
    channel: Arc<Channel>,
    changes: Mutex<Vec<Change>>,
    turn: Option<OwnedSemaphorePermit>,
}

/// The database as it was at one moment: several reads that have to agree with each other.
pub struct Snapshot {
    inner: Bounded<DatabaseTransaction>,
    vault: Arc<Vault>,
}

/// Anything that rows can be read from.
pub trait Read: Sync {
    /// The connection behind it.
    type Conn: ConnectionTrait;
    /// The connection to read from.
    fn conn(&self) -> &Self::Conn;
    /// The keys to what is sealed.
    fn vault(&self) -> &Vault;
}

impl Read for Store {
    type Conn = Bounded<DatabaseConnection>;
    fn conn(&self) -> &Self::Conn {
        &self.db
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Read for Snapshot {
    type Conn = Bounded<DatabaseTransaction>;
    fn conn(&self) -> &Self::Conn {
        &self.inner
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Read for Tx {
    type Conn = Bounded<DatabaseTransaction>;
    fn conn(&self) -> &Self::Conn {
        &self.inner
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Store {
    /// Begins a writing transaction: IMMEDIATE on SQLite, so that what is read inside cannot
    /// be overtaken; on PostgreSQL, lock what you decide on.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the database is gone, or busy for longer than 5 s. On
    /// PostgreSQL that is so too for everything done in it until then.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        self.begin_as(Who::Other, self.patience()).await
    }

    /// The same for a hook of amoCRM: it goes before all other writers, on PostgreSQL over
    /// connections of its own.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_hook(&self) -> Result<Tx, Fault> {
        let lane = self.for_hooks();
        lane.begin_as(Who::Hook, lane.patience()).await
    }

    /// The same for maintenance that an operator asked for and that takes as long as it takes.
    ///
    /// # Errors
    /// As [`Store::begin`], for the beginning.
    pub async fn begin_maintenance(&self) -> Result<Tx, Fault> {
        let tx = self.begin_as(Who::Other, Limit::None).await?;
        if tx.is_postgres() {
            tx.conn()
                .execute_unprepared(connect::TAKE_YOUR_TIME)
                .await?;
        }
        Ok(tx)
    }

    /// The same database over the connections that are kept for amoCRM's hooks.
    #[must_use]
    pub fn for_hooks(&self) -> &Self {
        self.hooks.as_deref().unwrap_or(self)
    }

    /// How long a transaction that begins now may take.
    fn patience(&self) -> Limit {
        match self.db.limit {
            Limit::None => Limit::None,
            Limit::Each(_) | Limit::Until(_) => Limit::Until(Instant::now() + PATIENCE),
        }
    }

    async fn begin_as(&self, who: Who, limit: Limit) -> Result<Tx, Fault> {
        let turn = match &self.writer {
            Some(writer) => Some(writer.turn(who).await?),
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = limit.hold(self.write.inner.begin_with_options(options));
        let inner = begun.await?;
        // From here on nobody else writes to the file.
        self.look(&inner).await?;
        let inner = Bounded {
            inner,
            limit,
            asked: self.write.asked.clone(),
        };
        Ok(Tx {
            inner,
            vault: self.vault.clone(),
            cache: self.cache.clone(),
            channel: self.channel.clone(),
            changes: Mutex::default(),
            turn,
        })
    }

    /// Reads the database as it is now, whatever others write meanwhile: a deferred transaction
    /// on SQLite, a repeatable read on PostgreSQL. It can write nothing.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the database is gone.
    pub async fn snapshot(&self) -> Result<Snapshot, Fault> {
        let options = if self.is_sqlite() {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            }
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            }
        };
        let limit = self.db.limit;
        let begun = limit.hold(self.db.inner.begin_with_options(options));
        Ok(Snapshot {
            inner: Bounded {
                inner: begun.await?,
                limit,
                asked: self.db.asked.clone(),
            },
            vault: self.vault.clone(),
        })
    }

    /// The master key that seals.
    #[must_use]
    pub fn first_key(&self) -> KeyId {
        self.vault.first()
    }

    /// The master keys that open, the one that seals first.
    #[must_use]
    pub fn held_keys(&self) -> Vec<KeyId> {
        self.vault.held()
    }

    /// Whether one file serves one process, or a server many.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Sqlite
    }

    /// How many statements were sent to the database, without beginnings, ends, and what
    /// [`Store::watch`] asks.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.db.asked.load(Ordering::Relaxed)
    }

    /// Whether answers are given from memory at this moment.
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.cache.remembers()
    }

    /// Answers only when the database does.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(self.db.limit.hold(self.db.inner.ping()).await?)
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when a connection cannot be closed in order.
    pub async fn close(self) -> Result<(), Fault> {
        if let Some(hooks) = self.hooks {
            hooks.db.inner.close().await?;
        }
        if let Some(listens) = self.listens {
            listens.close().await?;
        }
        self.write.inner.close().await?;
        Ok(self.db.inner.close().await?)
    }
}

impl Tx {
    /// Whether rows have to be locked to be decided on.
    fn is_postgres(&self) -> bool {
        self.inner.get_database_backend() == DbBackend::Postgres
    }

    /// What a reading statement ends with to lock the rows of `i`: Installs, in an order that all
    /// share. SQLite locks the whole file instead.
    fn lock_clause(&self, locked: Locked) -> &'static str {
        match (self.is_postgres(), locked) {
            (false, _) => "",
            (true, Locked::LeftOut) => "ORDER BY i.id FOR UPDATE OF i SKIP LOCKED",
            (true, Locked::WaitedFor) => "ORDER BY i.id FOR UPDATE OF i",
        }
    }

    /// So many rows of placeholders for `VALUES`, each with these types, which PostgreSQL has to be
    /// told: `(CAST($1 AS uuid), …), …`.
    fn rows(&self, count: usize, types: &[&str]) -> String {
        let place = |(number, of_type): (usize, &&str)| {
            if self.is_postgres() {
                format!("CAST(${number} AS {of_type})")
            } else {
                format!("${number}")
            }
        };
        let row = |row: usize| {
            let first = row * types.len() + 1;
            let places: Vec<_> = (first..).zip(types).map(place).collect();
            format!("({})", places.join(", "))
        };
        (0..count).map(row).collect::<Vec<_>>().join(", ")
    }

    /// Says that this transaction changes what is kept in memory: all who read it from there read
    /// it anew.
    pub(in crate::store) fn changes(&self, change: Change) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }

    /// Makes everything done in it durable, or nothing.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the database cannot; then nothing was written.
    pub async fn commit(self) -> Result<(), Fault> {
        // Begun in time, it is given the time to become durable: cut short, nobody would know.
        let limit = self.inner.limit.at_least(PATIENCE / 2);
        let changes = self.changes.into_inner();
        let changes = changes.unwrap_or_else(PoisonError::into_inner);
        let inner = self.inner.inner;
        if changes.is_empty() {
            return Ok(limit.hold(inner.commit()).await?);
        }
        let (cache, channel, turn) = (self.cache, self.channel, self.turn);
        // Whoever hangs up must not leave an old value in memory.
        let committed = tokio::spawn(async move {
            let message = match inner.get_database_backend() {
                DbBackend::Postgres => Some(limit.hold(channel.say(&inner, &changes)).await?),
                _ => None,
            };
            let committed = limit.hold(inner.commit()).await;
            cache.forget(&changes);
            if committed.is_err() {
                match message {
                    Some(message) => channel.doubt(message),
                    None => cache.doubt(),
                }
            }
            drop(turn);
            committed
        });
        Ok(committed.await.map_err(|_| Fault::busy())??)
    }
}

/// A new id: UUIDv7, so that rows lie in the order they came.
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}
