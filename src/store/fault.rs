//! What can go wrong with the database, by what the caller can do about it.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use thiserror::Error;

use super::vault::VaultError;

/// A fault of the store. Its text is for the log: it never leaves the house.
#[derive(Debug, Error)]
pub enum Fault {
    /// A value that must be unique is taken.
    #[error("taken already: {0}")]
    Taken(String),
    /// The database is locked, full, or gone: later it may work.
    #[error("the database does not answer: {0}")]
    Unavailable(#[source] DbErr),
    /// A row that no code of ours can have written.
    #[error("{table}: {what}")]
    Broken {
        /// The table.
        table: &'static str,
        /// What is wrong with the row.
        what: String,
    },
    /// A sealed value does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Fault {
    /// The database did not let us write in time.
    pub(crate) fn busy() -> Self {
        let why = "others write, and the turn did not come in time".to_owned();
        Self::Unavailable(DbErr::Conn(RuntimeErr::Internal(why)))
    }

    /// A row that no code of ours can have written.
    pub(super) fn broken(table: &'static str, what: impl ToString) -> Self {
        Self::Broken {
            table,
            what: what.to_string(),
        }
    }

    /// Whether a unique value was taken, so that somebody else was first.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
    }
}

impl From<DbErr> for Fault {
    fn from(e: DbErr) -> Self {
        match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => return Self::Taken(what),
            Some(SqlErr::ForeignKeyConstraintViolation(what)) => {
                return Self::Broken {
                    table: "foreign key",
                    what,
                };
            }
            _ => {}
        }
        match e {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) | DbErr::Exec(_) | DbErr::Query(_) => {
                Self::Unavailable(e)
            }
            other => Self::Broken {
                table: "row",
                what: other.to_string(),
            },
        }
    }
}
