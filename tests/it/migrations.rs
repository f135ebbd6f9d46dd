//! The schema: safe when many start at once, and the same on both databases.

use accord::config::Database;
use accord_migrations::{Migrator, MigratorTrait as _};
use futures_util::future::join_all;

use crate::support::{TestDatabase, database};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_may_migrate_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let database = if database::is_postgres() {
        let empty = TestDatabase::new().await;
        let database = Database::Postgres(empty.url().into());
        database::run(&database, "DROP SCHEMA public CASCADE")
            .await
            .unwrap();
        database::run(&database, "CREATE SCHEMA public")
            .await
            .unwrap();
        database
    } else {
        Database::Sqlite(folder.path().join("new.db"))
    };
    let results = join_all((0..4).map(|_| accord::store::migrate(&database))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let steps = i64::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(database::count(&database, "seaql_migrations").await, steps);
}
