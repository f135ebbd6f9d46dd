//! The ledger, read by Install and by person. Entries are added at its end
//! (`ledger/end.rs`); the database itself refuses to change or remove one.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::consent;
use super::people::{self, Subject};
use super::sealed::ENTRY_PERSON;
use super::vault::{PersonKey, Place};
use super::{Fault, Read, new_id};
use crate::domain::consents::{Declares, Entry, Shown, deciding};
use crate::domain::ids::{ConsentId, InstallId, SubjectId, UserId};
use crate::domain::installs::Install;
use crate::domain::ledger::act_of;
use crate::domain::time::Timestamp;

/// A fresh id for an entry.
#[must_use]
pub fn new_consent_id() -> ConsentId {
    ConsentId(new_id())
}

/// The entries of an Install's present generation, oldest first. Only one person is opened: whose
/// entry decides where the account stands.
///
/// # Errors
/// [`Fault::Vault`] when that person does not open.
pub async fn of_generation(db: &impl Read, install: &Install) -> Result<Vec<Entry>, Fault> {
    let rows = consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.id.0))
        .filter(consent::Column::Generation.eq(install.generation))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?;
    let mut sealed: Vec<Vec<u8>> = rows.iter().map(|row| row.sealed_person.clone()).collect();
    let mut entries: Vec<Entry> = rows
        .into_iter()
        .map(|row| read(row, None))
        .collect::<Result<_, _>>()?;
    let decides = deciding(&entries, install.withdrawn).map(|entry| entry.id);
    if let Some(at) = entries.iter().position(|entry| Some(entry.id) == decides) {
        let entry = &mut entries[at];
        let subject = people::get(db, install.id, entry.subject).await?;
        entry.user = Some(open_user(
            &subject.key,
            entry.id.0,
            &sealed.swap_remove(at),
        )?);
    }
    Ok(entries)
}

/// Everything that ever happened at an Install, oldest first, without who did it.
///
/// # Errors
/// [`Fault::Broken`] when an entry cannot be read.
pub async fn of_install(db: &impl Read, install: InstallId) -> Result<Vec<Entry>, Fault> {
    consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| read(row, None))
        .collect()
}

/// Everything one person ever did here, oldest first.
///
/// # Errors
/// [`Fault::Vault`] when an entry does not open.
pub async fn of_person(
    db: &impl Read,
    install: InstallId,
    subject: &Subject,
) -> Result<Vec<Entry>, Fault> {
    consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .filter(consent::Column::SubjectId.eq(subject.id.0))
        .order_by_asc(consent::Column::Chain)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| {
            let user = open_user(&subject.key, row.id, &row.sealed_person)?;
            read(row, Some(user))
        })
        .collect()
}

/// One entry of a person's; `None` when it is not theirs.
///
/// # Errors
/// [`Fault::Vault`] when it does not open.
pub async fn find_of_person(
    db: &impl Read,
    subject: &Subject,
    id: ConsentId,
) -> Result<Option<Entry>, Fault> {
    let row = consent::Entity::find()
        .filter(consent::Column::Id.eq(id.0))
        .filter(consent::Column::SubjectId.eq(subject.id.0))
        .one(db.conn())
        .await?;
    row.map(|row| {
        let user = open_user(&subject.key, row.id, &row.sealed_person)?;
        read(row, Some(user))
    })
    .transpose()
}

pub(super) fn open_user(key: &PersonKey, id: uuid::Uuid, sealed: &[u8]) -> Result<UserId, Fault> {
    let plain = key.open(Place::new(ENTRY_PERSON, id), sealed)?;
    let number = std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.parse().ok());
    number
        .map(UserId)
        .ok_or_else(|| Fault::broken("consent", "no user id"))
}

pub(super) fn small(n: u32) -> Result<i32, Fault> {
    i32::try_from(n).map_err(|e| Fault::broken("consent", e))
}

pub(super) fn number(n: i32) -> Result<u32, Fault> {
    u32::try_from(n).map_err(|e| Fault::broken("consent", e))
}

pub(super) fn signed(n: u64) -> Result<i64, Fault> {
    i64::try_from(n).map_err(|e| Fault::broken("consent", e))
}

pub(super) fn read(row: consent::Model, user: Option<UserId>) -> Result<Entry, Fault> {
    Ok(Entry {
        id: ConsentId(row.id),
        install: InstallId(row.install_id),
        generation: number(row.generation)?,
        subject: SubjectId(row.subject_id),
        user,
        act: act_of(&row.act)
            .ok_or_else(|| Fault::broken("consent", format!("act of {}", row.id)))?,
        shown: Shown {
            number: number(row.policy_number)?,
            lang: row.lang,
            hash: row.shown_hash,
        },
        purposes: serde_json::from_value(row.purposes).map_err(|e| Fault::broken("consent", e))?,
        declares: Declares {
            read: row.declared_read,
            own_data: row.declared_own_data,
        },
        at: Timestamp::from_millis(row.occurred_at),
    })
}
