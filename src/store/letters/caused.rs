//! What people caused by letter lately, and what an address was told already.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement, Value};

use super::*;
use crate::domain::letters::Lately;
use crate::store::people::Address;

/// A letter that somebody causes.
pub struct Caused<'a> {
    /// Who is written to.
    pub reader: &'a Reader,
    /// The entry whose receipt it is; `None` for the question whether the address is theirs.
    pub entry: Option<&'a Entry>,
    /// Where it goes.
    pub address: &'a Address,
}

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
    SELECT n,
           (SELECT count(*) FROM letter
            WHERE version_id IS NULL AND subject_id = q.subject AND queued_at > q.since) AS of_person,
           (SELECT count(*) FROM letter JOIN install ON install.id = letter.install_id
            WHERE letter.version_id IS NULL AND letter.queued_at > q.since
              AND install.account_id = (SELECT account_id FROM install WHERE id = q.install)) AS of_account,
           (SELECT count(*) FROM letter
                JOIN contact ON contact.id = letter.contact_id
                JOIN consent ON consent.id = letter.entry_id
            WHERE letter.version_id IS NULL AND letter.subject_id = q.subject AND letter.queued_at > q.since
              AND contact.email_index = q.address AND consent.act = q.act
              AND consent.policy_number = q.number AND consent.generation = q.generation) AS same,
           (SELECT count(*) FROM contact
                JOIN letter ON letter.subject_id = contact.subject_id AND letter.contact_id = contact.id
                LEFT JOIN consent ON consent.id = letter.entry_id
            WHERE contact.email_index = q.address AND letter.version_id IS NULL AND letter.queued_at > q.since
              AND coalesce(consent.act, 'given') = q.act) AS to_address
    FROM q ORDER BY n";

/// What was caused by letter since then, as far as it bears on each of these letters.
///
/// On PostgreSQL whoever asks holds the addresses until the commit, so that what is counted is
/// true when the letters are queued.
pub async fn lately(tx: &Tx, all: &[Caused<'_>], since: Timestamp) -> Result<Vec<Lately>, Fault> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    hold(tx, all).await?;
    let number = |value: u32| i32::try_from(value).map_err(broken);
    let mut values: Vec<Value> = Vec::new();
    for (caused, n) in all.iter().zip(0_i32..) {
        let entry = caused.entry;
        values.extend([
            n.into(),
            caused.reader.subject.0.into(),
            caused.reader.install.0.into(),
            caused.address.index.clone().into(),
            since.millis().into(),
            act_text(entry.map_or(Act::Given, |entry| entry.act)).into(),
            entry
                .map_or(Ok(0), |entry| number(entry.shown.number))?
                .into(),
            number(caused.reader.generation)?.into(),
        ]);
    }
    let types = [
        "integer", "uuid", "uuid", "bytea", "bigint", "text", "integer", "integer",
    ];
    let names = "n, subject, install, address, since, act, number, generation";
    let rows = tx.rows(all.len(), &types);
    let ask = format!("WITH q ({names}) AS (VALUES {rows}) {LATELY}");
    let ask = Statement::from_sql_and_values(tx.conn().get_database_backend(), ask, values);
    let counts = Counts::find_by_statement(ask).all(tx.conn()).await?;
    let positive = |count: i64| u64::try_from(count).map_err(broken);
    let lately = counts.into_iter().map(|counts| {
        Ok(Lately {
            of_person: positive(counts.of_person)?,
            of_account: positive(counts.of_account)?,
            same: positive(counts.same)?,
            to_address: positive(counts.to_address)?,
        })
    });
    lately.collect()
}

async fn hold(tx: &Tx, all: &[Caused<'_>]) -> Result<(), Fault> {
    if !tx.is_postgres() {
        return Ok(());
    }
    // In one order, so that two who hold several never wait for each other.
    let addresses: BTreeSet<i64> = all
        .iter()
        .map(|caused| {
            let bytes = caused.address.index.first_chunk::<8>().copied();
            i64::from_be_bytes(bytes.unwrap_or_default())
        })
        .collect();
    let rows = tx.rows(addresses.len(), &["bigint"]);
    let hold = format!(
        "WITH held (address) AS (VALUES {rows})
         SELECT pg_advisory_xact_lock(address) FROM (SELECT address FROM held ORDER BY address) AS held"
    );
    let values = addresses.into_iter().map(Value::from);
    let hold = Statement::from_sql_and_values(tx.conn().get_database_backend(), hold, values);
    tx.conn().execute_raw(hold).await?;
    Ok(())
}

const TOLD: &str = "
    SELECT letter.id FROM contact
        JOIN letter ON letter.subject_id = contact.subject_id AND letter.contact_id = contact.id
    WHERE contact.email_index = (SELECT email_index FROM contact WHERE id = $1)
      AND letter.version_id = $2 AND letter.id <> $3
      AND letter.state IN ('sending', 'sent', 'unknown')
    LIMIT 1";

/// Whether the address in `contact` was told of a version in another letter, to whomever.
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
