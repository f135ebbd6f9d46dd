//! The tokens that open an account to us, sealed.

use sea_orm::entity::prelude::*;

/// A row of `token_pair`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token_pair")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub install_id: Uuid,
    pub giver: Vec<u8>,
    pub administrator: bool,
    pub access: Vec<u8>,
    pub refresh: Vec<u8>,
    pub access_expires_at: i64,
    pub obtained_at: i64,
    pub grant_id: Uuid,
    pub revision: i32,
    pub renewing_until: Option<i64>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
