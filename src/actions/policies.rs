//! The Policy: publishing a version and finding the text to show.

use anyhow::Context as _;

use crate::config::Publisher;
use crate::domain::facts::{Facts, Level};
use crate::domain::policies::{Document, Text, parse};
use crate::domain::products::Product;
use crate::domain::starter::{self, Identity};
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::policies::{NewVersion, StoredText, TextRef, Version};
use crate::store::{self, Read, Store};

/// A version that somebody wants to publish.
pub struct Publication {
    /// One document per language; the first one's language prevails.
    pub documents: Vec<(String, Document)>,
    /// The facts as TOML; absent: those of the version before, or the starter's.
    pub facts: Option<String>,
    /// The level; absent: computed from the facts.
    pub level: Option<Level>,
    /// Keep every byte of the sources.
    pub verbatim: bool,
}

/// Publishes a version and posts it: from that instant it is in force (clause 12.3).
///
/// # Errors
/// When the number is not above the last, the files disagree about it, two files are of one
/// language, the facts cannot be read, or the level is below the computed one.
pub async fn publish(
    store: &Store,
    product: &Product,
    publication: Publication,
    now: Timestamp,
) -> anyhow::Result<Version> {
    let tx = store.begin().await?;
    store::policies::lock(&tx, product.id).await?;
    let last = store::policies::in_force(&tx, product.id).await?;

    let number = number(&publication.documents, last.as_ref().map(|v| v.number))?;
    let source = match (&publication.facts, &last) {
        (Some(given), _) => given.clone(),
        (None, Some(last)) => last.facts.clone(),
        (None, None) => Facts::STARTER.to_owned(),
    };
    let facts = read_facts(&source)?;
    let level = level(&facts, last.as_ref(), publication.level)?;
    let texts = texts(publication.documents, publication.verbatim)?;
    let prevailing = texts
        .first()
        .map(|t| t.lang.clone())
        .context("no file was given")?;

    let new = NewVersion {
        product: product.id,
        number,
        level,
        prevailing: &prevailing,
        facts: &source,
        verbatim: publication.verbatim,
        texts: &texts,
    };
    let id = store::policies::add(&tx, &new, now).await?;
    // The server's clock, never before the posting of the version below (clause 12.3).
    let posted_at = last.map_or(now, |last| now.max(last.posted_at));
    store::policies::post(&tx, id, posted_at).await?;
    tx.commit().await?;
    store::policies::find(store, product.id, number)
        .await?
        .context("the version vanished")
}

fn number(documents: &[(String, Document)], last: Option<u32>) -> anyhow::Result<u32> {
    let mut named = documents.iter().filter_map(|(_, d)| d.number);
    let number = match named.next() {
        Some(number) if named.all(|other| other == number) => number,
        Some(_) => anyhow::bail!("the files name different version numbers"),
        None => last.map_or(1, |n| n + 1),
    };
    match last {
        Some(last) if number <= last => {
            anyhow::bail!(
                "version {number} is not above the last one, {last}: published versions never change"
            )
        }
        _ if number == 0 => anyhow::bail!("versions begin with 1"),
        _ => Ok(number),
    }
}

fn level(facts: &Facts, last: Option<&Version>, wanted: Option<Level>) -> anyhow::Result<Level> {
    let Some(last) = last else {
        return Ok(wanted.unwrap_or(Level::Reconsent));
    };
    let (computed, reasons) = facts.level_from(&read_facts(&last.facts)?);
    match (wanted, computed) {
        (Some(Level::Notice), Level::Reconsent) => {
            anyhow::bail!(
                "the facts are wider than before, so people must agree again: {}",
                reasons.join("; ")
            )
        }
        (wanted, computed) => Ok(wanted.unwrap_or(computed)),
    }
}

fn texts(documents: Vec<(String, Document)>, verbatim: bool) -> anyhow::Result<Vec<StoredText>> {
    let mut texts: Vec<StoredText> = Vec::new();
    for (file_name, document) in documents {
        let source = document.source.clone();
        let text = document.into_text(verbatim);
        let lang = text.lang.to_string();
        anyhow::ensure!(
            texts.iter().all(|t| t.lang != lang),
            "two files are in {lang}"
        );
        texts.push(StoredText {
            lang,
            file_name,
            source,
            shown: text.shown,
            hash: text.hash,
        });
    }
    Ok(texts)
}

fn read_facts(toml: &str) -> anyhow::Result<Facts> {
    Facts::parse(toml)
        .map_err(|faults| anyhow::anyhow!("the facts cannot be used: {}", faults.join("; ")))
}

/// The version in force and its text in the best of `langs`; `None` when nothing was posted.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn in_force(
    db: &impl Read,
    product: &Product,
    langs: &[String],
) -> Result<Option<(Version, TextRef)>, Error> {
    let version = store::policies::in_force(db, product.id).await?;
    Ok(version.and_then(|version| {
        let text = choose(&version, langs)?;
        Some((version, text))
    }))
}

/// The text for a reader: their language, else another kind of it, else the prevailing one.
#[must_use]
pub fn choose(version: &Version, langs: &[String]) -> Option<TextRef> {
    let primary = |tag: &str| {
        tag.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    langs
        .iter()
        .find_map(|lang| {
            let exact = version
                .texts
                .iter()
                .find(|t| t.lang.eq_ignore_ascii_case(lang));
            exact.or_else(|| {
                version
                    .texts
                    .iter()
                    .find(|t| primary(&t.lang) == primary(lang))
            })
        })
        .or_else(|| version.text(&version.prevailing))
        .cloned()
}

/// The facts of a version.
///
/// # Errors
/// [`Error::Internal`] when what was stored is no facts.
pub fn facts(version: &Version) -> Result<Facts, Error> {
    read_facts(&version.facts).map_err(Error::Internal)
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
