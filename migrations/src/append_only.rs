//! Tables that may only grow: the database itself refuses to change or delete a row.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes `table` refuse UPDATE, DELETE and TRUNCATE, whoever asks.
pub async fn guard(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let verbs: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &["UPDATE", "DELETE", "TRUNCATE"],
        _ => &["UPDATE", "DELETE"],
    };
    for verb in verbs {
        let name = format!("{table}_no_{}", verb.to_lowercase());
        let sql = match manager.get_database_backend() {
            DbBackend::Postgres => format!(
                "CREATE TRIGGER {name} BEFORE {verb} ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION accord_append_only()"
            ),
            _ => format!(
                "CREATE TRIGGER {name} BEFORE {verb} ON {table} \
                 BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            ),
        };
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// What the triggers call on PostgreSQL; SQLite needs nothing.
pub async fn prepare(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE FUNCTION accord_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            )
            .await?;
    }
    Ok(())
}
