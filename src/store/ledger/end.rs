//! The end of the ledger, where entries are added: one after the other, and in the order of
//! their times.
//!
//! Each entry is hashed as it is added: chained to the one before it of the same Install, and a
//! leaf of the tree over all entries (`domain::ledger`). In the same transaction
//! `consent_state` follows, what it adds up to per person.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryOrder as _, QuerySelect as _,
    Set, Statement,
};
use uuid::Uuid;

use super::super::consents::{number, signed, small};
use super::super::entity::{consent, consent_state};
use super::super::people::Subject;
use super::super::sealed::ENTRY_PERSON;
use super::super::vault::Place;
use super::super::{Change, Fault, Read, Tx};
use super::set_states;
use crate::domain::consents::Entry;
use crate::domain::consents::agreement::Recorded;
use crate::domain::ids::{InstallId, UserId};
use crate::domain::ledger::{Leaf, Spot, act_text};
use crate::domain::merkle::{Hash, Tree, joined, split};
use crate::domain::products::ProductCode;
use crate::domain::time::{Timestamp, milliseconds};

/// An arbitrary number that all our instances agree on.
const LOCK: i64 = 0x00AC_C04E;

/// The end of the ledger, held until the transaction ends: nobody else adds an entry, and no
/// version comes into force, so that what is decided on stays so until the entry is there.
pub struct End<'tx> {
    tx: &'tx Tx,
    tree: Tree,
    /// Of each Install with an entry, its place in the Install's chain and its hash.
    chains: BTreeMap<InstallId, (u32, Hash)>,
    last: Option<Timestamp>,
}

/// An entry that is to be added.
pub struct Added<'a> {
    /// The Product.
    pub product: &'a ProductCode,
    /// The person.
    pub subject: &'a Subject,
    /// Who they are to amoCRM; sealed under their key.
    pub user: UserId,
    /// The entry.
    pub entry: Entry,
}

/// Takes the end of the ledger for entries of these Installs. Call it late, with the Installs
/// locked: on PostgreSQL everybody who adds an entry waits for it.
///
/// # Errors
/// [`Fault::Unavailable`] when others hold it for too long.
pub async fn lock<'tx>(tx: &'tx Tx, installs: &[InstallId]) -> Result<End<'tx>, Fault> {
    hold(tx).await?;
    let (tree, chains, last) = end(tx, installs).await?;
    Ok(End {
        tx,
        tree,
        chains,
        last,
    })
}

/// Keeps entries out until the transaction ends, for a version that comes into force. Returns
/// the earliest moment for that: after all entries there are.
///
/// # Errors
/// [`Fault::Unavailable`] when others hold the ledger for too long.
pub async fn close(tx: &Tx) -> Result<Option<Timestamp>, Fault> {
    hold(tx).await?;
    let last = last(tx).await?;
    Ok(last.map(|last| last.at() + milliseconds(1)))
}

async fn hold(tx: &Tx) -> Result<(), Fault> {
    if tx.is_postgres() {
        tx.conn()
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
            .await?;
    }
    Ok(())
}

