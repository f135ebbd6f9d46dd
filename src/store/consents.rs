//! The ledger. There is an `add` and there are reads; the database itself
//! refuses to change or remove an entry.
//!
//! Each entry is hashed as it is added: chained to the one before it of the
//! same Install, and a leaf of the tree over all entries (`domain::ledger`). In
//! the same transaction `consent_state` follows, what it adds up to per person.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set, Statement,
};
use uuid::Uuid;

use super::entity::{consent, consent_state};
use super::people::{self, Subject};
use super::sealed::ENTRY_PERSON;
use super::vault::Place;
use super::{Fault, Read, Tx, ledger, new_id};
use crate::domain::consents::{Act, Declares, Entry, Shown, deciding};
use crate::domain::ids::{ConsentId, InstallId, SubjectId, UserId};
use crate::domain::installs::Install;
use crate::domain::ledger::{Leaf, Spot, act_of, act_text};
use crate::domain::merkle::{Hash, Tree, joined, split};
use crate::domain::products::ProductCode;
use crate::domain::time::Timestamp;

/// An arbitrary number that all our instances agree on.
const PEN: i64 = 0x00AC_C04E;

/// A fresh id for an entry.
#[must_use]
pub fn new_consent_id() -> ConsentId {
    ConsentId(new_id())
}

/// Adds an entry of `subject`, whose amoCRM user id is sealed under their key.
///
/// Entries come one after the other: on PostgreSQL whoever adds one holds the pen until the
/// commit, so that the numbers have no gap. Call it late in the transaction.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add(
    tx: &Tx,
    product: &ProductCode,
    subject: &Subject,
    user: UserId,
    entry: &Entry,
) -> Result<(), Fault> {
    if tx.is_postgres() {
        tx.conn()
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({PEN})"))
            .await?;
    }
    let sealed = subject.key.seal(
        Place::new(ENTRY_PERSON, entry.id.0),
        user.0.to_string().as_bytes(),
    )?;
    let (tree, spot) = end(tx, entry.install).await?;
    let leaf = Leaf::new(entry, spot, product.as_str(), &sealed).hash();
    let row = row(entry, spot, product, sealed, leaf, tree.path())?;
    consent::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    ledger::set_states(tx, vec![state(entry, spot.index)?]).await
}

/// What the ledger adds up to for the entry's person, now that it is the last one.
fn state(entry: &Entry, index: u64) -> Result<consent_state::ActiveModel, Fault> {
    Ok(consent_state::ActiveModel {
        subject_id: Set(entry.subject.0),
        install_id: Set(entry.install.0),
        generation: Set(small(entry.generation)?),
        act: Set(act_text(entry.act).to_owned()),
        policy_number: Set(small(entry.shown.number)?),
        lang: Set(entry.shown.lang.clone()),
        entry_index: Set(signed(index)?),
        occurred_at: Set(entry.at.millis()),
    })
}

/// An entry as far as the next one depends on it.
#[derive(FromQueryResult)]
struct Last {
    entry_index: i64,
    install_id: Uuid,
    chain: i32,
    leaf: Vec<u8>,
    path: Vec<u8>,
}

impl Last {
    fn tree(&self) -> Result<Tree, Fault> {
        let index = u64::try_from(self.entry_index).map_err(|e| Fault::broken("consent", e))?;
        Hash::from_slice(&self.leaf)
            .zip(split(&self.path))
            .and_then(|(leaf, path)| Tree::after(index, leaf, &path))
            .ok_or_else(|| Fault::broken("consent", format!("entry {index}: leaf or path")))
    }
}

/// The tree over all entries there are.
///
/// # Errors
/// [`Fault::Broken`] when the last entry's path cannot be one.
pub async fn tree(db: &impl Read) -> Result<Tree, Fault> {
    let last = consent::Entity::find()
        .select_only()
        .columns([
            consent::Column::EntryIndex,
            consent::Column::InstallId,
            consent::Column::Chain,
            consent::Column::Leaf,
            consent::Column::Path,
        ])
        .order_by_desc(consent::Column::EntryIndex)
        .limit(1)
        .into_model::<Last>()
        .one(db.conn())
        .await?;
    last.map_or_else(|| Ok(Tree::default()), |last| last.tree())
}

