//! Many who want the same small write at once are served by one transaction.
//!
//! Whoever comes first starts a task that writes what waits, tells each how it went, and
//! goes on while more came meanwhile. With fifty hooks at once that is a few commits
//! instead of fifty. The task is nobody's: a caller who hangs up takes nothing along.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// How many things one transaction takes at most, so that its statements stay within the
/// databases' limits however many wait.
const AT_ONCE: usize = 500;

/// How long anybody waits to be told: for the transaction that runs, and for their own.
const PATIENCE: Duration = Duration::from_secs(5);

/// Things waiting for the next transaction.
pub struct Gather<T>(Arc<Mutex<Waiting<T>>>);

struct Waiting<T> {
    things: Vec<(T, oneshot::Sender<bool>)>,
    /// Whether a task is there that will take them.
    tended: bool,
}

impl<T> Default for Gather<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Waiting {
            things: Vec::new(),
            tended: false,
        })))
    }
}

impl<T: Send + 'static> Gather<T> {
    /// Hands a thing in, and waits until it was written with all that came meanwhile. `write`
    /// says whether all of it is durable; if not, nothing is. Returns what it said; `false` when
    /// it never came to that, or not in time: then the thing may be written later all the same.
    pub async fn hand_in(
        &self,
        thing: T,
        write: impl Fn(Vec<T>) -> BoxFuture<'static, bool> + Send + 'static,
    ) -> bool {
        let (told, outcome) = oneshot::channel();
        let begins = {
            let mut waiting = lock(&self.0);
            waiting.things.push((thing, told));
            !std::mem::replace(&mut waiting.tended, true)
        };
        if begins {
            let mut tending = Tending {
                waiting: self.0.clone(),
                over: false,
            };
            tokio::spawn(async move {
                while let Some((things, told)) = tending.next() {
                    let durable = write(things).await;
                    for one in told {
                        // Somebody who went away needs no answer.
                        let _ = one.send(durable);
                    }
                }
            });
        }
        let told = tokio::time::timeout(PATIENCE, outcome).await;
        told.is_ok_and(|durable| durable.unwrap_or(false))
    }
}

/// The task's hold on what waits.
struct Tending<T> {
    waiting: Arc<Mutex<Waiting<T>>>,
    over: bool,
}

impl<T> Tending<T> {
    /// What waits, the first first; `None`, and the task is over, when nothing does.
    fn next(&mut self) -> Option<(Vec<T>, Vec<oneshot::Sender<bool>>)> {
        let mut waiting = lock(&self.waiting);
        if waiting.things.is_empty() {
            waiting.tended = false;
            self.over = true;
            return None;
        }
        let taken = waiting.things.len().min(AT_ONCE);
        Some(waiting.things.drain(..taken).unzip())
    }
}

impl<T> Drop for Tending<T> {
    /// A task that was torn down leaves nobody waiting for it.
    fn drop(&mut self) {
        if !self.over {
            let mut waiting = lock(&self.waiting);
            waiting.tended = false;
            waiting.things.clear();
        }
    }
}

fn lock<T>(waiting: &Mutex<Waiting<T>>) -> MutexGuard<'_, Waiting<T>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use tokio::sync::Notify;

    use super::*;

    /// A write that waits to be let go, and counts what it wrote and how often.
    #[derive(Clone, Default)]
    struct Desk {
        go: Arc<Notify>,
        written: Arc<AtomicUsize>,
        times: Arc<AtomicUsize>,
    }

    impl Desk {
        fn write(&self) -> impl Fn(Vec<u8>) -> BoxFuture<'static, bool> + Send + 'static {
            let desk = self.clone();
            move |things| {
                let desk = desk.clone();
                async move {
                    desk.go.notified().await;
                    desk.written.fetch_add(things.len(), Ordering::SeqCst);
                    desk.times.fetch_add(1, Ordering::SeqCst);
                    true
                }
                .boxed()
            }
        }
    }

    #[tokio::test]
    async fn who_hangs_up_takes_nobody_along() {
        let (gather, desk) = (Gather::default(), Desk::default());
        let mut first = Box::pin(gather.hand_in(1, desk.write()));
        assert!(first.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
        drop(first);
        let mut others: Vec<_> = (2..5)
            .map(|n| Box::pin(gather.hand_in(n, desk.write())))
            .collect();
        for other in &mut others {
            assert!(other.as_mut().now_or_never().is_none());
        }
        desk.go.notify_one();
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        desk.go.notify_one();
        for other in others {
            assert!(other.await);
        }
        let count = |n: &AtomicUsize| n.load(Ordering::SeqCst);
        assert_eq!((count(&desk.written), count(&desk.times)), (4, 2));
    }

    #[tokio::test]
    async fn more_than_one_transaction_takes_waits_for_the_next() {
        let (gather, desk) = (Gather::default(), Desk::default());
        let mut all: Vec<_> = (0..=AT_ONCE)
            .map(|_| Box::pin(gather.hand_in(1, desk.write())))
            .collect();
        for one in &mut all {
            assert!(one.as_mut().now_or_never().is_none());
        }
        let last = all.pop().unwrap();
        for written in [AT_ONCE, AT_ONCE + 1] {
            desk.go.notify_one();
            while desk.written.load(Ordering::SeqCst) < written {
                tokio::task::yield_now().await;
            }
        }
        assert!(last.await);
        assert_eq!(desk.times.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_write_that_breaks_leaves_nobody_waiting() {
        let gather = Gather::default();
        let broken = |_: Vec<u8>| async { panic!("on purpose") }.boxed();
        assert!(!gather.hand_in(1, broken).await);
        let desk = Desk::default();
        desk.go.notify_one();
        assert!(gather.hand_in(2, desk.write()).await, "the next is served");
    }
}
