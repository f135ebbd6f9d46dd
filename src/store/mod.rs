//! Rows to domain values and back; the only place that knows the database.
//!
//! There is one way to write: a [`Tx`], which every writing function demands, so
//! that a write without a transaction does not compile. Reads take anything
//! that can [`Read`]: the store itself, or a transaction that has to see its
//! own work.

mod entity;
mod fault;
mod open;
pub mod vault;

pub mod burned;
pub mod consents;
pub mod endpoints;
pub mod events;
pub mod grants;
pub mod installs;
pub mod jobs;
pub mod ledger;
pub mod letters;
pub mod notices;
#[cfg(feature = "demo")]
pub mod overview;
pub mod people;
pub mod policies;
pub mod products;
pub mod removals;
pub mod requests;
pub mod signing_keys;
pub mod states;
pub mod tokens;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

pub use fault::Fault;
pub use open::{WorkerLock, migrate, worker_lock};
use vault::Vault;

/// How long anybody waits for the database before being told that it is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database and the keys to what is sealed in it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    vault: Arc<Vault>,
    /// SQLite has one writer. Waiting here, in turn, is fair; waiting in SQLite's busy handler
    /// is a lottery in which the unlucky wait a hundred times longer.
    writer: Option<Arc<Semaphore>>,
}

/// An open transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    inner: DatabaseTransaction,
    vault: Arc<Vault>,
    _turn: Option<OwnedSemaphorePermit>,
}

/// The database as it was at one moment: several reads that have to agree with each other.
pub struct Snapshot {
    inner: DatabaseTransaction,
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
    type Conn = DatabaseConnection;
    fn conn(&self) -> &Self::Conn {
        &self.db
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Read for Snapshot {
    type Conn = DatabaseTransaction;
    fn conn(&self) -> &Self::Conn {
        &self.inner
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Read for Tx {
    type Conn = DatabaseTransaction;
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
    /// [`Fault::Unavailable`] when the database is gone, or busy for longer than 5 s.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        let turn = match &self.writer {
            Some(writer) => Some(
                tokio::time::timeout(PATIENCE, writer.clone().acquire_owned())
                    .await
                    .map_err(|_| Fault::busy())?
                    .map_err(|_| Fault::busy())?,
            ),
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx {
            inner: self.db.begin_with_options(options).await?,
            vault: self.vault.clone(),
            _turn: turn,
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
        Ok(Snapshot {
            inner: self.db.begin_with_options(options).await?,
            vault: self.vault.clone(),
        })
    }

    /// Whether one file serves one process, or a server many.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Sqlite
    }

    /// Answers only when the database does.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(self.db.ping().await?)
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when a connection cannot be closed in order.
    pub async fn close(self) -> Result<(), Fault> {
        Ok(self.db.close().await?)
    }
}

impl Tx {
    /// Whether rows have to be locked to be decided on.
    fn is_postgres(&self) -> bool {
        self.inner.get_database_backend() == DbBackend::Postgres
    }

    /// Makes everything done in it durable, or nothing.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the database cannot; then nothing was written.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.inner.commit().await?)
    }
}

/// A new id: UUIDv7, so that rows lie in the order they came.
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}
