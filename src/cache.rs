//! What was computed from values that never change, kept by their ids within a bound of bytes.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;

use crate::domain::ids::PolicyVersionId;
use crate::domain::policies::compare::Difference;

/// The bytes that all kept comparisons take together.
const MOST_BYTES: u64 = 16 << 20;
/// About how many comparisons that is: a few clauses of each usually differ.
const USUAL_COUNT: usize = 256;
/// How long somebody waits while others are compared.
const PATIENCE: Duration = Duration::from_secs(5);

/// From one version, to another, in a language.
type Key = (PolicyVersionId, PolicyVersionId, String);

/// Comparisons that were made. Everybody may ask for them and some take long, so each is made
/// once, and one at a time.
pub struct Differences {
    kept: Cache<Key, Arc<Vec<Difference>>, Bytes>,
    one_at_a_time: Semaphore,
}

impl Default for Differences {
    fn default() -> Self {
        Self {
            kept: Cache::with_weighter(USUAL_COUNT, MOST_BYTES, Bytes),
            one_at_a_time: Semaphore::new(1),
        }
    }
}

impl Differences {
    /// The comparison that was kept, or the one that `make` makes. Who asks for one that is being
    /// made waits for that. `None` when there was no turn for making it within five seconds.
    pub async fn get_or_make<E>(
        &self,
        key: Key,
        make: impl Future<Output = Result<Vec<Difference>, E>>,
    ) -> Option<Result<Arc<Vec<Difference>>, E>> {
        let in_turn = async {
            let Ok(Ok(_turn)) = tokio::time::timeout(PATIENCE, self.one_at_a_time.acquire()).await
            else {
                return Err(None);
            };
            make.await.map(Arc::new).map_err(Some)
        };
        match self.kept.get_or_insert_async(&key, in_turn).await {
            Ok(made) => Some(Ok(made)),
            Err(Some(e)) => Some(Err(e)),
            Err(None) => None,
        }
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Vec<Difference>>> for Bytes {
    fn weight(&self, _: &Key, made: &Arc<Vec<Difference>>) -> u64 {
        let size: usize = made.iter().map(Difference::size).sum();
        // Nothing is free: an entry takes its place too.
        size as u64 + 256
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;

    fn key(n: u128) -> Key {
        (
            PolicyVersionId(Uuid::nil()),
            PolicyVersionId(Uuid::from_u128(n)),
            "en".to_owned(),
        )
    }

    #[tokio::test]
    async fn what_many_ask_for_at_once_is_made_once() {
        let (kept, made, go) = (Differences::default(), AtomicUsize::new(0), Notify::new());
        let ask = || {
            kept.get_or_make(key(1), async {
                go.notified().await;
                made.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Infallible>(Vec::new())
            })
        };
        let mut all = Box::pin(join_all((0..20).map(|_| ask())));
        assert!(all.as_mut().now_or_never().is_none());
        go.notify_one();
        assert!(all.await.iter().all(|told| matches!(told, Some(Ok(_)))));
        assert!(matches!(ask().await, Some(Ok(_))));
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gets_no_turn_is_told_so_and_the_next_is_served() {
        let kept = Differences::default();
        let never = kept.get_or_make(key(1), std::future::pending::<Result<_, Infallible>>());
        let mut never = Box::pin(never);
        assert!(never.as_mut().now_or_never().is_none());
        let make = || async { Ok::<_, Infallible>(Vec::new()) };
        assert!(kept.get_or_make(key(2), make()).await.is_none());
        drop(never);
        assert!(kept.get_or_make(key(2), make()).await.is_some());
    }
}
