//! What two versions of a Policy differ in.

use std::sync::Arc;

use super::policies;
use crate::cache::Differences;
use crate::domain::facts::Level;
use crate::domain::facts::difference::Change;
use crate::domain::policies::best;
use crate::domain::policies::compare::{Difference, compare};
use crate::domain::policies::history::Version;
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::store::Store;

/// Two versions held against each other.
pub struct Comparison {
    /// The one before.
    pub from: Version,
    /// The one after.
    pub to: Version,
    /// The language of the texts that were compared.
    pub lang: String,
    /// What the difference of facts asks for.
    pub level: Level,
    /// What the facts differ in.
    pub facts: Vec<Change>,
    /// What the texts differ in, clause by clause.
    pub clauses: Arc<Vec<Difference>>,
}

/// Compares two posted versions in the best of `langs` that both have. `None` when a version
/// is not there, or they have no language in common.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer; [`Code::Busy`] when others are being
/// compared for too long.
pub async fn between(
    store: &Store,
    kept: &Differences,
    product: &Product,
    (from, to): (u32, u32),
    langs: &[String],
) -> Result<Option<Comparison>, Error> {
    let history = store.history(product.id).await?;
    let (Some(from), Some(to)) = (history.get(from), history.get(to)) else {
        return Ok(None);
    };
    let Some(lang) = common_language(from, to, langs).map(str::to_owned) else {
        return Ok(None);
    };
    let key = (from.id, to.id, lang.clone());
    let clauses = kept
        .get_or_make(key, async {
            let (_, old) = policies::text(store, from, &lang).await?;
            let (_, new) = policies::text(store, to, &lang).await?;
            // Long texts take their time, and others wait to be served meanwhile.
            let compared = tokio::task::spawn_blocking(move || compare(&old, &new));
            compared.await.map_err(|e| Error::Internal(e.into()))
        })
        .await
        .unwrap_or(Err(Error::Refused(Code::Busy)))?;
    Ok(Some(Comparison {
        level: to.facts.level_from(&from.facts).0,
        facts: to.facts.difference(&from.facts),
        clauses,
        lang,
        from: from.clone(),
        to: to.clone(),
    }))
}

/// The best of `langs` among the languages that both have; else the one that prevails, if both
/// have that; else any.
fn common_language<'v>(from: &Version, to: &'v Version, langs: &[String]) -> Option<&'v str> {
    let of_both = |lang: &&str| from.text(lang).is_some();
    let common = to
        .texts
        .iter()
        .map(|text| text.lang.as_str())
        .filter(of_both);
    best(common.clone(), langs)
        .or_else(|| common.clone().find(|lang| *lang == to.prevailing))
        .or_else(|| common.clone().next())
}
