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
        // A key that no longer signs stays, without its seed: what it signed has to be verified
        // for ever, and nothing more is to be signed with it.
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(uuid("id").primary_key())
                    .col(binary("public"))
                    .col(binary_null("sealed_seed"))
                    .col(big_integer("signs_from"))
                    .col(big_integer_null("signs_until"))
                    .col(big_integer_null("revoked_at"))
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
