//! Where letters to a person go, and whether that address was confirmed; nothing is opened.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::domain::ids::{ContactId, SubjectId};
use crate::domain::time::Timestamp;
use crate::store::entity::contact;
use crate::store::{Fault, Read, Tx};

/// Where letters to a person go now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The revision it stands in.
    pub contact: ContactId,
    /// Its blind index: the same for everybody who gave this address.
    pub index: Vec<u8>,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

/// The address that a person gave last, without opening it.
pub async fn address(db: &impl Read, subject: SubjectId) -> Result<Option<Address>, Fault> {
    let row = contact::Entity::find()
        .filter(contact::Column::SubjectId.eq(subject.0))
        .order_by_desc(contact::Column::Revision)
        .one(db.conn())
        .await?;
    Ok(row.map(|row| Address {
        contact: ContactId(row.id),
        index: row.email_index,
        confirmed: row.confirmed_at.is_some(),
    }))
}

/// Confirms the address of a revision, in all revisions of its person that have it.
pub async fn confirm(tx: &Tx, contact: ContactId, now: Timestamp) -> Result<(), Fault> {
    let Some(row) = contact::Entity::find_by_id(contact.0)
        .one(tx.conn())
        .await?
    else {
        return Ok(());
    };
    contact::Entity::update_many()
        .col_expr(contact::Column::ConfirmedAt, Expr::value(now.millis()))
        .filter(contact::Column::SubjectId.eq(row.subject_id))
        .filter(contact::Column::EmailIndex.eq(row.email_index))
        .filter(contact::Column::ConfirmedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}
