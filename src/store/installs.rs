//! Installs: one row per Product and Account.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _, QuerySelect as _, Set, Statement, Unchanged,
};

use super::entity::install;
use super::{Change, Fault, Locked, Read, Tx, new_id};
use crate::domain::hosts::AccountHost;
use crate::domain::ids::{AccountId, InstallId, ProductId};
use crate::domain::installs::{Install, State};
use crate::domain::time::Timestamp;

/// The Install of an account, if it was ever seen.
pub async fn find(
    db: &impl Read,
    product: ProductId,
    account: AccountId,
) -> Result<Option<Install>, Fault> {
    of_account(product, account)
        .one(db.conn())
        .await?
        .map(read)
        .transpose()
}

/// The Install of an account, for changing: nobody else changes it until the transaction ends.
pub async fn lock_account(
    tx: &Tx,
    product: ProductId,
    account: AccountId,
) -> Result<Option<Install>, Fault> {
    of_account(product, account)
        .lock_exclusive()
        .one(tx.conn())
        .await?
        .map(read)
        .transpose()
}

/// An Install by its id.
///
/// # Errors
/// [`Fault::Broken`] when it does not exist.
pub async fn get(db: &impl Read, id: InstallId) -> Result<Install, Fault> {
    known(install::Entity::find_by_id(id.0).one(db.conn()).await?)
}

/// An Install by its id, for changing.
///
/// # Errors
/// [`Fault::Broken`] when it does not exist.
pub async fn lock(tx: &Tx, id: InstallId) -> Result<Install, Fault> {
    known(
        install::Entity::find_by_id(id.0)
            .lock_exclusive()
            .one(tx.conn())
            .await?,
    )
}

/// The Install of an account for changing, made if it was never seen.
pub async fn lock_or_add(
    tx: &Tx,
    product: ProductId,
    account: AccountId,
    host: &AccountHost,
    now: Timestamp,
) -> Result<Install, Fault> {
    let first = Install::first(InstallId(new_id()), product, account, host.clone());
    // Two may see a new account at once: the second waits here, then locks the first one's row.
    install::Entity::insert(new_row(&first, now))
        .on_conflict(once())
        .exec_without_returning(tx.conn())
        .await?;
    lock_account(tx, product, account)
        .await?
        .ok_or_else(|| Fault::broken("install", "vanished"))
}

/// Installs that are locked for changing.
#[derive(Default)]
pub struct Taken {
    /// By their accounts.
    pub installs: BTreeMap<(ProductId, AccountId), Install>,
    /// Those that were made just now.
    pub new: BTreeSet<InstallId>,
}

/// The Installs of several accounts for changing, each made if it was never seen; `locked` is what
/// is done about those that others change.
pub async fn lock_or_add_all(
    tx: &Tx,
    accounts: &BTreeMap<(ProductId, AccountId), &AccountHost>,
    locked: Locked,
    now: Timestamp,
) -> Result<Taken, Fault> {
    let all: Vec<_> = accounts.keys().copied().collect();
    let mut installs = lock_all(tx, &all, locked).await?;
    let unseen = all.into_iter().filter(|of| !installs.contains_key(of));
    let unseen: Vec<_> = unseen.collect();
    if unseen.is_empty() {
        return Ok(Taken {
            installs,
            new: BTreeSet::new(),
        });
    }
    let rows = unseen.iter().filter_map(|of| {
        let host = AccountHost::clone(accounts.get(of)?);
        let first = Install::first(InstallId(new_id()), of.0, of.1, host);
        Some(new_row(&first, now))
    });
    // Two may see a new account at once: the second waits here, then locks the first one's row.
    let added = install::Entity::insert_many(rows)
        .on_conflict(once())
        .exec_with_returning_keys(tx.conn())
        .await?;
    installs.extend(lock_all(tx, &unseen, locked).await?);
    Ok(Taken {
        installs,
        new: added.into_iter().map(InstallId).collect(),
    })
}

/// Takes back Installs that were made in this transaction and for which nothing was recorded.
pub async fn take_back(tx: &Tx, new: &BTreeSet<InstallId>) -> Result<(), Fault> {
    if new.is_empty() {
        return Ok(());
    }
    install::Entity::delete_many()
        .filter(install::Column::Id.is_in(new.iter().map(|install| install.0)))
        .exec(tx.conn())
        .await?;
    Ok(())
}

