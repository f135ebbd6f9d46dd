//! When the clock goes back: what it had written while it was ahead is put right.
//!
//! Tokens bear amoCRM's time and our rows bear ours. An Install that ended "next year" would find
//! every token stale until then, and a job that is due next year would sleep. Such times cannot
//! be true; the truest that is known of them is that they are not after now. The ledger is not
//! touched: an entry says what the clock said.

use chrono::TimeDelta;

use crate::domain::time::{Timestamp, minutes};
use crate::error::Error;
use crate::store::clocks::Mended;
use crate::store::{self, Store};

/// By how much the clocks of instances may differ, and ours may be set back without notice.
pub const AHEAD: TimeDelta = minutes(10);

/// Whether the clock went back so far that there may be something to mend.
#[must_use]
pub fn went_back(before: Timestamp, now: Timestamp) -> bool {
    before - now > minutes(1)
}

/// Puts right what lies ahead of now and cannot be true. Done again, it does nothing.
pub async fn mend(store: &Store, now: Timestamp) -> Result<Mended, Error> {
    let tx = store.begin().await?;
    let mended = store::clocks::mend(&tx, AHEAD, now).await?;
    tx.commit().await?;
    if mended != Mended::default() {
        tracing::warn!(
            "the clock was ahead: {} install(s) had ended in the future and {} thing(s) waited for it; they are set to now",
            mended.installs,
            mended.waiting
        );
    }
    Ok(mended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::seconds;

    #[test]
    fn a_small_step_back_is_the_work_of_a_time_server() {
        let now = Timestamp::from_secs(1_000_000);
        let earlier = now - seconds(5);
        for (highest, back) in [
            (earlier, false),
            (now, false),
            (now + seconds(60), false),
            (now + seconds(61), true),
        ] {
            assert_eq!(went_back(highest, now), back);
        }
    }
}
