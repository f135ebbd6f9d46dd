//! Privacy requests and the running numbers people are given.

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
                    .table("request")
                    .col(uuid("id").primary_key())
                    .col(string("number").unique_key())
                    .col(uuid("install_id"))
                    .col(integer("generation"))
                    .col(uuid("subject_id"))
                    .col(string("kind").check(Expr::col("kind").is_in(["withdrawal"])))
                    // Whether it ends the Product for the account, or takes back one consent of several.
                    .col(string("reach").check(Expr::col("reach").is_in(["account", "own"])))
                    .col(string("state").check(Expr::col("state").is_in(["received", "executed"])))
                    .col(binary_null("sealed_comment"))
                    .col(big_integer("received_at"))
                    .col(big_integer("due_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("request", "install_id")
                            .to("install", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("request", "subject_id")
                            .to("subject", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("request_install")
                    .table("request")
                    .col("install_id")
                    .col("generation")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("counter")
                    .col(string("name").primary_key())
                    .col(big_integer("value"))
                    .to_owned(),
            )
            .await
    }
}
