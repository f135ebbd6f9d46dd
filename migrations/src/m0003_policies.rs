//! Versions of the Policy, their texts, and when each was posted. Rows are never changed.

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
        append_only::prepare(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table("policy_version")
                    .col(uuid("id").primary_key())
                    .col(uuid("product_id"))
                    .col(integer("number"))
                    .col(string("level").check(Expr::col("level").is_in(["notice", "reconsent"])))
                    .col(string("prevailing"))
                    .col(boolean("verbatim"))
                    .col(text("facts"))
                    .col(text_null("reason"))
                    .col(json("findings"))
                    .col(big_integer("published_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("policy_version", "product_id")
                            .to("product", "id"),
                    )
                    .index(
                        Index::create()
                            .name("policy_version_number")
                            .col("product_id")
                            .col("number")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("policy_text")
                    .col(uuid("id").primary_key())
                    .col(uuid("version_id"))
                    .col(string("lang"))
                    .col(string("file_name"))
                    .col(binary("source"))
                    .col(binary("shown"))
                    .col(string("hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("policy_text", "version_id")
                            .to("policy_version", "id"),
                    )
                    .index(
                        Index::create()
                            .name("policy_text_lang")
                            .col("version_id")
                            .col("lang")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        // Clause 12.3: this instant, and no date an editor typed, brings a version into force.
        manager
            .create_table(
                Table::create()
                    .table("policy_posting")
                    .col(uuid("version_id").primary_key())
                    .col(big_integer("posted_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("policy_posting", "version_id")
                            .to("policy_version", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // A version that was published but never came back from the Product as it should.
        manager
            .create_table(
                Table::create()
                    .table("policy_discard")
                    .col(uuid("version_id").primary_key())
                    .col(text("reason"))
                    .col(big_integer("discarded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("policy_discard", "version_id")
                            .to("policy_version", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        for table in [
            "policy_version",
            "policy_text",
            "policy_posting",
            "policy_discard",
        ] {
            append_only::guard(manager, table).await?;
        }
        Ok(())
    }
}
