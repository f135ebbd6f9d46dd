//! The life of a version: draft, published, posted. Each step consumes
//! the value before it, so that nothing can be changed afterwards or left out.
//!
//! A published version is immutable but binds nobody. It comes into force when it
//! was seen in the Product, in the very bytes that were published (clauses 12.2
//! and 12.3); no date that somebody typed plays a part.

use thiserror::Error;

use super::history::Version;
use super::{Document, Finding, Text, hash_of};
use crate::domain::facts::{Facts, Level};
use crate::domain::time::Timestamp;

/// What somebody wants to publish.
pub struct Publication {
    /// The file's name and what was read in it, one per language; the first one's language
    /// prevails.
    pub documents: Vec<(String, Document)>,
    /// The facts as TOML; absent: those of the version before, or the starter's.
    pub facts: Option<String>,
    /// The level; absent: computed from the facts.
    pub level: Option<Level>,
    /// Why the level is below the computed one.
    pub reason: Option<String>,
    /// Keep every byte of the sources.
    pub verbatim: bool,
    /// What `policy check` found; recorded with the version.
    pub findings: Vec<Finding>,
}

/// Why nothing was published.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing to publish.
    #[error("no file was given")]
    NoFile,
    /// One version has one number.
    #[error("the files name different version numbers")]
    Numbers,
    /// Versions begin with 1.
    #[error("versions begin with 1")]
    Zero,
    /// Numbers only grow.
    #[error("version {number} is not above the last one, {last}: published versions never change")]
    NotAbove {
        /// The one that was wanted.
        number: u32,
        /// The last one.
        last: u32,
    },
    /// A language has one text.
    #[error("two files are in {0}")]
    SameLanguage(String),
    /// The facts are no facts.
    #[error("the facts cannot be used: {0}")]
    Facts(String),
    /// The level was to be lower than the facts allow, without a reason.
    #[error(
        "the facts are wider than before, so people must agree again: {0}. \
         To publish it as a notice all the same, say why with --reason; it is recorded"
    )]
    Level(String),
}

/// A text with its source.
#[derive(Clone, Debug)]
pub struct DraftText {
    /// The file it came from; it may name the language.
    pub file_name: String,
    /// The file, byte for byte.
    pub source: Vec<u8>,
    /// What will be shown.
    pub text: Text,
}

/// A version that could be published.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Above the last.
    pub number: u32,
    /// Whether people must agree again.
    pub level: Level,
    /// Why the level is below the computed one.
    pub reason: Option<String>,
    /// The facts, as TOML.
    pub facts: String,
    /// Every byte of the sources is kept.
    pub verbatim: bool,
    /// One per language; the first one prevails.
    pub texts: Vec<DraftText>,
    /// What `policy check` found.
    pub findings: Vec<Finding>,
}

impl Draft {
    /// Holds what somebody wants to publish against what there is: the highest number that was
    /// ever used (0: none), and the facts in force, as TOML.
    ///
    /// # Errors
    /// [`Refusal`], by the first thing that stands against it.
    pub fn new(publication: Publication, last: u32, before: Option<&str>) -> Result<Self, Refusal> {
        let number = number(&publication.documents, last)?;
        let facts = match (&publication.facts, before) {
            (Some(given), _) => given.clone(),
            (None, Some(before)) => before.to_owned(),
            (None, None) => Facts::STARTER.to_owned(),
        };
        let (level, lowered) = level(&facts, before, publication.level, &publication.reason)?;
        Ok(Self {
            number,
            level,
            reason: publication.reason.filter(|_| lowered),
            facts,
            verbatim: publication.verbatim,
            texts: texts(publication.documents, publication.verbatim)?,
            findings: publication.findings,
        })
    }

    /// Whether files can be one version together, whatever was published before: one number, and
    /// a language each.
    ///
    /// # Errors
    /// [`Refusal`], by the first thing that stands against it.
    pub fn could_be(documents: &[(String, Document)]) -> Result<(), Refusal> {
        number(documents, 0)?;
        texts(documents.to_vec(), false).map(drop)
    }

    /// The language that prevails when texts differ.
    #[must_use]
    pub fn prevailing(&self) -> String {
        self.texts
            .first()
            .map(|t| t.text.lang.to_string())
            .unwrap_or_default()
    }
}

