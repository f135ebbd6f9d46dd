//! Sealing anew with the first master key, a page at a time, and counting what is sealed with
//! which key.
//!
//! A row changes only if its value is still the one that was read: whoever wrote a newer one
//! meanwhile has sealed it themselves. So this runs beside a service, may stop anywhere, and
//! begins again with what is left.

use sea_orm::sea_query::{Expr, Func, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, ExprTrait as _, QueryResult, Value};
use uuid::Uuid;

use super::sealed::{Column, Key};
use super::vault::{KeyId, Place};
use super::{Fault, Read, Tx};

/// What tells a row from the others of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// A UUID.
    Uuid(Uuid),
    /// A name.
    Name(String),
}

impl RowKey {
    fn value(&self) -> Value {
        match self {
            Self::Uuid(id) => (*id).into(),
            Self::Name(name) => name.clone().into(),
        }
    }

    /// Where this row's value of a column is bound to.
    #[must_use]
    pub fn place(&self, column: Column) -> Place {
        match self {
            Self::Uuid(id) => Place::new(column, *id),
            Self::Name(_) => Place::new(column, Uuid::nil()),
        }
    }
}

/// A value that another key than the first one sealed.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Its row.
    pub row: RowKey,
    /// As it stands there.
    pub sealed: Vec<u8>,
}

/// Values of a column that another key than the first one sealed: those of rows after `after`,
/// at most `limit`.
pub async fn stale(
    db: &impl Read,
    column: Column,
    after: Option<&RowKey>,
    limit: u64,
) -> Result<Vec<Stale>, Fault> {
    let key = column.key.column();
    let mut select = Query::select();
    select
        .columns([key, column.name])
        .from(column.table)
        .and_where(Expr::col(column.name).is_not_null())
        .and_where(sealed_with(column).ne(db.vault().first().to_vec()))
        .order_by(key, Order::Asc)
        .limit(limit);
    if let Some(after) = after {
        select.and_where(Expr::col(key).gt(after.value()));
    }
    let rows = db.conn().query_all(&select).await?;
    let read = |row: QueryResult| -> Result<Stale, Fault> {
        Ok(Stale {
            row: match column.key {
                Key::Uuid(name) => RowKey::Uuid(row.try_get("", name)?),
                Key::Name(name) => RowKey::Name(row.try_get("", name)?),
            },
            sealed: row.try_get("", column.name)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Puts `sealed` in the place of the value that was read; `false` when it is not there any more.
pub async fn replace(tx: &Tx, column: Column, old: &Stale, sealed: Vec<u8>) -> Result<bool, Fault> {
    let mut update = Query::update();
    update
        .table(column.table)
        .value(column.name, sealed)
        .and_where(Expr::col(column.key.column()).eq(old.row.value()))
        .and_where(Expr::col(column.name).eq(old.sealed.clone()));
    Ok(tx.conn().execute(&update).await?.rows_affected() == 1)
}

/// How many values of a column each key has sealed.
pub async fn census(db: &impl Read, column: Column) -> Result<Vec<(KeyId, u64)>, Fault> {
    let rows = db.conn().query_all(&counted(column)).await?;
    let read = |row: QueryResult| -> Result<(KeyId, u64), Fault> {
        let id: Vec<u8> = row.try_get_by_index(0)?;
        let count: i64 = row.try_get_by_index(1)?;
        Ok((
            KeyId::of(&id).ok_or_else(|| Fault::broken(column.table, "a value is cut short"))?,
            u64::try_from(count).unwrap_or_default(),
        ))
    };
    rows.into_iter().map(read).collect()
}

fn counted(column: Column) -> SelectStatement {
    Query::select()
        .expr(sealed_with(column))
        .expr(Func::count(Expr::col(column.name)))
        .from(column.table)
        .and_where(Expr::col(column.name).is_not_null())
        .add_group_by([sealed_with(column)])
        .to_owned()
}

/// The first four bytes of a sealed value: which key sealed it.
fn sealed_with(column: Column) -> Expr {
    Expr::cust(format!("substr({}, 1, 4)", column.name))
}
