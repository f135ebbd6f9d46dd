//! A bounded cache into which nobody puts what was read before it changed.
//!
//! Whoever reads takes a [`Ticket`] first. A value goes in only if nothing was removed from its
//! shard since: else it may have been read before the change that removed it.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use quick_cache::sync::Cache;
use quick_cache::{UnitWeighter, Weighter};

/// How many keys may be put or removed at a time.
const SHARDS: usize = 256;

/// The moment at which a read began.
#[derive(Clone, Copy, Debug)]
pub struct Ticket(u64);

/// Values by key, within a bound.
pub(super) struct Versioned<K, V, W = UnitWeighter> {
    kept: Cache<K, V, W>,
    /// How many removals there were.
    removals: AtomicU64,
    /// Of each shard, the number of its last removal. Held while a value of it is put or removed.
    shards: Vec<Mutex<u64>>,
    hasher: RandomState,
}

impl<K: Eq + Hash, V: Clone> Versioned<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self::weighted(most, most as u64, UnitWeighter)
    }
}

impl<K: Eq + Hash, V: Clone, W: Weighter<K, V> + Clone> Versioned<K, V, W> {
    pub(super) fn weighted(usual_count: usize, most: u64, weighter: W) -> Self {
        Self {
            kept: Cache::with_weighter(usual_count, most, weighter),
            removals: AtomicU64::new(0),
            shards: (0..SHARDS).map(|_| Mutex::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.kept.get(key)
    }

    /// Take it before reading what is to be put.
    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.removals.load(Ordering::SeqCst))
    }

    /// Keeps what was read since `ticket`, unless it may have changed meanwhile.
    pub(super) fn insert(&self, key: K, value: V, ticket: Ticket) {
        let last_removal = self.shard(&key);
        if *last_removal <= ticket.0 {
            self.kept.insert(key, value);
        }
    }

    pub(super) fn remove(&self, key: &K) {
        let mut last_removal = self.shard(key);
        *last_removal = self.removals.fetch_add(1, Ordering::SeqCst) + 1;
        self.kept.remove(key);
    }

    pub(super) fn clear(&self) {
        let mut shards: Vec<_> = self.shards.iter().map(lock).collect();
        let this = self.removals.fetch_add(1, Ordering::SeqCst) + 1;
        for last_removal in &mut shards {
            **last_removal = this;
        }
        self.kept.clear();
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, u64> {
        // The remainder of a division by their number is the place of a shard.
        let at = self.hasher.hash_one(key) % SHARDS as u64;
        lock(&self.shards[at as usize])
    }
}

fn lock(shard: &Mutex<u64>) -> MutexGuard<'_, u64> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = Versioned::new(100);
        let ticket = cache.ticket();
        cache.insert("a", 1, ticket);
        assert_eq!(cache.get(&"a"), Some(1));

        let reading = cache.ticket();
        cache.remove(&"a");
        assert_eq!(cache.get(&"a"), None);
        cache.insert("a", 1, reading);
        assert_eq!(cache.get(&"a"), None, "read before the change");
        cache.insert("a", 2, cache.ticket());
        assert_eq!(cache.get(&"a"), Some(2));

        let reading = cache.ticket();
        cache.clear();
        for key in ["a", "b"] {
            cache.insert(key, 3, reading);
            assert_eq!(cache.get(&key), None);
        }
    }

    #[test]
    fn another_keys_change_leaves_most_readers_alone() {
        let cache = Versioned::new(10_000);
        let reading = cache.ticket();
        cache.remove(&0);
        for key in 1..1_000 {
            cache.insert(key, (), reading);
        }
        let kept = (1..1_000).filter(|key| cache.get(key).is_some()).count();
        assert!(kept > 900, "{kept}");
    }

    #[test]
    fn readers_and_writers_at_once_never_leave_an_old_value() {
        let cache = Versioned::new(100);
        let truth = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        let ticket = cache.ticket();
                        let read = truth.load(Ordering::SeqCst);
                        cache.insert(7, read, ticket);
                    }
                });
            }
            for _ in 0..20_000 {
                let now = truth.fetch_add(1, Ordering::SeqCst) + 1;
                cache.remove(&7);
                assert!(cache.get(&7).is_none_or(|kept| kept == now));
            }
        });
    }
}
