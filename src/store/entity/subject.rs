//! A person as one Install knows them.

use sea_orm::entity::prelude::*;

/// A row of `subject`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subject")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub install_id: Uuid,
    pub lookup: Vec<u8>,
    pub wrapped_key: Vec<u8>,
    pub created_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
