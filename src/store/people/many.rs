//! Several people at once, each of another Install: what a batch of consents reads and adds.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use super::{Came, Revision, Subject, lookup, open, revision};
use crate::domain::consents::{Act, MOST_A_DAY};
use crate::domain::contacts::{Contact, email_key};
use crate::domain::ids::{ContactId, InstallId, SubjectId, UserId};
use crate::domain::ledger::act_text;
use crate::domain::time::Timestamp;
use crate::store::entity::{consent, consent_state, contact, subject};
use crate::store::people::Address;
use crate::store::sealed::{CONTACT, PERSON_KEY};
use crate::store::vault::Place;
use crate::store::{Fault, Read, Tx, new_id};

/// What somebody said so far.
#[derive(Default)]
pub struct Said {
    /// The generation in which they took their consent back, and when, if they have not given
    /// another since.
    pub taken_back: Option<(u32, Timestamp)>,
    /// How often they consented or corrected their details lately.
    lately: u64,
    /// Their contact details.
    pub contact: Option<Revision>,
    /// Blind indexes of the addresses they confirmed, with the time.
    confirmed: Vec<(Vec<u8>, Timestamp)>,
}

impl Said {
    /// Whether they consented and corrected themselves as often as they may within a day, if that
    /// is how far back this looks. A withdrawal is always heard.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.lately >= MOST_A_DAY
    }
}

/// The people behind these users, by their Installs, as far as they ever consented there.
///
/// # Errors
/// [`Fault::Vault`] when a key does not open.
pub async fn find_all(
    db: &impl Read,
    users: &[(InstallId, UserId)],
) -> Result<BTreeMap<InstallId, Subject>, Fault> {
    let lookups = users
        .iter()
        .map(|&(install, user)| lookup(db, install, user));
    let lookups: Vec<_> = lookups.collect::<Result<_, _>>()?;
    let installs = users.iter().map(|(install, _)| install.0);
    let rows = subject::Entity::find()
        .filter(subject::Column::InstallId.is_in(installs))
        .filter(subject::Column::Lookup.is_in(lookups))
        .all(db.conn())
        .await?;
    let found = rows
        .iter()
        .map(|row| Ok((InstallId(row.install_id), open(db, row)?)));
    found.collect()
}

