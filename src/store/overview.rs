//! What lately happened, for the demo's page: no person, no secret, at most a screenful.

use sea_orm::{EntityTrait as _, QueryOrder as _, QuerySelect as _};

use super::entity::{consent, grant_offer, install, job, token_pair};
use super::{Fault, Read};
use crate::domain::time::Timestamp;

/// How many rows of each kind.
const MOST: u64 = 12;

/// An authorization that amoCRM announced.
pub struct GrantRow {
    /// When.
    pub at: Timestamp,
    /// From which account's host.
    pub host: String,
    /// `code`, `tokens`, `landed` or `dead`.
    pub state: String,
    /// Why it died.
    pub fault: Option<String>,
}

/// An entry of the ledger.
pub struct EntryRow {
    /// Its place in the ledger.
    pub index: i64,
    /// When.
    pub at: Timestamp,
    /// `given` or `withdrawn`.
    pub act: String,
    /// Version and language.
    pub policy: String,
    /// The beginning of the shown text's hash.
    pub hash: String,
}

/// A job.
pub struct JobRow {
    /// When it was asked for.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// How often it was tried.
    pub attempt: i32,
    /// `open`, `done` or `failed`.
    pub state: &'static str,
    /// What went wrong the last time.
    pub fault: Option<String>,
}

/// An Install.
pub struct InstallRow {
    /// The account's number.
    pub account: i64,
    /// Its state.
    pub state: String,
    /// Its generation.
    pub generation: i32,
    /// Until when the access token lives, if there is one. The token itself is sealed.
    pub access_until: Option<Timestamp>,
}

/// What lately happened.
pub struct Overview {
    /// Installs.
    pub installs: Vec<InstallRow>,
    /// Authorizations, newest first.
    pub grants: Vec<GrantRow>,
    /// Ledger entries, newest first.
    pub entries: Vec<EntryRow>,
    /// Jobs, newest first.
    pub jobs: Vec<JobRow>,
}

/// Reads it.
pub async fn read(db: &impl Read) -> Result<Overview, Fault> {
    let tokens = token_pair::Entity::find()
        .limit(MOST)
        .all(db.conn())
        .await?;
    let installs = install::Entity::find()
        .order_by_desc(install::Column::CreatedAt)
        .limit(MOST)
        .all(db.conn())
        .await?;
    let grants = grant_offer::Entity::find()
        .order_by_desc(grant_offer::Column::AnnouncedAt)
        .limit(MOST)
        .all(db.conn())
        .await?;
    let entries = consent::Entity::find()
        .order_by_desc(consent::Column::EntryIndex)
        .limit(MOST)
        .all(db.conn())
        .await?;
    let jobs = job::Entity::find()
        .order_by_desc(job::Column::AskedAt)
        .limit(MOST)
        .all(db.conn())
        .await?;
    Ok(Overview {
        installs: installs
            .into_iter()
            .map(|row| InstallRow {
                access_until: tokens
                    .iter()
                    .find(|t| t.install_id == row.id)
                    .map(|t| Timestamp::from_millis(t.access_expires_at)),
                account: row.account_id,
                state: row.state,
                generation: row.generation,
            })
            .collect(),
        grants: grants
            .into_iter()
            .map(|row| GrantRow {
                at: Timestamp::from_millis(row.announced_at),
                host: row.host,
                state: row.state,
                fault: row.fault,
            })
            .collect(),
        entries: entries
            .into_iter()
            .map(|row| EntryRow {
                index: row.entry_index,
                at: Timestamp::from_millis(row.occurred_at),
                act: row.act,
                policy: format!("#{} {}", row.policy_number, row.lang),
                hash: row.shown_hash.chars().take(19).collect(),
            })
            .collect(),
        jobs: jobs
            .into_iter()
            .map(|row| JobRow {
                at: Timestamp::from_millis(row.asked_at),
                kind: row.kind,
                attempt: row.attempt,
                state: match (row.done_at, row.failed_at) {
                    (Some(_), _) => "done",
                    (None, Some(_)) => "failed",
                    (None, None) => "open",
                },
                fault: row.last_fault,
            })
            .collect(),
    })
}
