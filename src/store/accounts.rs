//! What the standing of an account depends on, apart from the Policy and the time: read in two
//! statements, kept in memory.

use std::sync::Arc;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _, QueryResult, Statement, Value,
};
use uuid::Uuid;

use super::entity::{install, notice_ack};
use super::sealed::PERSON_KEY;
use super::vault::{Place, Vault};
use super::{Fault, Read, Store, consents, installs, notices};
use crate::domain::consents::{Act, Declares, Entry, Shown, deciding};
use crate::domain::ids::{AccountId, ConsentId, InstallId, ProductId, SubjectId, UserId};
use crate::domain::installs::{Install, State};
use crate::domain::ledger::act_of;
use crate::domain::time::Timestamp;

/// An account that had the Product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The Install.
    pub install: Install,
    /// Whether a grant lives.
    pub authorized: bool,
    /// The entry of the present generation that decides, with its person.
    pub entry: Option<Entry>,
    /// The highest version that somebody said to have learned of, by their blind index.
    acknowledged: Vec<(Vec<u8>, u32)>,
}

impl Account {
    /// The highest version that somebody said to have learned of.
    fn acknowledged(&self, vault: &Vault, user: UserId) -> Result<Option<u32>, Fault> {
        if self.acknowledged.is_empty() {
            return Ok(None);
        }
        let person = notices::person(vault, self.install.id, user)?;
        let of_person = self.acknowledged.iter().find(|(who, _)| *who == person);
        Ok(of_person.map(|(_, number)| *number))
    }

    /// About how many bytes it takes beside itself.
    pub(super) fn size(&self) -> usize {
        let strings = self.entry.as_ref().map_or(0, |entry| {
            let purposes: usize = entry.purposes.iter().map(|code| code.len() + 24).sum();
            entry.shown.lang.len() + entry.shown.hash.len() + purposes
        });
        strings + self.acknowledged.len() * 64
    }
}

impl Store {
    /// An account, from memory if it is known there; `None` when it was never seen.
    ///
    /// # Errors
    /// [`Fault::Vault`] when the person whose entry decides does not open.
    pub async fn account(
        &self,
        product: ProductId,
        account: AccountId,
    ) -> Result<Option<Arc<Account>>, Fault> {
        let ticket = match self.cache.account(product, account) {
            Ok(kept) => return Ok(Some(kept)),
            Err(ticket) => ticket,
        };
        let Some(read) = find(self, product, account).await? else {
            return Ok(None);
        };
        let read = Arc::new(read);
        self.cache.keep_account(&read, ticket);
        Ok(Some(read))
    }

    /// The highest version that somebody of an account said to have learned of.
    ///
    /// # Errors
    /// [`Fault::Vault`] when their index cannot be made.
    pub fn acknowledged(&self, account: &Account, user: UserId) -> Result<Option<u32>, Fault> {
        account.acknowledged(&self.vault, user)
    }
}

/// The Install, whether a grant lives, and the entries of its generation with their people's keys:
/// all at one moment.
const ACCOUNTS: &str = "
    SELECT i.id AS i_id, i.product_id AS i_product_id, i.account_id AS i_account_id,
           i.host AS i_host, i.state AS i_state, i.generation AS i_generation,
           i.ended_at AS i_ended_at, i.withdrawn AS i_withdrawn, i.by_hand AS i_by_hand,
           i.needs_administrator AS i_needs_administrator, i.created_at AS i_created_at,
           EXISTS (SELECT 1 FROM token_pair t WHERE t.install_id = i.id) AS authorized,
           c.id AS entry, c.generation, c.subject_id, c.act, c.policy_number, c.lang, c.shown_hash,
           c.purposes, c.declared_read, c.declared_own_data, c.occurred_at,
           c.sealed_person, s.wrapped_key
    FROM install i
    LEFT JOIN consent c ON c.install_id = i.id AND c.generation = i.generation
    LEFT JOIN subject s ON s.id = c.subject_id";

/// Reads an account; `None` when it was never seen.
///
/// # Errors
/// [`Fault::Vault`] when the person whose entry decides does not open.
pub async fn find(
    db: &impl Read,
    product: ProductId,
    account: AccountId,
) -> Result<Option<Account>, Fault> {
    let one = "WHERE i.product_id = $1 AND i.account_id = $2 ORDER BY c.chain";
    let values = [product.0.into(), account.0.into()];
    let Some(mut read) = read(db, one, values).await?.pop() else {
        return Ok(None);
    };
    let known = notice_ack::Entity::find()
        .filter(notice_ack::Column::InstallId.eq(read.install.id.0))
        .all(db.conn())
        .await?;
    read.acknowledged = known
        .into_iter()
        .map(|row| Ok((row.person, notices::number(row.policy_number)?)))
        .collect::<Result<_, Fault>>()?;
    Ok(Some(read))
}

