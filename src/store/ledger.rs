//! The ledger as a whole: its end, where it grows; its lines in order for whoever proves it;
//! its checkpoints, and what is derived from it.

use sea_orm::sea_query::{Alias, Asterisk, Expr, JoinType, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, ExprTrait as _,
    FromQueryResult as _, QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect as _, Set,
};

use super::entity::{checkpoint, consent, consent_state};
use super::{Fault, Read, Tx, consents};
use crate::domain::consents::Entry;
use crate::domain::ids::ConsentId;
use crate::domain::ledger::{Leaf, Line, Spot};
use crate::domain::merkle::{Hash, split};
use crate::domain::time::Timestamp;

mod end;

pub use end::{Added, End, close, end, lock, tree};

/// What one person's state is derived from: the last of their entries.
const STATE: [consent_state::Column; 6] = [
    consent_state::Column::Generation,
    consent_state::Column::Act,
    consent_state::Column::PolicyNumber,
    consent_state::Column::Lang,
    consent_state::Column::EntryIndex,
    consent_state::Column::OccurredAt,
];

/// Up to `limit` lines of the ledger from `from` on, each with the hash of the line before it
/// in its chain. A row that cannot be read is a line without an entry.
pub async fn lines(db: &impl Read, from: u64, limit: u64) -> Result<Vec<Line>, Fault> {
    let (this, before) = (Alias::new("this"), Alias::new("earlier"));
    let of = |table: &Alias, column: consent::Column| Expr::col((table.clone(), column));
    let chained = Condition::all()
        .add(of(&before, consent::Column::InstallId).eq(of(&this, consent::Column::InstallId)))
        .add(of(&before, consent::Column::Chain).eq(of(&this, consent::Column::Chain).sub(1)));
    let select = Query::select()
        .column((this.clone(), Asterisk))
        .expr_as(
            of(&before, consent::Column::Leaf),
            Alias::new("leaf_before"),
        )
        .from_as(consent::Entity, this.clone())
        .join_as(JoinType::LeftJoin, consent::Entity, before.clone(), chained)
        .and_where(of(&this, consent::Column::EntryIndex).gte(signed(from)?))
        .order_by((this, consent::Column::EntryIndex), sea_orm::Order::Asc)
        .limit(limit)
        .to_owned();
    let rows = db.conn().query_all(&select).await?;
    rows.iter().map(line).collect()
}

fn line(row: &QueryResult) -> Result<Line, Fault> {
    let index: i64 = row.try_get("", "entry_index")?;
    let before: Option<Vec<u8>> = row.try_get("", "leaf_before")?;
    let content = consent::Model::from_query_result(row, "")
        .ok()
        .and_then(content);
    Ok(Line {
        index: u64::try_from(index).map_err(|e| Fault::broken("consent", e))?,
        content,
        before: before.as_deref().and_then(Hash::from_slice),
    })
}

fn content(row: consent::Model) -> Option<(Leaf, Hash, Vec<Hash>)> {
    let spot = Spot {
        index: u64::try_from(row.entry_index).ok()?,
        chain: u32::try_from(row.chain).ok()?,
        previous: match &row.previous {
            Some(bytes) => Some(Hash::from_slice(bytes)?),
            None => None,
        },
    };
    let (hash, path) = (Hash::from_slice(&row.leaf)?, split(&row.path)?);
    let (product, sealed) = (row.product.clone(), row.sealed_person.clone());
    let entry: Entry = consents::read(row, None).ok()?;
    Some((Leaf::new(&entry, spot, &product, &sealed), hash, path))
}

/// The line of an entry.
///
/// # Errors
/// [`Fault::Broken`] when it is not there or cannot be read.
pub async fn line_of(db: &impl Read, id: ConsentId) -> Result<(Leaf, Hash, Vec<Hash>), Fault> {
    consent::Entity::find()
        .filter(consent::Column::Id.eq(id.0))
        .one(db.conn())
        .await?
        .and_then(content)
        .ok_or_else(|| Fault::broken("consent", format!("entry {id} cannot be read")))
}

/// Every checkpoint that was signed here, the smallest tree first.
pub async fn checkpoints(db: &impl Read) -> Result<Vec<String>, Fault> {
    let rows = checkpoint::Entity::find()
        .order_by_asc(checkpoint::Column::TreeSize)
        .all(db.conn())
        .await?;
    Ok(rows.into_iter().map(|row| row.note).collect())
}

/// How many entries the last checkpoint covers; 0 when there is none.
pub async fn last_checkpoint(db: &impl Read) -> Result<u64, Fault> {
    let size: Option<i64> = checkpoint::Entity::find()
        .select_only()
        .column(checkpoint::Column::TreeSize)
        .order_by_desc(checkpoint::Column::TreeSize)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    u64::try_from(size.unwrap_or_default()).map_err(|e| Fault::broken("checkpoint", e))
}

/// Keeps a checkpoint; one of the same size is kept already.
pub async fn add_checkpoint(tx: &Tx, size: u64, note: &str, now: Timestamp) -> Result<(), Fault> {
    let row = checkpoint::ActiveModel {
        tree_size: Set(signed(size)?),
        note: Set(note.to_owned()),
        signed_at: Set(now.millis()),
    };
    checkpoint::Entity::insert(row)
        .on_conflict(
            OnConflict::column(checkpoint::Column::TreeSize)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Forgets everything that is derived from the ledger.
pub async fn forget_states(tx: &Tx) -> Result<(), Fault> {
    consent_state::Entity::delete_many().exec(tx.conn()).await?;
    Ok(())
}

/// Derives again what up to `limit` entries from `from` on add up to. Returns how many entries
/// were read; after the last page it is fewer than `limit`.
pub async fn derive_states(tx: &Tx, from: u64, limit: u64) -> Result<u64, Fault> {
    let rows = consent::Entity::find()
        .filter(consent::Column::EntryIndex.gte(signed(from)?))
        .order_by_asc(consent::Column::EntryIndex)
        .limit(limit)
        .all(tx.conn())
        .await?;
    let read = rows.len() as u64;
    let mut last = std::collections::BTreeMap::new();
    for row in rows {
        let state = consent_state::ActiveModel {
            subject_id: Set(row.subject_id),
            install_id: Set(row.install_id),
            generation: Set(row.generation),
            act: Set(row.act),
            policy_number: Set(row.policy_number),
            lang: Set(row.lang),
            entry_index: Set(row.entry_index),
            occurred_at: Set(row.occurred_at),
        };
        last.insert(row.subject_id, state);
    }
    set_states(tx, last.into_values().collect()).await?;
    Ok(read)
}

/// Writes what the ledger adds up to for each of these people.
pub(super) async fn set_states(
    tx: &Tx,
    states: Vec<consent_state::ActiveModel>,
) -> Result<(), Fault> {
    if states.is_empty() {
        return Ok(());
    }
    let latest = OnConflict::column(consent_state::Column::SubjectId)
        .update_columns(STATE)
        .to_owned();
    consent_state::Entity::insert_many(states)
        .on_conflict(latest)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

fn signed(n: u64) -> Result<i64, Fault> {
    i64::try_from(n).map_err(|e| Fault::broken("consent", e))
}
