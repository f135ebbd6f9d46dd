//! The ledger. There is an `add` and there are reads; the database itself
//! refuses to change or remove an entry.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use super::entity::consent;
use super::people::{self, Subject};
use super::vault::Place;
use super::{Fault, Read, Tx, new_id};
use crate::domain::consents::{Act, Declares, Entry, Shown};
use crate::domain::ids::{ConsentId, InstallId, SubjectId, UserId};
use crate::domain::time::Timestamp;

const USER: &str = "consent.sealed_user";

/// A fresh id for an entry.
#[must_use]
pub fn new_consent_id() -> ConsentId {
    ConsentId(new_id())
}

/// Adds an entry of `subject`, whose amoCRM user id is sealed under their key.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add(tx: &Tx, subject: &Subject, user: UserId, entry: &Entry) -> Result<(), Fault> {
    let sealed_user = subject
        .key
        .seal(Place::new(USER, entry.id.0), user.0.to_string().as_bytes())?;
    let row = consent::ActiveModel {
        id: Set(entry.id.0),
        install_id: Set(entry.install.0),
        generation: Set(i32::try_from(entry.generation).map_err(|e| Fault::broken("consent", e))?),
        subject_id: Set(subject.id.0),
        act: Set(act_text(entry.act).to_owned()),
        policy_number: Set(
            i32::try_from(entry.shown.number).map_err(|e| Fault::broken("consent", e))?
        ),
        lang: Set(entry.shown.lang.clone()),
        shown_hash: Set(entry.shown.hash.clone()),
        purposes: Set(entry.purposes.iter().map(String::as_str).collect()),
        declared_read: Set(entry.declares.read),
        declared_own_data: Set(entry.declares.own_data),
        sealed_user: Set(sealed_user),
        occurred_at: Set(entry.at.millis()),
        ..Default::default()
    };
    consent::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// The entries of one generation, oldest first. Only the last one's person is opened, because
/// only that one decides where the account stands.
///
/// # Errors
/// [`Fault::Vault`] when the last entry's person does not open.
pub async fn of_generation(
    db: &impl Read,
    install: InstallId,
    generation: u32,
) -> Result<Vec<Entry>, Fault> {
    let rows = consent::Entity::find()
        .filter(consent::Column::InstallId.eq(install.0))
        .filter(consent::Column::Generation.eq(generation))
        .order_by_asc(consent::Column::Seq)
        .all(db.conn())
        .await?;
    let sealed = rows.last().map(|row| (row.id, row.sealed_user.clone()));
    let mut entries: Vec<Entry> = rows
        .into_iter()
        .map(|row| read(row, None))
        .collect::<Result<_, _>>()?;
    if let (Some(last), Some((id, sealed))) = (entries.last_mut(), sealed) {
        let subject = people::get(db, install, last.subject).await?;
        last.user = Some(open_user(&subject, id, &sealed)?);
    }
    Ok(entries)
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
        .order_by_asc(consent::Column::Seq)
        .all(db.conn())
        .await?
        .into_iter()
        .map(|row| {
            let user = open_user(subject, row.id, &row.sealed_user)?;
            read(row, Some(user))
        })
        .collect()
}

fn open_user(subject: &Subject, id: uuid::Uuid, sealed: &[u8]) -> Result<UserId, Fault> {
    let plain = subject.key.open(Place::new(USER, id), sealed)?;
    let number = std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.parse().ok());
    number
        .map(UserId)
        .ok_or_else(|| Fault::broken("consent", "no user id"))
}

fn act_text(act: Act) -> &'static str {
    match act {
        Act::Given => "given",
        Act::Withdrawn => "withdrawn",
    }
}

fn read(row: consent::Model, user: Option<UserId>) -> Result<Entry, Fault> {
    let number = |n: i32| u32::try_from(n).map_err(|e| Fault::broken("consent", e));
    Ok(Entry {
        id: ConsentId(row.id),
        install: InstallId(row.install_id),
        generation: number(row.generation)?,
        subject: SubjectId(row.subject_id),
        user,
        act: match row.act.as_str() {
            "given" => Act::Given,
            "withdrawn" => Act::Withdrawn,
            other => {
                return Err(Fault::broken(
                    "consent",
                    format!("act {other:?} of {}", row.id),
                ));
            }
        },
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