/// The last entry of all, and the last of an Install. Written out, because building it takes
/// longer than asking it, and each entry asks it once.
const END: &str = "
    SELECT * FROM (SELECT entry_index, install_id, chain, leaf, path
                   FROM consent ORDER BY entry_index DESC LIMIT 1) AS of_all
    UNION ALL
    SELECT * FROM (SELECT entry_index, install_id, chain, leaf, path
                   FROM consent WHERE install_id = $1 ORDER BY chain DESC LIMIT 1) AS of_install";

/// What the next entry of an Install is chained to: the tree over all entries, and its spot. Both
/// in one question, since this is what the chain adds to the price of an entry.
///
/// # Errors
/// [`Fault::Broken`] when the last entry's path cannot be one.
pub async fn end(db: &impl Read, install: InstallId) -> Result<(Tree, Spot), Fault> {
    let params = [install.0.into()];
    let end = Statement::from_sql_and_values(db.conn().get_database_backend(), END, params);
    let rows = Last::find_by_statement(end).all(db.conn()).await?;

    let tree = match rows.iter().max_by_key(|last| last.entry_index) {
        Some(last) => last.tree()?,
        None => Tree::default(),
    };
    let own = rows.iter().find(|last| last.install_id == install.0);
    let spot = Spot {
        index: tree.size(),
        chain: own.map_or(Ok(0), |last| number(last.chain))? + 1,
        previous: own.and_then(|last| Hash::from_slice(&last.leaf)),
    };
    Ok((tree, spot))
}

fn row(
    entry: &Entry,
    spot: Spot,
    product: &ProductCode,
    sealed_person: Vec<u8>,
    leaf: Hash,
    path: &[Hash],
) -> Result<consent::ActiveModel, Fault> {
    Ok(consent::ActiveModel {
        entry_index: Set(signed(spot.index)?),
        id: Set(entry.id.0),
        install_id: Set(entry.install.0),
        chain: Set(small(spot.chain)?),
        previous: Set(spot.previous.map(|hash| hash.0.to_vec())),
        generation: Set(small(entry.generation)?),
        subject_id: Set(entry.subject.0),
        act: Set(act_text(entry.act).to_owned()),
        policy_number: Set(small(entry.shown.number)?),
        lang: Set(entry.shown.lang.clone()),
        shown_hash: Set(entry.shown.hash.clone()),
        purposes: Set(entry.purposes.iter().map(String::as_str).collect()),
        declared_read: Set(entry.declares.read),
        declared_own_data: Set(entry.declares.own_data),
        product: Set(product.to_string()),
        sealed_person: Set(sealed_person),
        occurred_at: Set(entry.at.millis()),
        leaf: Set(leaf.0.to_vec()),
        path: Set(joined(path)),
    })
}

/// The entries of an Install's present generation, oldest first. Only one person is opened: whose
/// entry decides where the account stands.
///
/// # Errors
/// [`Fault::Vault`] when that person does not open.
pub async fn of_generation(db: &impl Read, install: &Install) -> Result<Vec<Entry>, Fault> {
    let rows = consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.id.0))
        .filter(consent::Column::Generation.eq(install.generation))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?;
    let mut sealed: Vec<Vec<u8>> = rows.iter().map(|row| row.sealed_person.clone()).collect();
    let mut entries: Vec<Entry> = rows
        .into_iter()
        .map(|row| read(row, None))
        .collect::<Result<_, _>>()?;
    let decides = deciding(&entries, install.withdrawn).map(|entry| entry.id);
    if let Some(at) = entries.iter().position(|entry| Some(entry.id) == decides) {
        let entry = &mut entries[at];
        let subject = people::get(db, install.id, entry.subject).await?;
        entry.user = Some(open_user(&subject, entry.id.0, &sealed.swap_remove(at))?);
    }
    Ok(entries)
}

