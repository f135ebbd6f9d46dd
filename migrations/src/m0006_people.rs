//! People as one Install knows them: a key of their own, and contact details under that key.

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
        // `lookup` and the `_index` columns are blind: equal values are found, none can be read.
        manager
            .create_table(
                Table::create()
                    .table("subject")
                    .col(uuid("id").primary_key())
                    .col(uuid("install_id"))
                    .col(binary("lookup"))
                    .col(binary("wrapped_key"))
                    .col(big_integer("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("subject", "install_id")
                            .to("install", "id"),
                    )
                    .index(
                        Index::create()
                            .name("subject_lookup")
                            .col("install_id")
                            .col("lookup")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("contact")
                    .col(uuid("id").primary_key())
                    .col(uuid("subject_id"))
                    .col(integer("revision"))
                    .col(binary("sealed"))
                    .col(binary("email_index"))
                    .col(binary_null("phone_index"))
                    // Whether the person corrected it outside of a consent.
                    .col(boolean("corrected"))
                    // When somebody who reads its mail confirmed the address.
                    .col(big_integer_null("confirmed_at"))
                    .col(big_integer("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("contact", "subject_id")
                            .to("subject", "id"),
                    )
                    .index(
                        Index::create()
                            .name("contact_revision")
                            .col("subject_id")
                            .col("revision")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        for column in ["email_index", "phone_index"] {
            let name = format!("contact_{column}");
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("contact")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
