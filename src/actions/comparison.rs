//! What two versions of a Policy differ in.

use std::sync::Arc;

use super::policies;
use crate::cache::Differences;
use crate::domain::facts::Level;
use crate::domain::facts::difference::Change;
use crate::domain::policies::compare::{Difference, compare};
use crate::domain::products::Product;
use crate::error::{Code, Error};
use crate::store::policies::Version;
use crate::store::{self, Store};

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
    let from = store::policies::find(store, product.id, from).await?;
    let to = store::policies::find(store, product.id, to).await?;
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(None);
    };
    let Some(lang) = common_language(&from, &to, langs) else {
        return Ok(None);
    };
    let key = (from.id, to.id, lang.clone());
    let clauses = kept
        .get_or_make(key, async {
            let (_, old) = policies::text(store, &from, &lang).await?;
            let (_, new) = policies::text(store, &to, &lang).await?;
            // Long texts take their time, and others wait to be served meanwhile.
            let compared = tokio::task::spawn_blocking(move || compare(&old, &new));
            compared.await.map_err(|e| Error::Internal(e.into()))
        })
        .await
        .unwrap_or(Err(Error::Refused(Code::Busy)))?;
    let (old_facts, new_facts) = (policies::facts(&from)?, policies::facts(&to)?);
    Ok(Some(Comparison {
        level: new_facts.level_from(&old_facts).0,
        facts: new_facts.difference(&old_facts),
        clauses,
        lang,
        from,
        to,
    }))
}

fn common_language(from: &Version, to: &Version, langs: &[String]) -> Option<String> {
    let common = Version {
        texts: to
            .texts
            .iter()
            .filter(|text| from.text(&text.lang).is_some())
            .cloned()
            .collect(),
        ..to.clone()
    };
    policies::choose(&common, langs)
        .or_else(|| common.texts.first().cloned())
        .map(|text| text.lang)
}
