//! Values, rules, decisions. No clock, no network, no database: a lawyer could read it.

pub mod api_keys;
pub mod calendar;
pub mod claims;
pub mod consents;
pub mod contacts;
pub mod deadlines;
pub mod events;
pub mod facts;
pub mod grants;
pub mod hosts;
pub mod ids;
pub mod in_force;
pub mod installs;
pub mod jobs;
pub mod ledger;
pub mod letters;
pub mod merkle;
pub mod notes;
pub mod policies;
pub mod products;
pub mod receipts;
pub mod removal;
pub mod requests;
pub mod signing;
pub mod starter;
pub mod time;
