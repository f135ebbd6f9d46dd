//! The link in a letter, as a hash.

use sea_orm::entity::prelude::*;

/// A row of `link`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub letter_id: Uuid,
    pub token_hash: Vec<u8>,
    pub contact_id: Uuid,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
