//! A durable job.

use sea_orm::entity::prelude::*;

/// A row of `job`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub payload: Json,
    pub open_key: Option<String>,
    pub queue: Option<Vec<u8>>,
    pub rank: i32,
    pub install_id: Option<Uuid>,
    pub asked_at: i64,
    pub run_at: i64,
    pub attempt: i32,
    pub leased_until: Option<i64>,
    pub done_at: Option<i64>,
    pub failed_at: Option<i64>,
    pub last_fault: Option<String>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
