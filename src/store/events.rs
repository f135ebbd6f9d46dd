//! Events and what became of telling them. Both rows are written in the transaction
//! of what happened.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Set,
};
use uuid::Uuid;

use super::entity::event_delivery::{self, Column as C};
use super::entity::{event, event_delivery as delivery};
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::{EndpointId, InstallId};
use crate::domain::time::Timestamp;

/// What has to come in order: what happens at one Install, or to the Product itself, told to
/// one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Where to.
    pub endpoint: EndpointId,
    /// The Install; `None` for the Product itself.
    pub install: Option<InstallId>,
}

/// An event that waits to be told.
#[derive(Clone, Debug)]
pub struct Waiting {
    seq: i64,
    /// The same for every try, so that a listener can tell a repetition.
    pub id: Uuid,
    /// What is sent, to the byte.
    pub body: String,
    /// How often it was tried.
    pub attempt: u32,
    /// Since when it waits.
    pub since: Timestamp,
    /// Not before this.
    pub next_at: Timestamp,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The endpoint took it.
    Delivered,
    /// It is tried again then.
    Again(Timestamp),
    /// It was tried long enough.
    Failed,
}

/// How things stand at an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// Events that wait.
    pub waiting: u64,
    /// Events that were given up.
    pub failed: u64,
    /// What went wrong last.
    pub last_fault: Option<String>,
}

/// Keeps an event for each of `endpoints`.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add(
    tx: &Tx,
    body: &str,
    install: Option<InstallId>,
    endpoints: &[EndpointId],
    now: Timestamp,
) -> Result<(), Fault> {
    let event = event::ActiveModel {
        id: Set(new_id()),
        body: Set(body.to_owned()),
        happened_at: Set(now.millis()),
        ..Default::default()
    };
    let event = event::Entity::insert(event)
        .exec_with_returning(tx.conn())
        .await?;
    let rows = endpoints.iter().map(|endpoint| delivery::ActiveModel {
        event_seq: Set(event.seq),
        endpoint_id: Set(endpoint.0),
        install_id: Set(install.map(|i| i.0)),
        state: Set("waiting".to_owned()),
        attempt: Set(0),
        waiting_since: Set(now.millis()),
        next_at: Set(now.millis()),
        ..Default::default()
    });
    delivery::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

fn of_lane(lane: Lane) -> Condition {
    let install = match lane.install {
        Some(install) => C::InstallId.eq(install.0),
        None => C::InstallId.is_null(),
    };
    Condition::all()
        .add(C::EndpointId.eq(lane.endpoint.0))
        .add(install)
}

/// The first event of a lane that waits.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn first_waiting(db: &impl Read, lane: Lane) -> Result<Option<Waiting>, Fault> {
    let row = delivery::Entity::find()
        .filter(of_lane(lane))
        .filter(C::State.eq("waiting"))
        .order_by_asc(C::EventSeq)
        .one(db.conn())
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let event = event::Entity::find_by_id(row.event_seq)
        .one(db.conn())
        .await?
        .ok_or_else(|| Fault::broken("event", "it is not there"))?;
    Ok(Some(Waiting {
        seq: row.event_seq,
        id: event.id,
        body: event.body,
        attempt: u32::try_from(row.attempt).map_err(|e| Fault::broken("event_delivery", e))?,
        since: Timestamp::from_millis(row.waiting_since),
        next_at: Timestamp::from_millis(row.next_at),
    }))
}

/// Keeps what became of a try. One that somebody else settled meanwhile, or that was removed
/// with its endpoint, is left alone.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn settle(
    tx: &Tx,
    lane: Lane,
    waiting: &Waiting,
    told: Told,
    fault: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let attempt =
        i32::try_from(waiting.attempt + 1).map_err(|e| Fault::broken("event_delivery", e))?;
    let update = delivery::Entity::update_many()
        .col_expr(C::Attempt, Expr::value(attempt))
        .col_expr(C::LastFault, Expr::value(fault.map(str::to_owned)));
    let update = match told {
        Told::Delivered => update
            .col_expr(C::State, Expr::value("delivered"))
            .col_expr(C::DeliveredAt, Expr::value(now.millis())),
        Told::Again(at) => update.col_expr(C::NextAt, Expr::value(at.millis())),
        Told::Failed => update.col_expr(C::State, Expr::value("failed")),
    };
    update
        .filter(of_lane(lane))
        .filter(C::EventSeq.eq(waiting.seq))
        .filter(C::State.eq("waiting"))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Lets what was given up at an endpoint wait again. Returns how many there were.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn retry(tx: &Tx, endpoint: EndpointId, now: Timestamp) -> Result<u64, Fault> {
    let again = delivery::Entity::update_many()
        .col_expr(C::State, Expr::value("waiting"))
        .col_expr(C::Attempt, Expr::value(0))
        .col_expr(C::WaitingSince, Expr::value(now.millis()))
        .col_expr(C::NextAt, Expr::value(now.millis()))
        .filter(C::EndpointId.eq(endpoint.0))
        .filter(C::State.eq("failed"))
        .exec(tx.conn())
        .await?;
    Ok(again.rows_affected)
}

/// Lanes in which something waits, at most `limit`.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn lanes(db: &impl Read, limit: u64) -> Result<Vec<Lane>, Fault> {
    let rows: Vec<(Uuid, Option<Uuid>)> = delivery::Entity::find()
        .select_only()
        .columns([C::EndpointId, C::InstallId])
        .filter(C::State.eq("waiting"))
        .distinct()
        .limit(limit)
        .into_tuple()
        .all(db.conn())
        .await?;
    let lane = |(endpoint, install): (Uuid, Option<Uuid>)| Lane {
        endpoint: EndpointId(endpoint),
        install: install.map(InstallId),
    };
    Ok(rows.into_iter().map(lane).collect())
}

/// How things stand at an endpoint, or at all of them.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn count(db: &impl Read, endpoint: Option<EndpointId>) -> Result<Count, Fault> {
    let here = || {
        let at = endpoint.map(|endpoint| C::EndpointId.eq(endpoint.0));
        delivery::Entity::find().filter(Condition::all().add_option(at))
    };
    let in_state = |state: &'static str| here().filter(C::State.eq(state)).count(db.conn());
    let (waiting, failed) = (in_state("waiting").await?, in_state("failed").await?);
    let last = here()
        .filter(C::LastFault.is_not_null())
        .order_by_desc(C::EventSeq)
        .one(db.conn())
        .await?;
    Ok(Count {
        waiting,
        failed,
        last_fault: last.and_then(|row| row.last_fault),
    })
}

/// Removes what was delivered before `before`, and events that nobody waits for.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn sweep(tx: &Tx, before: Timestamp) -> Result<u64, Fault> {
    let gone = event_delivery::Entity::delete_many()
        .filter(C::DeliveredAt.lt(before.millis()))
        .exec(tx.conn())
        .await?;
    let told = event_delivery::Entity::find()
        .select_only()
        .column(C::EventSeq)
        .into_query();
    event::Entity::delete_many()
        .filter(event::Column::HappenedAt.lt(before.millis()))
        .filter(event::Column::Seq.not_in_subquery(told))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}
