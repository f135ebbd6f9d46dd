//! The pair of tokens of an Install, and who may renew it.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _, Set,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::entity::token_pair;
use super::sealed::{Column, TOKEN_ACCESS, TOKEN_REFRESH};
use super::vault::Place;
use super::{Fault, Read, Tx};
use crate::domain::grants::Tokens;
use crate::domain::ids::{GrantId, InstallId};
use crate::domain::time::Timestamp;

/// A pair as it is stored, with the number that tells one pair from the next.
#[derive(Clone, Debug)]
pub struct Held {
    /// The tokens.
    pub tokens: Tokens,
    /// Grows with each new pair: who used an older one knows that somebody renewed it.
    pub revision: i32,
}

/// The tokens of an Install, if a grant lives.
///
/// # Errors
/// [`Fault::Vault`] when they do not open.
pub async fn find(db: &impl Read, install: InstallId) -> Result<Option<Held>, Fault> {
    let Some(row) = token_pair::Entity::find_by_id(install.0)
        .one(db.conn())
        .await?
    else {
        return Ok(None);
    };
    let open = |column: Column, sealed: &[u8]| -> Result<SecretString, Fault> {
        let plain = db.vault().open(Place::new(column, install.0), sealed)?;
        Ok(String::from_utf8(plain)
            .map_err(|_| Fault::broken("token_pair", "no text"))?
            .into())
    };
    Ok(Some(Held {
        tokens: Tokens {
            access: open(TOKEN_ACCESS, &row.access)?,
            refresh: open(TOKEN_REFRESH, &row.refresh)?,
            access_expires_at: Timestamp::from_millis(row.access_expires_at),
        },
        revision: row.revision,
    }))
}

/// Whether a grant lives, without opening it.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn exist(db: &impl Read, install: InstallId) -> Result<bool, Fault> {
    Ok(token_pair::Entity::find_by_id(install.0)
        .one(db.conn())
        .await?
        .is_some())
}

/// Puts a pair in the place of whatever was there, and frees the lease.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn put(
    tx: &Tx,
    install: InstallId,
    grant: GrantId,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Fault> {
    let seal = |column: Column, value: &SecretString| {
        tx.vault().seal(
            Place::new(column, install.0),
            value.expose_secret().as_bytes(),
        )
    };
    let row = token_pair::ActiveModel {
        install_id: Set(install.0),
        access: Set(seal(TOKEN_ACCESS, &tokens.access)?),
        refresh: Set(seal(TOKEN_REFRESH, &tokens.refresh)?),
        access_expires_at: Set(tokens.access_expires_at.millis()),
        obtained_at: Set(now.millis()),
        grant_id: Set(grant.0),
        revision: Set(1),
        renewing_until: Set(None),
    };
    use token_pair::Column as C;
    token_pair::Entity::insert(row)
        .on_conflict(
            OnConflict::column(C::InstallId)
                .update_columns([
                    C::Access,
                    C::Refresh,
                    C::AccessExpiresAt,
                    C::ObtainedAt,
                    C::GrantId,
                    C::RenewingUntil,
                ])
                .value(
                    C::Revision,
                    Expr::col((token_pair::Entity, C::Revision)).add(1),
                )
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Saves a renewed pair, unless another pair took its place meanwhile.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn renewed(
    tx: &Tx,
    install: InstallId,
    old: i32,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Some(row) = token_pair::Entity::find_by_id(install.0)
        .lock_exclusive()
        .one(tx.conn())
        .await?
    else {
        return Ok(false);
    };
    if row.revision != old {
        return Ok(false);
    }
    put(tx, install, GrantId(row.grant_id), tokens, now).await?;
    Ok(true)
}

/// Takes the right to renew this very pair for `lease`; `false` when somebody else has it, or
/// the pair is not the one of `revision` any more.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn lease(
    tx: &Tx,
    install: InstallId,
    revision: i32,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<bool, Fault> {
    use token_pair::Column as C;
    let free = Condition::any()
        .add(C::RenewingUntil.is_null())
        .add(C::RenewingUntil.lte(now.millis()));
    let taken = token_pair::Entity::update_many()
        .col_expr(C::RenewingUntil, Expr::value((now + lease).millis()))
        .filter(C::InstallId.eq(install.0))
        .filter(C::Revision.eq(revision))
        .filter(free)
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Gives the right back without a new pair.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn release(tx: &Tx, install: InstallId, revision: i32) -> Result<(), Fault> {
    use token_pair::Column as C;
    token_pair::Entity::update_many()
        .col_expr(C::RenewingUntil, Expr::value(Option::<i64>::None))
        .filter(C::InstallId.eq(install.0))
        .filter(C::Revision.eq(revision))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Forgets the pair of an Install, whichever it is.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn forget(tx: &Tx, install: InstallId) -> Result<(), Fault> {
    token_pair::Entity::delete_by_id(install.0)
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Forgets this very pair: a newer one that came meanwhile stays.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn forget_revision(tx: &Tx, install: InstallId, revision: i32) -> Result<bool, Fault> {
    let gone = token_pair::Entity::delete_many()
        .filter(token_pair::Column::InstallId.eq(install.0))
        .filter(token_pair::Column::Revision.eq(revision))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Installs whose pair was obtained before `before`, at most `limit`.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn obtained_before(
    db: &impl Read,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<InstallId>, Fault> {
    Ok(token_pair::Entity::find()
        .filter(token_pair::Column::ObtainedAt.lt(before.millis()))
        .limit(limit)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| InstallId(row.install_id))
        .collect())
}
