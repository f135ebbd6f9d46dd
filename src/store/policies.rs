//! Versions of the Policy. Rows are added and read, never changed: the database refuses.
//!
//! The source is kept byte for byte beside the bytes that are shown; the tree of
//! clauses is read from the source again, so that there is one truth.

use sea_orm::sea_query::{LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Set,
};
use uuid::Uuid;

use super::entity::{policy_discard, policy_posting, policy_text, policy_version, product};
use super::{Fault, Read, Tx, new_id};
use crate::domain::consents::Posted;
use crate::domain::facts::Level;
use crate::domain::ids::{PolicyVersionId, ProductId};
use crate::domain::policies::versions::Draft;
use crate::domain::time::Timestamp;

/// One version as it was published and posted.
#[derive(Clone, Debug)]
pub struct Version {
    /// Ours.
    pub id: PolicyVersionId,
    /// `#1`, `#2`, …
    pub number: u32,
    /// Whether it asks for more than the one before.
    pub level: Level,
    /// The language that prevails when texts differ.
    pub prevailing: String,
    /// The source was published byte for byte.
    pub verbatim: bool,
    /// The facts, as TOML.
    pub facts: String,
    /// Why the level is below what the facts ask for, if it is.
    pub reason: Option<String>,
    /// What `policy check` found when it was published.
    pub findings: serde_json::Value,
    /// When it became available in the Product (clause 12.3).
    pub posted_at: Timestamp,
    /// Its texts, without their bytes.
    pub texts: Vec<TextRef>,
}

/// A text by its language and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRef {
    /// BCP 47.
    pub lang: String,
    /// `sha256:…` of the shown bytes.
    pub hash: String,
}

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

impl Version {
    /// The text in `lang`, if there is one.
    #[must_use]
    pub fn text(&self, lang: &str) -> Option<&TextRef> {
        self.texts.iter().find(|t| t.lang == lang)
    }
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
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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
    match row {
        Some(row) => {
            let at = Timestamp::from_millis(row.published_at);
            Ok(Some(read(db, row, at).await?))
        }
        None => Ok(None),
    }
}

/// The highest number that was ever published, posted or not; 0 when there is none.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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
    Ok(())
}

/// Makes whoever publishes in this Product wait for the other. Rows that refer to the Product
/// may be added meanwhile, so that no hook waits for it.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn lock(tx: &Tx, product: ProductId) -> Result<(), Fault> {
    product::Entity::find_by_id(product.0)
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?;
    Ok(())
}

/// The posted versions of a Product, in the order of their numbers: all that standing needs.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn posted(db: &impl Read, product: ProductId) -> Result<Vec<Posted>, Fault> {
    rows(db, product)
        .await?
        .into_iter()
        .map(|(row, posting)| {
            Ok(Posted {
                number: number(&row)?,
                level: level(&row)?,
                at: Timestamp::from_millis(posting.posted_at),
            })
        })
        .collect()
}

/// All posted versions, in the order of their numbers.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn list(db: &impl Read, product: ProductId) -> Result<Vec<Version>, Fault> {
    let mut versions = Vec::new();
    for (row, posting) in rows(db, product).await? {
        versions.push(read(db, row, Timestamp::from_millis(posting.posted_at)).await?);
    }
    Ok(versions)
}

/// The version in force: the one posted last.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn in_force(db: &impl Read, product: ProductId) -> Result<Option<Version>, Fault> {
    match rows(db, product).await?.into_iter().last() {
        Some((row, posting)) => Ok(Some(
            read(db, row, Timestamp::from_millis(posting.posted_at)).await?,
        )),
        None => Ok(None),
    }
}

/// Which version is in force, without reading it.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn last_posted(
    db: &impl Read,
    product: ProductId,
) -> Result<Option<PolicyVersionId>, Fault> {
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

/// A posted version by its number.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn find(
    db: &impl Read,
    product: ProductId,
    wanted: u32,
) -> Result<Option<Version>, Fault> {
    for (row, posting) in rows(db, product).await? {
        if number(&row)? == wanted {
            return Ok(Some(
                read(db, row, Timestamp::from_millis(posting.posted_at)).await?,
            ));
        }
    }
    Ok(None)
}

/// A posted version by its id, and whose it is.
///
/// # Errors
/// [`Fault::Broken`] when there is none, or it was not posted.
pub async fn get(db: &impl Read, id: PolicyVersionId) -> Result<(ProductId, Version), Fault> {
    let missing = || Fault::broken("policy_version", format!("{id} was not posted"));
    let row = policy_version::Entity::find_by_id(id.0)
        .one(db.conn())
        .await?
        .ok_or_else(missing)?;
    let posting = policy_posting::Entity::find()
        .filter(policy_posting::Column::VersionId.eq(id.0))
        .one(db.conn())
        .await?
        .ok_or_else(missing)?;
    Ok((
        ProductId(row.product_id),
        read(db, row, Timestamp::from_millis(posting.posted_at)).await?,
    ))
}

/// The text of a version in exactly this language.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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

type Row = (policy_version::Model, policy_posting::Model);

async fn rows(db: &impl Read, product: ProductId) -> Result<Vec<Row>, Fault> {
    let versions = policy_version::Entity::find()
        .filter(policy_version::Column::ProductId.eq(product.0))
        .order_by_asc(policy_version::Column::Number)
        .all(db.conn())
        .await?;
    let postings = policy_posting::Entity::find()
        .filter(policy_posting::Column::VersionId.is_in(versions.iter().map(|v| v.id)))
        .all(db.conn())
        .await?;
    Ok(versions
        .into_iter()
        .filter_map(|v| {
            postings
                .iter()
                .find(|p| p.version_id == v.id)
                .cloned()
                .map(|p| (v, p))
        })
        .collect())
}

async fn read(
    db: &impl Read,
    row: policy_version::Model,
    posted_at: Timestamp,
) -> Result<Version, Fault> {
    let texts: Vec<(String, String)> = policy_text::Entity::find()
        .select_only()
        .column(policy_text::Column::Lang)
        .column(policy_text::Column::Hash)
        .filter(policy_text::Column::VersionId.eq(row.id))
        .order_by_asc(policy_text::Column::Lang)
        .into_tuple()
        .all(db.conn())
        .await?;
    Ok(Version {
        id: PolicyVersionId(row.id),
        number: number(&row)?,
        level: level(&row)?,
        prevailing: row.prevailing,
        verbatim: row.verbatim,
        facts: row.facts,
        reason: row.reason,
        findings: row.findings,
        posted_at,
        texts: texts
            .into_iter()
            .map(|(lang, hash)| TextRef { lang, hash })
            .collect(),
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
