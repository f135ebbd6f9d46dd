//! Events and what became of telling them. Both rows are written in the transaction
//! of what happened.
//!
//! A lane is what has to come in order: an Install, or the Product itself. Of each lane
//! only the first event that waits is told.

use std::collections::HashMap;

use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Set,
};
use uuid::Uuid;

use super::entity::event;
use super::entity::event_delivery::{self as delivery, Column as C};
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::{EndpointId, InstallId};
use crate::domain::time::Timestamp;

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
    /// What went wrong last with one of these.
    pub last_fault: Option<String>,
}

/// An event that endpoints are to be told.
#[derive(Clone, Debug)]
pub struct Event {
    /// What is sent, to the byte.
    pub body: String,
    /// Where it happened; `None` for the Product itself.
    pub install: Option<InstallId>,
    /// Who is told.
    pub endpoints: Vec<EndpointId>,
}

/// Keeps events, in this order.
pub async fn add(tx: &Tx, events: &[Event], now: Timestamp) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = events.iter().map(|_| new_id()).collect();
    let rows = events
        .iter()
        .zip(&ids)
        .map(|(event, id)| event::ActiveModel {
            id: Set(*id),
            body: Set(event.body.clone()),
            happened_at: Set(now.millis()),
            ..Default::default()
        });
    let kept = event::Entity::insert_many(rows)
        .exec_with_returning(tx.conn())
        .await?;
    let seqs: HashMap<Uuid, i64> = kept.into_iter().map(|row| (row.id, row.seq)).collect();
    let mut deliveries = Vec::new();
    for (event, id) in events.iter().zip(&ids) {
        let seq = seqs.get(id).copied();
        let seq = seq.ok_or_else(|| Fault::broken("event", "it is not there"))?;
        let lane = event.install.map_or(Uuid::nil(), |install| install.0);
        deliveries.extend(
            event
                .endpoints
                .iter()
                .map(|endpoint| delivery::ActiveModel {
                    event_seq: Set(seq),
                    endpoint_id: Set(endpoint.0),
                    lane: Set(lane),
                    state: Set("waiting".to_owned()),
                    attempt: Set(0),
                    waiting_since: Set(now.millis()),
                    next_at: Set(now.millis()),
                    ..Default::default()
                }),
        );
    }
    delivery::Entity::insert_many(deliveries)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// What waits at an endpoint and is the first of its lane.
fn heads(endpoint: EndpointId) -> Select<delivery::Entity> {
    let earlier = Alias::new("earlier");
    let column = |column: C| Expr::col((earlier.clone(), column));
    let before = Query::select()
        .expr(Expr::value(1))
        .from_as(delivery::Entity, earlier.clone())
        .cond_where(column(C::EndpointId).eq(endpoint.0))
        .cond_where(column(C::State).eq("waiting"))
        .cond_where(column(C::Lane).equals((delivery::Entity, C::Lane)))
        .cond_where(column(C::EventSeq).lt(Expr::col((delivery::Entity, C::EventSeq))))
        .to_owned();
    delivery::Entity::find()
        .filter(C::EndpointId.eq(endpoint.0))
        .filter(C::State.eq("waiting"))
        .filter(Expr::exists(before).not())
        .order_by_asc(C::NextAt)
        .order_by_asc(C::EventSeq)
}

/// What is to be told to an endpoint now, at most one event of each lane and `limit` in all.
pub async fn due(
    db: &impl Read,
    endpoint: EndpointId,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Waiting>, Fault> {
    let rows = heads(endpoint)
        .filter(C::NextAt.lte(now.millis()))
        .limit(limit)
        .all(db.conn())
        .await?;
    let mut waiting = Vec::new();
    for row in rows {
        let event = event::Entity::find_by_id(row.event_seq)
            .one(db.conn())
            .await?
            .ok_or_else(|| Fault::broken("event", "it is not there"))?;
        waiting.push(Waiting {
            seq: row.event_seq,
            id: event.id,
            body: event.body,
            attempt: u32::try_from(row.attempt).map_err(|e| Fault::broken("event_delivery", e))?,
            since: Timestamp::from_millis(row.waiting_since),
        });
    }
    Ok(waiting)
}

/// When the next event is to be told to an endpoint; `None` when none waits.
pub async fn next_due(db: &impl Read, endpoint: EndpointId) -> Result<Option<Timestamp>, Fault> {
    let first = heads(endpoint).one(db.conn()).await?;
    Ok(first.map(|row| Timestamp::from_millis(row.next_at)))
}

fn at(endpoint: EndpointId) -> sea_orm::UpdateMany<delivery::Entity> {
    delivery::Entity::update_many().filter(C::EndpointId.eq(endpoint.0))
}

/// Keeps what became of a try. One that somebody else settled meanwhile, or that was removed
/// with its endpoint, is left alone.
pub async fn settle(
    tx: &Tx,
    endpoint: EndpointId,
    waiting: &Waiting,
    told: Told,
    fault: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let attempt =
        i32::try_from(waiting.attempt + 1).map_err(|e| Fault::broken("event_delivery", e))?;
    let update = at(endpoint)
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
        .filter(C::EventSeq.eq(waiting.seq))
        .filter(C::State.eq("waiting"))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Gives up what has waited at an endpoint since before `since`. Returns how many there were.
pub async fn give_up(
    tx: &Tx,
    endpoint: EndpointId,
    since: Timestamp,
    fault: &str,
) -> Result<u64, Fault> {
    let gone = at(endpoint)
        .col_expr(C::State, Expr::value("failed"))
        .col_expr(C::LastFault, Expr::value(fault))
        .filter(C::State.eq("waiting"))
        .filter(C::WaitingSince.lt(since.millis()))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

/// Lets what was given up at an endpoint wait again. Returns how many there were.
pub async fn retry(tx: &Tx, endpoint: EndpointId, now: Timestamp) -> Result<u64, Fault> {
    let again = at(endpoint)
        .col_expr(C::State, Expr::value("waiting"))
        .col_expr(C::Attempt, Expr::value(0))
        .col_expr(C::WaitingSince, Expr::value(now.millis()))
        .col_expr(C::NextAt, Expr::value(now.millis()))
        .filter(C::State.eq("failed"))
        .exec(tx.conn())
        .await?;
    Ok(again.rows_affected)
}

/// How things stand at an endpoint, or at all of them.
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
pub async fn sweep(tx: &Tx, before: Timestamp, page: u64) -> Result<u64, Fault> {
    // The deliveries of a page of events, and the events that none is left of.
    let told = Query::select()
        .columns([C::EventSeq, C::EndpointId])
        .from(delivery::Entity)
        .and_where(C::DeliveredAt.lt(before.millis()))
        .limit(page)
        .to_owned();
    let gone = delivery::Entity::delete_many()
        .filter(Expr::tuple([Expr::col(C::EventSeq), Expr::col(C::EndpointId)]).in_subquery(told))
        .exec(tx.conn())
        .await?;
    let waits = Query::select()
        .expr(Expr::val(1))
        .from(delivery::Entity)
        .and_where(
            Expr::col((delivery::Entity, C::EventSeq)).equals((event::Entity, event::Column::Seq)),
        )
        .to_owned();
    let over = Query::select()
        .column(event::Column::Seq)
        .from(event::Entity)
        .and_where(event::Column::HappenedAt.lt(before.millis()))
        .and_where(Expr::exists(waits).not())
        .limit(page)
        .to_owned();
    let over = event::Entity::delete_many()
        .filter(event::Column::Seq.in_subquery(over))
        .exec(tx.conn())
        .await?;
    Ok(Ord::max(gone.rows_affected, over.rows_affected))
}