/// The accounts that had the Product, by their ids, from the first after `after` on: at most
/// `limit`. What their people learned of is left out.
///
/// # Errors
/// [`Fault::Vault`] when a person whose entry decides does not open.
pub async fn page(
    db: &impl Read,
    product: ProductId,
    state: Option<State>,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<Account>, Fault> {
    let some = "WHERE i.id IN (
                    SELECT id FROM install
                    WHERE product_id = $1 AND ($2 = '' OR state = $2) AND account_id > $3
                    ORDER BY account_id LIMIT $4)
                ORDER BY i.account_id, c.chain";
    let values = [
        product.0.into(),
        state.map_or("", installs::state_text).into(),
        after.map_or(i64::MIN, |after| after.0).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    read(db, some, values).await
}

async fn read<const N: usize>(
    db: &impl Read,
    which: &str,
    values: [Value; N],
) -> Result<Vec<Account>, Fault> {
    let backend = db.conn().get_database_backend();
    let select = Statement::from_sql_and_values(backend, format!("{ACCOUNTS} {which}"), values);
    let rows = db.conn().query_all_raw(select).await?;
    let mut accounts = Vec::new();
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let id: Uuid = first.try_get("i_", "id")?;
        let of_account =
            |row: &QueryResult| row.try_get("i_", "id").is_ok_and(|other: Uuid| other == id);
        let count = rest.iter().take_while(|row| of_account(row)).count();
        let (own, others) = rest.split_at(count.max(1));
        accounts.push(account(db.vault(), first, own)?);
        rest = others;
    }
    Ok(accounts)
}

/// An account from its rows, one for each entry.
fn account(vault: &Vault, first: &QueryResult, rows: &[QueryResult]) -> Result<Account, Fault> {
    let install = installs::read(install::Model::from_query_result(first, "i_")?)?;
    let mut entries = Vec::new();
    for row in rows {
        if let Some(id) = row.try_get::<Option<Uuid>>("", "entry")? {
            entries.push(entry(row, install.id, id)?);
        }
    }
    let decides = deciding(&entries, install.withdrawn).map(|entry| entry.id);
    let at = entries.iter().position(|entry| Some(entry.id) == decides);
    let entry = at.map(|at| entries.swap_remove(at));
    let entry = match (entry, at.and_then(|at| rows.get(at))) {
        (Some(entry), Some(row)) => Some(Entry {
            user: Some(person(vault, row, &entry)?),
            ..entry
        }),
        _ => None,
    };
    Ok(Account {
        install,
        authorized: first.try_get("", "authorized")?,
        entry,
        acknowledged: Vec::new(),
    })
}

fn entry(row: &QueryResult, install: InstallId, id: Uuid) -> Result<Entry, Fault> {
    let act: String = row.try_get("", "act")?;
    let act: Act = act_of(&act).ok_or_else(|| Fault::broken("consent", format!("act of {id}")))?;
    let purposes = row.try_get::<serde_json::Value>("", "purposes")?;
    Ok(Entry {
        id: ConsentId(id),
        install,
        generation: consents::number(row.try_get("", "generation")?)?,
        subject: SubjectId(row.try_get("", "subject_id")?),
        user: None,
        act,
        shown: Shown {
            number: consents::number(row.try_get("", "policy_number")?)?,
            lang: row.try_get("", "lang")?,
            hash: row.try_get("", "shown_hash")?,
        },
        purposes: serde_json::from_value(purposes).map_err(|e| Fault::broken("consent", e))?,
        declares: Declares {
            read: row.try_get("", "declared_read")?,
            own_data: row.try_get("", "declared_own_data")?,
        },
        at: Timestamp::from_millis(row.try_get("", "occurred_at")?),
    })
}

fn person(vault: &Vault, row: &QueryResult, entry: &Entry) -> Result<UserId, Fault> {
    let wrapped: Vec<u8> = row.try_get("", "wrapped_key")?;
    let key = vault.person(Place::new(PERSON_KEY, entry.subject.0), &wrapped)?;
    let sealed: Vec<u8> = row.try_get("", "sealed_person")?;
    consents::open_user(&key, entry.id.0, &sealed)
}
