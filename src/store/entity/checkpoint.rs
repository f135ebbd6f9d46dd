//! A signed statement about the ledger's tree. Never changed.

use sea_orm::entity::prelude::*;

/// A row of `checkpoint`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tree_size: i64,
    #[sea_orm(column_type = "Text")]
    pub note: String,
    pub signed_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
