//! A Product.

use sea_orm::entity::prelude::*;

/// A row of `product`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub client_id: Uuid,
    pub redirect_uri: String,
    pub hook_prefixes: Json,
    pub hosts: Option<String>,
    pub created_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
