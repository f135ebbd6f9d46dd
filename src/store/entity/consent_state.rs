//! What the ledger adds up to for one person: derived, rebuilt from the ledger at will.

use sea_orm::entity::prelude::*;

/// A row of `consent_state`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    pub install_id: Uuid,
    pub generation: i32,
    pub act: String,
    pub policy_number: i32,
    pub lang: String,
    pub entry_index: i64,
    pub occurred_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
