//! What amoCRM hands us: codes on their way to tokens, and the states of the button flow that were used.

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
        // The code is a secret: sealed, and gone after its use or death. `code_index` finds a
        // delivery that came twice without keeping the code.
        manager
            .create_table(
                Table::create()
                    .table("grant_offer")
                    .col(uuid("id").primary_key())
                    .col(uuid("product_id"))
                    .col(string("host"))
                    .col(binary("code_index"))
                    .col(
                        string("state")
                            .check(Expr::col("state").is_in(["code", "tokens", "landed", "dead"])),
                    )
                    .col(binary_null("code"))
                    .col(binary_null("access"))
                    .col(binary_null("refresh"))
                    .col(big_integer_null("access_expires_at"))
                    .col(big_integer("announced_at"))
                    .col(string_null("fault"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("grant_offer", "product_id")
                            .to("product", "id"),
                    )
                    .index(
                        Index::create()
                            .name("grant_offer_code")
                            .col("product_id")
                            .col("code_index")
                            .unique(),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("grant_offer_host")
                    .table("grant_offer")
                    .col("product_id")
                    .col("host")
                    .col("state")
                    .to_owned(),
            )
            .await?;
        // Housekeeping finds what has ended, and what lapsed, by its age.
        manager
            .create_index(
                Index::create()
                    .name("grant_offer_age")
                    .table("grant_offer")
                    .col("state")
                    .col("announced_at")
                    .to_owned(),
            )
            .await?;
        // A state of the button flow is remembered from its return on, until it would have lapsed:
        // before that it carries its own proof.
        manager
            .create_table(
                Table::create()
                    .table("used_state")
                    .col(binary("state_hash").primary_key())
                    .col(big_integer("expires_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("used_state_expires_at")
                    .table("used_state")
                    .col("expires_at")
                    .to_owned(),
            )
            .await
    }
}
