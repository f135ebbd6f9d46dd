//! Products, the secrets of their integrations, and the addresses their webhooks point to.

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
                    .table("product")
                    .col(uuid("id").primary_key())
                    .col(string("code").unique_key())
                    .col(string("name"))
                    .col(uuid("client_id").unique_key())
                    .col(text("redirect_uri"))
                    .col(json("hook_prefixes"))
                    .col(text_null("hosts"))
                    .col(big_integer("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("product_secret")
                    .col(uuid("id").primary_key())
                    .col(uuid("product_id"))
                    .col(binary("sealed"))
                    .col(big_integer("created_at"))
                    // Null for the one in force; of the one before, when it ends.
                    .col(big_integer_null("accepted_until"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("product_secret", "product_id")
                            .to("product", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("product_secret_product")
                    .table("product_secret")
                    .col("product_id")
                    .to_owned(),
            )
            .await
    }
}
