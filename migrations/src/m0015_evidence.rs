//! What makes the ledger provable: the keys that sign, and signed checkpoints of its tree.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::append_only;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A key that no longer signs stays: what it signed has to be verified for ever.
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(uuid("id").primary_key())
                    .col(binary("public"))
                    .col(binary("sealed_seed"))
                    .col(big_integer("signs_from"))
                    .col(big_integer_null("signs_until"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("checkpoint")
                    .col(big_integer("tree_size").primary_key())
                    .col(text("note"))
                    .col(big_integer("signed_at"))
                    .to_owned(),
            )
            .await?;
        append_only::guard(manager, "checkpoint").await
    }
}
