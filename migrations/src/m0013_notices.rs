//! Who has learned of which version: a blind index of the person, and the number.

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
        // A person who never consented may acknowledge, too: nothing else is known of them.
        manager
            .create_table(
                Table::create()
                    .table("notice_ack")
                    .col(uuid("install_id"))
                    .col(binary("person"))
                    .col(integer("policy_number"))
                    .col(big_integer("acknowledged_at"))
                    .primary_key(Index::create().col("install_id").col("person"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("notice_ack", "install_id")
                            .to("install", "id"),
                    )
                    .to_owned(),
            )
            .await
    }
}