/// When a person took back their consent of this generation, if they have since not given
/// another.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn taken_back(
    db: &impl Read,
    subject: SubjectId,
    generation: u32,
) -> Result<Option<Timestamp>, Fault> {
    let state = consent_state::Entity::find_by_id(subject.0)
        .filter(consent_state::Column::Generation.eq(generation))
        .filter(consent_state::Column::Act.eq(act_text(Act::Withdrawn)))
        .one(db.conn())
        .await?;
    Ok(state.map(|state| Timestamp::from_millis(state.occurred_at)))
}

/// Everything that ever happened at an Install, oldest first, without who did it.
///
/// # Errors
/// [`Fault::Broken`] when an entry cannot be read.
pub async fn of_install(db: &impl Read, install: InstallId) -> Result<Vec<Entry>, Fault> {
    consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| read(row, None))
        .collect()
}

/// Everything one person ever did here, oldest first.
///
/// # Errors
/// [`Fault::Vault`] when an entry does not open.
pub async fn of_person(
    db: &impl Read,
    install: InstallId,
    subject: &Subject,
) -> Result<Vec<Entry>, Fault> {
    consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .filter(consent::Column::SubjectId.eq(subject.id.0))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| {
            let user = open_user(subject, row.id, &row.sealed_person)?;
            read(row, Some(user))
        })
        .collect()
}

/// One entry of a person's; `None` when it is not theirs.
///
/// # Errors
/// [`Fault::Vault`] when it does not open.
pub async fn find_of_person(
    db: &impl Read,
    subject: &Subject,
    id: ConsentId,
) -> Result<Option<Entry>, Fault> {
    let row = consent::Entity::find()
        .filter(consent::Column::Id.eq(id.0))
        .filter(consent::Column::SubjectId.eq(subject.id.0))
        .one(db.conn())
        .await?;
    row.map(|row| {
        let user = open_user(subject, row.id, &row.sealed_person)?;
        read(row, Some(user))
    })
    .transpose()
}

/// How often a person consented since then.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn given_since(
    db: &impl Read,
    install: InstallId,
    subject: SubjectId,
    since: Timestamp,
) -> Result<u64, Fault> {
    Ok(consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .filter(consent::Column::SubjectId.eq(subject.0))
        .filter(consent::Column::Act.eq(act_text(Act::Given)))
        .filter(consent::Column::OccurredAt.gt(since.millis()))
        .count(db.conn())
        .await?)
}

fn open_user(subject: &Subject, id: uuid::Uuid, sealed: &[u8]) -> Result<UserId, Fault> {
    let plain = subject.key.open(Place::new(ENTRY_PERSON, id), sealed)?;
    let number = std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.parse().ok());
    number
        .map(UserId)
        .ok_or_else(|| Fault::broken("consent", "no user id"))
}

fn small(n: u32) -> Result<i32, Fault> {
    i32::try_from(n).map_err(|e| Fault::broken("consent", e))
}

fn number(n: i32) -> Result<u32, Fault> {
    u32::try_from(n).map_err(|e| Fault::broken("consent", e))
}

fn signed(n: u64) -> Result<i64, Fault> {
    i64::try_from(n).map_err(|e| Fault::broken("consent", e))
}

pub(super) fn read(row: consent::Model, user: Option<UserId>) -> Result<Entry, Fault> {
    Ok(Entry {
        id: ConsentId(row.id),
        install: InstallId(row.install_id),
        generation: number(row.generation)?,
        subject: SubjectId(row.subject_id),
        user,
        act: act_of(&row.act)
            .ok_or_else(|| Fault::broken("consent", format!("act of {}", row.id)))?,
        shown: Shown {
            number: number(row.policy_number)?,
            lang: row.lang,
            hash: row.shown_hash,
        },
        purposes: serde_json::from_value(row.purposes).map_err(|e| Fault::broken("consent", e))?,
        declares: Declares {
            read: row.declared_read,
            own_data: row.declared_own_data,
        },
        at: Timestamp::from_millis(row.occurred_at),
    })
}
