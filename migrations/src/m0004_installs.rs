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
                    .col(boolean("needs_administrator"))
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
        // One pair for each person who granted access. The renewing lease is held by whoever
        // refreshes: amoCRM takes a refresh token only once.
        manager
            .create_table(
                Table::create()
                    .table("token_pair")
                    .col(uuid("id").primary_key())
                    .col(uuid("install_id"))
                    // Who granted it: blind, because nobody has consented yet.
                    .col(binary("giver"))
                    .col(boolean("administrator"))
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
                    .index(
                        Index::create()
                            .name("token_pair_giver")
                            .col("install_id")
                            .col("giver")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        // A disconnect hook has no time and no nonce: only the first of an account cannot be a
        // replay, so it is remembered that one came, also for accounts that were never seen; and
        // whether, of that generation, it is to be believed until the platform has spoken.
        manager
            .create_table(
                Table::create()
                    .table("disconnect_hook")
                    .col(uuid("product_id"))
                    .col(binary("account_index"))
                    // The Install and its generation when the last one came; null: never seen.
                    .col(uuid_null("install_id"))
                    .col(integer_null("generation"))
                    .col(boolean("believed"))
                    .primary_key(Index::create().col("product_id").col("account_index"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("disconnect_hook", "product_id")
                            .to("product", "id"),
                    )
                    .to_owned(),
            )
            .await
    }
}
