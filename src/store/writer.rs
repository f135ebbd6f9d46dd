//! Whose turn it is to write. Waiting here, in turn, is fair; waiting in SQLite's busy handler
//! is a lottery in which the unlucky wait a hundred times longer.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Fault, PATIENCE};

/// The queue for writing: on SQLite for the only place, on PostgreSQL for several.
///
/// Hooks queue for a place alone. Everybody else queues for being the one among them who may
/// queue for it, so that a hook waits for one transaction of others, however many want to write.
#[derive(Clone)]
pub(super) struct Writer {
    turn: Arc<Semaphore>,
    others: Arc<Semaphore>,
}

/// Who wants to write.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// amoCRM, which waits three seconds and never comes again.
    Hook,
    /// Anybody else.
    Other,
}

impl Writer {
    /// A queue for so many places.
    pub(super) fn of(places: u32) -> Self {
        Self {
            turn: Arc::new(Semaphore::new(places as usize)),
            others: Arc::new(Semaphore::new(1)),
        }
    }

    /// Waits for a place, which is held until the permit is dropped.
    pub(super) async fn turn(&self, who: Who) -> Result<OwnedSemaphorePermit, Fault> {
        let wait = async {
            let _first_of_others = match who {
                Who::Hook => None,
                Who::Other => Some(self.others.acquire().await?),
            };
            self.turn.clone().acquire_owned().await
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .map_err(|_| Fault::busy())?
            .map_err(|_| Fault::busy())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_hook_waits_for_one_transaction_of_others_however_many_want_to_write() {
        let writer = Writer::of(1);
        let writing = writer.turn(Who::Other).await.unwrap();
        let mut others: Vec<_> = (0..100)
            .map(|_| Box::pin(writer.turn(Who::Other)))
            .collect();
        for other in &mut others {
            assert!(other.as_mut().now_or_never().is_none());
        }
        let mut hook = Box::pin(writer.turn(Who::Hook));
        assert!(hook.as_mut().now_or_never().is_none());

        drop(writing);
        let next = others[0].as_mut().now_or_never().expect("it was first");
        assert!(hook.as_mut().now_or_never().is_none());
        drop(next);
        assert!(hook.as_mut().now_or_never().is_some(), "ahead of 99 others");
    }
}
