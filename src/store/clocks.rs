//! Times that lie ahead of now and cannot be true: left by a clock that was ahead.

use chrono::TimeDelta;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};

use super::entity::{endpoint, event_delivery, install, job, letter, token_pair};
use super::{Change, Fault, Read as _, Tx};
use crate::domain::time::{Timestamp, days, hours};

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Installs that ended in the future.
    pub installs: u64,
    /// Jobs, letters, events and leases that would have waited for that time.
    pub waiting: u64,
}

/// How far ahead something of each kind may be planned: a little more than its longest wait.
const JOB: TimeDelta = days(2);
const LETTER: TimeDelta = days(4);
const EVENT: TimeDelta = hours(2);

/// Sets to `now` what lies further ahead of it than can be; `ahead` is by how much clocks may
/// differ.
pub async fn mend(tx: &Tx, ahead: TimeDelta, now: Timestamp) -> Result<Mended, Fault> {
    Ok(Mended {
        installs: installs(tx, now + ahead, now).await?,
        waiting: jobs(tx, ahead, now).await?
            + letters(tx, ahead, now).await?
            + events(tx, now).await?
            + leases(tx, now + ahead).await?,
    })
}

async fn installs(tx: &Tx, limit: Timestamp, now: Timestamp) -> Result<u64, Fault> {
    use install::Column as C;
    let mended = install::Entity::update_many()
        .col_expr(C::EndedAt, Expr::value(now.millis()))
        .filter(C::EndedAt.gt(limit.millis()))
        .exec(tx.conn())
        .await?;
    tx.changes(Change::Everything);
    Ok(mended.rows_affected)
}

/// A job that was asked for in the future, or waits for longer than any does.
async fn jobs(tx: &Tx, ahead: TimeDelta, now: Timestamp) -> Result<u64, Fault> {
    use job::Column as C;
    let open = Condition::all()
        .add(C::DoneAt.is_null())
        .add(C::FailedAt.is_null());
    let untrue = Condition::any()
        .add(C::AskedAt.gt((now + ahead).millis()))
        .add(C::RunAt.gt((now + JOB).millis()));
    let mended = job::Entity::update_many()
        .col_expr(C::RunAt, Expr::value(now.millis()))
        .filter(open.clone())
        .filter(untrue)
        .filter(C::RunAt.gt((now + ahead).millis()))
        .exec(tx.conn())
        .await?;
    let freed = job::Entity::update_many()
        .col_expr(C::LeasedUntil, Expr::value(now.millis()))
        .filter(open)
        .filter(C::LeasedUntil.gt((now + ahead).millis()))
        .exec(tx.conn())
        .await?;
    Ok(mended.rows_affected + freed.rows_affected)
}

async fn letters(tx: &Tx, ahead: TimeDelta, now: Timestamp) -> Result<u64, Fault> {
    use letter::Column as C;
    let untrue = Condition::any()
        .add(C::QueuedAt.gt((now + ahead).millis()))
        .add(C::NextAt.gt((now + LETTER).millis()));
    let mended = letter::Entity::update_many()
        .col_expr(C::NextAt, Expr::value(now.millis()))
        .filter(untrue)
        .filter(C::NextAt.gt((now + ahead).millis()))
        .exec(tx.conn())
        .await?;
    Ok(mended.rows_affected)
}

async fn events(tx: &Tx, now: Timestamp) -> Result<u64, Fault> {
    let limit = (now + EVENT).millis();
    let mended = event_delivery::Entity::update_many()
        .col_expr(event_delivery::Column::NextAt, Expr::value(now.millis()))
        .filter(event_delivery::Column::State.eq("waiting"))
        .filter(event_delivery::Column::NextAt.gt(limit))
        .exec(tx.conn())
        .await?;
    let heard = endpoint::Entity::update_many()
        .col_expr(endpoint::Column::QuietUntil, Expr::value(now.millis()))
        .filter(endpoint::Column::QuietUntil.gt(limit))
        .exec(tx.conn())
        .await?;
    Ok(mended.rows_affected + heard.rows_affected)
}

/// The right to renew a pair is for a minute.
async fn leases(tx: &Tx, limit: Timestamp) -> Result<u64, Fault> {
    use token_pair::Column as C;
    let mended = token_pair::Entity::update_many()
        .col_expr(C::RenewingUntil, Expr::value(Option::<i64>::None))
        .filter(C::RenewingUntil.gt(limit.millis()))
        .exec(tx.conn())
        .await?;
    Ok(mended.rows_affected)
}