fn number(documents: &[(String, Document)], last: u32) -> Result<u32, Refusal> {
    let mut named = documents.iter().filter_map(|(_, d)| d.number);
    let number = match named.next() {
        Some(number) if named.all(|other| other == number) => number,
        Some(_) => return Err(Refusal::Numbers),
        None => last + 1,
    };
    match number {
        0 => Err(Refusal::Zero),
        n if n <= last => Err(Refusal::NotAbove { number, last }),
        n => Ok(n),
    }
}

/// The level, and whether it is below the computed one.
fn level(
    facts: &str,
    before: Option<&str>,
    wanted: Option<Level>,
    reason: &Option<String>,
) -> Result<(Level, bool), Refusal> {
    let facts = read(facts)?;
    let Some(before) = before else {
        return Ok((wanted.unwrap_or(Level::Reconsent), false));
    };
    let (computed, wider) = facts.level_from(&read(before)?);
    let lower = wanted == Some(Level::Notice) && computed == Level::Reconsent;
    if lower && reason.as_ref().is_none_or(|r| r.trim().is_empty()) {
        return Err(Refusal::Level(wider.join("; ")));
    }
    Ok((wanted.unwrap_or(computed), lower))
}

fn read(facts: &str) -> Result<Facts, Refusal> {
    Facts::parse(facts).map_err(|faults| Refusal::Facts(faults.join("; ")))
}

fn texts(documents: Vec<(String, Document)>, verbatim: bool) -> Result<Vec<DraftText>, Refusal> {
    let mut texts: Vec<DraftText> = Vec::new();
    for (file_name, document) in documents {
        let source = document.source.clone();
        let text = document.into_text(verbatim);
        if texts.iter().any(|t| t.text.lang == text.lang) {
            return Err(Refusal::SameLanguage(text.lang.to_string()));
        }
        texts.push(DraftText {
            file_name,
            source,
            text,
        });
    }
    if texts.is_empty() {
        return Err(Refusal::NoFile);
    }
    Ok(texts)
}

/// A version that never changes again, and binds nobody yet.
#[derive(Clone, Debug)]
pub struct Published {
    /// The version.
    pub version: Version,
    /// Its texts, as they were published.
    pub texts: Vec<Text>,
}

/// A text as the Product gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The language that was asked for and came.
    pub lang: String,
    /// The hash that came with it.
    pub hash: String,
    /// Number and words of each clause that came.
    pub clauses: Vec<(String, String)>,
}

/// Why a version was not posted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotServed {
    /// The Product did not give this text.
    #[error("the text in {0} did not come")]
    Missing(String),
    /// The bytes in the database are not those that were published.
    #[error("the text in {0} does not have its hash")]
    Hash(String),
    /// The Product gave other words.
    #[error("the text in {0} came with other words than were published")]
    Words(String),
}

impl Published {
    /// Brings the version into force: every text came back from the Product as it was
    /// published. `earliest` is the first moment it can be in force: the version before was
    /// posted, and people agreed to it, by clocks that may be ahead of ours.
    ///
    /// # Errors
    /// [`NotServed`], by the first text that did not come as it should.
    pub fn post(
        self,
        served: &[Served],
        earliest: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Version, NotServed> {
        for text in &self.texts {
            came_back(text, served)?;
        }
        Ok(Version {
            posted_at: earliest.map_or(now, |earliest| now.max(earliest)),
            ..self.version
        })
    }
}

fn came_back(text: &Text, served: &[Served]) -> Result<(), NotServed> {
    let lang = text.lang.to_string();
    let Some(served) = served.iter().find(|s| s.lang == lang) else {
        return Err(NotServed::Missing(lang));
    };
    if served.hash != text.hash || hash_of(&text.shown) != text.hash {
        return Err(NotServed::Hash(lang));
    }
    let words = text.sections.iter().flat_map(|s| &s.clauses);
    if !words
        .map(|clause| (clause.no.clone(), clause.text()))
        .eq(served.clauses.iter().cloned())
    {
        return Err(NotServed::Words(lang));
    }
    Ok(())
}
