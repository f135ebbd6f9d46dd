//! Letters: one row per person and thing to be told, with what became of it. A row holds
//! neither an address nor a text; both are put together when the letter goes. And the links in
//! them, as hashes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const KINDS: [&str; 4] = ["policy-notice", "policy-reconsent", "receipt", "address"];
const STATES: [&str; 6] = ["queued", "sending", "sent", "bounced", "unknown", "dropped"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("letter")
                    .col(uuid("id").primary_key())
                    .col(string("kind").check(Expr::col("kind").is_in(KINDS)))
                    .col(uuid("subject_id"))
                    .col(uuid("install_id"))
                    .col(integer("generation"))
                    .col(uuid_null("version_id"))
                    .col(uuid_null("entry_id").unique_key())
                    // The revision of the contact details whose address it goes to.
                    .col(uuid_null("contact_id"))
                    .col(string("lang"))
                    .col(string("state").check(Expr::col("state").is_in(STATES)))
                    .col(string("message_id"))
                    .col(integer("attempt"))
                    .col(integer("deferred"))
                    // Null once the letter is settled.
                    .col(big_integer_null("next_at"))
                    .col(big_integer("queued_at"))
                    .col(big_integer_null("sent_at"))
                    .col(big_integer_null("bounced_at"))
                    .col(big_integer_null("shown_at"))
                    .col(big_integer_null("acknowledged_at"))
                    .col(string_null("last_reply"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("letter", "subject_id")
                            .to("subject", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("letter", "version_id")
                            .to("policy_version", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("letter", "contact_id")
                            .to("contact", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // One letter per person and version.
        manager
            .create_index(
                Index::create()
                    .name("letter_once")
                    .table("letter")
                    .col("version_id")
                    .col("subject_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // Open letters are few and settled ones many: the index that is asked what is due has
        // only the open ones.
        manager
            .create_index(
                Index::create()
                    .name("letter_open")
                    .table("letter")
                    .col("kind")
                    .col("next_at")
                    .and_where(Expr::col("next_at").is_not_null())
                    .to_owned(),
            )
            .await?;
        // What people cause themselves is counted, by person and by account.
        for column in ["subject_id", "install_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("letter_caused_{column}"))
                        .table("letter")
                        .col(column)
                        .col("queued_at")
                        .and_where(Expr::col("version_id").is_null())
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("letter_caused_queued_at")
                    .table("letter")
                    .col("queued_at")
                    .and_where(Expr::col("version_id").is_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("link")
                    .col(uuid("letter_id").primary_key())
                    .col(binary("token_hash").unique_key())
                    .col(uuid("contact_id"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("used_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("link", "letter_id")
                            .to("letter", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("link", "contact_id")
                            .to("contact", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("link_expires_at")
                    .table("link")
                    .col("expires_at")
                    .to_owned(),
            )
            .await
    }
}
