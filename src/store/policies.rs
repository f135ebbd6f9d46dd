//! Versions of the Policy. Rows are added and read, never changed: the database refuses.
//!
//! The source is kept byte for byte beside the bytes that are shown; the tree of
//! clauses is read from the source again, so that there is one truth.

use std::sync::Arc;

use sea_orm::sea_query::{LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Set, Statement,
};
use uuid::Uuid;

use super::entity::{policy_discard, policy_posting, policy_text, policy_version, product};
use super::{Change, Fault, Read, Store, Tx, new_id};
use crate::domain::facts::{Facts, Level};
use crate::domain::ids::{PolicyVersionId, ProductId};
use crate::domain::policies::history::{History, TextRef, Version};
use crate::domain::policies::versions::Draft;
use crate::domain::time::Timestamp;

/// A text with everything in it.
#[derive(Clone, Debug)]
pub struct StoredText {
    /// BCP 47.
    pub lang: String,
    /// The file it came from; it may name the language.
    pub file_name: String,
    /// The file, byte for byte.
    pub source: Vec<u8>,
    /// Exactly what is shown as text.
    pub shown: Vec<u8>,
    /// `sha256:…` of `shown`.
    pub hash: String,
}

/// Adds a version with its texts; it is not in force before it is posted.
///
/// # Errors
/// [`Fault::Taken`] when the number exists.
pub async fn add(
    tx: &Tx,
    product: ProductId,
    draft: &Draft,
    now: Timestamp,
) -> Result<PolicyVersionId, Fault> {
    let id = new_id();
    let findings =
        serde_json::to_value(&draft.findings).map_err(|e| Fault::broken("policy_version", e))?;
    let version = policy_version::ActiveModel {
        id: Set(id),
        product_id: Set(product.0),
        number: Set(i32::try_from(draft.number).map_err(|e| Fault::broken("policy_version", e))?),
        level: Set(level_text(draft.level).to_owned()),
        prevailing: Set(draft.prevailing()),
        verbatim: Set(draft.verbatim),
        facts: Set(draft.facts.clone()),
        reason: Set(draft.reason.clone()),
        findings: Set(findings),
        published_at: Set(now.millis()),
    };
    policy_version::Entity::insert(version)
        .exec_without_returning(tx.conn())
        .await?;
    let texts = draft.texts.iter().map(|draft| policy_text::ActiveModel {
        id: Set(new_id()),
        version_id: Set(id),
        lang: Set(draft.text.lang.to_string()),
        file_name: Set(draft.file_name.clone()),
        source: Set(draft.source.clone()),
        shown: Set(draft.text.shown.clone()),
        hash: Set(draft.text.hash.clone()),
    });
    for row in texts {
        policy_text::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(PolicyVersionId(id))
}

/// A version that was published and neither posted nor discarded: somebody is posting it at
/// this moment, or died while doing so.
pub async fn unposted(db: &impl Read, product: ProductId) -> Result<Option<Version>, Fault> {
    let done = |column: policy_version::Column, ids: SelectStatement| column.not_in_subquery(ids);
    let posted = policy_posting::Entity::find()
        .select_only()
        .column(policy_posting::Column::VersionId)
        .into_query();
    let discarded = policy_discard::Entity::find()
        .select_only()
        .column(policy_discard::Column::VersionId)
        .into_query();
    let row = policy_version::Entity::find()
        .filter(policy_version::Column::ProductId.eq(product.0))
        .filter(done(policy_version::Column::Id, posted))
        .filter(done(policy_version::Column::Id, discarded))
        .order_by_asc(policy_version::Column::Number)
        .one(db.conn())
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let texts: Vec<(String, String)> = policy_text::Entity::find()
        .select_only()
        .column(policy_text::Column::Lang)
        .column(policy_text::Column::Hash)
        .filter(policy_text::Column::VersionId.eq(row.id))
        .order_by_asc(policy_text::Column::Lang)
        .into_tuple()
        .all(db.conn())
        .await?;
    let texts = texts.into_iter().map(|(lang, hash)| TextRef { lang, hash });
    let published_at = Timestamp::from_millis(row.published_at);
    Ok(Some(read(row, published_at, texts.collect())?))
}

/// The highest number that was ever published, posted or not; 0 when there is none.
pub async fn highest(db: &impl Read, product: ProductId) -> Result<u32, Fault> {
    let highest: Option<i32> = policy_version::Entity::find()
        .select_only()
        .column(policy_version::Column::Number)
        .filter(policy_version::Column::ProductId.eq(product.0))
        .order_by_desc(policy_version::Column::Number)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    u32::try_from(highest.unwrap_or_default()).map_err(|e| Fault::broken("policy_version", e))
}

/// Gives a published version up: it will never be posted.
pub async fn discard(
    tx: &Tx,
    version: PolicyVersionId,
    reason: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = policy_discard::ActiveModel {
        version_id: Set(version.0),
        reason: Set(reason.to_owned()),
        discarded_at: Set(now.millis()),
    };
    policy_discard::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Posts a version: from this instant on it is in force.
///
/// # Errors
/// [`Fault::Taken`] when it was posted before.
pub async fn post(tx: &Tx, version: PolicyVersionId, now: Timestamp) -> Result<(), Fault> {
    let row = policy_posting::ActiveModel {
        version_id: Set(version.0),
        posted_at: Set(now.millis()),
    };
    policy_posting::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    tx.changes(Change::Products);
    Ok(())
}

/// Makes whoever publishes in this Product wait for the other. Rows that refer to the Product
/// may be added meanwhile, so that no hook waits for it.
pub async fn lock(tx: &Tx, product: ProductId) -> Result<(), Fault> {
    product::Entity::find_by_id(product.0)
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?;
    Ok(())
}

impl Store {
    /// The posted versions of a Product, from memory if they are known there.
    ///
    /// # Errors
    /// [`Fault::Broken`] when a version cannot be read.
    pub async fn history(&self, product: ProductId) -> Result<Arc<History>, Fault> {
        let ticket = match self.cache.history(product) {
            Ok(kept) => return Ok(kept),
            Err(ticket) => ticket,
        };
        let read = Arc::new(history(self, product).await?);
        self.cache.keep_history(product, &read, ticket);
        Ok(read)
    }
}

impl Store {
    /// The posted versions of a Product as a transaction sees them that keeps others from coming
    /// into force: from memory on SQLite, where nobody else writes meanwhile.
    ///
    /// # Errors
    /// [`Fault::Broken`] when a version cannot be read.
    pub async fn history_in(&self, tx: &Tx, product: ProductId) -> Result<Arc<History>, Fault> {
        let kept = self.history(product).await?;
        let same = || kept.in_force().map(|version| version.id);
        if self.is_sqlite() || last_posted(tx, product).await? == same() {
            return Ok(kept);
        }
        Ok(Arc::new(history(tx, product).await?))
    }
}

/// The posted versions of a Product.
///
/// # Errors
/// [`Fault::Broken`] when a version cannot be read.
pub async fn history(db: &impl Read, product: ProductId) -> Result<History, Fault> {
    let select = "
        SELECT v.*, p.posted_at, t.lang, t.hash
        FROM policy_version v
        JOIN policy_posting p ON p.version_id = v.id
        JOIN policy_text t ON t.version_id = v.id
        WHERE v.product_id = $1 ORDER BY v.number, t.lang";
    let backend = db.conn().get_database_backend();
    let select = Statement::from_sql_and_values(backend, select, [product.0.into()]);
    let mut versions: Vec<Version> = Vec::new();
    for row in db.conn().query_all_raw(select).await? {
        let text = TextRef {
            lang: row.try_get("", "lang")?,
            hash: row.try_get("", "hash")?,
        };
        let id: Uuid = row.try_get("", "id")?;
        match versions.last_mut().filter(|last| last.id.0 == id) {
            Some(version) => version.texts.push(text),
            None => {
                let at = Timestamp::from_millis(row.try_get("", "posted_at")?);
                let row = policy_version::Model::from_query_result(&row, "")?;
                versions.push(read(row, at, vec![text])?);
            }
        }
    }
    Ok(History::new(versions))
}

/// Whose a version is.
///
/// # Errors
/// [`Fault::Broken`] when there is no such version.
pub async fn product_of(db: &impl Read, id: PolicyVersionId) -> Result<ProductId, Fault> {
    let row = policy_version::Entity::find_by_id(id.0)
        .one(db.conn())
        .await?
        .ok_or_else(|| Fault::broken("policy_version", format!("there is no {id}")))?;
    Ok(ProductId(row.product_id))
}

/// Which version is in force, without reading it.
async fn last_posted(db: &impl Read, product: ProductId) -> Result<Option<PolicyVersionId>, Fault> {
    let posted = Query::select()
        .column(policy_posting::Column::VersionId)
        .from(policy_posting::Entity)
        .to_owned();
    let id: Option<Uuid> = policy_version::Entity::find()
        .select_only()
        .column(policy_version::Column::Id)
        .filter(policy_version::Column::ProductId.eq(product.0))
        .filter(policy_version::Column::Id.in_subquery(posted))
        .order_by_desc(policy_version::Column::Number)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(id.map(PolicyVersionId))
}

/// The text of a version in exactly this language.
pub async fn text(
    db: &impl Read,
    version: PolicyVersionId,
    lang: &str,
) -> Result<Option<StoredText>, Fault> {
    let row = policy_text::Entity::find()
        .filter(policy_text::Column::VersionId.eq(version.0))
        .filter(policy_text::Column::Lang.eq(lang))
        .one(db.conn())
        .await?;
    Ok(row.map(|row| StoredText {
        lang: row.lang,
        file_name: row.file_name,
        source: row.source,
        shown: row.shown,
        hash: row.hash,
    }))
}

fn read(
    row: policy_version::Model,
    posted_at: Timestamp,
    texts: Vec<TextRef>,
) -> Result<Version, Fault> {
    let facts = Facts::parse(&row.facts).map_err(|faults| {
        let what = format!("the facts of {}: {}", row.id, faults.join("; "));
        Fault::broken("policy_version", what)
    })?;
    Ok(Version {
        id: PolicyVersionId(row.id),
        number: number(&row)?,
        level: level(&row)?,
        prevailing: row.prevailing,
        verbatim: row.verbatim,
        facts,
        facts_toml: row.facts,
        reason: row.reason,
        findings: row.findings,
        posted_at,
        texts,
    })
}

fn number(row: &policy_version::Model) -> Result<u32, Fault> {
    u32::try_from(row.number).map_err(|e| Fault::broken("policy_version", e))
}

fn level(row: &policy_version::Model) -> Result<Level, Fault> {
    level_of(&row.level).ok_or_else(|| {
        Fault::broken(
            "policy_version",
            format!("level {:?} of {}", row.level, row.id),
        )
    })
}

/// Reads the level as the table and the API have it.
#[must_use]
pub fn level_of(text: &str) -> Option<Level> {
    match text {
        "notice" => Some(Level::Notice),
        "reconsent" => Some(Level::Reconsent),
        _ => None,
    }
}

/// The level as the table and the API have it.
#[must_use]
pub fn level_text(level: Level) -> &'static str {
    match level {
        Level::Notice => "notice",
        Level::Reconsent => "reconsent",
    }
}
