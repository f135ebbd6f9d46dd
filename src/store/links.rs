//! Links in letters: unguessable, good for one use. Only their hashes are kept, so that a copy
//! of the database opens none.

use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::link::{self, Column as C};
use super::{Fault, Read, Tx};
use crate::domain::ids::{ContactId, LetterId};
use crate::domain::time::Timestamp;

/// A link that has not lapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose address it confirms.
    pub contact: ContactId,
    /// Whether it was used.
    pub used: bool,
}

/// Remembers the link of a letter that is about to go. A letter that is tried again has a new
/// one: the one before never arrived.
pub async fn add(
    tx: &Tx,
    letter: LetterId,
    contact: ContactId,
    token: &str,
    expires: Timestamp,
) -> Result<(), Fault> {
    let row = link::ActiveModel {
        letter_id: Set(letter.0),
        token_hash: Set(hash(tx, token)?),
        contact_id: Set(contact.0),
        expires_at: Set(expires.millis()),
        used_at: Set(None),
    };
    let anew = [C::TokenHash, C::ContactId, C::ExpiresAt, C::UsedAt];
    link::Entity::insert(row)
        .on_conflict(
            OnConflict::column(C::LetterId)
                .update_columns(anew)
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// A link by its token; `None` when it is unknown or has lapsed.
pub async fn find(db: &impl Read, token: &str, now: Timestamp) -> Result<Option<Link>, Fault> {
    let row = link::Entity::find()
        .filter(C::TokenHash.eq(hash(db, token)?))
        .filter(C::ExpiresAt.gt(now.millis()))
        .one(db.conn())
        .await?;
    Ok(row.map(|row| Link {
        contact: ContactId(row.contact_id),
        used: row.used_at.is_some(),
    }))
}

/// Uses a link up. `false` when it was used before, is unknown or has lapsed.
pub async fn use_up(tx: &Tx, token: &str, now: Timestamp) -> Result<bool, Fault> {
    let used = link::Entity::update_many()
        .col_expr(C::UsedAt, Expr::value(now.millis()))
        .filter(C::TokenHash.eq(hash(tx, token)?))
        .filter(C::UsedAt.is_null())
        .filter(C::ExpiresAt.gt(now.millis()))
        .exec(tx.conn())
        .await?;
    Ok(used.rows_affected == 1)
}

/// Removes a page of links that lapsed before `now`.
pub async fn sweep(tx: &Tx, now: Timestamp, page: u64) -> Result<u64, Fault> {
    let lapsed = Query::select()
        .column(C::LetterId)
        .from(link::Entity)
        .and_where(C::ExpiresAt.lte(now.millis()))
        .limit(page)
        .to_owned();
    let gone = link::Entity::delete_many()
        .filter(C::LetterId.in_subquery(lapsed))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

fn hash(db: &impl Read, token: &str) -> Result<Vec<u8>, Fault> {
    Ok(db.vault().blind("link.token", token.as_bytes())?)
}
