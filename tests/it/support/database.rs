//! A database for each test: a copy of a migrated SQLite file, or a PostgreSQL
//! database made from a migrated template. Both templates are made once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use accord::config::Database;
use accord::domain::time::Timestamp;
use secrecy::ExposeSecret as _;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, PgConnection, Row as _,
    SqliteConnection,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

static SQLITE: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();
static POSTGRES: OnceCell<String> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// One test's database; a SQLite one is gone with the test.
pub struct TestDatabase {
    folder: TempDir,
    url: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = match std::env::var("TEST_DATABASE_URL") {
            Ok(server) if !server.is_empty() => postgres(&server).await,
            _ => sqlite(folder.path()).await,
        };
        Self { folder, url }
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

pub fn is_postgres() -> bool {
    std::env::var("TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty())
}

async fn sqlite(folder: &Path) -> String {
    let (_, template) = SQLITE
        .get_or_init(|| async {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("template.db");
            accord::store::migrate(&Database::Sqlite(path.clone()))
                .await
                .unwrap();
            (folder, path)
        })
        .await;
    let path = folder.join("accord.db");
    std::fs::copy(template, &path).unwrap();
    format!("sqlite://{}", path.display())
}

async fn postgres(server: &str) -> String {
    let template = POSTGRES
        .get_or_init(|| async {
            let name = format!("accord_template_{}", std::process::id());
            create(server, &name, "template0").await;
            let url = with_database(server, &name);
            accord::store::migrate(&Database::Postgres(url.into()))
                .await
                .unwrap();
            name
        })
        .await;
    let name = format!(
        "accord_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::SeqCst)
    );
    create(server, &name, template).await;
    with_database(server, &name)
}

async fn create(server: &str, name: &str, template: &str) {
    // Two copies of one template at once are refused: they take turns.
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = TURN.lock().await;
    let mut db = PgConnection::connect(server).await.unwrap();
    db.execute(AssertSqlSafe(format!(
        "CREATE DATABASE {name} TEMPLATE {template}"
    )))
    .await
    .unwrap();
}

fn with_database(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

/// Rows of a table.
pub async fn count(database: &Database, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    match database {
        Database::Sqlite(path) => {
            let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
                .await
                .unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
        }
        Database::Postgres(url) => {
            let mut db = PgConnection::connect(url.expose_secret()).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
        }
    }
}

/// The first column of a query, as text.
pub async fn rows(database: &Database, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match database {
        Database::Sqlite(path) => {
            let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
                .await
                .unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap()
        }
        Database::Postgres(url) => {
            let mut db = PgConnection::connect(url.expose_secret()).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap()
        }
    }
}

/// The jobs that are due at a time and those that failed, each by its kind and fault.
pub async fn jobs_left(
    database: &Database,
    now: Timestamp,
) -> sqlx::Result<(Vec<String>, Vec<String>)> {
    let words = "SELECT kind || ' ' || coalesce(last_fault, '') FROM job WHERE failed_at";
    let due = format!(
        "{words} IS NULL AND done_at IS NULL AND run_at <= {} ORDER BY run_at",
        now.millis()
    );
    let failed = format!("{words} IS NOT NULL ORDER BY run_at");
    let (due, failed) = (AssertSqlSafe(due), AssertSqlSafe(failed));
    Ok(match database {
        Database::Sqlite(path) => {
            let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await?;
            (
                sqlx::query_scalar(due).fetch_all(&mut db).await?,
                sqlx::query_scalar(failed).fetch_all(&mut db).await?,
            )
        }
        Database::Postgres(url) => {
            let mut db = PgConnection::connect(url.expose_secret()).await?;
            (
                sqlx::query_scalar(due).fetch_all(&mut db).await?,
                sqlx::query_scalar(failed).fetch_all(&mut db).await?,
            )
        }
    })
}

/// An id as the database writes it.
pub fn literal(id: uuid::Uuid) -> String {
    if is_postgres() {
        format!("'{id}'")
    } else {
        format!("x'{}'", id.simple())
    }
}

/// Runs one statement; gives the database's refusal as text.
pub async fn run(database: &Database, sql: &str) -> Result<u64, String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match database {
        Database::Sqlite(path) => {
            let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
                .await
                .unwrap();
            db.execute(sql)
                .await
                .map(|done| done.rows_affected())
                .map_err(|e| e.to_string())
        }
        Database::Postgres(url) => {
            let mut db = PgConnection::connect(url.expose_secret()).await.unwrap();
            db.execute(sql)
                .await
                .map(|done| done.rows_affected())
                .map_err(|e| e.to_string())
        }
    }
}

/// Every value of every row of every table, as text; bytes as they are, where they are text.
pub async fn dump(database: &Database) -> String {
    let mut out = String::new();
    match database {
        Database::Sqlite(path) => {
            let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
                .await
                .unwrap();
            let tables: Vec<String> =
                sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
                    .fetch_all(&mut db)
                    .await
                    .unwrap();
            for table in tables {
                let sql = AssertSqlSafe(format!("SELECT * FROM {table}"));
                for row in sqlx::query(sql).fetch_all(&mut db).await.unwrap() {
                    for column in row.columns() {
                        let bytes: Vec<u8> =
                            row.try_get_unchecked(column.ordinal()).unwrap_or_default();
                        out.push_str(&String::from_utf8_lossy(&bytes));
                        out.push('\n');
                    }
                }
            }
        }
        Database::Postgres(url) => {
            let mut db = PgConnection::connect(url.expose_secret()).await.unwrap();
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
            )
            .fetch_all(&mut db)
            .await
            .unwrap();
            for table in tables {
                let sql = AssertSqlSafe(format!("SELECT row_to_json(t)::text FROM {table} t"));
                let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap();
                out.push_str(&rows.join("\n"));
            }
        }
    }
    out
}
