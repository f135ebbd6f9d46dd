//! A parsed text, and how it is shown: as HTML, as plain text, as the very bytes
//! that are hashed.

use aws_lc_rs::digest::{SHA256, digest};

use super::body::{self, Block};
use super::html::html;
use super::{Finding, LangTag};

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its language.
    pub lang: LangTag,
    /// The version's number, if the file names one.
    pub number: Option<u32>,
    /// The date an editor gave it; it decides nothing (clause 12.3).
    pub dated: Option<String>,
    /// Its title.
    pub title: String,
    /// Its sections.
    pub sections: Vec<Section>,
    /// The file, byte for byte.
    pub source: Vec<u8>,
    /// What is wrong with its form.
    pub findings: Vec<Finding>,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Without a trailing dot; empty when it has none.
    pub no: String,
    /// Its number as it is written, where a word or a sign belongs to it: `Статья 1.`, `§ 1.`
    pub label: Option<String>,
    /// Its title.
    pub title: String,
    /// What stands before its first clause.
    pub preamble: Vec<Block>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
    /// Where it begins in the file, from 1.
    pub line: usize,
}

/// A numbered clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// `3.1.4`, without a trailing dot.
    pub no: String,
    /// As for a section.
    pub label: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Where it begins in the file, from 1.
    pub line: usize,
}

/// A text that can be published.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its language.
    pub lang: LangTag,
    /// Its title.
    pub title: String,
    /// The date an editor gave it.
    pub dated: Option<String>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// Exactly the bytes that are shown as text.
    pub shown: Vec<u8>,
    /// `sha256:` and 64 hex digits of `shown`.
    pub hash: String,
}

impl Document {
    /// How many clauses there are.
    #[must_use]
    pub fn clause_count(&self) -> usize {
        self.sections.iter().map(|s| s.clauses.len()).sum()
    }

    /// All clauses, in their order.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.sections.iter().flat_map(|s| &s.clauses)
    }

    /// What will be shown: the source as it came, or the canonical text.
    ///
    /// The canonical text is UTF-8 with line feeds: the title, then each section's heading
    /// `1. Title`, its preamble, and each clause as `1.1. Words`; blocks are a blank line
    /// apart, items are lines that begin with `• ` or their number, rows of a table stand
    /// between `|`.
    #[must_use]
    pub fn into_text(self, verbatim: bool) -> Text {
        let shown = if verbatim {
            self.source
        } else {
            canonical(&self.title, &self.sections).into_bytes()
        };
        Text {
            lang: self.lang,
            title: self.title,
            dated: self.dated,
            sections: self.sections,
            hash: hash_of(&shown),
            shown,
        }
    }
}

/// `sha256:` and 64 hex digits: what a text is called everywhere.
#[must_use]
pub fn hash_of(shown: &[u8]) -> String {
    let hex: String = digest(&SHA256, shown)
        .as_ref()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn canonical(title: &str, sections: &[Section]) -> String {
    let mut parts = vec![title.to_owned()];
    for section in sections {
        let heading = section.heading();
        if !heading.is_empty() {
            parts.push(heading);
        }
        if !section.preamble.is_empty() {
            parts.push(section.preamble_text());
        }
        parts.extend(section.clauses.iter().map(|clause| {
            let number = clause
                .label
                .clone()
                .unwrap_or_else(|| format!("{}.", clause.no));
            format!("{number} {}", clause.text()).trim_end().to_owned()
        }));
    }
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

impl Section {
    /// Number and title as people read them: `1. Title`, `Статья 1. Title`, `Title`.
    #[must_use]
    pub fn heading(&self) -> String {
        let number = match (&self.label, self.no.as_str()) {
            (Some(label), _) => label.clone(),
            (None, "") => String::new(),
            (None, no) => format!("{no}."),
        };
        format!("{number} {}", self.title).trim().to_owned()
    }

    /// What it is called in a sentence: its number, else its title.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.no.is_empty() {
            &self.title
        } else {
            &self.no
        }
    }

    /// The preamble as plain text; empty when there is none.
    #[must_use]
    pub fn preamble_text(&self) -> String {
        body::text(&self.preamble)
    }

    /// The preamble as HTML; empty when there is none.
    #[must_use]
    pub fn preamble_html(&self) -> String {
        html(&self.preamble)
    }
}

impl Clause {
    /// How many numbers its number has: 3 for `3.1.4`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.no.split('.').count()
    }

    /// As HTML: words, lists, tables, quotations, links to where people can follow them, and
    /// nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        html(&self.blocks)
    }

    /// As plain text, without its number; paragraphs are a blank line apart.
    #[must_use]
    pub fn text(&self) -> String {
        body::text(&self.blocks)
    }
}
