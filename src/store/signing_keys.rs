//! The keys that sign receipts and checkpoints. One signs; of those before it the public half
//! stays, because what they signed has to be verified for ever. Their seeds are destroyed.

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set, Unchanged,
};
use uuid::Uuid;

use super::entity::signing_key::{self, Column as C};
use super::sealed::SIGNING_SEED;
use super::vault::{self, Place, Vault};
use super::{Change, Fault, Read, Store, Tx, new_id};
use crate::domain::signing::{PublicKey, PublishedKey, PublishedKeys, SigningKey};
use crate::domain::time::{Timestamp, seconds};

/// How long after a rotation the old key still signs: whoever has just read it, in any instance,
/// may have to wait for the database before the signature is made.
const HANDOVER: TimeDelta = seconds(10);

/// The key that signs now.
pub struct Signer {
    /// The key.
    pub key: SigningKey,
    /// Since when it signs: no signature of it bears an earlier time.
    pub since: Timestamp,
}

/// Makes the first key when there is none yet. Its id is always the same, so that of two
/// instances that start at once one is first.
pub(super) async fn ensure(
    db: &DatabaseConnection,
    vault: &Vault,
    now: Timestamp,
) -> Result<(), Fault> {
    if signing_key::Entity::find().one(db).await?.is_some() {
        return Ok(());
    }
    let made = signing_key::Entity::insert(fresh(vault, Uuid::nil(), now)?)
        .exec_without_returning(db)
        .await
        .map_err(Fault::from);
    match made {
        Err(e) if !e.is_taken() => Err(e),
        _ => Ok(()),
    }
}

impl Store {
    /// The key that signs now, from memory if it is known there.
    ///
    /// # Errors
    /// [`Fault::Vault`] when its seed does not open.
    pub async fn signer(&self) -> Result<Arc<Signer>, Fault> {
        let ticket = match self.cache.signer() {
            Ok(kept) => return Ok(kept),
            Err(ticket) => ticket,
        };
        let read = Arc::new(current(self).await?);
        self.cache.keep_signer(&read, ticket);
        Ok(read)
    }
}

/// The key that signs now.
///
/// # Errors
/// [`Fault::Vault`] when its seed does not open.
pub async fn current(db: &impl Read) -> Result<Signer, Fault> {
    let row = signing_key::Entity::find()
        .filter(C::SignsUntil.is_null())
        .order_by_desc(C::SignsFrom)
        .one(db.conn())
        .await?
        .ok_or_else(|| Fault::broken("signing_key", "no key signs"))?;
    let no_seed = || Fault::broken("signing_key", "no seed");
    let sealed = row.sealed_seed.ok_or_else(no_seed)?;
    let seed = db.vault().open(Place::new(SIGNING_SEED, row.id), &sealed)?;
    let key = seed
        .try_into()
        .ok()
        .and_then(|seed| SigningKey::from_seed(&seed));
    Ok(Signer {
        key: key.ok_or_else(no_seed)?,
        since: Timestamp::from_millis(row.signs_from),
    })
}

/// All keys that ever signed, the first one first.
pub async fn published(db: &impl Read) -> Result<PublishedKeys, Fault> {
    let rows = signing_key::Entity::find()
        .order_by_asc(C::SignsFrom)
        .all(db.conn())
        .await?;
    let keys = rows.into_iter().map(|row| {
        let public = public(&row)?;
        let until = row.signs_until.map(Timestamp::from_millis);
        Ok(PublishedKey {
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
            ..PublishedKey::new(public, Timestamp::from_millis(row.signs_from), until)
        })
    });
    Ok(PublishedKeys {
        keys: keys.collect::<Result<_, Fault>>()?,
    })
}

/// From now on a new key signs. The seed of the one before is destroyed.
pub async fn rotate(tx: &Tx, now: Timestamp) -> Result<(), Fault> {
    tx.changes(Change::Everything);
    let handover = now + HANDOVER;
    let signing = signing_key::Entity::find()
        .filter(C::SignsUntil.is_null())
        .lock_exclusive()
        .all(tx.conn())
        .await?;
    for row in signing {
        let ended = signing_key::ActiveModel {
            id: Unchanged(row.id),
            sealed_seed: Set(None),
            signs_until: Set(Some(handover.millis())),
            ..Default::default()
        };
        ended.update(tx.conn()).await?;
    }
    signing_key::Entity::insert(fresh(tx.vault(), new_id(), handover)?)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// From now on nothing is believed that the key of this name signs. If it is the one that signs,
/// a new one takes its place. `false` when there is no such key; one that was revoked before
/// stays revoked since then.
pub async fn revoke(tx: &Tx, id: &str, now: Timestamp) -> Result<bool, Fault> {
    let rows = signing_key::Entity::find()
        .lock_exclusive()
        .all(tx.conn())
        .await?;
    for row in rows {
        if public(&row)?.id() != id {
            continue;
        }
        if row.revoked_at.is_some() {
            return Ok(true);
        }
        tx.changes(Change::Everything);
        let signed = row.signs_until.is_none();
        let revoked = signing_key::ActiveModel {
            id: Unchanged(row.id),
            sealed_seed: Set(None),
            // A rotation's handover ends with it.
            signs_until: Set(Some(
                row.signs_until.unwrap_or(now.millis()).min(now.millis()),
            )),
            revoked_at: Set(Some(now.millis())),
            ..Default::default()
        };
        revoked.update(tx.conn()).await?;
        if signed {
            signing_key::Entity::insert(fresh(tx.vault(), new_id(), now)?)
                .exec_without_returning(tx.conn())
                .await?;
        }
        return Ok(true);
    }
    Ok(false)
}

fn public(row: &signing_key::Model) -> Result<PublicKey, Fault> {
    PublicKey::from_slice(&row.public).ok_or_else(|| Fault::broken("signing_key", "no public key"))
}

fn fresh(vault: &Vault, id: Uuid, now: Timestamp) -> Result<signing_key::ActiveModel, Fault> {
    let seed = vault::random()?;
    let key = SigningKey::from_seed(&seed).ok_or_else(|| Fault::broken("signing_key", "no key"))?;
    Ok(signing_key::ActiveModel {
        id: Set(id),
        public: Set(key.public().bytes().to_vec()),
        sealed_seed: Set(Some(vault.seal(Place::new(SIGNING_SEED, id), &seed)?)),
        signs_from: Set(now.millis()),
        signs_until: Set(None),
        revoked_at: Set(None),
    })
}
