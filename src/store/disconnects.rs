//! That disconnect hooks came: of an account the first one cannot be a replay.
//!
//! The account is found by a blind index, so that this is remembered through all
//! generations, and also of an account that was never seen.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::disconnect_hook::{self, Column as C};
use super::{Fault, Read, Tx};
use crate::domain::ids::{AccountId, ProductId};
use crate::domain::installs::Install;

/// Notes a hook of an account that was never seen: it has no effect, and a later one is not the
/// first.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn note_unknown(tx: &Tx, product: ProductId, account: AccountId) -> Result<(), Fault> {
    insert(tx, product, account, None, false).await
}

/// Notes a hook. It is to be believed of this generation when it is the first one ever, or when a
/// grant is `held` that can prove it. Call it with the Install locked.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn note(tx: &Tx, install: &Install, held: bool) -> Result<(), Fault> {
    let generation = Some(install.generation);
    insert(tx, install.product, install.account, generation, held).await
}

/// Whether a hook that is to be believed of this generation waits for the platform's word.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn is_believed(db: &impl Read, install: &Install) -> Result<bool, Fault> {
    let key = (install.product.0, index(db, install.account)?);
    let row = disconnect_hook::Entity::find_by_id(key)
        .filter(C::BelievedIn.eq(install.generation))
        .one(db.conn())
        .await?;
    Ok(row.is_some())
}

/// The platform has spoken of this generation: the next hook has to prove itself again.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn settle(tx: &Tx, install: &Install) -> Result<(), Fault> {
    disconnect_hook::Entity::update_many()
        .col_expr(C::BelievedIn, Expr::value(Option::<i32>::None))
        .filter(C::ProductId.eq(install.product.0))
        .filter(C::AccountIndex.eq(index(tx, install.account)?))
        .filter(C::BelievedIn.eq(install.generation))
        .exec(tx.conn())
        .await?;
    Ok(())
}

async fn insert(
    tx: &Tx,
    product: ProductId,
    account: AccountId,
    generation: Option<u32>,
    overwrite: bool,
) -> Result<(), Fault> {
    let believed_in = generation.map(i32::try_from).transpose();
    let row = disconnect_hook::ActiveModel {
        product_id: Set(product.0),
        account_index: Set(index(tx, account)?),
        believed_in: Set(believed_in.map_err(|e| Fault::broken("disconnect_hook", e))?),
    };
    let mut known = OnConflict::columns([C::ProductId, C::AccountIndex]);
    if overwrite {
        known.update_column(C::BelievedIn);
    } else {
        known.do_nothing();
    }
    disconnect_hook::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

fn index(db: &impl Read, account: AccountId) -> Result<Vec<u8>, Fault> {
    let account = account.0.to_string();
    Ok(db
        .vault()
        .blind("disconnect_hook.account", account.as_bytes())?)
}
