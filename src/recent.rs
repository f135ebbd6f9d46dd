//! What was read a moment ago. Products are asked for with every hook and hardly ever
//! change; a command that changes one beside the service is seen within a second.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::domain::time::{Timestamp, milliseconds};

/// How long a value is as good as read.
const FRESH: TimeDelta = milliseconds(500);

/// Values by key, each with the time it was read. It holds only what exists, so that nobody
/// can fill it from outside.
pub struct Recent<K, V> {
    kept: Mutex<HashMap<K, (Timestamp, V)>>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// The value, if it was read a moment ago by this clock.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, value) = kept.get(key)?;
        ((now - *read).abs() < FRESH).then(|| value.clone())
    }

    /// Keeps what was just read.
    pub fn keep(&self, key: K, value: V, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key, (now, value));
    }
}
