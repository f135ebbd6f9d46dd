//! The schema, one idea per step, the same for SQLite and PostgreSQL.
//!
//! A step that has been released is never edited: what changes is a new step.

pub use sea_orm_migration::prelude::*;

mod append_only;
mod m0001_keyring;
mod m0002_products;
mod m0003_policies;
mod m0004_installs;
mod m0005_grants;
mod m0006_people;
mod m0007_consents;
mod m0008_requests;
mod m0009_removals;
mod m0010_burned_tokens;
mod m0011_jobs;
mod m0012_letters;
mod m0013_notices;
mod m0014_events;
mod m0015_evidence;

/// The ordered list of steps.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_keyring::Migration),
            Box::new(m0002_products::Migration),
            Box::new(m0003_policies::Migration),
            Box::new(m0004_installs::Migration),
            Box::new(m0005_grants::Migration),
            Box::new(m0006_people::Migration),
            Box::new(m0007_consents::Migration),
            Box::new(m0008_requests::Migration),
            Box::new(m0009_removals::Migration),
            Box::new(m0010_burned_tokens::Migration),
            Box::new(m0011_jobs::Migration),
            Box::new(m0012_letters::Migration),
            Box::new(m0013_notices::Migration),
            Box::new(m0014_events::Migration),
            Box::new(m0015_evidence::Migration),
        ]
    }
}