/// Adds people with a key each. Call it with their Installs locked.
///
/// # Errors
/// [`Fault::Taken`] when one exists.
pub async fn add_all(
    tx: &Tx,
    users: &[(InstallId, UserId)],
    now: Timestamp,
) -> Result<Vec<Subject>, Fault> {
    let (mut rows, mut subjects) = (Vec::new(), Vec::new());
    for &(install, user) in users {
        let id = new_id();
        let (key, wrapped_key) = tx.vault().new_person(Place::new(PERSON_KEY, id))?;
        rows.push(subject::ActiveModel {
            id: Set(id),
            install_id: Set(install.0),
            lookup: Set(lookup(tx, install, user)?),
            wrapped_key: Set(wrapped_key),
            created_at: Set(now.millis()),
        });
        subjects.push(Subject {
            id: SubjectId(id),
            key,
        });
    }
    if !rows.is_empty() {
        subject::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(subjects)
}

/// What these people said so far; `since` is where lately begins.
///
/// # Errors
/// [`Fault::Vault`] when contact details do not open.
pub async fn said(
    db: &impl Read,
    subjects: &[&Subject],
    since: Timestamp,
) -> Result<BTreeMap<SubjectId, Said>, Fault> {
    let mut said: BTreeMap<SubjectId, Said> = BTreeMap::new();
    if subjects.is_empty() {
        return Ok(said);
    }
    let ids: Vec<Uuid> = subjects.iter().map(|subject| subject.id.0).collect();
    let states = consent_state::Entity::find()
        .filter(consent_state::Column::SubjectId.is_in(ids.clone()))
        .filter(consent_state::Column::Act.eq(act_text(Act::Withdrawn)))
        .all(db.conn())
        .await?;
    for state in states {
        let generation = u32::try_from(state.generation).map_err(broken)?;
        let at = Timestamp::from_millis(state.occurred_at);
        said.entry(SubjectId(state.subject_id))
            .or_default()
            .taken_back = Some((generation, at));
    }
    let given: Vec<(Uuid, i64)> = consent::Entity::find()
        .select_only()
        .column(consent::Column::SubjectId)
        .column_as(consent::Column::Id.count(), "given")
        .filter(consent::Column::SubjectId.is_in(ids.clone()))
        .filter(consent::Column::Act.eq(act_text(Act::Given)))
        .filter(consent::Column::OccurredAt.gt(since.millis()))
        .group_by(consent::Column::SubjectId)
        .into_tuple()
        .all(db.conn())
        .await?;
    for (subject, given) in given {
        let given = u64::try_from(given).map_err(broken)?;
        said.entry(SubjectId(subject)).or_default().lately += given;
    }
    for row in telling(db, ids, since).await? {
        let subject = SubjectId(row.subject_id);
        let own = said.entry(subject).or_default();
        if row.corrected && row.recorded_at > since.millis() {
            own.lately += 1;
        }
        if let Some(at) = row.confirmed_at {
            own.confirmed
                .push((row.email_index.clone(), Timestamp::from_millis(at)));
        }
        if own
            .contact
            .as_ref()
            .is_none_or(|last| last.number < row.revision)
            && let Some(subject) = subjects.iter().find(|known| known.id == subject)
        {
            own.contact = Some(revision(subject, row)?);
        }
    }
    Ok(said)
}

/// The revisions that count: the last of each person, those that were confirmed, and the
/// corrections of late.
async fn telling(
    db: &impl Read,
    subjects: Vec<Uuid>,
    since: Timestamp,
) -> Result<Vec<contact::Model>, Fault> {
    use contact::Column as C;
    let last = Alias::new("last");
    let highest = Query::select()
        .expr(Expr::col((last.clone(), C::Revision)).max())
        .from_as(contact::Entity, last.clone())
        .and_where(Expr::col((last, C::SubjectId)).equals((contact::Entity, C::SubjectId)))
        .to_owned();
    let counts = sea_orm::Condition::any()
        .add(C::ConfirmedAt.is_not_null())
        .add(C::Corrected.eq(true).and(C::RecordedAt.gt(since.millis())))
        .add(C::Revision.in_subquery(highest));
    Ok(contact::Entity::find()
        .filter(C::SubjectId.is_in(subjects))
        .filter(counts)
        .all(db.conn())
        .await?)
}

/// Contact details that came with consents, as the next revision of each person whose last one
/// differs. Returns where letters to each of the people go from now on, in their order. Call it
/// with their Installs locked.
///
/// # Errors
/// [`Fault::Taken`] when another revision of that number came first.
pub async fn keep_contacts(
    tx: &Tx,
    people: &[(&Subject, &Contact, Option<&Said>)],
    now: Timestamp,
) -> Result<Vec<Address>, Fault> {
    let (mut rows, mut addresses) = (Vec::new(), Vec::new());
    for &(subject, contact, said) in people {
        let index = tx
            .vault()
            .blind("contact.email", email_key(&contact.email).as_bytes())?;
        let confirmed_at = said.and_then(|said| {
            let confirmed = said.confirmed.iter().find(|(address, _)| *address == index);
            confirmed.map(|(_, at)| *at)
        });
        let last = said.and_then(|said| said.contact.as_ref());
        let id = match last.filter(|last| last.contact == *contact) {
            Some(last) => last.id,
            None => {
                let number = last.map_or(1, |last| last.number + 1);
                let at = last.map_or(now, |last| now.max(last.recorded_at));
                let row = row(tx, subject, number, contact, Came::WithConsent, &index, at)?;
                rows.push(contact::ActiveModel {
                    confirmed_at: Set(confirmed_at.map(Timestamp::millis)),
                    ..row.1
                });
                row.0
            }
        };
        addresses.push(Address {
            contact: id,
            index,
            confirmed: confirmed_at.is_some(),
        });
    }
    if !rows.is_empty() {
        contact::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(addresses)
}

/// A revision as it is inserted, not confirmed.
pub(super) fn row(
    tx: &Tx,
    subject: &Subject,
    revision: i32,
    contact: &Contact,
    came: Came,
    email_index: &[u8],
    now: Timestamp,
) -> Result<(ContactId, contact::ActiveModel), Fault> {
    let id = new_id();
    let plain = serde_json::to_vec(contact).map_err(|_| Fault::broken("contact", "no JSON"))?;
    let phone = contact.phone.as_ref();
    let phone_index = phone.map(|phone| tx.vault().blind("contact.phone", phone.as_bytes()));
    let row = contact::ActiveModel {
        id: Set(id),
        subject_id: Set(subject.id.0),
        revision: Set(revision),
        sealed: Set(subject.key.seal(Place::new(CONTACT, id), &plain)?),
        email_index: Set(email_index.to_vec()),
        phone_index: Set(phone_index.transpose()?),
        corrected: Set(came == Came::AsCorrection),
        confirmed_at: Set(None),
        recorded_at: Set(now.millis()),
    };
    Ok((ContactId(id), row))
}

fn broken(e: impl ToString) -> Fault {
    Fault::broken("consent", e)
}
