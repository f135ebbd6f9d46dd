//! Pairs of tokens: one of each person who granted access to an Install, and who may renew it.

use chrono::TimeDelta;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::entity::token_pair::{self, Column as C};
use super::sealed::{Column, TOKEN_ACCESS, TOKEN_REFRESH};
use super::vault::Place;
use super::{Change, Fault, Read, Tx, new_id};
use crate::domain::grants::{Giver, Tokens};
use crate::domain::ids::{GrantId, InstallId, PairId};
use crate::domain::time::Timestamp;

/// A pair as it is stored, with the number that tells one pair from the next.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which person's.
    pub id: PairId,
    /// Whether that person administered the account when they granted it.
    pub administrator: bool,
    /// The tokens.
    pub tokens: Tokens,
    /// Since when.
    pub obtained_at: Timestamp,
    /// Grows with each new pair: who used an older one knows that somebody renewed it.
    pub revision: i32,
}

/// All pairs of an Install: administrators' first, and of those the newest.
///
/// # Errors
/// [`Fault::Vault`] when one does not open.
pub async fn list(db: &impl Read, install: InstallId) -> Result<Vec<Held>, Fault> {
    token_pair::Entity::find()
        .filter(C::InstallId.eq(install.0))
        .order_by_desc(C::Administrator)
        .order_by_desc(C::ObtainedAt)
        .order_by_desc(C::Id)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| read(db, row))
        .collect()
}

/// One person's pair, if it lives.
///
/// # Errors
/// [`Fault::Vault`] when it does not open.
pub async fn find(db: &impl Read, id: PairId) -> Result<Option<Held>, Fault> {
    token_pair::Entity::find_by_id(id.0)
        .one(db.conn())
        .await?
        .map(|row| read(db, row))
        .transpose()
}

/// Whether a grant lives, without opening it.
pub async fn exist(db: &impl Read, install: InstallId) -> Result<bool, Fault> {
    let pairs = token_pair::Entity::find().filter(C::InstallId.eq(install.0));
    Ok(pairs.count(db.conn()).await? > 0)
}

/// Whether an administrator's grant lives.
pub async fn of_administrator(db: &impl Read, install: InstallId) -> Result<bool, Fault> {
    let pairs = token_pair::Entity::find()
        .filter(C::InstallId.eq(install.0))
        .filter(C::Administrator.eq(true));
    Ok(pairs.count(db.conn()).await? > 0)
}

/// The Install at which a grant landed, while its pair lives.
pub async fn landed_at(db: &impl Read, grant: GrantId) -> Result<Option<InstallId>, Fault> {
    let row = token_pair::Entity::find()
        .filter(C::GrantId.eq(grant.0))
        .one(db.conn())
        .await?;
    Ok(row.map(|row| InstallId(row.install_id)))
}

