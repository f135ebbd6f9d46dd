//! A letter's way out: due, taken, settled or put off.

use super::*;
use crate::domain::letters::{Kind, in_turns};

/// What became of a letter that somebody took, or that was not wanted any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good; its code.
    Bounced(String),
    /// The mail server put it off, or the connection broke; its code, if it said one.
    PutOff(Option<String>),
    /// It was handed over and no answer came.
    Unknown,
    /// There was nobody to speak to: as if it had not been tried.
    Untried,
    /// It is not wanted any more.
    Dropped,
}

/// Letters whose turn it is; at most `limit`. The kinds take turns, so that a receipt does not
/// wait behind a million notices, and no notice behind receipts without end.
pub async fn due(db: &impl Read, now: Timestamp, limit: u64) -> Result<Vec<LetterId>, Fault> {
    let mut kinds: Vec<Vec<LetterId>> = Vec::new();
    for kind in Kind::ALL {
        let ids: Vec<Uuid> = letter::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::Kind.eq(kind.as_str()))
            .filter(C::State.eq(State::Queued.as_str()))
            .filter(C::NextAt.lte(now.millis()))
            .order_by_asc(C::NextAt)
            .limit(limit)
            .into_tuple()
            .all(db.conn())
            .await?;
        kinds.push(ids.into_iter().map(LetterId).collect());
    }
    Ok(in_turns(
        kinds,
        usize::try_from(limit).unwrap_or(usize::MAX),
    ))
}

/// When the next open letter is due; `None` when there is none.
pub async fn next_due(db: &impl Read) -> Result<Option<Timestamp>, Fault> {
    let mut first: Option<i64> = None;
    for kind in Kind::ALL {
        let next: Option<i64> = letter::Entity::find()
            .select_only()
            .column(C::NextAt)
            .filter(C::Kind.eq(kind.as_str()))
            .filter(C::NextAt.is_not_null())
            .order_by_asc(C::NextAt)
            .limit(1)
            .into_tuple()
            .one(db.conn())
            .await?;
        first = [first, next].into_iter().flatten().min();
    }
    Ok(first.map(Timestamp::from_millis))
}

/// A letter by its id.
///
/// # Errors
/// [`Fault::Broken`] when it is not what we write.
pub async fn find(db: &impl Read, id: LetterId) -> Result<Option<Letter>, Fault> {
    let row = letter::Entity::find_by_id(id.0).one(db.conn()).await?;
    row.map(read).transpose()
}

/// A letter by its id, for changing. Lock its Install first.
///
/// # Errors
/// [`Fault::Broken`] when it is not what we write.
pub async fn lock(tx: &Tx, id: LetterId) -> Result<Option<Letter>, Fault> {
    let row = letter::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx.conn())
        .await?;
    row.map(read).transpose()
}

/// Takes a queued letter to send it to the address of `contact`. Whoever holds the returned
/// letter may [`settle`] it.
pub async fn take(tx: &Tx, letter: Letter, contact: ContactId) -> Result<Letter, Fault> {
    let letter = Letter {
        attempt: letter.attempt + 1,
        state: State::Sending,
        contact: Some(contact),
        ..letter
    };
    letter::Entity::update_many()
        .col_expr(C::State, Expr::value(letter.state.as_str()))
        .col_expr(C::Attempt, Expr::value(small(letter.attempt)?))
        .col_expr(C::ContactId, Expr::value(contact.0))
        .filter(C::Id.eq(letter.id.0))
        .exec(tx.conn())
        .await?;
    Ok(letter)
}

/// Writes down what became of a letter.
///
/// Returns `false` when somebody else took it meanwhile. Who was only too late to say what they
/// know is heard: a letter that was given up as unknown may still turn out to have gone.
pub async fn settle(tx: &Tx, letter: &Letter, fate: &Fate, now: Timestamp) -> Result<bool, Fault> {
    let (state, deferred, next, reply) = match fate {
        Fate::Sent => (State::Sent, letter.deferred, None, None),
        Fate::Unknown => (State::Unknown, letter.deferred, None, None),
        Fate::Dropped => (State::Dropped, letter.deferred, None, None),
        Fate::Bounced(code) => (State::Bounced, letter.deferred, None, Some(code.clone())),
        Fate::Untried => (State::Queued, letter.deferred, Some(now), None),
        Fate::PutOff(code) => {
            let deferred = letter.deferred + 1;
            match next_try(deferred, now) {
                Some(next) => (State::Queued, deferred, Some(next), code.clone()),
                None => (State::Bounced, deferred, None, code.clone()),
            }
        }
    };
    let mut row = letter::Entity::update_many()
        .col_expr(C::State, Expr::value(state.as_str()))
        .col_expr(C::Deferred, Expr::value(small(deferred)?))
        .col_expr(C::NextAt, Expr::value(next.map(Timestamp::millis)));
    if let Some(reply) = reply {
        row = row.col_expr(C::LastReply, Expr::value(reply));
    }
    match state {
        State::Sent => row = row.col_expr(C::SentAt, Expr::value(now.millis())),
        State::Bounced => row = row.col_expr(C::BouncedAt, Expr::value(now.millis())),
        State::Queued | State::Sending | State::Unknown | State::Dropped => {}
    }
    let open = [State::Queued, State::Sending, State::Unknown].map(State::as_str);
    let settled = row
        .filter(C::Id.eq(letter.id.0))
        .filter(C::Attempt.eq(small(letter.attempt)?))
        .filter(C::State.is_in(open))
        .exec(tx.conn())
        .await?;
    Ok(settled.rows_affected == 1)
}

/// Settles as unknown what somebody began to send and never finished: their process died, and
/// the mail server may have taken the letter. Call it where nobody else sends.
pub async fn give_up_lost(tx: &Tx) -> Result<u64, Fault> {
    let lost = letter::Entity::update_many()
        .col_expr(C::State, Expr::value(State::Unknown.as_str()))
        .col_expr(C::NextAt, Expr::value(Option::<i64>::None))
        .filter(C::Kind.is_in(Kind::ALL.map(Kind::as_str)))
        .filter(C::NextAt.is_not_null())
        .filter(C::State.eq(State::Sending.as_str()))
        .exec(tx.conn())
        .await?;
    Ok(lost.rows_affected)
}

fn small(n: u32) -> Result<i32, Fault> {
    i32::try_from(n).map_err(broken)
}
