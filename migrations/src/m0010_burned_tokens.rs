//! Ids of one-time tokens that were used for writing, until the tokens lapse.

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
                    .table("burned_token")
                    .col(uuid("product_id"))
                    .col(binary("jti_hash"))
                    .col(big_integer("expires_at"))
                    .primary_key(Index::create().col("product_id").col("jti_hash"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("burned_token_expires_at")
                    .table("burned_token")
                    .col("expires_at")
                    .to_owned(),
            )
            .await
    }
}
