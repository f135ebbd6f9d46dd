//! People as one Install knows them, and their contact details.
//!
//! A person is found again by a blind index of the amoCRM user id; every field
//! that says something about them is sealed under a key of their own.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use super::entity::{contact, subject};
use super::sealed::{CONTACT, PERSON_KEY};
use super::vault::{PersonKey, Place};
use super::{Fault, Read, Tx};
use crate::domain::contacts::{Contact, email_key};
use crate::domain::ids::{ContactId, InstallId, SubjectId, UserId};
use crate::domain::time::Timestamp;

mod addresses;
mod many;
pub use addresses::{Address, address, confirm};
pub use many::{Said, add_all, find_all, keep_contacts, said};

/// A person, with the key to what we hold about them.
pub struct Subject {
    /// Ours.
    pub id: SubjectId,
    /// Opens and seals their fields.
    pub key: PersonKey,
}

/// One revision of somebody's contact details.
pub struct Revision {
    /// Ours.
    pub id: ContactId,
    /// 1 is the first.
    pub number: i32,
    /// The details.
    pub contact: Contact,
    /// When the address was confirmed by who reads its mail.
    pub confirmed_at: Option<Timestamp>,
    /// Since when.
    pub recorded_at: Timestamp,
}

/// The person behind a user of an account, if they ever consented here.
///
/// # Errors
/// [`Fault::Vault`] when their key does not open.
pub async fn find(
    db: &impl Read,
    install: InstallId,
    user: UserId,
) -> Result<Option<Subject>, Fault> {
    let row = subject::Entity::find()
        .filter(subject::Column::InstallId.eq(install.0))
        .filter(subject::Column::Lookup.eq(lookup(db, install, user)?))
        .one(db.conn())
        .await?;
    row.map(|row| open(db, &row)).transpose()
}

/// A person by our id.
///
/// # Errors
/// [`Fault::Broken`] when there is none, [`Fault::Vault`] when their key does not open.
pub async fn get(db: &impl Read, install: InstallId, id: SubjectId) -> Result<Subject, Fault> {
    let row = subject::Entity::find_by_id(id.0)
        .filter(subject::Column::InstallId.eq(install.0))
        .one(db.conn())
        .await?
        .ok_or_else(|| Fault::broken("subject", "no such row"))?;
    open(db, &row)
}

/// Adds a person with a key of their own. Call it with the Install locked.
///
/// # Errors
/// [`Fault::Taken`] when they exist.
pub async fn add(
    tx: &Tx,
    install: InstallId,
    user: UserId,
    now: Timestamp,
) -> Result<Subject, Fault> {
    let added = add_all(tx, &[(install, user)], now).await?;
    let subject = added.into_iter().next();
    subject.ok_or_else(|| Fault::broken("subject", "none was added"))
}

/// Everything we ever had as somebody's contact details, oldest first; the last one counts.
///
/// # Errors
/// [`Fault::Vault`] when a revision does not open.
pub async fn contacts(db: &impl Read, subject: &Subject) -> Result<Vec<Revision>, Fault> {
    let rows = contact::Entity::find()
        .filter(contact::Column::SubjectId.eq(subject.id.0))
        .order_by_asc(contact::Column::Revision)
        .all(db.conn())
        .await?;
    rows.into_iter().map(|row| revision(subject, row)).collect()
}

/// One revision of somebody's contact details; without an id the last one, which counts.
///
/// # Errors
/// [`Fault::Vault`] when it does not open.
pub async fn contact(
    db: &impl Read,
    subject: &Subject,
    id: Option<ContactId>,
) -> Result<Option<Revision>, Fault> {
    let mut query = contact::Entity::find().filter(contact::Column::SubjectId.eq(subject.id.0));
    if let Some(id) = id {
        query = query.filter(contact::Column::Id.eq(id.0));
    }
    let row = query
        .order_by_desc(contact::Column::Revision)
        .one(db.conn())
        .await?;
    row.map(|row| revision(subject, row)).transpose()
}

fn revision(subject: &Subject, row: contact::Model) -> Result<Revision, Fault> {
    let plain = subject.key.open(Place::new(CONTACT, row.id), &row.sealed)?;
    Ok(Revision {
        id: ContactId(row.id),
        number: row.revision,
        contact: serde_json::from_slice(&plain)
            .map_err(|_| Fault::broken("contact", "no contact"))?,
        confirmed_at: row.confirmed_at.map(Timestamp::from_millis),
        recorded_at: Timestamp::from_millis(row.recorded_at),
    })
}

/// How a revision of contact details came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// With a consent.
    WithConsent,
    /// The person corrected it.
    AsCorrection,
}

/// Adds the next revision. An address that this person confirmed before is confirmed in it too.
/// Call it with the Install locked.
///
/// # Errors
/// [`Fault::Taken`] when another revision of that number came first.
pub async fn add_contact(
    tx: &Tx,
    subject: &Subject,
    revision: i32,
    contact: &Contact,
    came: Came,
    now: Timestamp,
) -> Result<(), Fault> {
    let email_index = tx
        .vault()
        .blind("contact.email", email_key(&contact.email).as_bytes())?;
    let confirmed = contact::Entity::find()
        .filter(contact::Column::SubjectId.eq(subject.id.0))
        .filter(contact::Column::EmailIndex.eq(email_index.clone()))
        .filter(contact::Column::ConfirmedAt.is_not_null())
        .one(tx.conn())
        .await?;
    let (_, row) = many::row(tx, subject, revision, contact, came, &email_index, now)?;
    let row = contact::ActiveModel {
        confirmed_at: Set(confirmed.and_then(|row| row.confirmed_at)),
        ..row
    };
    contact::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

fn lookup(db: &impl Read, install: InstallId, user: UserId) -> Result<Vec<u8>, Fault> {
    Ok(db
        .vault()
        .blind("subject.lookup", format!("{install}/{}", user.0).as_bytes())?)
}

fn open(db: &impl Read, row: &subject::Model) -> Result<Subject, Fault> {
    let key = db
        .vault()
        .person(Place::new(PERSON_KEY, row.id), &row.wrapped_key)?;
    Ok(Subject {
        id: SubjectId(row.id),
        key,
    })
}
