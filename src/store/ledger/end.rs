//! The end of the ledger, where entries are added: one after the other, and in the order of
//! their times.
//!
//! Each entry is hashed as it is added: chained to the one before it of the same Install, and a
//! leaf of the tree over all entries (`domain::ledger`). In the same transaction
//! `consent_state` follows, what it adds up to per person.

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
    spot: Spot,
    last: Option<Timestamp>,
}

/// Takes the end of the ledger for an entry of `install`. Call it late, with the Install
/// locked: on PostgreSQL everybody who adds an entry waits for it.
///
/// # Errors
/// [`Fault::Unavailable`] when others hold it for too long.
pub async fn lock(tx: &Tx, install: InstallId) -> Result<End<'_>, Fault> {
    hold(tx).await?;
    let (tree, spot, last) = end(tx, install).await?;
    Ok(End {
        tx,
        tree,
        spot,
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

    /// Adds an entry of `subject`, whose amoCRM user id is sealed under their key.
    ///
    /// # Errors
    /// [`Fault::Broken`] when its time is before the last entry's; [`Fault::Unavailable`] when
    /// the database does not answer.
    pub async fn add(
        self,
        product: &ProductCode,
        subject: &Subject,
        user: UserId,
        entry: &Entry,
    ) -> Result<(), Fault> {
        if self.time(entry.at) != entry.at {
            return Err(Fault::broken("consent", "an entry older than the last one"));
        }
        let sealed = subject.key.seal(
            Place::new(ENTRY_PERSON, entry.id.0),
            user.0.to_string().as_bytes(),
        )?;
        let spot = self.spot;
        let leaf = Leaf::new(entry, spot, product.as_str(), &sealed).hash();
        let row = row(entry, spot, product, sealed, leaf, self.tree.path())?;
        consent::Entity::insert(row)
            .exec_without_returning(self.tx.conn())
            .await?;
        self.tx.changes(Change::Install(entry.install));
        set_states(self.tx, vec![state(entry, spot.index)?]).await
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

/// The last entry of all, and the last of an Install. Written out, because building it takes
/// longer than asking it, and each entry asks it once.
const END: &str = "
    SELECT * FROM (SELECT entry_index, install_id, chain, occurred_at, leaf, path
                   FROM consent ORDER BY entry_index DESC LIMIT 1) AS of_all
    UNION ALL
    SELECT * FROM (SELECT entry_index, install_id, chain, occurred_at, leaf, path
                   FROM consent WHERE install_id = $1 ORDER BY chain DESC LIMIT 1) AS of_install";

/// What the next entry of an Install is chained to: the tree over all entries, its spot, and the
/// time of the last entry. All in one question, since this is what the chain adds to the price
/// of an entry.
///
/// # Errors
/// [`Fault::Broken`] when the last entry's path cannot be one.
pub async fn end(
    db: &impl Read,
    install: InstallId,
) -> Result<(Tree, Spot, Option<Timestamp>), Fault> {
    let params = [install.0.into()];
    let end = Statement::from_sql_and_values(db.conn().get_database_backend(), END, params);
    let rows = Last::find_by_statement(end).all(db.conn()).await?;

    let of_all = rows.iter().max_by_key(|last| last.entry_index);
    let tree = match of_all {
        Some(last) => last.tree()?,
        None => Tree::default(),
    };
    let own = rows.iter().find(|last| last.install_id == install.0);
    let spot = Spot {
        index: tree.size(),
        chain: own.map_or(Ok(0), |last| number(last.chain))? + 1,
        previous: own.and_then(|last| Hash::from_slice(&last.leaf)),
    };
    Ok((tree, spot, of_all.map(Last::at)))
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
