//! What a person or a machine may ask for, one function each.
//!
//! An action takes plain values, never an HTTP request, so that a handler, a job
//! and a test call the same thing. It has four beats: load under lock, decide
//! (in `domain`), save, enqueue; and it never waits for the network while a
//! transaction is open.

pub mod audit;
pub mod authorization;
pub mod caller;
pub mod comparison;
pub mod consents;
pub mod contacts;
pub mod disconnects;
pub mod events;
pub mod grants;
pub mod in_force;
pub mod letters;
pub mod me;
pub mod notices;
pub mod policies;
pub mod products;
pub mod receipts;
pub mod standing;
pub mod uninstall;
pub mod upkeep;
pub mod withdrawals;

use crate::domain::time::Timestamp;

/// How far a job's action came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is left to do.
    Done,
    /// It has to wait for the platform; ask again later.
    Later,
    /// There is something to do then.
    At(Timestamp),
}
