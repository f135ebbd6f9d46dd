//! That disconnect hooks came: of an account the first one cannot be a replay.
//!
//! The account is found by a blind index, so that this is remembered through all
//! generations, and also of an account that was never seen.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, Statement, Value,
};
use uuid::Uuid;

use super::entity::disconnect_hook::{self, Column as C};
use super::{Fault, Locked, Read, Tx};
use crate::domain::ids::{AccountId, InstallId, ProductId};
use crate::domain::installs::Install;

/// What a hook says: the Product was switched off in the account.
pub type Hook = (ProductId, AccountId);

/// Notes hooks, each of another account. Returns those that were noted, with the Install and its
/// generation where the account was ever seen.
///
/// Of an account that was never seen it is noted that one came: a later one is not the first. Of
/// another, the hook is to be believed of the present generation when it is the first one ever, or
/// when a grant is held that can prove it.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer; then none is noted.
pub async fn note(
    tx: &Tx,
    hooks: &[Hook],
    locked: Locked,
) -> Result<BTreeMap<Hook, Option<(InstallId, u32)>>, Fault> {
    let backend = tx.conn().get_database_backend();
    let mut values: Vec<Value> = Vec::new();
    let mut by_index = BTreeMap::new();
    for hook in hooks {
        let index = index(tx, hook.1)?;
        values.extend([hook.0.0.into(), hook.1.0.into(), index.clone().into()]);
        by_index.insert((hook.0.0, index), *hook);
    }
    let note = Statement::from_sql_and_values(backend, note_of(tx, hooks.len(), locked), values);
    let mut noted = BTreeMap::new();
    for row in tx.conn().query_all_raw(note).await? {
        let key: (Uuid, Vec<u8>) = (
            row.try_get("", "product_id")?,
            row.try_get("", "account_index")?,
        );
        let install: Option<Uuid> = row.try_get("", "install_id")?;
        let generation: Option<i32> = row.try_get("", "generation")?;
        let generation = generation.map(u32::try_from).transpose();
        let generation = generation.map_err(|e| Fault::broken("disconnect_hook", e))?;
        if let Some(hook) = by_index.get(&key) {
            noted.insert(*hook, install.map(InstallId).zip(generation));
        }
    }
    Ok(noted)
}

/// Written out: all in one statement, with the Installs locked where rows can be locked.
fn note_of(tx: &Tx, hooks: usize, locked: Locked) -> String {
    let lock = tx.lock_clause(locked);
    let rows = tx.rows(hooks, &["uuid", "bigint", "bytea"]);
    format!(
        "WITH hook (product_id, account_id, account_index) AS (VALUES {rows}),
              known AS (
                  SELECT i.id, i.product_id, i.account_id, i.generation
                  FROM install i JOIN hook h
                      ON i.product_id = h.product_id AND i.account_id = h.account_id
                  {lock})
         INSERT INTO disconnect_hook (product_id, account_index, install_id, generation, believed)
         SELECT h.product_id, h.account_index, k.id, k.generation, k.id IS NOT NULL
         FROM hook h
         LEFT JOIN known k ON k.product_id = h.product_id AND k.account_id = h.account_id
         WHERE k.id IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM install i
                            WHERE i.product_id = h.product_id AND i.account_id = h.account_id)
         ON CONFLICT (product_id, account_index) DO UPDATE
         SET install_id = excluded.install_id, generation = excluded.generation,
             believed = excluded.install_id IS NOT NULL AND (
                 EXISTS (SELECT 1 FROM token_pair t WHERE t.install_id = excluded.install_id)
                 OR (disconnect_hook.believed
                     AND disconnect_hook.generation = excluded.generation))
         RETURNING product_id, account_index, install_id, generation"
    )
}

/// Whether a hook that is to be believed of this generation waits for the platform's word.
pub async fn is_believed(db: &impl Read, install: &Install) -> Result<bool, Fault> {
    let key = (install.product.0, index(db, install.account)?);
    let row = disconnect_hook::Entity::find_by_id(key)
        .filter(C::Generation.eq(install.generation))
        .filter(C::Believed.eq(true))
        .one(db.conn())
        .await?;
    Ok(row.is_some())
}

/// The platform has spoken of this generation: the next hook has to prove itself again.
pub async fn settle(tx: &Tx, install: &Install) -> Result<(), Fault> {
    disconnect_hook::Entity::update_many()
        .col_expr(C::Believed, Expr::value(false))
        .filter(C::ProductId.eq(install.product.0))
        .filter(C::AccountIndex.eq(index(tx, install.account)?))
        .filter(C::Generation.eq(install.generation))
        .exec(tx.conn())
        .await?;
    Ok(())
}

fn index(db: &impl Read, account: AccountId) -> Result<Vec<u8>, Fault> {
    let account = account.0.to_string();
    Ok(db
        .vault()
        .blind("disconnect_hook.account", account.as_bytes())?)
}
