//! Databases of both kinds, made by copying one that was filled beforehand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection,
};

use crate::cells::Kind;
use crate::process;

/// A server of PostgreSQL that syncs its commits.
pub struct Server {
    address: String,
    /// Its first process.
    pub postmaster: u32,
}

impl Server {
    /// The one that `scripts/postgres` started, if it did.
    pub async fn find() -> Option<Self> {
        let address = std::env::var("TEST_DATABASE_URL").ok()?;
        let mut db = PgConnection::connect(&address).await.unwrap();
        let syncs: String = value(&mut db, "SHOW fsync").await;
        assert_eq!(syncs, "on", "start it with FSYNC=on scripts/postgres");
        let backend: i32 = value(&mut db, "SELECT pg_backend_pid()").await;
        let postmaster = process::parent(backend.unsigned_abs()).unwrap();
        Some(Self {
            address,
            postmaster,
        })
    }

    pub fn address_of(&self, name: &str) -> String {
        let (server, _) = self.address.rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }

    pub async fn run(&self, sql: String) {
        let mut db = PgConnection::connect(&self.address).await.unwrap();
        db.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    /// Until nobody works in a database: what was asked for before a process was killed ends first.
    async fn settled(&self, name: &str) {
        let mut db = PgConnection::connect(&self.address).await.unwrap();
        let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
        while value::<i64>(&mut db, &sql).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn value<T>(db: &mut PgConnection, sql: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
    query.fetch_one(db).await.unwrap()
}

/// Where a contestant keeps its rows: a folder with a file, or a database of the server.
#[derive(Clone)]
pub struct Home {
    pub kind: Kind,
    /// What a process is started in.
    pub folder: PathBuf,
    pub name: String,
    /// As `DATABASE_URL` has it.
    pub address: String,
}

impl Home {
    /// A place without tables.
    pub async fn make(kind: Kind, root: &Path, name: &str, server: Option<&Server>) -> Self {
        let folder = root.join(name);
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let address = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.join("data/accord.db").display()),
            Kind::Postgres => server.unwrap().address_of(name),
        };
        if kind == Kind::Postgres {
            server.unwrap().run(format!("CREATE DATABASE {name}")).await;
        }
        Self {
            kind,
            folder,
            name: name.to_owned(),
            address,
        }
    }

    /// The same rows under another name.
    pub async fn copy(&self, name: &str, server: Option<&Server>) -> Self {
        let folder = self.folder.with_file_name(name);
        std::fs::create_dir_all(folder.join("data")).unwrap();
        for file in std::fs::read_dir(self.folder.join("data")).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.join("data").join(file.file_name())).unwrap();
        }
        if let (Kind::Postgres, Some(server)) = (self.kind, server) {
            server.settled(&self.name).await;
            server
                .run(format!("CREATE DATABASE {name} TEMPLATE {}", self.name))
                .await;
            server.run("CHECKPOINT".to_owned()).await;
        }
        Self {
            kind: self.kind,
            folder,
            name: name.to_owned(),
            address: self
                .address
                .replace(&format!("/{}", self.name), &format!("/{name}")),
        }
    }

    pub async fn remove(self, server: Option<&Server>) {
        std::fs::remove_dir_all(&self.folder).unwrap();
        if let (Kind::Postgres, Some(server)) = (self.kind, server) {
            server
                .run(format!("DROP DATABASE {} WITH (FORCE)", self.name))
                .await;
        }
    }

    /// Numbers, each by a statement of its own, once nobody else works here.
    pub async fn numbers(&self, statements: &[&str], server: Option<&Server>) -> Vec<i64> {
        if let (Kind::Postgres, Some(server)) = (self.kind, server) {
            server.settled(&self.name).await;
        }
        let mut db = self.open().await;
        let mut numbers = Vec::new();
        for sql in statements {
            numbers.push(db.number(sql).await);
        }
        numbers
    }

    pub async fn open(&self) -> Db {
        match self.kind {
            Kind::Sqlite => {
                let address = format!("{}?mode=rwc", self.address);
                Db::Sqlite(SqliteConnection::connect(&address).await.unwrap())
            }
            Kind::Postgres => Db::Postgres(PgConnection::connect(&self.address).await.unwrap()),
        }
    }
}

/// A connection.
pub enum Db {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Db {
    pub async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => {
                db.execute(sql).await.unwrap();
            }
            Self::Postgres(db) => {
                db.execute(sql).await.unwrap();
            }
        }
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => sqlx::query_scalar(query).fetch_one(db).await.unwrap(),
            Self::Postgres(db) => sqlx::query_scalar(query).fetch_one(db).await.unwrap(),
        }
    }

    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => {
                let rows = sqlx::query(query).fetch_all(db).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(db) => {
                let rows = sqlx::query(query).fetch_all(db).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub async fn close(self) {
        match self {
            Self::Sqlite(db) => db.close().await.unwrap(),
            Self::Postgres(db) => db.close().await.unwrap(),
        }
    }
}
