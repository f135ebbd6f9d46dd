//! One-time tokens that were used for writing, until they lapse.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::burned_token;
use super::{Fault, Read as _, Tx};
use crate::domain::ids::ProductId;
use crate::domain::time::Timestamp;

/// Burns a token's id in the transaction of the write: a refused write burns nothing.
///
/// # Errors
/// [`Fault::Taken`] when it was burned before.
pub async fn burn(tx: &Tx, product: ProductId, jti: &str, expires: Timestamp) -> Result<(), Fault> {
    let row = burned_token::ActiveModel {
        product_id: Set(product.0),
        jti_hash: Set(tx.vault().blind("burned_token.jti", jti.as_bytes())?),
        expires_at: Set(expires.millis()),
    };
    burned_token::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Burns the ids of several tokens. Returns those that were not burned before; of the same id
/// twice, one.
pub async fn burn_all(
    tx: &Tx,
    tokens: &[(ProductId, &str, Timestamp)],
) -> Result<HashSet<(ProductId, String)>, Fault> {
    let (mut rows, mut by_hash) = (Vec::new(), HashMap::new());
    for &(product, jti, expires) in tokens {
        let hash = tx.vault().blind("burned_token.jti", jti.as_bytes())?;
        by_hash.insert((product.0, hash.clone()), (product, jti.to_owned()));
        rows.push(burned_token::ActiveModel {
            product_id: Set(product.0),
            jti_hash: Set(hash),
            expires_at: Set(expires.millis()),
        });
    }
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let burned = burned_token::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_with_returning_keys(tx.conn())
        .await?;
    let burned = burned.iter().filter_map(|key| by_hash.remove(key));
    Ok(burned.collect())
}

/// Forgets a page of ids of tokens that lapsed before `before` and would be refused anyway.
pub async fn sweep(tx: &Tx, before: Timestamp, page: u64) -> Result<u64, Fault> {
    use burned_token::Column as C;
    let lapsed = Query::select()
        .column(C::JtiHash)
        .from(burned_token::Entity)
        .and_where(C::ExpiresAt.lt(before.millis()))
        .limit(page)
        .to_owned();
    // Another Product's token may have the same id and live on.
    let gone = burned_token::Entity::delete_many()
        .filter(C::ExpiresAt.lt(before.millis()))
        .filter(C::JtiHash.in_subquery(lapsed))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}
