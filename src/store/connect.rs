//! How connections are made: what each of them is told first, and how many there are.
//!
//! PostgreSQL's own limits are off unless somebody sets them, so every connection sets them
//! for itself, after it is made: that holds whatever options `DATABASE_URL` or the role carry,
//! and a pooler in between need not let startup options through.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database as SeaOrm, DatabaseConnection, DbErr};
use secrecy::ExposeSecret as _;
use sqlx::Executor as _;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::PATIENCE;
use super::watch::DataVersion;
use crate::config::{Database, Server};

/// Shorter than our own patience, so that the server gives up first and the connection can be
/// used again. A process that stops in the middle of a transaction keeps its locks for 10 s.
const LIMITS: &str = "SET lock_timeout = '4s'; SET statement_timeout = '4500ms'; \
                      SET idle_in_transaction_session_timeout = '10s'";

/// What takes as long as it takes: migrations.
const NO_LIMITS: &str = "SET lock_timeout = 0; SET statement_timeout = 0; \
                         SET idle_in_transaction_session_timeout = 0";

/// What one transaction is told that may take long: maintenance.
pub(super) const TAKE_YOUR_TIME: &str = "SET LOCAL statement_timeout = 0";

/// Connections that amoCRM's hooks have for themselves: they come once and wait three seconds.
const FOR_HOOKS: u32 = 2;

/// Connections for everybody but hooks; what a SQLite file is read with.
const OF_SQLITE: u32 = 8;

/// How a server's connections are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shares {
    /// For hooks alone.
    pub hooks: u32,
    /// For all others.
    pub others: u32,
    /// How many of the others' may write, and so wait for locks, at a time: readers, who wait
    /// for nobody, always find one.
    pub writers: u32,
}

impl Shares {
    pub(super) fn of(server: &Server) -> Self {
        let all = server.connections.max(Server::FEWEST);
        Self {
            hooks: FOR_HOOKS,
            others: all - FOR_HOOKS,
            writers: (all / 2).min(all - FOR_HOOKS - 1),
        }
    }
}

/// The one connection that writes to a SQLite file. `opened` counts how often it was made anew; it is
/// never closed for being idle or old.
pub(super) async fn writer(
    database: &Database,
    version: Arc<DataVersion>,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(database, 1, LIMITS);
    options.idle_timeout(None).max_lifetime(None);
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let version = version.clone();
        pool.after_connect(move |_, _| {
            version.opened.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        })
    });
    SeaOrm::connect(options).await
}

/// The connection that hears of others' changes on PostgreSQL.
pub(super) async fn listener(database: &Database, name: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(database, 1, LIMITS);
    options.set_application_name(name);
    SeaOrm::connect(options).await
}

/// One connection without limits.
pub(super) async fn alone(database: &Database) -> Result<DatabaseConnection, DbErr> {
    SeaOrm::connect(options(database, 1, NO_LIMITS)).await
}

/// The pool of everybody but hooks. `name` is what the server calls its connections.
pub(super) async fn pool(database: &Database, name: &str) -> Result<DatabaseConnection, DbErr> {
    let connections = match database {
        Database::Sqlite(_) => OF_SQLITE,
        Database::Postgres(server) => Shares::of(server).others,
    };
    let mut options = options(database, connections, LIMITS);
    options.set_application_name(name);
    SeaOrm::connect(options).await
}

/// The pool of hooks.
pub(super) async fn pool_of_hooks(
    database: &Database,
    name: &str,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(database, FOR_HOOKS, LIMITS);
    options.set_application_name(name);
    SeaOrm::connect(options).await
}

fn options(database: &Database, connections: u32, limits: &'static str) -> ConnectOptions {
    let mut options = match database {
        Database::Sqlite(path) => {
            ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()))
        }
        Database::Postgres(server) => ConnectOptions::new(server.expose_secret()),
    };
    options
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .idle_timeout(Duration::from_secs(600))
        .sqlx_logging(false)
        .map_sqlx_postgres_pool_opts(move |pool| {
            pool.after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(limits).await.map(drop) })
            })
        })
        .map_sqlx_sqlite_opts(|o| {
            o.journal_mode(SqliteJournalMode::Wal)
                // FULL: what was answered with 2xx survives a power cut, not only a crash.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(PATIENCE)
        });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_number_is_set_hooks_and_readers_have_a_connection_of_their_own() {
        for (connections, hooks, others, writers) in [
            (4, 2, 2, 1),
            (5, 2, 3, 2),
            (6, 2, 4, 3),
            (8, 2, 6, 4),
            (20, 2, 18, 10),
            (500, 2, 498, 250),
        ] {
            let server = Server::from("postgres://db/accord".to_owned());
            let expected = Shares {
                hooks,
                others,
                writers,
            };
            let shares = Shares::of(&server.with_connections(connections));
            assert_eq!(shares, expected);
            assert!(shares.writers < shares.others);
        }
    }
}
