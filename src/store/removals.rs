//! How far the taking out of a Product is.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::removal;
use super::{Fault, Read, Tx};
use crate::domain::ids::InstallId;
use crate::domain::removal::{Outcome, Step};
use crate::domain::time::Timestamp;

/// A step that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Which.
    pub step: Step,
    /// When it was first tried.
    pub since: Timestamp,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
}

/// The steps of one generation that were begun, in their order.
pub async fn list(
    db: &impl Read,
    install: InstallId,
    generation: u32,
) -> Result<Vec<Begun>, Fault> {
    let rows = removal::Entity::find()
        .filter(removal::Column::InstallId.eq(install.0))
        .filter(removal::Column::Generation.eq(generation))
        .all(db.conn())
        .await?;
    let mut steps: Vec<Begun> = rows.iter().map(read).collect::<Result<_, _>>()?;
    steps.sort_by_key(|begun| begun.step);
    Ok(steps)
}

/// Notes that a step was begun, or how it ended.
pub async fn put(tx: &Tx, install: InstallId, generation: u32, begun: Begun) -> Result<(), Fault> {
    let row = removal::ActiveModel {
        install_id: Set(install.0),
        generation: Set(i32::try_from(generation).map_err(|e| Fault::broken("removal", e))?),
        step: Set(step_text(begun.step).to_owned()),
        outcome: Set(begun.outcome.map(|o| outcome_text(o).to_owned())),
        since: Set(begun.since.millis()),
    };
    removal::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([
                removal::Column::InstallId,
                removal::Column::Generation,
                removal::Column::Step,
            ])
            .update_column(removal::Column::Outcome)
            .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// The step as the table has it.
#[must_use]
pub fn step_text(step: Step) -> &'static str {
    match step {
        Step::Webhooks => "webhooks",
        Step::Widget => "widget",
        Step::Probe => "probe",
        Step::Forget => "forget",
    }
}

fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    }
}

fn read(row: &removal::Model) -> Result<Begun, Fault> {
    let step = Step::ALL.into_iter().find(|s| step_text(*s) == row.step);
    let outcome = match row.outcome.as_deref() {
        None => None,
        Some("done") => Some(Outcome::Done),
        Some("refused") => Some(Outcome::Refused),
        Some(other) => return Err(Fault::broken("removal", format!("outcome {other:?}"))),
    };
    Ok(Begun {
        step: step.ok_or_else(|| Fault::broken("removal", "step"))?,
        since: Timestamp::from_millis(row.since),
        outcome,
    })
}
