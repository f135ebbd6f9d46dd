//! Exchanges of codes, taken in turn: one of each host, so that nobody's made-up codes keep a real one
//! from its turn.

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::stalled::{EXCHANGED, note};
use super::{C, due, free, job, read_or_fail, take};
use crate::domain::jobs::{Claimed, Lane};
use crate::domain::time::Timestamp;
use crate::store::{Fault, Read as _, Tx};

/// Where [`claim_in_turn`] is in its circle of queues.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// The queue that was served last.
    served: Option<Vec<u8>>,
    /// One time round the newest of each queue is taken, the next time the oldest: whoever fills
    /// a queue before or behind somebody else's job cannot keep it from its turn.
    oldest: bool,
}

/// Takes an exchange from the queue whose turn it is: one of each queue, then the next of the first.
/// What was asked for up to `lapsed` and never tried is left out.
pub async fn claim_in_turn(
    tx: &Tx,
    turn: &mut Turn,
    lapsed: Timestamp,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    let waiting = || {
        let worth_it = Condition::any()
            .add(C::Attempt.gt(0))
            .add(C::AskedAt.gt(lapsed.millis()));
        due(EXCHANGES, now).add(free(now)).add(worth_it)
    };
    loop {
        let mut queue = next_queue(tx, waiting(), turn.served.as_deref()).await?;
        if queue.is_none() && turn.served.take().is_some() {
            turn.oldest = !turn.oldest;
            queue = next_queue(tx, waiting(), None).await?;
        }
        let Some(queue) = queue else {
            return Ok(None);
        };
        let end = if turn.oldest { Order::Asc } else { Order::Desc };
        let order = [
            (C::Rank, Order::Desc),
            (C::RunAt, end.clone()),
            (C::Id, end),
        ];
        let which = waiting().add(C::Queue.eq(queue.clone()));
        turn.served = Some(queue);
        let Some(row) = take(tx, which, &order, lease, now).await? else {
            return Ok(None);
        };
        if let Some(claimed) = read_or_fail(tx, row, now).await? {
            note(tx, EXCHANGED, now).await?;
            return Ok(Some(claimed));
        }
    }
}

/// The kinds of the lane that takes turns.
pub(super) const EXCHANGES: &[&str] = Lane::Exchanges.kinds();

async fn next_queue(
    tx: &Tx,
    waiting: Condition,
    after: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, Fault> {
    let behind = after.map(|queue| C::Queue.gt(queue.to_vec()));
    Ok(job::Entity::find()
        .select_only()
        .column(C::Queue)
        .filter(waiting.add(C::Queue.is_not_null()).add_option(behind))
        .order_by_asc(C::Queue)
        .limit(1)
        .into_tuple()
        .one(tx.conn())
        .await?)
}
