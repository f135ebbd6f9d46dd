//! What people caused by letter lately, and what an address was told already.

use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement};

use super::*;
use crate::domain::letters::Lately;
use crate::store::people::Address;

#[derive(FromQueryResult)]
struct Counts {
    of_person: i64,
    of_account: i64,
    same: i64,
    to_address: i64,
}

/// Written out: four counts in one question, each along an index of its own. Letters about
/// versions are nobody's doing and are not counted.
const LATELY: &str = "
    SELECT (SELECT count(*) FROM letter
            WHERE version_id IS NULL AND subject_id = $1 AND queued_at > $4) AS of_person,
           (SELECT count(*) FROM letter JOIN install ON install.id = letter.install_id
            WHERE letter.version_id IS NULL AND letter.queued_at > $4
              AND install.account_id = (SELECT account_id FROM install WHERE id = $2)) AS of_account,
           (SELECT count(*) FROM letter
                JOIN contact ON contact.id = letter.contact_id
                JOIN consent ON consent.id = letter.entry_id
            WHERE letter.version_id IS NULL AND letter.subject_id = $1 AND letter.queued_at > $4
              AND contact.email_index = $3 AND consent.act = $5
              AND consent.policy_number = $6 AND consent.generation = $7) AS same,
           (SELECT count(*) FROM contact
                JOIN letter ON letter.subject_id = contact.subject_id AND letter.contact_id = contact.id
                LEFT JOIN consent ON consent.id = letter.entry_id
            WHERE contact.email_index = $3 AND letter.version_id IS NULL AND letter.queued_at > $4
              AND coalesce(consent.act, 'given') = $5) AS to_address";

/// What was caused by letter since then, as far as it bears on one more letter to `reader` at
/// `address`: the receipt of `entry`, or without one the question whether the address is theirs.
///
/// On PostgreSQL whoever asks holds the address until the commit, so that what is counted is
/// true when the letter is queued.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn lately(
    tx: &Tx,
    reader: &Reader,
    entry: Option<&Entry>,
    address: &Address,
    since: Timestamp,
) -> Result<Lately, Fault> {
    let backend = tx.conn().get_database_backend();
    if tx.is_postgres() {
        let bytes = address.index.first_chunk::<8>().copied();
        let hold = i64::from_be_bytes(bytes.unwrap_or_default());
        let hold = Statement::from_sql_and_values(
            backend,
            "SELECT pg_advisory_xact_lock($1)",
            [hold.into()],
        );
        tx.conn().execute_raw(hold).await?;
    }
    let number = |value: u32| i32::try_from(value).map_err(broken);
    let count = Statement::from_sql_and_values(
        backend,
        LATELY,
        [
            reader.subject.0.into(),
            reader.install.0.into(),
            address.index.clone().into(),
            since.millis().into(),
            act_text(entry.map_or(Act::Given, |entry| entry.act)).into(),
            entry
                .map_or(Ok(0), |entry| number(entry.shown.number))?
                .into(),
            number(reader.generation)?.into(),
        ],
    );
    let counts = Counts::find_by_statement(count).one(tx.conn()).await?;
    let counts = counts.ok_or_else(|| broken("no counts"))?;
    let positive = |count: i64| u64::try_from(count).map_err(broken);
    Ok(Lately {
        of_person: positive(counts.of_person)?,
        of_account: positive(counts.of_account)?,
        same: positive(counts.same)?,
        to_address: positive(counts.to_address)?,
    })
}

const TOLD: &str = "
    SELECT letter.id FROM contact
        JOIN letter ON letter.subject_id = contact.subject_id AND letter.contact_id = contact.id
    WHERE contact.email_index = (SELECT email_index FROM contact WHERE id = $1)
      AND letter.version_id = $2 AND letter.id <> $3
      AND letter.state IN ('sending', 'sent', 'unknown')
    LIMIT 1";

/// Whether the address in `contact` was told of a version in another letter, to whomever.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn was_told_of(
    db: &impl Read,
    version: PolicyVersionId,
    letter: LetterId,
    contact: ContactId,
) -> Result<bool, Fault> {
    let told = Statement::from_sql_and_values(
        db.conn().get_database_backend(),
        TOLD,
        [contact.0.into(), version.0.into(), letter.0.into()],
    );
    Ok(db.conn().query_one_raw(told).await?.is_some())
}
