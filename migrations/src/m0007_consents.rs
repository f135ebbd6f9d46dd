//! The ledger: who agreed to which words, for which Install, when. It only grows.
//! Beside it what it adds up to for each person, which is derived and can be rebuilt.

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
        manager
            .create_table(
                Table::create()
                    .table("consent")
                    // Its place in the tree over all entries, from 0 and without a gap.
                    .col(big_integer("entry_index").primary_key())
                    .col(uuid("id").unique_key())
                    .col(uuid("install_id"))
                    .col(integer("chain"))
                    .col(binary_null("previous"))
                    .col(integer("generation"))
                    .col(uuid("subject_id"))
                    .col(string("act").check(Expr::col("act").is_in(["given", "withdrawn"])))
                    .col(integer("policy_number"))
                    .col(string("lang"))
                    .col(string("shown_hash"))
                    .col(json("purposes"))
                    .col(boolean("declared_read"))
                    .col(boolean("declared_own_data"))
                    .col(string("product"))
                    .col(binary("sealed_person"))
                    .col(big_integer("occurred_at"))
                    .col(binary("leaf"))
                    .col(binary("path"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("consent", "install_id")
                            .to("install", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("consent", "subject_id")
                            .to("subject", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("consent_chain")
                    .table("consent")
                    .col("install_id")
                    .col("chain")
                    .unique()
                    .to_owned(),
            )
            .await?;
        append_only::guard(manager, "consent").await?;
        manager
            .create_table(
                Table::create()
                    .table("consent_state")
                    .col(uuid("subject_id").primary_key())
                    .col(uuid("install_id"))
                    .col(integer("generation"))
                    .col(string("act").check(Expr::col("act").is_in(["given", "withdrawn"])))
                    .col(integer("policy_number"))
                    .col(string("lang"))
                    .col(big_integer("entry_index"))
                    .col(big_integer("occurred_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("consent_state", "subject_id")
                            .to("subject", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("consent_state_install")
                    .table("consent_state")
                    .col("install_id")
                    .to_owned(),
            )
            .await
    }
}
