//! Master keys and signing keys: sealing anew, counting, revoking.

use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::reseal::{self, RowKey};
use crate::store::sealed::{self, Column};
use crate::store::vault::KeyId;
use crate::store::{self, Read as _, Store};

/// How many values a transaction seals anew: a few milliseconds of the writer's time.
pub const AT_ONCE: u64 = 100;

/// Seals with the first master key what others sealed, page by page. Whoever stops between two
/// pages, and begins again later, goes on with what is left.
pub struct Resealing<'s> {
    store: &'s Store,
    left: Vec<Column>,
    after: Option<RowKey>,
    at_once: u64,
    /// How many values were sealed anew.
    pub sealed: u64,
    /// Values that do not open: which column, and with which key they were sealed.
    pub closed: Vec<(Column, KeyId)>,
}

impl<'s> Resealing<'s> {
    /// Begins with the first column.
    #[must_use]
    pub fn new(store: &'s Store, at_once: u64) -> Self {
        let mut left: Vec<Column> = sealed::under_master().collect();
        left.reverse();
        Self {
            store,
            left,
            after: None,
            at_once,
            sealed: 0,
            closed: Vec::new(),
        }
    }

    /// Seals the next page anew; `false` when there is none.
    ///
    /// The page is read and sealed before its transaction begins, and a row that changed
    /// meanwhile is left as it is: whoever changed it has sealed it with the key of today.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer; what was committed stays.
    pub async fn next_page(&mut self) -> Result<bool, Error> {
        let Some(column) = self.left.last().copied() else {
            return Ok(false);
        };
        let page = reseal::stale(self.store, column, self.after.as_ref(), self.at_once).await?;
        let Some(last) = page.last() else {
            self.left.pop();
            self.after = None;
            return Ok(true);
        };
        self.after = Some(last.row.clone());
        let mut anew = Vec::with_capacity(page.len());
        for old in &page {
            match self
                .store
                .vault()
                .reseal(old.row.place(column), &old.sealed)
            {
                Ok(sealed) => anew.push((old, sealed)),
                Err(_) => self
                    .closed
                    .extend(KeyId::of(&old.sealed).map(|id| (column, id))),
            }
        }

        let tx = self.store.begin().await?;
        let mut sealed = 0;
        for (old, value) in anew {
            sealed += u64::from(reseal::replace(&tx, column, old, value).await?);
        }
        tx.commit().await?;
        self.sealed += sealed;
        Ok(true)
    }
}

/// One master key and what it has sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The key.
    pub id: KeyId,
    /// Whether it is the one that seals.
    pub first: bool,
    /// Whether the configuration holds it. What was sealed with one that it does not hold
    /// cannot be opened.
    pub held: bool,
    /// How many values it has sealed.
    pub values: u64,
}

/// How much each master key has sealed: those held in the configuration's order, then others.
pub async fn census(store: &Store) -> Result<Vec<Count>, Error> {
    let held = store.vault().held();
    let count = |id: KeyId, held| Count {
        id,
        first: id == store.vault().first(),
        held,
        values: 0,
    };
    let mut counts: Vec<Count> = held.into_iter().map(|id| count(id, true)).collect();
    counts.dedup_by_key(|count| count.id);
    for column in sealed::under_master() {
        for (id, values) in reseal::census(store, column).await? {
            match counts.iter_mut().find(|count| count.id == id) {
                Some(known) => known.values += values,
                None => counts.push(Count {
                    values,
                    ..count(id, false)
                }),
            }
        }
    }
    Ok(counts)
}

/// From now on nothing is believed that this signing key signs; a new one takes its place.
/// `false` when there is no key of that name.
pub async fn revoke(store: &Store, id: &str, now: Timestamp) -> Result<bool, Error> {
    let tx = store.begin().await?;
    let known = store::signing_keys::revoke(&tx, id, now).await?;
    tx.commit().await?;
    Ok(known)
}
