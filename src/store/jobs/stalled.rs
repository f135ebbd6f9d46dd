//! What workers note about themselves, and whether work waits for too long.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Set};

use super::{C, free, job};
use crate::domain::jobs::{self, Stalled};
use crate::domain::time::Timestamp;
use crate::store::entity::worker_note;
use crate::store::{Fault, Read, Tx};

/// What a worker notes about itself: that it looked for jobs, that it took an exchange.
const LOOKED: &str = "looked";
pub(super) const EXCHANGED: &str = "exchanged";

/// Notes that a worker has looked for jobs.
pub async fn looked(tx: &Tx, now: Timestamp) -> Result<(), Fault> {
    note(tx, LOOKED, now).await
}

pub(super) async fn note(tx: &Tx, what: &str, now: Timestamp) -> Result<(), Fault> {
    let row = worker_note::ActiveModel {
        what: Set(what.to_owned()),
        noted_at: Set(now.millis()),
    };
    worker_note::Entity::insert(row)
        .on_conflict(
            OnConflict::column(worker_note::Column::What)
                .update_column(worker_note::Column::NotedAt)
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// What is wrong with the work that waits, if anything is.
pub async fn stalled(db: &impl Read, now: Timestamp) -> Result<Option<Stalled>, Fault> {
    let notes = worker_note::Entity::find().all(db.conn()).await?;
    let noted = |what: &str| {
        let note = notes.iter().find(|note| note.what == what)?;
        Some(Timestamp::from_millis(note.noted_at))
    };
    let waiting = waiting(db, now).await?;
    Ok(jobs::stalled(
        &waiting,
        noted(LOOKED),
        noted(EXCHANGED),
        now,
    ))
}

/// Since when the oldest due job of each kind waits that nobody has taken.
async fn waiting(db: &impl Read, now: Timestamp) -> Result<Vec<(String, Timestamp)>, Fault> {
    let rows: Vec<(String, i64)> = job::Entity::find()
        .select_only()
        .column(C::Kind)
        .column_as(C::RunAt.min(), "since")
        .filter(C::DoneAt.is_null())
        .filter(C::FailedAt.is_null())
        .filter(C::RunAt.lte(now.millis()))
        .filter(free(now))
        .group_by(C::Kind)
        .into_tuple()
        .all(db.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(kind, since)| (kind, Timestamp::from_millis(since)))
        .collect())
}
