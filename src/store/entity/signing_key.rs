//! A key that signs, or signed, receipts and checkpoints.

use sea_orm::entity::prelude::*;

/// A row of `signing_key`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub public: Vec<u8>,
    pub sealed_seed: Option<Vec<u8>>,
    pub signs_from: i64,
    pub signs_until: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
