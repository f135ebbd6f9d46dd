//! The Policy: publishing a version and finding the text to show.

use anyhow::Context as _;

use super::events;
use crate::config::Publisher;
use crate::domain::events::{Data, Kind};
use crate::domain::ids::{PolicyVersionId, ProductId};
use crate::domain::jobs::Job;
use crate::domain::policies::history::Version;
use crate::domain::policies::versions::{Draft, Publication, Published, Served};
use crate::domain::policies::{Text, parse};
use crate::domain::products::Product;
use crate::domain::starter::{self, Identity};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::policies::StoredText;
use crate::store::{self, Store};

/// Publishes a version: from now on it never changes, and binds nobody before it is posted.
/// `before` is the highest number that was there when the files were checked.
///
/// # Errors
/// [`Refusal`](crate::domain::policies::versions::Refusal) when it cannot follow the version
/// before; a sentence when somebody else published meanwhile.
pub async fn publish(
    store: &Store,
    product: &Product,
    publication: Publication,
    before: u32,
    now: Timestamp,
) -> anyhow::Result<Published> {
    let tx = store.begin().await?;
    store::policies::lock(&tx, product.id).await?;
    if let Some(other) = store::policies::unposted(&tx, product.id).await? {
        anyhow::bail!(
            "version {} is being published at this moment; nothing else was published",
            other.number
        );
    }
    let highest = store::policies::highest(&tx, product.id).await?;
    anyhow::ensure!(
        highest == before,
        "version {highest} was published meanwhile; nothing else was published"
    );
    let history = store::policies::history(&tx, product.id).await?;
    let facts = history.in_force().map(|last| last.facts_toml.as_str());
    let draft = Draft::new(publication, highest, facts)?;
    store::policies::add(&tx, product.id, &draft, now).await?;
    let version = store::policies::unposted(&tx, product.id)
        .await?
        .context("the version vanished")?;
    tx.commit().await?;
    Ok(Published {
        version,
        texts: draft.texts.into_iter().map(|t| t.text).collect(),
    })
}

/// A version that was published and not posted, with its texts as the database has them.
pub async fn unposted(store: &Store, product: &Product) -> Result<Option<Published>, Error> {
    let Some(version) = store::policies::unposted(store, product.id).await? else {
        return Ok(None);
    };
    let mut texts = Vec::new();
    for reference in &version.texts {
        texts.push(text(store, &version, &reference.lang).await?.1);
    }
    Ok(Some(Published { version, texts }))
}

/// Posts a version that came back from the Product: from this instant on it is in force
/// (clause 12.3), which is after every entry of the ledger, and `now` is asked when no further
/// one can come between. One that did not come back as it was published is given up.
///
/// # Errors
/// When it was given up, and when the database does not answer.
pub async fn post(
    store: &Store,
    product: &Product,
    published: Published,
    served: &[Served],
    now: impl Fn() -> Timestamp,
) -> anyhow::Result<Version> {
    let tx = store.begin().await?;
    store::policies::lock(&tx, product.id).await?;
    let earliest = store::ledger::close(&tx).await?;
    let now = now();
    let (id, number) = (published.version.id, published.version.number);
    let level = published.version.level;
    let history = store::policies::history(&tx, product.id).await?;
    if let Some(posted) = history.get(number) {
        // Somebody who started meanwhile found it and finished the work.
        return Ok(posted.clone());
    }
    let last = history.in_force();
    let earliest = last.map(|v| v.posted_at).max(earliest);
    let posted = match published.post(served, earliest, now) {
        Ok(posted) => {
            store::policies::post(&tx, id, posted.posted_at).await?;
            let data = Data {
                policy_number: Some(number),
                level: Some(store::policies::level_text(level)),
                ..Data::default()
            };
            events::at_product(&tx, product, Kind::PolicyPosted, data, now).await?;
            // Nobody has agreed to anything before the first.
            if last.is_some() {
                let tell = Job::TellEverybody { version: id };
                store::jobs::enqueue(&tx, &tell, now, now).await?;
            }
            posted
        }
        Err(fault) => {
            store::policies::discard(&tx, id, &fault.to_string(), now).await?;
            tx.commit().await?;
            anyhow::bail!("version {number} was not posted and is given up: {fault}");
        }
    };
    tx.commit().await?;
    Ok(posted)
}

/// A posted version by its id, and whose it is.
///
/// # Errors
/// [`Error::Internal`] when there is none, or it was not posted.
pub async fn posted(store: &Store, id: PolicyVersionId) -> Result<(ProductId, Version), Error> {
    let product = store::policies::product_of(store, id).await?;
    let history = store.history(product).await?;
    let version = history.versions().iter().find(|version| version.id == id);
    let version = version
        .cloned()
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("version {id} was not posted")))?;
    Ok((product, version))
}

/// A text with its clauses, read from its source again.
///
/// # Errors
/// [`Error::Internal`] when what was stored is not there or cannot be read.
pub async fn text(
    store: &Store,
    version: &Version,
    lang: &str,
) -> Result<(StoredText, Text), Error> {
    let missing = || {
        Error::Internal(anyhow::anyhow!(
            "version {} has no text in {lang}",
            version.number
        ))
    };
    let stored = store::policies::text(store, version.id, lang)
        .await?
        .ok_or_else(missing)?;
    let document = parse(&stored.file_name, &stored.source).map_err(|findings| {
        Error::Internal(anyhow::anyhow!(
            "version {}, {lang}: {} finding(s)",
            version.number,
            findings.len()
        ))
    })?;
    Ok((stored, document.into_text(version.verbatim)))
}

/// Fills the Publisher's identity into a text that has placeholders such as
/// `{{publisher.name}}`; any other text comes back byte for byte.
#[must_use]
pub fn filled(bytes: Vec<u8>, publisher: &Publisher) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) if text.contains("{{publisher.") => {
            starter::fill(&text, &identity(publisher)).into_bytes()
        }
        Ok(text) => text.into_bytes(),
        Err(e) => e.into_bytes(),
    }
}

/// The Publisher of the configuration, as texts and rules know it.
#[must_use]
pub fn identity(publisher: &Publisher) -> Identity<'_> {
    let Publisher {
        name,
        legal_form,
        tax_number,
        address,
        site,
        mailbox,
    } = publisher;
    Identity {
        name: name.as_deref(),
        legal_form: legal_form.as_deref(),
        tax_number: tax_number.as_deref(),
        address: address.as_deref(),
        site: site.as_deref(),
        mailbox: mailbox.as_deref(),
    }
}
