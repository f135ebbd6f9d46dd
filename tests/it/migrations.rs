//! The schema: safe when many start at once, step by step with rows from before, and the same on
//! both databases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use accord::config::Database;
use accord_migrations::{Migrator, MigratorTrait as _};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::support::{TestDatabase, database};

/// A database in which nothing is yet.
async fn empty(folder: &TempDir) -> Database {
    if database::is_postgres() {
        let database = Database::Postgres(TestDatabase::new().await.url().into());
        for sql in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
            database::run(&database, sql).await.unwrap();
        }
        database
    } else {
        Database::Sqlite(folder.path().join("new.db"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_may_migrate_at_once() {
    let folder = TempDir::new().unwrap();
    let database = empty(&folder).await;
    let results = join_all((0..4).map(|_| accord::store::migrate(&database))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let steps = i64::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(database::count(&database, "seaql_migrations").await, steps);
}

/// Whoever adds a step adds `migrations/samples/STEP.sql`: rows of its tables, as a service may
/// have written them by then. They are there when the next step comes.
#[tokio::test]
async fn each_step_is_taken_with_rows_from_before() {
    let folder = TempDir::new().unwrap();
    let database = empty(&folder).await;
    let db = sea_orm::Database::connect(address(&database))
        .await
        .unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/migrations/samples");
    let mut files = BTreeSet::new();
    for step in Migrator::migrations() {
        let file = format!("{}.sql", step.name());
        let before = rows_by_table(&database).await;
        let taken = Migrator::up(&db, Some(1)).await;
        assert!(taken.is_ok(), "{file}: {taken:?} with the rows before it");
        let after = rows_by_table(&database).await;
        for (table, rows) in before {
            assert!(
                after.get(&table) >= Some(&rows),
                "{file}: {table} lost rows"
            );
        }

        let rows = std::fs::read_to_string(samples.join(&file));
        let rows = rows.unwrap_or_else(|_| panic!("{file} is missing"));
        let added = db.execute_unprepared(&rows).await;
        assert!(added.is_ok(), "{file}: {added:?}");
        files.insert(file);
    }
    for (table, rows) in rows_by_table(&database).await {
        assert!(rows > 0, "{table} has no sample row");
    }
    let found = std::fs::read_dir(samples).unwrap();
    let found = found.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), files);
}

/// Columns and whether they may be null, keys, indexes with their names, references, and tables
/// that refuse changes. An index that a constraint brings has a name of the database's own.
#[tokio::test]
async fn both_databases_have_the_same_schema() {
    if !database::is_postgres() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let file = Database::Sqlite(folder.path().join("new.db"));
    accord::store::migrate(&file).await.unwrap();
    let server = Database::Postgres(TestDatabase::new().await.url().into());
    let (file, server) = (schema(&file).await, schema(&server).await);
    assert!(file.contains("install.ended_at null"), "{file:#?}");
    assert_eq!(file.difference(&server).next(), None, "only on SQLite");
    assert_eq!(server.difference(&file).next(), None, "only on PostgreSQL");
}

/// A line of text for each thing that the schema is made of, migrations' own table aside.
async fn schema(database: &Database) -> BTreeSet<String> {
    let sql = match database {
        Database::Sqlite(_) => include_str!("migrations/schema.sqlite.sql"),
        Database::Postgres(_) => include_str!("migrations/schema.postgres.sql"),
    };
    let lines = database::rows(database, sql).await.into_iter();
    lines
        .filter(|line| !line.starts_with("seaql_migrations"))
        .collect()
}

async fn rows_by_table(database: &Database) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for line in schema(database).await {
        if let Some((table, _)) = line.split_once(" primary key ") {
            found.insert(table.to_owned(), database::count(database, table).await);
        }
    }
    found
}

fn address(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite://{}?mode=rwc", path.display()),
        Database::Postgres(url) => url.expose_secret().to_owned(),
    }
}
