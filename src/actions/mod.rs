//! What a person or a machine may ask for, one function each.
//!
//! An action takes plain values, never an HTTP request, so that a handler, a job
//! and a test call the same thing. It has four beats: load under lock, decide
//! (in `domain`), save, enqueue; and it never waits for the network while a
//! transaction is open.

pub mod audit;
pub mod authorization;
pub mod caller;
pub mod clocks;
pub mod comparison;
pub mod consents;
pub mod contacts;
pub mod disconnects;
pub mod events;
pub mod grants;
pub mod in_force;
pub mod keys;
pub mod letters;
pub mod links;
pub mod me;
pub mod notices;
pub mod policies;
pub mod products;
pub mod receipts;
pub mod standing;
pub mod uninstall;
pub mod upkeep;
pub mod withdrawals;

use futures_util::future::BoxFuture;

use crate::domain::time::Timestamp;
use crate::error::Error;

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

/// How often what cannot be had again is written down: a busy database takes 5 s to say so.
const INSIST: u32 = 3;

/// Writes down what cannot be had again, in a transaction that is tried several times: a token
/// pair that amoCRM gives once, what a mail server said.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer at all.
async fn insist<'w, T>(write: impl Fn() -> BoxFuture<'w, Result<T, Error>>) -> Result<T, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match write().await {
            Err(Error::Unavailable(_)) if tries < INSIST => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt as _;

    use super::*;
    use crate::store::Fault;

    #[tokio::test]
    async fn what_cannot_be_had_again_is_written_when_the_database_is_free_again() {
        for (busy_for, written) in [(0, true), (2, true), (3, false)] {
            let tries = AtomicU32::new(0);
            let write = || {
                let busy = tries.fetch_add(1, Ordering::Relaxed) < busy_for;
                let written = if busy {
                    Err(Fault::busy().into())
                } else {
                    Ok(())
                };
                async { written }.boxed()
            };
            let done = insist(write).await;
            assert_eq!(done.is_ok(), written, "{busy_for}");
        }
    }
}
