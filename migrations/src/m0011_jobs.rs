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
                    .col(binary_null("queue"))
                    .col(integer("rank").default(0))
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
        // Done jobs are many: the indexes that claims read are of open ones only.
        let open = || {
            Index::create()
                .table("job")
                .and_where(Expr::col("done_at").is_null())
                .and_where(Expr::col("failed_at").is_null())
                .to_owned()
        };
        let due = open().name("job_open").col("kind").col("run_at").to_owned();
        manager.create_index(due).await?;
        let in_turn = open()
            .name("job_queue")
            .col("kind")
            .col("queue")
            .col("rank")
            .col("run_at")
            .col("id")
            .and_where(Expr::col("queue").is_not_null())
            .to_owned();
        manager.create_index(in_turn).await?;
        manager
            .create_index(
                Index::create()
                    .name("job_done")
                    .table("job")
                    .col("done_at")
                    .and_where(Expr::col("done_at").is_not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("job_install")
                    .table("job")
                    .col("install_id")
                    .and_where(Expr::col("install_id").is_not_null())
                    .to_owned(),
            )
            .await?;
        // A process that only serves HTTP has to be able to say that nobody looks for jobs.
        manager
            .create_table(
                Table::create()
                    .table("worker_note")
                    .col(string("what").primary_key())
                    .col(big_integer("noted_at"))
                    .to_owned(),
            )
            .await
    }
}
