//! States of the button flow: signed, bound to one Product, one browser and a time, good for
//! one use (RFC 6749, section 10.12).
//!
//! Nothing is stored when a state is given out, so that asking for one costs a stranger more than
//! us; what came back is remembered until it would have lapsed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::entity::used_state;
use super::{Fault, Read, Tx, vault};
use crate::domain::ids::ProductId;
use crate::domain::time::Timestamp;

/// How a state that came back is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// For the first time.
    Fresh,
    /// It is one of ours, and was used before.
    Used,
    /// Unknown, lapsed, another Product's or another browser's.
    Invalid,
}

const NONCE: usize = 16;
const TIME: usize = 8;
/// What [`vault::Vault::blind`] gives.
const TAG: usize = 16;

/// A fresh state for the browser that holds `browser`, good until `expires`.
///
/// # Errors
/// [`Fault::Vault`] when the machine has no randomness.
pub fn issue(
    db: &impl Read,
    product: ProductId,
    browser: &str,
    expires: Timestamp,
) -> Result<String, Fault> {
    let mut state = vault::random()?[..NONCE].to_vec();
    state.extend(expires.millis().to_be_bytes());
    let tag = tag(db, product, browser, &state)?;
    state.extend(tag);
    Ok(URL_SAFE_NO_PAD.encode(state))
}

/// Uses a state up. Another browser's state is not used up by trying.
pub async fn take(
    tx: &Tx,
    product: ProductId,
    state: &str,
    browser: &str,
    now: Timestamp,
) -> Result<Returned, Fault> {
    let Some(expires) = verified(tx, product, state, browser)?.filter(|expires| *expires > now)
    else {
        return Ok(Returned::Invalid);
    };
    let row = used_state::ActiveModel {
        state_hash: Set(tx.vault().blind("used_state.state", state.as_bytes())?),
        expires_at: Set(expires.millis()),
    };
    let first = used_state::Entity::insert(row)
        .on_conflict(
            OnConflict::column(used_state::Column::StateHash)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(if first == 1 {
        Returned::Fresh
    } else {
        Returned::Used
    })
}

/// Until when the state is good, if it is one of ours for this Product and browser.
fn verified(
    db: &impl Read,
    product: ProductId,
    state: &str,
    browser: &str,
) -> Result<Option<Timestamp>, Fault> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(state) else {
        return Ok(None);
    };
    if bytes.len() != NONCE + TIME + TAG {
        return Ok(None);
    }
    let (signed, given) = bytes.split_at(NONCE + TIME);
    let expected = tag(db, product, browser, signed)?;
    let genuine = aws_lc_rs::constant_time::verify_slices_are_equal(&expected, given).is_ok();
    let time: Option<[u8; TIME]> = signed[NONCE..].try_into().ok();
    Ok(time
        .filter(|_| genuine)
        .map(|time| Timestamp::from_millis(i64::from_be_bytes(time))))
}

fn tag(db: &impl Read, product: ProductId, browser: &str, signed: &[u8]) -> Result<Vec<u8>, Fault> {
    // The parts before the browser's have a fixed length, so that no two inputs are alike.
    let input = [product.0.as_bytes(), signed, browser.as_bytes()].concat();
    Ok(db.vault().blind("used_state.tag", &input)?)
}

/// Removes a page of states that lapsed before `now`.
pub async fn sweep(tx: &Tx, now: Timestamp, page: u64) -> Result<u64, Fault> {
    use used_state::Column as C;
    let lapsed = Query::select()
        .column(C::StateHash)
        .from(used_state::Entity)
        .and_where(C::ExpiresAt.lte(now.millis()))
        .limit(page)
        .to_owned();
    let gone = used_state::Entity::delete_many()
        .filter(C::StateHash.in_subquery(lapsed))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}
