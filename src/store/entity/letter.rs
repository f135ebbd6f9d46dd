//! A letter to one person, and what became of it.

use sea_orm::entity::prelude::*;

/// A row of `letter`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub subject_id: Uuid,
    pub install_id: Uuid,
    pub generation: i32,
    pub version_id: Option<Uuid>,
    pub entry_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub lang: String,
    pub state: String,
    pub message_id: String,
    pub attempt: i32,
    pub deferred: i32,
    pub next_at: Option<i64>,
    pub queued_at: i64,
    pub sent_at: Option<i64>,
    pub bounced_at: Option<i64>,
    pub shown_at: Option<i64>,
    pub acknowledged_at: Option<i64>,
    pub last_reply: Option<String>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
