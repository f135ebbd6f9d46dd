//! The keys that sign receipts and checkpoints. One signs; those before it stay,
//! because what they signed has to be verified for ever.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, Set, Unchanged,
};
use uuid::Uuid;

use super::entity::signing_key::{self, Column as C};
use super::vault::{self, Place, Vault};
use super::{Fault, Read, Tx, new_id};
use crate::domain::signing::{PublicKey, PublishedKey, PublishedKeys, SigningKey};
use crate::domain::time::Timestamp;

const SEED: &str = "signing_key.sealed_seed";

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

/// The key that signs now.
///
/// # Errors
/// [`Fault::Vault`] when its seed does not open.
pub async fn current(db: &impl Read) -> Result<SigningKey, Fault> {
    let row = signing_key::Entity::find()
        .filter(C::SignsUntil.is_null())
        .order_by_desc(C::SignsFrom)
        .one(db.conn())
        .await?
        .ok_or_else(|| Fault::broken("signing_key", "no key signs"))?;
    let seed = db
        .vault()
        .open(Place::new(SEED, row.id), &row.sealed_seed)?;
    seed.try_into()
        .ok()
        .and_then(|seed| SigningKey::from_seed(&seed))
        .ok_or_else(|| Fault::broken("signing_key", "no seed"))
}

/// All keys that ever signed, the first one first.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn published(db: &impl Read) -> Result<PublishedKeys, Fault> {
    let rows = signing_key::Entity::find()
        .order_by_asc(C::SignsFrom)
        .all(db.conn())
        .await?;
    let keys = rows.into_iter().map(|row| {
        let public = PublicKey::from_slice(&row.public)
            .ok_or_else(|| Fault::broken("signing_key", "no public key"))?;
        Ok(PublishedKey::new(
            public,
            Timestamp::from_millis(row.signs_from),
            row.signs_until.map(Timestamp::from_millis),
        ))
    });
    Ok(PublishedKeys {
        keys: keys.collect::<Result<_, Fault>>()?,
    })
}

/// From now on a new key signs.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn rotate(tx: &Tx, now: Timestamp) -> Result<(), Fault> {
    let signing = signing_key::Entity::find()
        .filter(C::SignsUntil.is_null())
        .all(tx.conn())
        .await?;
    for row in signing {
        let ended = signing_key::ActiveModel {
            id: Unchanged(row.id),
            signs_until: Set(Some(now.millis())),
            ..Default::default()
        };
        ended.update(tx.conn()).await?;
    }
    signing_key::Entity::insert(fresh(tx.vault(), new_id(), now)?)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

fn fresh(vault: &Vault, id: Uuid, now: Timestamp) -> Result<signing_key::ActiveModel, Fault> {
    let seed = vault::random()?;
    let key = SigningKey::from_seed(&seed).ok_or_else(|| Fault::broken("signing_key", "no key"))?;
    Ok(signing_key::ActiveModel {
        id: Set(id),
        public: Set(key.public().bytes().to_vec()),
        sealed_seed: Set(vault.seal(Place::new(SEED, id), &seed)?),
        signs_from: Set(now.millis()),
        signs_until: Set(None),
    })
}
