//! A small amoCRM on this machine: OAuth, hooks, API and the account's pages.
//!
//! It knows nothing of the service that is developed against it and speaks only HTTP, so that a shared
//! misunderstanding cannot make a test green. Nothing here leaves the machine.

pub mod clock;
pub mod faults;
pub mod grants;
pub mod hooks;
pub mod jwt;
pub mod model;
pub mod records;
pub mod switches;
pub mod world;
