//! What became of telling one endpoint of one event.

use sea_orm::entity::prelude::*;

/// A row of `event_delivery`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub endpoint_id: Uuid,
    pub lane: Uuid,
    pub state: String,
    pub attempt: i32,
    pub waiting_since: i64,
    pub next_at: i64,
    pub delivered_at: Option<i64>,
    pub last_fault: Option<String>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
