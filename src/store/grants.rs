//! What amoCRM hands us: a code that becomes a pair of tokens that becomes an Install's.
//!
//! A code and the tokens are sealed, and the columns are emptied the moment they
//! are used or dead; the row stays as the trace of a hook that came.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set, Unchanged,
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::entity::grant_offer;
use super::sealed::{Column, GRANT_ACCESS, GRANT_CODE, GRANT_REFRESH};
use super::vault::Place;
use super::{Fault, Read, Tx, new_id};
use crate::domain::grants::{Announced, Grant, Stage, Tokens};
use crate::domain::hosts::AccountHost;
use crate::domain::ids::{GrantId, ProductId};
use crate::domain::time::Timestamp;

/// Keeps codes that were just announced, and returns the grants that are new with what announced
/// them: amoCRM's hook may come twice with the same code, and once is enough.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer; then none is kept.
pub async fn add<'a>(
    tx: &Tx,
    announced: &'a [Announced],
    now: Timestamp,
) -> Result<Vec<(GrantId, &'a Announced)>, Fault> {
    let ids: Vec<Uuid> = announced.iter().map(|_| new_id()).collect();
    let rows = ids
        .iter()
        .zip(announced)
        .map(|(&id, announced)| {
            let plain = announced.code.expose_secret().as_bytes();
            Ok(grant_offer::ActiveModel {
                id: Set(id),
                product_id: Set(announced.product.0),
                host: Set(announced.host.origin()),
                code_index: Set(tx.vault().blind("grant_offer.code", plain)?),
                state: Set("code".to_owned()),
                code: Set(Some(tx.vault().seal(Place::new(GRANT_CODE, id), plain)?)),
                announced_at: Set(now.millis()),
                ..Default::default()
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let once = OnConflict::columns([
        grant_offer::Column::ProductId,
        grant_offer::Column::CodeIndex,
    ])
    .do_nothing()
    .to_owned();
    let added: HashSet<Uuid> = grant_offer::Entity::insert_many(rows)
        .on_conflict(once)
        .exec_with_returning_keys(tx.conn())
        .await?
        .into_iter()
        .collect();
    let new = ids.into_iter().zip(announced);
    Ok(new
        .filter(|(id, _)| added.contains(id))
        .map(|(id, announced)| (GrantId(id), announced))
        .collect())
}

/// A grant by its id, if it was not swept away.
///
/// # Errors
/// [`Fault::Vault`] when what is sealed does not open.
pub async fn find(db: &impl Read, id: GrantId) -> Result<Option<Grant>, Fault> {
    grant_offer::Entity::find_by_id(id.0)
        .one(db.conn())
        .await?
        .map(|row| read(db, row))
        .transpose()
}

/// A grant by its code, if it was announced and not swept away.
pub async fn find_by_code(
    db: &impl Read,
    product: ProductId,
    code: &SecretString,
) -> Result<Option<GrantId>, Fault> {
    let index = db
        .vault()
        .blind("grant_offer.code", code.expose_secret().as_bytes())?;
    Ok(grant_offer::Entity::find()
        .select_only()
        .column(grant_offer::Column::Id)
        .filter(grant_offer::Column::ProductId.eq(product.0))
        .filter(grant_offer::Column::CodeIndex.eq(index))
        .into_tuple()
        .one(db.conn())
        .await?
        .map(GrantId))
}

/// Whether a grant from this host is on its way to an Install: a code that was announced after
/// `codes`, or tokens whose code was announced after `tokens`. Older codes are tried too, but
/// anybody can make some up.
pub async fn is_pending(
    db: &impl Read,
    product: ProductId,
    host: &AccountHost,
    codes: Timestamp,
    tokens: Timestamp,
) -> Result<bool, Fault> {
    use grant_offer::Column as C;
    let fresh = |state: &str, since: Timestamp| {
        Condition::all()
            .add(C::State.eq(state))
            .add(C::AnnouncedAt.gt(since.millis()))
    };
    let fresh = Condition::any()
        .add(fresh("code", codes))
        .add(fresh("tokens", tokens));
    let open = grant_offer::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::ProductId.eq(product.0))
        .filter(C::Host.eq(host.origin()))
        .filter(fresh)
        .limit(1)
        .into_tuple::<Uuid>()
        .one(db.conn())
        .await?;
    Ok(open.is_some())
}

/// Grants whose tokens we hold without knowing whose they are, at most `limit`.
pub async fn held(db: &impl Read, limit: u64) -> Result<Vec<GrantId>, Fault> {
    let held: Vec<Uuid> = grant_offer::Entity::find()
        .select_only()
        .column(grant_offer::Column::Id)
        .filter(grant_offer::Column::State.eq("tokens"))
        .limit(limit)
        .into_tuple()
        .all(db.conn())
        .await?;
    Ok(held.into_iter().map(GrantId).collect())
}

/// The code, or the pair that was held before, was exchanged: it is gone, the tokens are durable
/// before anybody uses them.
pub async fn hold_tokens(tx: &Tx, id: GrantId, tokens: &Tokens) -> Result<(), Fault> {
    let seal = |column: Column, value: &SecretString| {
        tx.vault()
            .seal(Place::new(column, id.0), value.expose_secret().as_bytes())
    };
    let row = grant_offer::ActiveModel {
        id: Unchanged(id.0),
        state: Set("tokens".to_owned()),
        code: Set(None),
        access: Set(Some(seal(GRANT_ACCESS, &tokens.access)?)),
        refresh: Set(Some(seal(GRANT_REFRESH, &tokens.refresh)?)),
        access_expires_at: Set(Some(tokens.access_expires_at.millis())),
        ..Default::default()
    };
    row.update(tx.conn()).await?;
    Ok(())
}

/// The account lives elsewhere now.
pub async fn moved(tx: &Tx, id: GrantId, host: &AccountHost) -> Result<(), Fault> {
    let row = grant_offer::ActiveModel {
        id: Unchanged(id.0),
        host: Set(host.origin()),
        ..Default::default()
    };
    row.update(tx.conn()).await?;
    Ok(())
}

/// The tokens belong to an Install now.
pub async fn landed(tx: &Tx, id: GrantId) -> Result<(), Fault> {
    end(tx, id, "landed", None).await
}

/// Nothing can come of it any more; `fault` says why and names no secret.
pub async fn died(tx: &Tx, id: GrantId, fault: &str) -> Result<(), Fault> {
    end(tx, id, "dead", Some(fault.to_owned())).await
}

/// How a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// At an Install.
    Landed,
    /// Nowhere.
    Dead,
}

impl Ended {
    fn text(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Dead => "dead",
        }
    }
}

/// Removes a page of grants that ended so and were announced before `before`: their trace has
/// served.
pub async fn sweep(tx: &Tx, ended: Ended, before: Timestamp, page: u64) -> Result<u64, Fault> {
    use grant_offer::Column as C;
    let gone = grant_offer::Entity::delete_many()
        .filter(C::Id.in_subquery(aged(&[ended.text()], before, page)))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

/// When the oldest of the `newest` dead grants was announced; `None` when there are fewer.
pub async fn oldest_of_newest_dead(
    db: &impl Read,
    newest: u64,
) -> Result<Option<Timestamp>, Fault> {
    use grant_offer::Column as C;
    let announced: Option<i64> = grant_offer::Entity::find()
        .select_only()
        .column(C::AnnouncedAt)
        .filter(C::State.eq("dead"))
        .order_by_desc(C::AnnouncedAt)
        .offset(newest.saturating_sub(1))
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(announced.map(Timestamp::from_millis))
}

/// Ends a page of grants in one of `stages` that were announced before `before`; `fault` says why.
pub async fn end_aged(
    tx: &Tx,
    stages: &[&str],
    before: Timestamp,
    fault: &str,
    page: u64,
) -> Result<u64, Fault> {
    use grant_offer::Column as C;
    let none = || Expr::value(Option::<Vec<u8>>::None);
    let ended = grant_offer::Entity::update_many()
        .col_expr(C::State, Expr::value("dead"))
        .col_expr(C::Code, none())
        .col_expr(C::Access, none())
        .col_expr(C::Refresh, none())
        .col_expr(C::Fault, Expr::value(fault))
        .filter(C::Id.in_subquery(aged(stages, before, page)))
        .exec(tx.conn())
        .await?;
    Ok(ended.rows_affected)
}

/// A code that was never exchanged, as the column `state` names it.
pub const CODES: &[&str] = &["code"];
/// Tokens whose account amoCRM has not told.
pub const TOKENS: &[&str] = &["tokens"];

fn aged(states: &[&str], before: Timestamp, page: u64) -> SelectStatement {
    use grant_offer::Column as C;
    Query::select()
        .column(C::Id)
        .from(grant_offer::Entity)
        .and_where(C::State.is_in(states.iter().copied()))
        .and_where(C::AnnouncedAt.lt(before.millis()))
        .limit(page)
        .to_owned()
}

async fn end(tx: &Tx, id: GrantId, state: &str, fault: Option<String>) -> Result<(), Fault> {
    let row = grant_offer::ActiveModel {
        id: Unchanged(id.0),
        state: Set(state.to_owned()),
        code: Set(None),
        access: Set(None),
        refresh: Set(None),
        access_expires_at: Set(None),
        fault: Set(fault),
        ..Default::default()
    };
    row.update(tx.conn()).await?;
    Ok(())
}

fn read(db: &impl Read, row: grant_offer::Model) -> Result<Grant, Fault> {
    let open = |column: Column, sealed: &Option<Vec<u8>>| -> Result<SecretString, Fault> {
        let sealed = sealed
            .as_ref()
            .ok_or_else(|| Fault::broken("grant_offer", "the secret is missing"))?;
        let plain = db.vault().open(Place::new(column, row.id), sealed)?;
        Ok(String::from_utf8(plain)
            .map_err(|_| Fault::broken("grant_offer", "no text"))?
            .into())
    };
    let stage = match row.state.as_str() {
        "code" => Stage::Code(open(GRANT_CODE, &row.code)?),
        "tokens" => Stage::Tokens(Tokens {
            access: open(GRANT_ACCESS, &row.access)?,
            refresh: open(GRANT_REFRESH, &row.refresh)?,
            access_expires_at: Timestamp::from_millis(row.access_expires_at.unwrap_or_default()),
        }),
        "landed" => Stage::Landed,
        "dead" => Stage::Dead,
        other => {
            return Err(Fault::broken(
                "grant_offer",
                format!("state {other:?} of {}", row.id),
            ));
        }
    };
    Ok(Grant {
        id: GrantId(row.id),
        product: ProductId(row.product_id),
        host: AccountHost::stored(&row.host).ok_or_else(|| Fault::broken("grant_offer", "host"))?,
        announced_at: Timestamp::from_millis(row.announced_at),
        stage,
    })
}
