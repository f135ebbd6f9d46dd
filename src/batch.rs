//! Many who want the same small write at once are served by one transaction.
//!
//! Whoever comes first begins a task that writes what waits, tells each how theirs went, and goes
//! on while more came meanwhile. With fifty hooks at once that is a few commits instead of fifty.
//! The task is nobody's: a caller who hangs up takes nothing along.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::tasks::Tasks;

/// How many items one transaction takes at most, so that its statements stay within the
/// databases' limits however many wait.
const AT_ONCE: usize = 200;

/// How long anybody waits to be told: for the transaction that runs, and for their own.
const PATIENCE: Duration = Duration::from_secs(5);

/// Items of type `T` that wait for the next transaction; each has an outcome `R`. Of those with
/// the same key `K` one goes into a batch, the first first; those without one go together.
pub struct Batcher<K, T, R> {
    waiting: Arc<Mutex<Waiting<K, T, R>>>,
    tasks: Tasks,
}

struct Waiting<K, T, R> {
    items: VecDeque<Item<K, T, R>>,
    /// Whether a task is there that will take them.
    has_task: bool,
}

struct Item<K, T, R> {
    key: Option<K>,
    item: T,
    told: oneshot::Sender<R>,
}

impl<K, T, R> Batcher<K, T, R>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + 'static,
    R: Send + 'static,
{
    /// Writes in tasks of `tasks`.
    #[must_use]
    pub fn new(tasks: &Tasks) -> Self {
        Self {
            waiting: Arc::new(Mutex::new(Waiting {
                items: VecDeque::new(),
                has_task: false,
            })),
            tasks: tasks.clone(),
        }
    }

    /// Hands an item in, and waits until it was written with all that came meanwhile. `write` gives
    /// the outcome of each item, in their order, when all of them are durable or refused. Returns
    /// that of this item; `None` when it never came to that, or not in time: then the item may be
    /// written later all the same.
    pub async fn submit(
        &self,
        key: Option<K>,
        item: T,
        write: impl Fn(Vec<T>) -> BoxFuture<'static, Vec<R>> + Send + 'static,
    ) -> Option<R> {
        let (told, outcome) = oneshot::channel();
        let begins = {
            let mut waiting = lock(&self.waiting);
            waiting.items.push_back(Item { key, item, told });
            !std::mem::replace(&mut waiting.has_task, true)
        };
        if begins {
            let mut batches = Batches {
                waiting: self.waiting.clone(),
                over: false,
            };
            self.tasks.spawn(async move {
                while let Some((items, told)) = batches.next() {
                    for (told, outcome) in told.into_iter().zip(write(items).await) {
                        // Somebody who went away needs no answer.
                        let _ = told.send(outcome);
                    }
                }
            });
        }
        let told = tokio::time::timeout(PATIENCE, outcome).await;
        told.ok()?.ok()
    }
}

/// The task's hold on what waits.
struct Batches<K, T, R> {
    waiting: Arc<Mutex<Waiting<K, T, R>>>,
    over: bool,
}

impl<K: Clone + Eq + Hash, T, R> Batches<K, T, R> {
    /// What waits, the first first, one of each key; `None`, and the task is over, when nothing
    /// does.
    fn next(&mut self) -> Option<(Vec<T>, Vec<oneshot::Sender<R>>)> {
        let mut waiting = lock(&self.waiting);
        let (mut seen, mut batch, mut later) = (HashSet::new(), Vec::new(), VecDeque::new());
        while batch.len() < AT_ONCE
            && let Some(item) = waiting.items.pop_front()
        {
            if item.key.as_ref().is_none_or(|key| seen.insert(key.clone())) {
                batch.push((item.item, item.told));
            } else {
                later.push_back(item);
            }
        }
        later.append(&mut waiting.items);
        waiting.items = later;
        if batch.is_empty() {
            waiting.has_task = false;
            self.over = true;
            return None;
        }
        Some(batch.into_iter().unzip())
    }
}

