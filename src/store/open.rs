//! Opening the database: bring it up to date, then connect.
//!
//! Migration runs on a single connection that is closed before the real pool
//! opens, because SQLite connections of one pool may hold a stale schema; and
//! under a lock, because several instances may start at once and
//! sea-orm-migration takes none.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use accord_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait as _, Statement};
use uuid::Uuid;

use super::bounded::{Bounded, Limit};
use super::connect::{self, Shares};
use super::entity::keyring;
use super::sealed::KEYRING;
use super::vault::{Place, Vault};
use super::watch::DataVersion;
use super::writer::Writer;
use super::{Fault, PATIENCE, Store, instances, signing_keys};
use crate::config::{Database, MasterKey};
use crate::domain::time::Timestamp;
use crate::private;

/// An arbitrary number that all our instances agree on.
const MIGRATION_LOCK: i64 = 0x00AC_C04D;

/// Brings the database up to date; safe when several instances start at once. Where nothing is
/// to be done it needs no right to change the schema.
///
/// # Errors
/// [`Fault::Unavailable`] when it cannot be reached, [`Fault::Broken`] when a step fails.
pub async fn migrate(database: &Database) -> Result<(), Fault> {
    let _lock = match database {
        Database::Sqlite(path) => {
            prepare(path)?;
            let lock = lock_file(path, "migrate")?;
            // Blocks this task only while another process migrates, which is short.
            let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
                .await
                .map_err(|e| Fault::broken("migration", e))?;
            Some(lock.map_err(|e| Fault::broken("migration lock", e))?)
        }
        Database::Postgres(_) => None,
    };
    let db = connect::alone(database).await?;
    if is_migrated(&db).await.unwrap_or(false) {
        return Ok(db.close().await?);
    }
    if matches!(database, Database::Postgres(_)) {
        // Freed when the connection closes.
        db.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
            .await?;
    }
    let migrated = Migrator::up(&db, None).await;
    db.close().await?;
    Ok(migrated?)
}

impl Store {
    /// Connects to a database that is up to date.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when it cannot be reached; [`Fault::Vault`] when none of the
    /// master keys opens it.
    pub async fn open(
        database: &Database,
        keys: &[MasterKey],
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let vault = Vault::new(keys)?;
        if let Database::Sqlite(path) = database {
            prepare(path)?;
        }
        let name = instances::connection_name(&vault.held());
        let db = connect::pool(database, &name).await?;
        let vault = with_index(&db, vault, now).await?;
        signing_keys::ensure(&db, &vault, now).await?;
        let data_version = Arc::<DataVersion>::default();
        let asked = Arc::<AtomicU64>::default();
        let limit = match database {
            Database::Sqlite(_) => Limit::None,
            Database::Postgres(_) => Limit::Each(PATIENCE),
        };
        let (write, writers) = match database {
            Database::Sqlite(_) => (connect::writer(database, data_version.clone()).await?, 1),
            Database::Postgres(server) => (db.clone(), Shares::of(server).writers),
        };
        let bounded = |inner| Bounded {
            inner,
            limit,
            asked: asked.clone(),
        };
        let mut store = Self {
            db: bounded(db),
            write: bounded(write),
            vault: Arc::new(vault),
            cache: Arc::default(),
            data_version,
            channel: Arc::default(),
            listens: None,
            writer: Some(Writer::of(writers)),
            hooks: None,
        };
        if let Database::Postgres(_) = database {
            store.listens = Some(connect::listener(database, &name).await?);
            let of_hooks = bounded(connect::pool_of_hooks(database, &name).await?);
            store.hooks = Some(Box::new(Self {
                db: of_hooks.clone(),
                write: of_hooks,
                writer: None,
                ..store.clone()
            }));
        }
        Ok(store)
    }

    /// Whether every migration of this version has been applied. It only reads.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the database does not answer, or was never migrated.
    pub async fn is_migrated(&self) -> Result<bool, Fault> {
        Ok(is_migrated(&self.db).await?)
    }
}

/// Whether the database knows all our steps. It may know more: those of a newer version that
/// is being brought out beside this one.
async fn is_migrated(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let select = "SELECT version FROM seaql_migrations";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), select))
        .await?;
    let applied: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "version"))
        .collect::<Result<_, _>>()?;
    Ok(Migrator::migrations()
        .iter()
        .all(|step| applied.iter().any(|name| name == step.name())))
}

/// Reads the key of the blind indexes, or makes it when this is the first start.
async fn with_index(db: &DatabaseConnection, vault: Vault, now: Timestamp) -> Result<Vault, Fault> {
    const PURPOSE: &str = "blind-index";
    let place = Place::new(KEYRING, Uuid::nil());
    let fresh = keyring::ActiveModel {
        purpose: sea_orm::Set(PURPOSE.to_owned()),
        wrapped: sea_orm::Set(vault.fresh(place)?),
        created_at: sea_orm::Set(now.millis()),
    };
    let row = match keyring::Entity::find_by_id(PURPOSE).one(db).await? {
        Some(row) => row,
        None => match keyring::Entity::insert(fresh)
            .exec_with_returning(db)
            .await
            .map_err(Fault::from)
        {
            Ok(row) => row,
            // Another instance was first: its key is the key.
            Err(e) if e.is_taken() => keyring::Entity::find_by_id(PURPOSE)
                .one(db)
                .await?
                .ok_or_else(|| Fault::broken("keyring", "the index key vanished"))?,
            Err(e) => return Err(e),
        },
    };
    Ok(vault.with_index(place, &row.wrapped)?)
}

/// The file of a lock beside a SQLite database.
pub(super) fn lock_file(database: &Path, purpose: &str) -> Result<File, Fault> {
    let path = PathBuf::from(format!("{}.{purpose}.lock", database.display()));
    private::file()
        .truncate(false)
        .read(true)
        .open(path)
        .map_err(|e| Fault::broken("lock file", e))
}

/// Makes the database's folder and file for their owner only, and closes files of ours that were
/// open to others. SQLite gives its `-wal` and `-shm` the mode of the database.
fn prepare(database: &Path) -> Result<(), Fault> {
    if let Some(folder) = database.parent().filter(|f| !f.as_os_str().is_empty()) {
        private::folder(folder).map_err(|e| Fault::broken("data directory", e))?;
    }
    private::file()
        .truncate(false)
        .open(database)
        .map_err(|e| Fault::broken("database file", e))?;
    for path in files(database) {
        private::tighten(&path);
    }
    Ok(())
}

/// A SQLite database and what lies beside it.
#[must_use]
pub fn files(database: &Path) -> [PathBuf; 5] {
    ["", "-wal", "-shm", ".migrate.lock", ".worker.lock"]
        .map(|end| PathBuf::from(format!("{}{end}", database.display())))
}
