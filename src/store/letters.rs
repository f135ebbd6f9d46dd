//! Letters to people: who has yet to be told, what is due, what became of each.
//!
//! A row is queued in the transaction of what it tells of, and moves on under a
//! lock: whoever sends it takes it first (`sending`, with a higher `attempt`), so
//! that no letter is in two hands. A settled row has no `next_at`.

use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Set,
};
use uuid::Uuid;

use super::entity::letter::{self, Column as C};
use super::entity::{consent_state, install};
use super::installs::state_text;
use super::policies::level_of;
use super::{Fault, Read, Tx, new_id};
use crate::domain::consents::{Act, Entry};
use crate::domain::ids::{
    ConsentId, ContactId, InstallId, LetterId, PolicyVersionId, ProductId, SubjectId,
};
use crate::domain::installs::State as InstallState;
use crate::domain::ledger::{act_of, act_text};
use crate::domain::letters::{About, LastAct, Letter, State, next_try};
use crate::domain::time::Timestamp;

mod caused;
mod delivery;
mod learned;
pub use caused::{Caused, lately, was_told_of};
pub use delivery::{Fate, due, find, give_up_lost, lock, next_due, settle, take};
pub use learned::{Learned, is_news, note};

/// Somebody who is to be told of a version.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who.
    pub subject: SubjectId,
    /// As a user of which Install.
    pub install: InstallId,
    /// Of which generation.
    pub generation: u32,
    /// The language of the text they agreed to.
    pub lang: String,
}

impl Reader {
    /// Whoever did what an entry says.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self {
            subject: entry.subject,
            install: entry.install,
            generation: entry.generation,
            lang: entry.shown.lang.clone(),
        }
    }
}

/// A letter that goes to an address of its own.
pub struct Queued<'a> {
    /// What it tells.
    pub about: About,
    /// To whom.
    pub reader: &'a Reader,
    /// The address; `None` where there is none, or not any more.
    pub contact: Option<ContactId>,
}

/// Queues letters, in the transaction of what they are about. `domain` is the right-hand side of
/// their `Message-ID`s.
pub async fn add(
    tx: &Tx,
    letters: &[Queued<'_>],
    domain: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let rows = letters.iter().map(|letter| {
        Ok(letter::ActiveModel {
            contact_id: Set(letter.contact.map(|contact| contact.0)),
            ..row(letter.about, letter.reader, domain, now)?
        })
    });
    insert(tx, rows.collect::<Result<_, Fault>>()?).await
}

/// Queues a letter about a version for each of `readers`; who has one already gets no second.
pub async fn add_all(
    tx: &Tx,
    about: About,
    readers: &[Reader],
    domain: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let rows = readers.iter().map(|reader| row(about, reader, domain, now));
    insert(tx, rows.collect::<Result<_, _>>()?).await
}

fn row(
    about: About,
    reader: &Reader,
    domain: &str,
    now: Timestamp,
) -> Result<letter::ActiveModel, Fault> {
    let (version, entry) = match about {
        About::Policy { version, .. } => (Some(version.0), None),
        About::Receipt { entry } => (None, Some(entry.0)),
        About::Address => (None, None),
    };
    let id = new_id();
    Ok(letter::ActiveModel {
        id: Set(id),
        kind: Set(about.kind().as_str().to_owned()),
        subject_id: Set(reader.subject.0),
        install_id: Set(reader.install.0),
        generation: Set(i32::try_from(reader.generation).map_err(broken)?),
        version_id: Set(version),
        entry_id: Set(entry),
        lang: Set(reader.lang.clone()),
        state: Set(State::Queued.as_str().to_owned()),
        message_id: Set(format!("{id}@{domain}")),
        attempt: Set(0),
        deferred: Set(0),
        next_at: Set(Some(now.millis())),
        queued_at: Set(now.millis()),
        ..Default::default()
    })
}

/// How many rows one statement may hold: SQLite takes 32,766 values.
const ROWS: usize = 1_000;

async fn insert(tx: &Tx, mut rows: Vec<letter::ActiveModel>) -> Result<(), Fault> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        letter::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx.conn())
            .await?;
        rows = rest;
    }
    Ok(())
}

