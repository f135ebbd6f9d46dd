//! Until when what is kept can be trusted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// For how long after a look at the database memory is trusted.
pub(in crate::store) const TRUSTED: Duration = Duration::from_millis(500);

/// The last look, in milliseconds since this was made; shared by all readers.
pub(super) struct Fresh {
    epoch: Instant,
    /// 0: never.
    until: AtomicU64,
}

impl Default for Fresh {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            until: AtomicU64::new(0),
        }
    }
}

impl Fresh {
    pub(super) fn is(&self, now: Instant) -> bool {
        self.millis(now) < self.until.load(Ordering::SeqCst)
    }

    /// The database was asked at `asked`, and has answered.
    pub(super) fn since(&self, asked: Instant) {
        let until = self.millis(asked + TRUSTED);
        self.until.store(until, Ordering::SeqCst);
    }

    pub(super) fn end(&self) {
        self.until.store(0, Ordering::SeqCst);
    }

    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.epoch).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_trusted_for_half_a_second_after_a_look_and_never_before_one() {
        let fresh = Fresh::default();
        let asked = Instant::now();
        assert!(!fresh.is(asked));
        fresh.since(asked);
        let after = |millis| asked + Duration::from_millis(millis);
        assert!(fresh.is(after(0)) && fresh.is(after(498)));
        assert!(!fresh.is(after(501)));
        fresh.end();
        assert!(!fresh.is(after(1)));
    }
}