async fn lock_all(
    tx: &Tx,
    accounts: &[(ProductId, AccountId)],
    locked: Locked,
) -> Result<BTreeMap<(ProductId, AccountId), Install>, Fault> {
    let lock = tx.lock_clause(locked);
    let rows = tx.rows(accounts.len(), &["uuid", "bigint"]);
    let select = format!(
        "WITH wanted (product_id, account_id) AS (VALUES {rows})
         SELECT i.* FROM install i JOIN wanted w
             ON i.product_id = w.product_id AND i.account_id = w.account_id
         {lock}"
    );
    let values = accounts
        .iter()
        .flat_map(|of| [of.0.0.into(), of.1.0.into()]);
    let backend = tx.conn().get_database_backend();
    let select = Statement::from_sql_and_values(backend, select, values);
    let rows = install::Model::find_by_statement(select)
        .all(tx.conn())
        .await?;
    let installs = rows.into_iter().map(read);
    installs
        .map(|install| install.map(|install| ((install.product, install.account), install)))
        .collect()
}

/// Somebody consented at each of these, and it was pending.
pub async fn activate(tx: &Tx, installs: &[InstallId]) -> Result<(), Fault> {
    if installs.is_empty() {
        return Ok(());
    }
    install::Entity::update_many()
        .col_expr(
            install::Column::State,
            Expr::value(state_text(State::Active)),
        )
        .filter(install::Column::Id.is_in(installs.iter().map(|install| install.0)))
        .exec(tx.conn())
        .await?;
    installs
        .iter()
        .for_each(|install| tx.changes(Change::Install(*install)));
    Ok(())
}

/// Installs that are being taken out, at most `limit`.
pub async fn uninstalling(db: &impl Read, limit: u64) -> Result<Vec<Install>, Fault> {
    install::Entity::find()
        .filter(install::Column::State.eq(state_text(State::Uninstalling)))
        .limit(limit)
        .all(db.conn())
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// Saves what changed.
pub async fn save(tx: &Tx, install: &Install) -> Result<(), Fault> {
    let row = install::ActiveModel {
        id: Unchanged(install.id.0),
        host: Set(install.host.origin()),
        state: Set(state_text(install.state).to_owned()),
        generation: Set(i32::try_from(install.generation).map_err(|e| Fault::broken("install", e))?),
        ended_at: Set(install.ended_at.map(Timestamp::millis)),
        withdrawn: Set(install.withdrawn),
        by_hand: Set(install.by_hand),
        needs_administrator: Set(install.needs_administrator),
        ..Default::default()
    };
    let saved = install::Entity::update(row)
        .exec_without_returning(tx.conn())
        .await?;
    if saved.rows_affected != 1 {
        return Err(Fault::broken("install", "no such row"));
    }
    tx.changes(Change::Install(install.id));
    Ok(())
}

fn new_row(first: &Install, now: Timestamp) -> install::ActiveModel {
    install::ActiveModel {
        id: Set(first.id.0),
        product_id: Set(first.product.0),
        account_id: Set(first.account.0),
        host: Set(first.host.origin()),
        state: Set(state_text(first.state).to_owned()),
        generation: Set(1),
        ended_at: Set(None),
        withdrawn: Set(false),
        by_hand: Set(false),
        needs_administrator: Set(false),
        created_at: Set(now.millis()),
    }
}

fn once() -> OnConflict {
    OnConflict::columns([install::Column::ProductId, install::Column::AccountId])
        .do_nothing()
        .to_owned()
}

fn of_account(product: ProductId, account: AccountId) -> sea_orm::Select<install::Entity> {
    install::Entity::find()
        .filter(install::Column::ProductId.eq(product.0))
        .filter(install::Column::AccountId.eq(account.0))
}

fn known(row: Option<install::Model>) -> Result<Install, Fault> {
    read(row.ok_or_else(|| Fault::broken("install", "no such row"))?)
}

pub(super) fn read(row: install::Model) -> Result<Install, Fault> {
    Ok(Install {
        id: InstallId(row.id),
        product: ProductId(row.product_id),
        account: AccountId(row.account_id),
        host: AccountHost::stored(&row.host).ok_or_else(|| Fault::broken("install", "host"))?,
        state: state_of(&row.state)
            .ok_or_else(|| Fault::broken("install", format!("its state, of {}", row.id)))?,
        generation: u32::try_from(row.generation).map_err(|e| Fault::broken("install", e))?,
        ended_at: row.ended_at.map(Timestamp::from_millis),
        withdrawn: row.withdrawn,
        by_hand: row.by_hand,
        needs_administrator: row.needs_administrator,
    })
}

/// The state as the table has it.
#[must_use]
pub fn state_text(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Active => "active",
        State::Uninstalling => "uninstalling",
        State::Uninstalled => "uninstalled",
    }
}

/// The state of that name, if there is one.
#[must_use]
pub fn state_of(text: &str) -> Option<State> {
    let all = [
        State::Pending,
        State::Active,
        State::Uninstalling,
        State::Uninstalled,
    ];
    all.into_iter().find(|state| state_text(*state) == text)
}
