//! One Product in one Account.

use sea_orm::entity::prelude::*;

/// A row of `install`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "install")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub product_id: Uuid,
    pub account_id: i64,
    pub host: String,
    pub state: String,
    pub generation: i32,
    pub ended_at: Option<i64>,
    pub withdrawn: bool,
    pub by_hand: bool,
    pub needs_administrator: bool,
    pub created_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
