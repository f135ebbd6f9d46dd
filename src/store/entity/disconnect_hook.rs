//! That a disconnect hook came for an account.

use sea_orm::entity::prelude::*;

/// A row of `disconnect_hook`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "disconnect_hook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_index: Vec<u8>,
    pub install_id: Option<Uuid>,
    pub generation: Option<i32>,
    pub believed: bool,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
