//! Many who want the same small write at once are served by one transaction.
//!
//! Whoever gets the turn takes everything that waits, writes it together, and
//! tells each how it went. With fifty hooks at once that is a few commits
//! instead of fifty, one after the other.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// Things waiting for the next transaction.
pub struct Gather<T> {
    waiting: Mutex<Vec<(T, oneshot::Sender<bool>)>>,
    turn: tokio::sync::Mutex<()>,
}

impl<T> Default for Gather<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl<T> Gather<T> {
    /// Hands a thing in, and waits until it was written with all that came meanwhile. `write`
    /// says whether all of it is durable; if not, nothing is. Returns what it said.
    pub async fn hand_in(&self, thing: T, write: impl AsyncFnOnce(&[T]) -> bool) -> bool {
        let (told, outcome) = oneshot::channel();
        self.waiting().push((thing, told));
        let turn = self.turn.lock().await;
        // Whoever had the turn before may have taken ours along.
        let (things, told): (Vec<T>, Vec<_>) =
            std::mem::take(&mut *self.waiting()).into_iter().unzip();
        if !things.is_empty() {
            let durable = write(&things).await;
            for one in told {
                // Somebody who went away needs no answer.
                let _ = one.send(durable);
            }
        }
        drop(turn);
        outcome.await.unwrap_or(false)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<(T, oneshot::Sender<bool>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
