//! One Product in one Account, and the pair of tokens that opens the account to us.

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
                    .table("install")
                    .col(uuid("id").primary_key())
                    .col(uuid("product_id"))
                    .col(big_integer("account_id"))
                    .col(string("host"))
                    .col(string("state").check(Expr::col("state").is_in([
                        "pending",
                        "active",
                        "uninstalling",
                        "uninstalled",
                    ])))
                    .col(integer("generation").check(Expr::col("generation").gte(1)))
                    .col(big_integer_null("ended_at"))
                    .col(boolean("withdrawn"))
                    .col(boolean("by_hand"))
                    .col(big_integer("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("install", "product_id")
                            .to("product", "id"),
                    )
                    .index(
                        Index::create()
                            .name("install_account")
                            .col("product_id")
                            .col("account_id")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        // An account's installs over all products, for what is bounded by account.
        manager
            .create_index(
                Index::create()
                    .name("install_of_account")
                    .table("install")
                    .col("account_id")
                    .to_owned(),
            )
            .await?;
        // The renewing lease is held by whoever refreshes: amoCRM takes a refresh token only once.
        manager
            .create_table(
                Table::create()
                    .table("token_pair")
                    .col(uuid("install_id").primary_key())
                    .col(binary("access"))
                    .col(binary("refresh"))
                    .col(big_integer("access_expires_at"))
                    .col(big_integer("obtained_at"))
                    .col(uuid("grant_id"))
                    .col(integer("revision"))
                    .col(big_integer_null("renewing_until"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("token_pair", "install_id")
                            .to("install", "id"),
                    )
                    .to_owned(),
            )
            .await
    }
}
