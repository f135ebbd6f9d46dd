//! A privacy request.

use sea_orm::entity::prelude::*;

/// A row of `request`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: String,
    pub install_id: Uuid,
    pub generation: i32,
    pub subject_id: Uuid,
    pub kind: String,
    pub reach: String,
    pub state: String,
    pub sealed_comment: Option<Vec<u8>>,
    pub received_at: i64,
    pub due_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
