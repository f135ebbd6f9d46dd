//! Which text bound an account then: the words, and the evidence.

use super::receipts;
use crate::app::App;
use crate::domain::consents::{Act, Entry};
use crate::domain::ids::AccountId;
use crate::domain::in_force::bound;
use crate::domain::policies::history::Version;
use crate::domain::products::Product;
use crate::domain::receipts::Receipt;
use crate::domain::time::Timestamp;
use crate::domain::withdrawals::Reach;
use crate::error::Error;
use crate::store::policies::StoredText;
use crate::store::{self, Store};

/// What bound an account at some time.
pub struct Answer {
    /// The version.
    pub version: Version,
    /// Its text in the language of the consent, else in the prevailing one.
    pub text: StoredText,
    /// The consent that stood then, with the proof of it.
    pub consent: Option<(Entry, Receipt)>,
}

/// Answers for an account, at an instant. `None` when no version was in force in the Product.
pub async fn at(
    app: &App,
    product: &Product,
    account: AccountId,
    at: Timestamp,
) -> Result<Option<Answer>, Error> {
    let db = &app.store;
    let history = db.history(product.id).await?;
    let (entries, requests) = match store::installs::find(db, product.id, account).await? {
        Some(install) => (
            store::consents::of_install(db, install.id).await?,
            store::requests::of_install(db, install.id).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let ends = |entry: &Entry| {
        let request = requests.iter().find(|request| request.is_of(entry));
        entry.act == Act::Withdrawn && request.is_some_and(|r| r.reach == Reach::Account)
    };
    let Some(bound) = bound(&history, &entries, ends, at) else {
        return Ok(None);
    };
    let consent = match bound.consent {
        Some(entry) => {
            let receipt = receipts::of(app, product, account, entry).await?;
            Some((entry.clone(), receipt))
        }
        None => None,
    };
    let version = bound.version.clone();
    let lang = consent.as_ref().map(|(entry, _)| entry.shown.lang.as_str());
    let text = text(db, &version, lang).await?;
    Ok(Some(Answer {
        version,
        text,
        consent,
    }))
}

async fn text(db: &Store, version: &Version, lang: Option<&str>) -> Result<StoredText, Error> {
    let lang = lang
        .filter(|lang| version.text(lang).is_some())
        .unwrap_or(&version.prevailing);
    store::policies::text(db, version.id, lang)
        .await?
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("no text in {lang}")))
}
