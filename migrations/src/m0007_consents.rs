//! The ledger: who agreed to which words, for which Install, when. It only grows.

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
                    .col(big_integer("seq").primary_key().auto_increment())
                    .col(uuid("id").unique_key())
                    .col(uuid("install_id"))
                    .col(integer("generation"))
                    .col(uuid("subject_id"))
                    .col(string("act").check(Expr::col("act").is_in(["given", "withdrawn"])))
                    .col(integer("policy_number"))
                    .col(string("lang"))
                    .col(string("shown_hash"))
                    .col(json("purposes"))
                    .col(boolean("declared_read"))
                    .col(boolean("declared_own_data"))
                    .col(binary("sealed_user"))
                    .col(big_integer("occurred_at"))
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
                    .name("consent_install")
                    .table("consent")
                    .col("install_id")
                    .col("generation")
                    .col("seq")
                    .to_owned(),
            )
            .await?;
        append_only::guard(manager, "consent").await
    }
}
