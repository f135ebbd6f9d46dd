//! Which database, and how many connections one process may hold to it.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use url::Url;

/// Which database, by the scheme of `DATABASE_URL`.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file; one process.
    Sqlite(PathBuf),
    /// A server; as many processes as one likes.
    Postgres(Server),
}

/// A PostgreSQL server. Its address is exposed like any other secret.
#[derive(Clone, Debug)]
pub struct Server {
    address: SecretString,
    /// How many connections one process holds at most (`ACCORD_DATABASE_CONNECTIONS`).
    pub connections: u32,
}

impl Server {
    /// Connections when nothing else is said.
    pub const CONNECTIONS: u32 = 8;
    /// Two for hooks, one for other writers, one for readers.
    pub const FEWEST: u32 = 4;
    /// More than this no server of ours needs, and most servers allow a hundred in all.
    const MOST: u32 = 500;

    /// The same server with another number of connections.
    #[must_use]
    pub fn with_connections(self, connections: u32) -> Self {
        Self {
            connections,
            ..self
        }
    }
}

impl From<String> for Server {
    fn from(address: String) -> Self {
        Self {
            address: address.into(),
            connections: Self::CONNECTIONS,
        }
    }
}

impl ExposeSecret<str> for Server {
    fn expose_secret(&self) -> &str {
        self.address.expose_secret()
    }
}

/// Reads `ACCORD_DATABASE_CONNECTIONS`.
pub(super) fn connections(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|n| (Server::FEWEST..=Server::MOST).contains(n))
        .ok_or_else(|| {
            format!(
                "is not a number of connections from {} to {}",
                Server::FEWEST,
                Server::MOST
            )
        })
}

/// Reads `DATABASE_URL`. What is wrong is told without the address, which holds a password: the
/// drivers would repeat it.
pub(super) fn database(
    address: Option<&SecretString>,
    connections: u32,
    data_dir: &Path,
) -> Result<Database, &'static str> {
    let Some(address) = address else {
        return Ok(Database::Sqlite(data_dir.join("accord.db")));
    };
    let text = address.expose_secret();
    if let Some(path) = text.strip_prefix("sqlite://") {
        let path = path.split('?').next().unwrap_or_default();
        if !path.is_empty() {
            return Ok(Database::Sqlite(PathBuf::from(path)));
        }
    } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        if Url::parse(text).is_err() || text.parse::<PgConnectOptions>().is_err() {
            return Err("is no address like postgres://user:password@host:5432/accord");
        }
        return Ok(Database::Postgres(
            Server::from(text.to_owned()).with_connections(connections),
        ));
    }
    Err("is neither sqlite://path nor postgres://…")
}
