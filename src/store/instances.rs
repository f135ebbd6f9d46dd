//! Which master keys the services hold that run beside a command.
//!
//! A service that was started before the first key was added cannot open what is sealed with it,
//! so `accord keys reseal` asks here before it begins. On SQLite the worker writes its keys' ids
//! into its lock file; on PostgreSQL they stand in the name of each connection.

use std::fs::TryLockError;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use sea_orm::{ConnectionTrait as _, Statement};

use super::open::lock_file;
use super::vault::KeyId;
use super::{Fault, Read as _, Store};
use crate::config::Database;

/// How the name of a connection begins; the ids of the keys follow.
const NAME: &str = "accord, keys ";

/// What a connection is called at PostgreSQL, which keeps 63 bytes of it.
pub(super) fn connection_name(keys: &[KeyId]) -> String {
    format!("{NAME}{}", text(keys))
}

fn text(keys: &[KeyId]) -> String {
    let ids: Vec<String> = keys.iter().map(ToString::to_string).collect();
    ids.join(" ")
}

/// Held by the one worker of a SQLite database; freed with the process.
pub struct WorkerLock(#[expect(dead_code, reason = "held for its lock")] std::fs::File);

/// Takes the worker's place at a SQLite database; `None` when another process has it. The ids of
/// the worker's keys are left in the file.
///
/// With it in hand, every lease in the job table is a dead process's.
///
/// # Errors
/// [`Fault::Broken`] when the lock file cannot be made or written.
pub fn worker_lock(path: &Path, keys: &[KeyId]) -> Result<Option<WorkerLock>, Fault> {
    let mut file = lock_file(path, "worker")?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(e)) => return Err(Fault::broken("worker lock", e)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text(keys).as_bytes()))
        .map_err(|e| Fault::broken("worker lock", e))?;
    Ok(Some(WorkerLock(file)))
}

/// Whether a service runs that does not hold the first master key of `store`.
pub async fn lack_first_key(store: &Store, database: &Database) -> Result<bool, Fault> {
    let others = match database {
        Database::Sqlite(path) => worker(path)?,
        Database::Postgres(_) => connections(store).await?,
    };
    let first = store.first_key().to_string();
    Ok(others
        .iter()
        .any(|keys| !keys.split(' ').any(|key| key == first)))
}

/// The keys of the worker that runs, if one does and says which it has.
fn worker(database: &Path) -> Result<Vec<String>, Fault> {
    let broken = |e| Fault::broken("worker lock", e);
    let mut file = lock_file(database, "worker")?;
    match file.try_lock_shared() {
        Ok(()) => return Ok(Vec::new()),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(e)) => return Err(broken(e)),
    }
    let mut keys = String::new();
    file.read_to_string(&mut keys).map_err(broken)?;
    Ok(Some(keys)
        .filter(|keys| !keys.is_empty())
        .into_iter()
        .collect())
}

async fn connections(store: &Store) -> Result<Vec<String>, Fault> {
    let sql = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()";
    let ask = Statement::from_string(store.conn().get_database_backend(), sql);
    let rows = store.conn().query_all_raw(ask).await?;
    let names: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?;
    let keys = names.iter().filter_map(|name| name.strip_prefix(NAME));
    Ok(keys.map(str::to_owned).collect())
}
