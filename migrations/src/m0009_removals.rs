//! How far the taking out of a Product is, step by step, so that a crash resumes it.

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
                    .table("removal")
                    .col(uuid("install_id"))
                    .col(integer("generation"))
                    .col(
                        string("step").check(
                            Expr::col("step").is_in(["webhooks", "widget", "probe", "forget"]),
                        ),
                    )
                    .col(
                        string_null("outcome")
                            .check(Expr::col("outcome").is_in(["done", "refused"])),
                    )
                    .col(big_integer("since"))
                    .primary_key(
                        Index::create()
                            .col("install_id")
                            .col("generation")
                            .col("step"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("removal", "install_id")
                            .to("install", "id"),
                    )
                    .to_owned(),
            )
            .await
    }
}
