//! The second door: time.

mod run;
mod worker;

pub use run::run_now;
pub use worker::{Worker, look, run_due};
