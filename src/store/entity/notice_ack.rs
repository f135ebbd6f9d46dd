//! The last version that somebody said to have learned of.

use sea_orm::entity::prelude::*;

/// A row of `notice_ack`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_ack")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: Vec<u8>,
    pub policy_number: i32,
    pub acknowledged_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
