//! People as one Install knows them, and their contact details.
//!
//! A person is found again by a blind index of the amoCRM user id; every field
//! that says something about them is sealed under a key of their own.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use super::entity::{contact, subject};
use super::vault::{PersonKey, Place};
use super::{Fault, Read, Tx, new_id};
use crate::domain::contacts::{Contact, email_key};
use crate::domain::ids::{InstallId, SubjectId, UserId};
use crate::domain::time::Timestamp;

const KEY: &str = "subject.wrapped_key";
const SEALED: &str = "contact.sealed";

/// A person, with the key to what we hold about them.
pub struct Subject {
    /// Ours.
    pub id: SubjectId,
    /// Opens and seals their fields.
    pub key: PersonKey,
}

/// One revision of somebody's contact details.
pub struct Revision {
    /// 1 is the first.
    pub number: i32,
    /// The details.
    pub contact: Contact,
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
    let id = new_id();
    let (key, wrapped_key) = tx.vault().new_person(Place::new(KEY, id))?;
    let row = subject::ActiveModel {
        id: Set(id),
        install_id: Set(install.0),
        lookup: Set(lookup(tx, install, user)?),
        wrapped_key: Set(wrapped_key),
        created_at: Set(now.millis()),
    };
    subject::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(Subject {
        id: SubjectId(id),
        key,
    })
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
    rows.into_iter()
        .map(|row| {
            let plain = subject.key.open(Place::new(SEALED, row.id), &row.sealed)?;
            Ok(Revision {
                number: row.revision,
                contact: serde_json::from_slice(&plain)
                    .map_err(|_| Fault::broken("contact", "no contact"))?,
                recorded_at: Timestamp::from_millis(row.recorded_at),
            })
        })
        .collect()
}

/// Adds the next revision. Call it with the Install locked.
///
/// # Errors
/// [`Fault::Taken`] when another revision of that number came first.
pub async fn add_contact(
    tx: &Tx,
    subject: &Subject,
    revision: i32,
    contact: &Contact,
    now: Timestamp,
) -> Result<(), Fault> {
    let id = new_id();
    let plain = serde_json::to_vec(contact).map_err(|_| Fault::broken("contact", "no JSON"))?;
    let phone_index = contact
        .phone
        .as_ref()
        .map(|p| tx.vault().blind("contact.phone", p.as_bytes()))
        .transpose()?;
    let row = contact::ActiveModel {
        id: Set(id),
        subject_id: Set(subject.id.0),
        revision: Set(revision),
        sealed: Set(subject.key.seal(Place::new(SEALED, id), &plain)?),
        email_index: Set(tx
            .vault()
            .blind("contact.email", email_key(&contact.email).as_bytes())?),
        phone_index: Set(phone_index),
        recorded_at: Set(now.millis()),
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
        .person(Place::new(KEY, row.id), &row.wrapped_key)?;
    Ok(Subject {
        id: SubjectId(row.id),
        key,
    })
}
