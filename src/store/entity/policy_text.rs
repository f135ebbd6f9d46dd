//! One text of a version. Never changed.

use sea_orm::entity::prelude::*;

/// A row of `policy_text`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_text")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version_id: Uuid,
    pub lang: String,
    pub file_name: String,
    pub source: Vec<u8>,
    pub shown: Vec<u8>,
    pub hash: String,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
