//! What a person or a machine may ask for, one function each.
//!
//! An action takes plain values, never an HTTP request, so that a handler, a job
//! and a test call the same thing. It has four beats: load under lock, decide
//! (in `domain`), save, enqueue; and it never waits for the network while a
//! transaction is open.
//!
//! Everything here fails with `Unavailable` when the database does not answer; `# Errors` names what else.

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

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::tasks::Tasks;

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

/// Does what must not stop half-way in a task of its own: whoever waits for it may leave, because
/// what it spends works once. A service that stops waits for it.
///
/// # Errors
/// As the work; [`Error::Internal`] when it broke down.
pub async fn to_the_end<T: Send + 'static>(
    tasks: &Tasks,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let done = tasks.spawn(work).await;
    done.map_err(|e| Error::Internal(e.into()))?
}

/// How long what cannot be had again waits between tries of writing it down. A busy database takes
/// 5 s to say so; one that restarts says at once that it is gone.
const WAITS: [Duration; 8] = [
    Duration::ZERO,
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// Writes down what cannot be had again, in a transaction that is tried for a minute: a token pair
/// that amoCRM gives once, what a mail server said.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer at all.
async fn insist<'w, T>(write: impl Fn() -> BoxFuture<'w, Result<T, Error>>) -> Result<T, Error> {
    insist_for(&WAITS, write).await
}

async fn insist_for<'w, T>(
    waits: &[Duration],
    write: impl Fn() -> BoxFuture<'w, Result<T, Error>>,
) -> Result<T, Error> {
    let mut waits = waits.iter();
    loop {
        match (write().await, waits.next()) {
            (Err(Error::Unavailable(_)), Some(wait)) => tokio::time::sleep(*wait).await,
            (done, _) => return done,
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
            let done = insist_for(&[Duration::ZERO; 2], write).await;
            assert_eq!(done.is_ok(), written, "{busy_for}");
        }
    }
}
