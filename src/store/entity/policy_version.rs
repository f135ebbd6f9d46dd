//! One version of the Policy. Never changed.

use sea_orm::entity::prelude::*;

/// A row of `policy_version`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub product_id: Uuid,
    pub number: i32,
    pub level: String,
    pub prevailing: String,
    pub verbatim: bool,
    pub facts: String,
    pub reason: Option<String>,
    pub findings: Json,
    pub published_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
