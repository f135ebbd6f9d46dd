//! The job table: outbox and queue in one.
//!
//! A claim is a single UPDATE that takes a lease and raises `attempt`; finishing
//! names that attempt, so that a worker whose lease ran out cannot close the
//! work of its successor. The inner SELECT is compared with `=`, not `IN`, so
//! that PostgreSQL evaluates it once.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use super::entity::job::{self, Column as C};
use super::{Fault, Read, Tx, new_id};
use crate::domain::grants::{Announced, looks_issued};
use crate::domain::ids::{GrantId, InstallId, JobId};
use crate::domain::jobs::{Claimed, Job, Lane, Verdict};
use crate::domain::time::Timestamp;

mod stalled;
mod turns;
pub use stalled::{looked, stalled};
use turns::EXCHANGES;
pub use turns::{Turn, claim_in_turn};

/// Asks for a job at `run_at`, in the transaction of the change that wants it. While one of
/// the same key is open, asking again changes nothing.
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

/// Asks for jobs now. Of those with the same key as an open one none is added.
pub async fn enqueue_all(
    tx: &Tx,
    jobs: impl Iterator<Item = Job>,
    now: Timestamp,
) -> Result<(), Fault> {
    let rows = jobs.map(|job| row(new_id(), &job, now, now));
    insert(tx, rows.collect::<Result<_, _>>()?).await
}

/// Asks for a job at `run_at`, or for its open twin to run at that time if it was to run later.
///
/// The twin's row is locked meanwhile: whoever finishes it waits for this transaction, and so
/// sees what it brings.
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

