//! What amoCRM handed us, from the code to the tokens.

use sea_orm::entity::prelude::*;

/// A row of `grant_offer`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grant_offer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub product_id: Uuid,
    pub host: String,
    pub code_index: Vec<u8>,
    pub state: String,
    pub code: Option<Vec<u8>>,
    pub access: Option<Vec<u8>>,
    pub refresh: Option<Vec<u8>>,
    pub access_expires_at: Option<i64>,
    pub announced_at: i64,
    pub fault: Option<String>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
