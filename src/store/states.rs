//! States of the button flow: unguessable, bound to one browser, good for one use.
//! Only their hashes are kept, so that a copy of the database opens no flow.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::oauth_state;
use super::{Fault, Read as _, Tx};
use crate::domain::ids::ProductId;
use crate::domain::time::Timestamp;

/// Remembers a state that was just handed to a browser.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add(
    tx: &Tx,
    product: ProductId,
    state: &str,
    browser: &str,
    expires: Timestamp,
) -> Result<(), Fault> {
    let row = oauth_state::ActiveModel {
        state_hash: Set(tx.vault().blind("oauth_state.state", state.as_bytes())?),
        product_id: Set(product.0),
        browser_hash: Set(tx
            .vault()
            .blind("oauth_state.browser", browser.as_bytes())?),
        expires_at: Set(expires.millis()),
    };
    oauth_state::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Uses a state up. `false` when it is unknown, used, lapsed, another Product's or another
/// browser's; another browser's state is not used up by trying.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn take(
    tx: &Tx,
    product: ProductId,
    state: &str,
    browser: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let taken = oauth_state::Entity::delete_many()
        .filter(
            oauth_state::Column::StateHash
                .eq(tx.vault().blind("oauth_state.state", state.as_bytes())?),
        )
        .filter(
            oauth_state::Column::BrowserHash.eq(tx
                .vault()
                .blind("oauth_state.browser", browser.as_bytes())?),
        )
        .filter(oauth_state::Column::ProductId.eq(product.0))
        .filter(oauth_state::Column::ExpiresAt.gt(now.millis()))
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Removes states that lapsed before `now`.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn sweep(tx: &Tx, now: Timestamp) -> Result<u64, Fault> {
    let gone = oauth_state::Entity::delete_many()
        .filter(oauth_state::Column::ExpiresAt.lte(now.millis()))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}