impl<K, T, R> Drop for Batches<K, T, R> {
    /// A task that was torn down leaves nobody waiting for it.
    fn drop(&mut self) {
        if !self.over {
            let mut waiting = lock(&self.waiting);
            waiting.has_task = false;
            waiting.items.clear();
        }
    }
}

fn lock<T>(waiting: &Mutex<T>) -> MutexGuard<'_, T> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::sync::Notify;

    use super::*;

    /// A write that waits to be let go, and gives each item back.
    #[derive(Clone, Default)]
    struct Desk {
        go: Arc<Notify>,
        batches: Arc<Mutex<Vec<Vec<u8>>>>,
    }

    impl Desk {
        fn write(&self) -> impl Fn(Vec<u8>) -> BoxFuture<'static, Vec<u8>> + Send + 'static {
            let desk = self.clone();
            move |items| {
                let desk = desk.clone();
                async move {
                    desk.go.notified().await;
                    lock(&desk.batches).push(items.clone());
                    items
                }
                .boxed()
            }
        }
    }

    fn batcher() -> Batcher<usize, u8, u8> {
        Batcher::new(&Tasks::here())
    }

    #[tokio::test]
    async fn of_one_key_one_item_goes_into_a_batch_and_the_first_goes_first() {
        let (batcher, desk) = (batcher(), Desk::default());
        let mut all: Vec<_> = [(7, 1), (7, 2), (8, 3), (7, 4)]
            .map(|(key, n)| Box::pin(batcher.submit(Some(key), n, desk.write())))
            .into();
        for one in &mut all {
            assert!(one.as_mut().now_or_never().is_none());
        }
        for _ in 0..3 {
            desk.go.notify_one();
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        for (one, n) in all.into_iter().zip(1..) {
            assert_eq!(one.await, Some(n));
        }
        assert_eq!(*lock(&desk.batches), [vec![1, 3], vec![2], vec![4]]);
    }

    #[tokio::test]
    async fn who_hangs_up_takes_nobody_along() {
        let (batcher, desk) = (batcher(), Desk::default());
        let mut first = Box::pin(batcher.submit(None, 1, desk.write()));
        assert!(first.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
        drop(first);
        let mut others: Vec<_> = (2..5)
            .map(|n| Box::pin(batcher.submit(None, n, desk.write())))
            .collect();
        for other in &mut others {
            assert!(other.as_mut().now_or_never().is_none());
        }
        desk.go.notify_one();
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        desk.go.notify_one();
        for (other, n) in others.into_iter().zip(2..) {
            assert_eq!(other.await, Some(n), "each has its own outcome");
        }
        assert_eq!(*lock(&desk.batches), [vec![1], vec![2, 3, 4]]);
    }

    #[tokio::test]
    async fn more_than_one_transaction_takes_waits_for_the_next() {
        let (batcher, desk) = (batcher(), Desk::default());
        let mut all: Vec<_> = (0..=AT_ONCE)
            .map(|n| Box::pin(batcher.submit(Some(n), 1, desk.write())))
            .collect();
        for one in &mut all {
            assert!(one.as_mut().now_or_never().is_none());
        }
        let last = all.pop().unwrap();
        for batches in [1, 2] {
            desk.go.notify_one();
            while lock(&desk.batches).len() < batches {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(last.await, Some(1));
        let sizes: Vec<_> = lock(&desk.batches).iter().map(Vec::len).collect();
        assert_eq!(sizes, [AT_ONCE, 1]);
    }

    #[tokio::test]
    async fn a_write_that_breaks_leaves_nobody_waiting() {
        let batcher = batcher();
        let broken = |_: Vec<u8>| async { panic!("on purpose") }.boxed();
        assert_eq!(batcher.submit(None, 1, broken).await, None);
        let desk = Desk::default();
        desk.go.notify_one();
        let next = batcher.submit(None, 2, desk.write()).await;
        assert_eq!(next, Some(2), "the next is served");
    }
}