/// Puts a person's pair in the place of their own that was there, and frees its lease. Others'
/// stay. Call it with the Install locked.
pub async fn put(
    tx: &Tx,
    install: InstallId,
    giver: Giver,
    grant: GrantId,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Fault> {
    let user = giver.user.map_or(0, |user| user.0);
    let name = format!("{install}/{user}");
    let name = tx.vault().blind("token_pair.giver", name.as_bytes())?;
    let before = token_pair::Entity::find()
        .filter(C::InstallId.eq(install.0))
        .filter(C::Giver.eq(name.clone()))
        .lock_exclusive()
        .one(tx.conn())
        .await?;
    let fresh = before.is_none();
    let mut row = match before {
        Some(row) => row.into_active_model(),
        None => token_pair::ActiveModel {
            id: Set(new_id()),
            install_id: Set(install.0),
            giver: Set(name),
            revision: Set(0),
            ..Default::default()
        },
    };
    row.administrator = Set(giver.administrator);
    row.grant_id = Set(grant.0);
    fill(tx, &mut row, tokens, now)?;
    if fresh {
        let insert = token_pair::Entity::insert(row);
        insert.exec_without_returning(tx.conn()).await?;
    } else {
        token_pair::Entity::update(row).exec(tx.conn()).await?;
    }
    tx.changes(Change::Install(install));
    Ok(())
}

/// Saves a renewed pair, unless another pair took its place meanwhile.
pub async fn renewed(
    tx: &Tx,
    id: PairId,
    old: i32,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<bool, Fault> {
    let row = token_pair::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx.conn())
        .await?
        .filter(|row| row.revision == old);
    let Some(row) = row else {
        return Ok(false);
    };
    let mut row = row.into_active_model();
    fill(tx, &mut row, tokens, now)?;
    token_pair::Entity::update(row).exec(tx.conn()).await?;
    Ok(true)
}

/// The tokens into a row, as its next revision, free for whoever renews it.
fn fill(
    tx: &Tx,
    row: &mut token_pair::ActiveModel,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Fault> {
    let id = *row.id.as_ref();
    let seal = |column: Column, value: &SecretString| {
        tx.vault()
            .seal(Place::new(column, id), value.expose_secret().as_bytes())
    };
    row.access = Set(seal(TOKEN_ACCESS, &tokens.access)?);
    row.refresh = Set(seal(TOKEN_REFRESH, &tokens.refresh)?);
    row.access_expires_at = Set(tokens.access_expires_at.millis());
    row.obtained_at = Set(now.millis());
    row.revision = Set(row.revision.as_ref() + 1);
    row.renewing_until = Set(None);
    Ok(())
}

/// Takes the right to renew this very pair for `lease`; `false` when somebody else has it, or
/// the pair is not the one of `revision` any more.
pub async fn lease(
    tx: &Tx,
    id: PairId,
    revision: i32,
    lease: TimeDelta,
    now: Timestamp,
) -> Result<bool, Fault> {
    let free = Condition::any()
        .add(C::RenewingUntil.is_null())
        .add(C::RenewingUntil.lte(now.millis()));
    let taken = token_pair::Entity::update_many()
        .col_expr(C::RenewingUntil, Expr::value((now + lease).millis()))
        .filter(C::Id.eq(id.0))
        .filter(C::Revision.eq(revision))
        .filter(free)
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Gives the right back without a new pair.
pub async fn release(tx: &Tx, id: PairId, revision: i32) -> Result<(), Fault> {
    token_pair::Entity::update_many()
        .col_expr(C::RenewingUntil, Expr::value(Option::<i64>::None))
        .filter(C::Id.eq(id.0))
        .filter(C::Revision.eq(revision))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Forgets all pairs of an Install.
pub async fn forget(tx: &Tx, install: InstallId) -> Result<(), Fault> {
    token_pair::Entity::delete_many()
        .filter(C::InstallId.eq(install.0))
        .exec(tx.conn())
        .await?;
    tx.changes(Change::Install(install));
    Ok(())
}

/// Forgets this very pair: a newer one that came meanwhile stays.
pub async fn forget_revision(
    tx: &Tx,
    install: InstallId,
    id: PairId,
    revision: i32,
) -> Result<bool, Fault> {
    let gone = token_pair::Entity::delete_many()
        .filter(C::Id.eq(id.0))
        .filter(C::Revision.eq(revision))
        .exec(tx.conn())
        .await?;
    tx.changes(Change::Install(install));
    Ok(gone.rows_affected == 1)
}

/// Installs with a pair that was obtained before `before`, at most `limit`.
pub async fn obtained_before(
    db: &impl Read,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<InstallId>, Fault> {
    Ok(token_pair::Entity::find()
        .select_only()
        .column(C::InstallId)
        .distinct()
        .filter(C::ObtainedAt.lt(before.millis()))
        .limit(limit)
        .into_tuple()
        .all(db.conn())
        .await?
        .into_iter()
        .map(InstallId)
        .collect())
}

fn read(db: &impl Read, row: token_pair::Model) -> Result<Held, Fault> {
    let open = |column: Column, sealed: &[u8]| -> Result<SecretString, Fault> {
        let plain = db.vault().open(Place::new(column, row.id), sealed)?;
        Ok(String::from_utf8(plain)
            .map_err(|_| Fault::broken("token_pair", "no text"))?
            .into())
    };
    Ok(Held {
        id: PairId(row.id),
        administrator: row.administrator,
        tokens: Tokens {
            access: open(TOKEN_ACCESS, &row.access)?,
            refresh: open(TOKEN_REFRESH, &row.refresh)?,
            access_expires_at: Timestamp::from_millis(row.access_expires_at),
        },
        obtained_at: Timestamp::from_millis(row.obtained_at),
        revision: row.revision,
    })
}