/// People who are bound by a version of `product` below `number` at this moment, in the order
/// of their ids, after `after`; at most `limit`.
pub async fn to_tell(
    db: &impl Read,
    product: ProductId,
    number: u32,
    after: Option<SubjectId>,
    limit: u64,
) -> Result<Vec<Reader>, Fault> {
    use consent_state::Column as S;
    let number = i32::try_from(number).map_err(broken)?;
    let mut query = consent_state::Entity::find()
        .join_rev(
            JoinType::InnerJoin,
            install::Entity::belongs_to(consent_state::Entity)
                .from(install::Column::Id)
                .to(S::InstallId)
                .into(),
        )
        .filter(install::Column::ProductId.eq(product.0))
        .filter(install::Column::State.eq(state_text(InstallState::Active)))
        .filter(install::Column::Withdrawn.eq(false))
        .filter(
            Expr::col((install::Entity, install::Column::Generation))
                .eq(Expr::col((consent_state::Entity, S::Generation))),
        )
        .filter(S::Act.eq(act_text(Act::Given)))
        .filter(S::PolicyNumber.lt(number));
    if let Some(after) = after {
        query = query.filter(S::SubjectId.gt(after.0));
    }
    let rows = query
        .order_by_asc(S::SubjectId)
        .limit(limit)
        .all(db.conn())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Reader {
                subject: SubjectId(row.subject_id),
                install: InstallId(row.install_id),
                generation: u32::try_from(row.generation).map_err(broken)?,
                lang: row.lang,
            })
        })
        .collect()
}

/// The last person who has a letter about this version: pages are queued in the order of ids,
/// so that everybody before has been looked at.
pub async fn told_up_to(
    db: &impl Read,
    version: PolicyVersionId,
) -> Result<Option<SubjectId>, Fault> {
    let last: Option<Uuid> = letter::Entity::find()
        .select_only()
        .column(C::SubjectId)
        .filter(C::VersionId.eq(version.0))
        .order_by_desc(C::SubjectId)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(last.map(SubjectId))
}

/// What a person did last, if they ever did anything.
pub async fn last_act(db: &impl Read, subject: SubjectId) -> Result<Option<LastAct>, Fault> {
    let row = consent_state::Entity::find_by_id(subject.0)
        .one(db.conn())
        .await?;
    row.map(|row| {
        Ok(LastAct {
            generation: u32::try_from(row.generation).map_err(broken)?,
            act: act_of(&row.act).ok_or_else(|| broken("act"))?,
            number: u32::try_from(row.policy_number).map_err(broken)?,
        })
    })
    .transpose()
}

/// How many letters are in a state that an operator should know of: waiting, refused, unknown.
pub async fn in_trouble(db: &impl Read) -> Result<Vec<(State, u64)>, Fault> {
    let counts: Vec<(String, i64)> = letter::Entity::find()
        .select_only()
        .column(C::State)
        .column_as(C::Id.count(), "letters")
        .group_by(C::State)
        .into_tuple()
        .all(db.conn())
        .await?;
    let worth_telling = [State::Queued, State::Bounced, State::Unknown];
    let found = worth_telling.into_iter().filter_map(|state| {
        let (_, count) = counts.iter().find(|(text, _)| text == state.as_str())?;
        Some((state, u64::try_from(*count).ok()?))
    });
    Ok(found.collect())
}

/// Removes rows of receipts and of confirmations that were settled before `before`. Rows about
/// versions stay: they prove who was told.
pub async fn sweep(tx: &Tx, before: Timestamp, page: u64) -> Result<u64, Fault> {
    let old = Query::select()
        .column(C::Id)
        .from(letter::Entity)
        .and_where(C::VersionId.is_null())
        .and_where(C::NextAt.is_null())
        .and_where(C::QueuedAt.lt(before.millis()))
        .limit(page)
        .to_owned();
    let gone = letter::Entity::delete_many()
        .filter(C::Id.in_subquery(old))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

fn broken(what: impl ToString) -> Fault {
    Fault::broken("letter", what)
}

fn read(row: letter::Model) -> Result<Letter, Fault> {
    let about = match (row.version_id, row.entry_id) {
        (None, Some(entry)) => About::Receipt {
            entry: ConsentId(entry),
        },
        (Some(version), None) => About::Policy {
            version: PolicyVersionId(version),
            level: level_of(row.kind.strip_prefix("policy-").unwrap_or_default())
                .ok_or_else(|| broken(format!("kind of {}", row.id)))?,
        },
        (None, None) => About::Address,
        (Some(_), Some(_)) => return Err(broken(format!("{} is about two things", row.id))),
    };
    Ok(Letter {
        id: LetterId(row.id),
        about,
        subject: SubjectId(row.subject_id),
        install: InstallId(row.install_id),
        generation: u32::try_from(row.generation).map_err(broken)?,
        contact: row.contact_id.map(ContactId),
        lang: row.lang,
        state: State::ALL
            .into_iter()
            .find(|state| state.as_str() == row.state)
            .ok_or_else(|| broken(format!("state of {}", row.id)))?,
        message_id: row.message_id,
        attempt: u32::try_from(row.attempt).map_err(broken)?,
        deferred: u32::try_from(row.deferred).map_err(broken)?,
    })
}
