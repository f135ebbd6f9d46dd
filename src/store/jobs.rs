//! The job table: outbox and queue in one.
//!
//! A claim is a single UPDATE that takes a lease and raises `attempt`; finishing
//! names that attempt, so that a worker whose lease ran out cannot close the
//! work of its successor. The inner SELECT is compared with `=`, not `IN`, so
//! that PostgreSQL evaluates it once.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, Set,
};
use uuid::Uuid;

use super::entity::job::{self, Column as C};
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::{InstallId, JobId};
use crate::domain::jobs::{Claimed, Job, Verdict};
use crate::domain::time::Timestamp;

/// Asks for a job at `run_at`, in the transaction of the change that wants it. While one of
/// the same key is open, asking again changes nothing.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn enqueue(
    tx: &Tx,
    job: &Job,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<JobId, Fault> {
    let id = new_id();
    insert(tx, vec![row(id, job, run_at, now)?]).await?;
    Ok(JobId(id))
}

/// Asks for a job at `run_at`, or for its open twin to run at that time if it was to run later.
///
/// The twin's row is locked meanwhile: whoever finishes it waits for this transaction, and so
/// sees what it brings.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn wake(tx: &Tx, job: &Job, run_at: Timestamp, now: Timestamp) -> Result<(), Fault> {
    let at = run_at.millis();
    let earlier = Expr::case(Expr::col((job::Entity, C::RunAt)).gt(at), Expr::value(at))
        .finally(Expr::col((job::Entity, C::RunAt)));
    job::Entity::insert(row(new_id(), job, run_at, now)?)
        .on_conflict(
            OnConflict::column(C::OpenKey)
                .value(C::RunAt, earlier)
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Asks for many jobs at once, as [`enqueue`] does for one.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn enqueue_all(
    tx: &Tx,
    jobs: &[Job],
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    let rows = jobs.iter().map(|job| row(new_id(), job, run_at, now));
    insert(tx, rows.collect::<Result<_, _>>()?).await
}

fn row(id: Uuid, job: &Job, run_at: Timestamp, now: Timestamp) -> Result<job::ActiveModel, Fault> {
    Ok(job::ActiveModel {
        id: Set(id),
        kind: Set(job.kind().to_owned()),
        payload: Set(serde_json::to_value(job).map_err(|e| Fault::broken("job", e))?),
        open_key: Set(job.key()),
        install_id: Set(job.install().map(|i| i.0)),
        asked_at: Set(now.millis()),
        run_at: Set(run_at.millis()),
        attempt: Set(0),
        ..Default::default()
    })
}

async fn insert(tx: &Tx, rows: Vec<job::ActiveModel>) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    job::Entity::insert_many(rows)
        .on_conflict(OnConflict::column(C::OpenKey).do_nothing().to_owned())
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Takes the job that is due longest, for as long as `lease`.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn claim(tx: &Tx, lease: TimeDelta, now: Timestamp) -> Result<Option<Claimed>, Fault> {
    take(
        tx,
        Condition::all().add(C::RunAt.lte(now.millis())),
        lease,
        now,
    )
    .await
}

/// Takes this job, due or not, unless somebody has it.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn claim_one(
    tx: &Tx,
    id: JobId,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    take(tx, Condition::all().add(C::Id.eq(id.0)), lease, now).await
}

async fn take(
    tx: &Tx,
    which: Condition,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    let free = Condition::any()
        .add(C::LeasedUntil.is_null())
        .add(C::LeasedUntil.lte(now.millis()));
    let first = Query::select()
        .column(C::Id)
        .from(job::Entity)
        .cond_where(
            which
                .add(C::DoneAt.is_null())
                .add(C::FailedAt.is_null())
                .add(free),
        )
        .order_by(C::RunAt, sea_orm::Order::Asc)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let rows = job::Entity::update_many()
        .col_expr(C::LeasedUntil, Expr::value((now + lease).millis()))
        .col_expr(C::Attempt, Expr::col(C::Attempt).add(1))
        .filter(Expr::col(C::Id).eq(Expr::SubQuery(None, Box::new(first.into()))))
        .exec_with_returning(tx.conn())
        .await?;
    rows.into_iter().next().map(read).transpose()
}

