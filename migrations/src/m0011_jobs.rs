//! Work that must happen although nobody waits: outbox and queue are one table.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("job")
                    .col(uuid("id").primary_key())
                    .col(string("kind"))
                    .col(json("payload"))
                    .col(string_null("open_key").unique_key())
                    .col(uuid_null("install_id"))
                    .col(big_integer("asked_at"))
                    .col(big_integer("run_at"))
                    .col(integer("attempt"))
                    .col(big_integer_null("leased_until"))
                    .col(big_integer_null("done_at"))
                    .col(big_integer_null("failed_at"))
                    .col(string_null("last_fault"))
                    .to_owned(),
            )
            .await?;
        // Open jobs are few and done ones many: the index that a claim reads is only of open ones.
        manager
            .create_index(
                Index::create()
                    .name("job_open")
                    .table("job")
                    .col("run_at")
                    .and_where(Expr::col("done_at").is_null())
                    .and_where(Expr::col("failed_at").is_null())
                    .to_owned(),
            )
            .await
    }
}
