//! One entry of the ledger. Never changed.

use sea_orm::entity::prelude::*;

/// A row of `consent`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_index: i64,
    pub id: Uuid,
    pub install_id: Uuid,
    pub chain: i32,
    pub previous: Option<Vec<u8>>,
    pub generation: i32,
    pub subject_id: Uuid,
    pub act: String,
    pub policy_number: i32,
    pub lang: String,
    pub shown_hash: String,
    pub purposes: Json,
    pub declared_read: bool,
    pub declared_own_data: bool,
    pub product: String,
    pub sealed_person: Vec<u8>,
    pub occurred_at: i64,
    pub leaf: Vec<u8>,
    pub path: Vec<u8>,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
