//! Privacy requests and their running numbers.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, Set, Unchanged,
};

use super::entity::{counter, request};
use super::people::Subject;
use super::sealed::REQUEST_COMMENT;
use super::vault::Place;
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::{InstallId, RequestId, SubjectId};
use crate::domain::requests::{Kind, Request, State};
use crate::domain::time::Timestamp;
use crate::domain::withdrawals::Reach;

/// A fresh id for a request.
#[must_use]
pub fn new_request_id() -> RequestId {
    RequestId(new_id())
}

/// The next number of a series, beginning with 1. Taken inside the transaction that uses it,
/// so that the numbers people get have no gaps.
pub async fn next_number(tx: &Tx, series: &str) -> Result<u32, Fault> {
    let row = counter::ActiveModel {
        name: Set(series.to_owned()),
        value: Set(1),
    };
    let row = counter::Entity::insert(row)
        .on_conflict(
            OnConflict::column(counter::Column::Name)
                .value(
                    counter::Column::Value,
                    Expr::col((counter::Entity, counter::Column::Value)).add(1),
                )
                .to_owned(),
        )
        .exec_with_returning(tx.conn())
        .await?;
    u32::try_from(row.value).map_err(|e| Fault::broken("counter", e))
}

/// Adds a request; what the person wrote is sealed under their key. Call it with the Install
/// locked.
pub async fn add(
    tx: &Tx,
    request: &Request,
    subject: &Subject,
    comment: Option<&str>,
) -> Result<(), Fault> {
    let sealed_comment = comment
        .map(|c| {
            subject
                .key
                .seal(Place::new(REQUEST_COMMENT, request.id.0), c.as_bytes())
        })
        .transpose()?;
    let row = request::ActiveModel {
        id: Set(request.id.0),
        number: Set(request.number.clone()),
        install_id: Set(request.install.0),
        generation: Set(i32::try_from(request.generation).map_err(|e| Fault::broken("request", e))?),
        subject_id: Set(request.subject.0),
        kind: Set(kind_text(request.kind).to_owned()),
        reach: Set(reach_text(request.reach).to_owned()),
        state: Set(state_text(request.state).to_owned()),
        sealed_comment: Set(sealed_comment),
        received_at: Set(request.received_at.millis()),
        due_at: Set(request.due_at.millis()),
    };
    request::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// The withdrawal that ended a generation for the whole account, if there is one.
pub async fn ending(
    db: &impl Read,
    install: InstallId,
    generation: u32,
) -> Result<Option<Request>, Fault> {
    of_generation(install, generation)
        .filter(request::Column::Reach.eq(reach_text(Reach::Account)))
        .one(db.conn())
        .await?
        .map(read)
        .transpose()
}

/// The last withdrawal of one person in one generation, if there is one.
pub async fn last_of(
    db: &impl Read,
    install: InstallId,
    generation: u32,
    subject: SubjectId,
) -> Result<Option<Request>, Fault> {
    of_generation(install, generation)
        .filter(request::Column::SubjectId.eq(subject.0))
        .order_by_desc(request::Column::ReceivedAt)
        .order_by_desc(request::Column::Id)
        .one(db.conn())
        .await?
        .map(read)
        .transpose()
}

/// Every withdrawal at an Install, oldest first.
pub async fn of_install(db: &impl Read, install: InstallId) -> Result<Vec<Request>, Fault> {
    request::Entity::find()
        .filter(request::Column::InstallId.eq(install.0))
        .order_by_asc(request::Column::ReceivedAt)
        .all(db.conn())
        .await?
        .into_iter()
        .map(read)
        .collect()
}

fn of_generation(install: InstallId, generation: u32) -> sea_orm::Select<request::Entity> {
    request::Entity::find()
        .filter(request::Column::InstallId.eq(install.0))
        .filter(request::Column::Generation.eq(generation))
        .filter(request::Column::Kind.eq("withdrawal"))
}

/// What one person asked for, oldest first, with what they wrote.
///
/// # Errors
/// [`Fault::Vault`] when a comment does not open.
pub async fn of_person(
    db: &impl Read,
    install: InstallId,
    subject: &Subject,
) -> Result<Vec<(Request, Option<String>)>, Fault> {
    request::Entity::find()
        .filter(request::Column::InstallId.eq(install.0))
        .filter(request::Column::SubjectId.eq(subject.id.0))
        .order_by_asc(request::Column::ReceivedAt)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| {
            let open = |sealed: &Vec<u8>| -> Result<String, Fault> {
                let plain = subject
                    .key
                    .open(Place::new(REQUEST_COMMENT, row.id), sealed)?;
                String::from_utf8(plain).map_err(|_| Fault::broken("request", "no text"))
            };
            let comment = row.sealed_comment.as_ref().map(open).transpose()?;
            Ok((read(row)?, comment))
        })
        .collect()
}

/// Saves how far a request is.
pub async fn save(tx: &Tx, request: &Request) -> Result<(), Fault> {
    let row = request::ActiveModel {
        id: Unchanged(request.id.0),
        state: Set(state_text(request.state).to_owned()),
        ..Default::default()
    };
    row.update(tx.conn()).await?;
    Ok(())
}

/// The kind as the table and the API have it.
#[must_use]
pub fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Withdrawal => "withdrawal",
    }
}

/// The state as the table and the API have it.
#[must_use]
pub fn state_text(state: State) -> &'static str {
    match state {
        State::Received => "received",
        State::Executed => "executed",
    }
}

fn reach_text(reach: Reach) -> &'static str {
    match reach {
        Reach::Account => "account",
        Reach::Own => "own",
    }
}

fn read(row: request::Model) -> Result<Request, Fault> {
    Ok(Request {
        id: RequestId(row.id),
        number: row.number,
        install: InstallId(row.install_id),
        generation: u32::try_from(row.generation).map_err(|e| Fault::broken("request", e))?,
        subject: SubjectId(row.subject_id),
        kind: match row.kind.as_str() {
            "withdrawal" => Kind::Withdrawal,
            other => {
                return Err(Fault::broken(
                    "request",
                    format!("kind {other:?} of {}", row.id),
                ));
            }
        },
        reach: match row.reach.as_str() {
            "account" => Reach::Account,
            "own" => Reach::Own,
            other => {
                return Err(Fault::broken(
                    "request",
                    format!("reach {other:?} of {}", row.id),
                ));
            }
        },
        state: match row.state.as_str() {
            "received" => State::Received,
            "executed" => State::Executed,
            other => {
                return Err(Fault::broken(
                    "request",
                    format!("state {other:?} of {}", row.id),
                ));
            }
        },
        received_at: Timestamp::from_millis(row.received_at),
        due_at: Timestamp::from_millis(row.due_at),
    })
}