/// Keeps the lease of a job that takes long; `false` when it was lost.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn extend(
    tx: &Tx,
    claimed: &Claimed,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<bool, Fault> {
    let kept = held(claimed)
        .col_expr(C::LeasedUntil, Expr::value((now + lease).millis()))
        .exec(tx.conn())
        .await?;
    Ok(kept.rows_affected == 1)
}

/// Closes the job, or sets it for later, if we still hold its lease.
///
/// Returns `false` when another worker took over; the caller then drops its result.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn finish(
    tx: &Tx,
    claimed: &Claimed,
    verdict: &Verdict,
    fault: Option<&str>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let none = || Expr::value(Option::<String>::None);
    let row = held(claimed)
        .col_expr(C::LeasedUntil, Expr::value(Option::<i64>::None))
        .col_expr(C::LastFault, Expr::value(fault.map(str::to_owned)));
    let row = match verdict {
        Verdict::Done => row
            .col_expr(C::DoneAt, Expr::value(now.millis()))
            .col_expr(C::OpenKey, none()),
        Verdict::Failed => row
            .col_expr(C::FailedAt, Expr::value(now.millis()))
            .col_expr(C::OpenKey, none()),
        Verdict::Again(at) => row.col_expr(C::RunAt, Expr::value(at.millis())),
    };
    Ok(row.exec(tx.conn()).await?.rows_affected == 1)
}

fn held(claimed: &Claimed) -> sea_orm::UpdateMany<job::Entity> {
    job::Entity::update_many()
        .filter(C::Id.eq(claimed.id.0))
        .filter(C::Attempt.eq(claimed.attempt))
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
}

/// Frees every lease. Only for the one worker of a SQLite database, at its start: then every
/// lease is a dead process's.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn free_leases(tx: &Tx) -> Result<u64, Fault> {
    let freed = job::Entity::update_many()
        .col_expr(C::LeasedUntil, Expr::value(Option::<i64>::None))
        .filter(C::LeasedUntil.is_not_null())
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(freed.rows_affected)
}

/// Stops every open job of an Install: what was going to be done with its data is not.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn stop_all(tx: &Tx, install: InstallId, now: Timestamp) -> Result<u64, Fault> {
    let stopped = job::Entity::update_many()
        .col_expr(C::DoneAt, Expr::value(now.millis()))
        .col_expr(C::OpenKey, Expr::value(Option::<String>::None))
        .col_expr(C::LastFault, Expr::value("stopped: consent was withdrawn"))
        .filter(C::InstallId.eq(install.0))
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(stopped.rows_affected)
}

/// When the next open job is due; `None` when there is none.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn next_due(db: &impl Read) -> Result<Option<Timestamp>, Fault> {
    let row = job::Entity::find()
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .order_by_asc(C::RunAt)
        .one(db.conn())
        .await?;
    Ok(row.map(|row| Timestamp::from_millis(row.run_at)))
}

/// Removes jobs that were done before `before`. Failed ones stay for an operator.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn sweep(tx: &Tx, before: Timestamp) -> Result<u64, Fault> {
    let gone = job::Entity::delete_many()
        .filter(C::DoneAt.lt(before.millis()))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

fn read(row: job::Model) -> Result<Claimed, Fault> {
    Ok(Claimed {
        id: JobId(row.id),
        job: serde_json::from_value(row.payload).map_err(|e| Fault::broken("job", e))?,
        attempt: u32::try_from(row.attempt).map_err(|e| Fault::broken("job", e))?,
        asked_at: Timestamp::from_millis(row.asked_at),
    })
}
