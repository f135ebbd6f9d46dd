//! One revision of a person's contact details, sealed.

use sea_orm::entity::prelude::*;

/// A row of `contact`, as the database has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub subject_id: Uuid,
    pub revision: i32,
    pub sealed: Vec<u8>,
    pub email_index: Vec<u8>,
    pub phone_index: Option<Vec<u8>>,
    pub corrected: bool,
    pub confirmed_at: Option<i64>,
    pub recorded_at: i64,
}

/// No relations are followed: queries say what they read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