impl End<'_> {
    /// The time of the next entry, when our clock says `now`: never before the last entry's,
    /// which another instance may have written by a clock that is ahead of ours.
    #[must_use]
    pub fn time(&self, now: Timestamp) -> Timestamp {
        self.last.map_or(now, |last| now.max(last))
    }

    /// Adds entries in this order. Returns each in its place.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the time of one is before that of the entry before it;
    /// [`Fault::Unavailable`] when the database does not answer.
    pub async fn add(mut self, all: Vec<Added<'_>>) -> Result<Vec<Recorded>, Fault> {
        let (mut rows, mut states, mut recorded) = (Vec::new(), Vec::new(), Vec::new());
        for added in all {
            let (row, state, one) = self.next(added)?;
            rows.push(row);
            states.push(state);
            recorded.push(one);
        }
        if rows.is_empty() {
            return Ok(recorded);
        }
        consent::Entity::insert_many(rows)
            .exec_without_returning(self.tx.conn())
            .await?;
        set_states(self.tx, states).await?;
        Ok(recorded)
    }

    fn next(
        &mut self,
        added: Added<'_>,
    ) -> Result<(consent::ActiveModel, consent_state::ActiveModel, Recorded), Fault> {
        let entry = added.entry;
        if self.time(entry.at) != entry.at {
            return Err(Fault::broken("consent", "an entry older than the last one"));
        }
        let place = Place::new(ENTRY_PERSON, entry.id.0);
        let sealed = added
            .subject
            .key
            .seal(place, added.user.0.to_string().as_bytes())?;
        let before = self.chains.get(&entry.install);
        let spot = Spot {
            index: self.tree.size(),
            chain: before.map_or(0, |(chain, _)| *chain) + 1,
            previous: before.map(|(_, hash)| *hash),
        };
        let leaf = Leaf::new(&entry, spot, added.product.as_str(), &sealed);
        let hash = leaf.hash();
        let path = self.tree.path().to_vec();
        let row = row(&entry, spot, added.product, sealed, hash, &path)?;
        let state = state(&entry, spot.index)?;
        self.tree.add(hash);
        self.chains.insert(entry.install, (spot.chain, hash));
        self.last = Some(entry.at);
        self.tx.changes(Change::Install(entry.install));
        let one = Recorded {
            entry,
            leaf,
            hash,
            path,
        };
        Ok((row, state, one))
    }
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
    occurred_at: i64,
    leaf: Vec<u8>,
    path: Vec<u8>,
}

impl Last {
    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.occurred_at)
    }

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
    let last = last(db).await?;
    last.map_or_else(|| Ok(Tree::default()), |last| last.tree())
}

async fn last(db: &impl Read) -> Result<Option<Last>, Fault> {
    Ok(consent::Entity::find()
        .select_only()
        .columns([
            consent::Column::EntryIndex,
            consent::Column::InstallId,
            consent::Column::Chain,
            consent::Column::OccurredAt,
            consent::Column::Leaf,
            consent::Column::Path,
        ])
        .order_by_desc(consent::Column::EntryIndex)
        .limit(1)
        .into_model::<Last>()
        .one(db.conn())
        .await?)
}

/// What the next entries of Installs are chained to: the tree over all entries, the last place and
/// hash of each Install's chain, and the time of the last entry. All in one question, since this is
/// what the chain adds to the price of an entry; written out, because building it takes longer than
/// asking it.
///
/// # Errors
/// [`Fault::Broken`] when the last entry's path cannot be one.
pub async fn end(
    db: &impl Read,
    installs: &[InstallId],
) -> Result<(Tree, BTreeMap<InstallId, (u32, Hash)>, Option<Timestamp>), Fault> {
    let places: Vec<String> = (1..=installs.len()).map(|n| format!("${n}")).collect();
    let end = format!(
        "SELECT * FROM (SELECT entry_index, install_id, chain, occurred_at, leaf, path
                        FROM consent ORDER BY entry_index DESC LIMIT 1) AS of_all
         UNION ALL
         SELECT entry_index, install_id, chain, occurred_at, leaf, path FROM consent c
         WHERE c.install_id IN ({}) AND c.chain = (
             SELECT max(chain) FROM consent own WHERE own.install_id = c.install_id)",
        places.join(", ")
    );
    let values = installs.iter().map(|install| install.0.into());
    let end = Statement::from_sql_and_values(db.conn().get_database_backend(), end, values);
    let rows = Last::find_by_statement(end).all(db.conn()).await?;

    let of_all = rows.iter().max_by_key(|last| last.entry_index);
    let tree = match of_all {
        Some(last) => last.tree()?,
        None => Tree::default(),
    };
    let mut chains = BTreeMap::new();
    for last in &rows {
        let hash = Hash::from_slice(&last.leaf)
            .ok_or_else(|| Fault::broken("consent", "the hash of an entry"))?;
        chains.insert(InstallId(last.install_id), (number(last.chain)?, hash));
    }
    Ok((tree, chains, of_all.map(Last::at)))
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
