//! The emulator's own clock: real time moved by an offset, or stopped at one second.
//!
//! Codes live twenty minutes, access tokens a day, refresh tokens three months. Nobody waits for that: a test
//! or a person moves this clock instead, and everything the emulator judges by time follows.

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// Where "now" comes from. Part of the saved state, so that a second start goes on at the same moved time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Clock {
    /// Seconds added to the machine's time; negative is the past.
    pub offset_secs: i64,
    /// When set, time stands still at this Unix second and the offset is ignored.
    pub frozen_at: Option<i64>,
}

impl Clock {
    /// The present moment as this amoCRM sees it, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.frozen_at
            .unwrap_or_else(|| machine_secs() + self.offset_secs)
    }

    /// Moves time by `secs`; a stopped clock stays stopped at the new second.
    pub fn advance(&mut self, secs: i64) {
        match &mut self.frozen_at {
            Some(at) => *at += secs,
            None => self.offset_secs += secs,
        }
    }

    /// Sets the present moment; the clock goes on running from there unless it is stopped.
    pub fn set(&mut self, unix_secs: i64) {
        match &mut self.frozen_at {
            Some(at) => *at = unix_secs,
            None => self.offset_secs = unix_secs - machine_secs(),
        }
    }

    /// Stops the clock at its present moment.
    pub fn freeze(&mut self) {
        self.frozen_at = Some(self.now());
    }

    /// Lets a stopped clock run again from where it stands.
    pub fn run(&mut self) {
        if let Some(at) = self.frozen_at.take() {
            self.offset_secs = at - machine_secs();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the emulator asks the machine for the time"
)]
pub(crate) fn machine_secs() -> i64 {
    std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told() {
        let mut clock = Clock {
            frozen_at: Some(1_000),
            ..Clock::default()
        };
        clock.advance(60);
        assert_eq!(clock.now(), 1_060);
        clock.set(5);
        assert_eq!(clock.now(), 5);
    }
}
