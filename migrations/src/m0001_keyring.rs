//! Keys that the database holds, wrapped by the master key of the configuration.

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
                    .table("keyring")
                    .col(string("purpose").primary_key())
                    .col(binary("wrapped"))
                    .col(big_integer("created_at"))
                    .to_owned(),
            )
            .await
    }
}