/// Asks for the exchange of codes that were just announced.
///
/// Codes of one host wait in one queue, and [`claim_in_turn`] goes round the queues. Where a
/// queue lies in the circle is a keyed fingerprint, so that nobody can choose a place in front.
pub async fn enqueue_exchanges(
    tx: &Tx,
    exchanges: &[(GrantId, &Announced)],
    now: Timestamp,
) -> Result<(), Fault> {
    let rows = exchanges.iter().map(|(grant, announced)| {
        let host = format!("{}@{}", announced.product, announced.host);
        Ok(job::ActiveModel {
            queue: Set(Some(tx.vault().blind("job.queue", host.as_bytes())?)),
            rank: Set(i32::from(looks_issued(&announced.code))),
            ..row(new_id(), &Job::ExchangeGrant { grant: *grant }, now, now)?
        })
    });
    insert(tx, rows.collect::<Result<_, Fault>>()?).await
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

/// Takes the job of these kinds that is due longest, for as long as `lease`.
///
/// A row that this version cannot read fails, visibly, and the next one is taken.
pub async fn claim(
    tx: &Tx,
    kinds: &[&str],
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    loop {
        let which = || due(kinds, now);
        let Some(row) = take(tx, which(), &[(C::RunAt, Order::Asc)], lease, now).await? else {
            return Ok(None);
        };
        if let Some(claimed) = read_or_fail(tx, row, now).await? {
            return Ok(Some(claimed));
        }
    }
}

/// Takes this job, due or not, unless somebody has it.
pub async fn claim_one(
    tx: &Tx,
    id: JobId,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    let which = Condition::all().add(C::Id.eq(id.0));
    match take(tx, which, &[(C::RunAt, Order::Asc)], lease, now).await? {
        Some(row) => read_or_fail(tx, row, now).await,
        None => Ok(None),
    }
}

fn due(kinds: &[&str], now: Timestamp) -> Condition {
    Condition::all()
        .add(C::Kind.is_in(kinds.iter().copied()))
        .add(C::RunAt.lte(now.millis()))
        .add(C::DoneAt.is_null())
        .add(C::FailedAt.is_null())
}

fn free(now: Timestamp) -> Condition {
    Condition::any()
        .add(C::LeasedUntil.is_null())
        .add(C::LeasedUntil.lte(now.millis()))
}

async fn take(
    tx: &Tx,
    which: Condition,
    order: &[(C, Order)],
    lease: TimeDelta,
    now: Timestamp,
) -> Result<Option<job::Model>, Fault> {
    let mut first = Query::select();
    first
        .column(C::Id)
        .from(job::Entity)
        .cond_where(
            which
                .add(C::DoneAt.is_null())
                .add(C::FailedAt.is_null())
                .add(free(now)),
        )
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    for (column, direction) in order {
        first.order_by(*column, direction.clone());
    }
    let rows = job::Entity::update_many()
        .col_expr(C::LeasedUntil, Expr::value((now + lease).millis()))
        .col_expr(C::Attempt, Expr::col(C::Attempt).add(1))
        .filter(Expr::col(C::Id).eq(Expr::SubQuery(None, Box::new(first.into()))))
        .exec_with_returning(tx.conn())
        .await?;
    Ok(rows.into_iter().next())
}

/// `None`, and the row has failed, when this version cannot read it.
async fn read_or_fail(tx: &Tx, row: job::Model, now: Timestamp) -> Result<Option<Claimed>, Fault> {
    let id = row.id;
    match read(row) {
        Ok(claimed) => Ok(Some(claimed)),
        Err(fault) => {
            tracing::error!(job.id = %id, "a job failed for good: {fault}");
            fail(tx, Condition::all().add(C::Id.eq(id)), UNREADABLE, now).await?;
            Ok(None)
        }
    }
}

const UNREADABLE: &str = "this version cannot read it";

/// Fails jobs of kinds that this version does not know and that nobody has taken since `before`.
pub async fn fail_unknown(tx: &Tx, before: Timestamp, now: Timestamp) -> Result<u64, Fault> {
    let known = Lane::ALL.into_iter().flat_map(Lane::kinds).copied();
    let unknown = Condition::all()
        .add(C::Kind.is_not_in(known))
        .add(C::RunAt.lte(before.millis()))
        .add(free(now));
    fail(tx, unknown, UNREADABLE, now).await
}

async fn fail(tx: &Tx, which: Condition, fault: &str, now: Timestamp) -> Result<u64, Fault> {
    let failed = job::Entity::update_many()
        .col_expr(C::FailedAt, Expr::value(now.millis()))
        .col_expr(C::LeasedUntil, Expr::value(Option::<i64>::None))
        .col_expr(C::OpenKey, Expr::value(Option::<String>::None))
        .col_expr(C::LastFault, Expr::value(fault))
        .filter(which)
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(failed.rows_affected)
}

/// Whether a job of these kinds is due that nobody has taken.
pub async fn is_due(db: &impl Read, kinds: &[&str], now: Timestamp) -> Result<bool, Fault> {
    let one: Option<Uuid> = job::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(due(kinds, now))
        .filter(free(now))
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(one.is_some())
}

/// Keeps the lease of a job that takes long; `false` when it was lost.
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
pub async fn next_due(db: &impl Read) -> Result<Option<Timestamp>, Fault> {
    let row = job::Entity::find()
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .order_by_asc(C::RunAt)
        .one(db.conn())
        .await?;
    Ok(row.map(|row| Timestamp::from_millis(row.run_at)))
}

/// Removes a page of jobs that were done before `before`. Failed ones stay for an operator.
pub async fn sweep(tx: &Tx, before: Timestamp, page: u64) -> Result<u64, Fault> {
    remove_page(
        tx,
        Condition::all().add(C::DoneAt.lt(before.millis())),
        page,
    )
    .await
}

/// Removes a page of exchanges that were asked for up to `before` and never tried: their codes
/// are dead.
pub async fn remove_untried(tx: &Tx, before: Timestamp, page: u64) -> Result<u64, Fault> {
    let untried = due(EXCHANGES, before)
        .add(C::Attempt.eq(0))
        .add(C::LeasedUntil.is_null());
    remove_page(tx, untried, page).await
}

async fn remove_page(tx: &Tx, which: Condition, page: u64) -> Result<u64, Fault> {
    let ids = Query::select()
        .column(C::Id)
        .from(job::Entity)
        .cond_where(which)
        .limit(page)
        .to_owned();
    let gone = job::Entity::delete_many()
        .filter(C::Id.in_subquery(ids))
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
