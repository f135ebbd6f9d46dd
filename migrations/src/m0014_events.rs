//! What the Publisher's back ends are told: where to, what happened, and what became of telling.

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
                    .table("endpoint")
                    .col(uuid("id").primary_key())
                    .col(uuid("product_id"))
                    .col(string("url"))
                    .col(big_integer("created_at"))
                    .col(integer("failures").default(0))
                    .col(big_integer_null("quiet_until"))
                    .col(string_null("last_fault"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("endpoint", "product_id")
                            .to("product", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // Several sign for a while after a change, so that a back end can be told the new one.
        manager
            .create_table(
                Table::create()
                    .table("endpoint_secret")
                    .col(uuid("id").primary_key())
                    .col(uuid("endpoint_id"))
                    .col(binary("sealed"))
                    .col(big_integer("created_at"))
                    // Null for the one in force; of the one before, when it ends.
                    .col(big_integer_null("signs_until"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("endpoint_secret", "endpoint_id")
                            .to("endpoint", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("endpoint_secret_endpoint")
                    .table("endpoint_secret")
                    .col("endpoint_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("event")
                    .col(big_integer("seq").primary_key().auto_increment())
                    .col(uuid("id").unique_key())
                    .col(text("body"))
                    .col(big_integer("happened_at"))
                    .to_owned(),
            )
            .await?;
        // A lane is what has to come in order: an Install's id, or nothing but zeros for the Product.
        manager
            .create_table(
                Table::create()
                    .table("event_delivery")
                    .col(big_integer("event_seq"))
                    .col(uuid("endpoint_id"))
                    .col(uuid("lane"))
                    .col(string("state").check(Expr::col("state").is_in([
                        "waiting",
                        "delivered",
                        "failed",
                    ])))
                    .col(integer("attempt"))
                    .col(big_integer("waiting_since"))
                    .col(big_integer("next_at"))
                    .col(big_integer_null("delivered_at"))
                    .col(string_null("last_fault"))
                    .primary_key(Index::create().col("event_seq").col("endpoint_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("event_delivery", "event_seq")
                            .to("event", "seq"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("event_delivery_lane")
                    .table("event_delivery")
                    .col("endpoint_id")
                    .col("state")
                    .col("lane")
                    .col("event_seq")
                    .to_owned(),
            )
            .await
    }
}
