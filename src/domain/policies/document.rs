//! A parsed text, and how it is shown: as HTML, as plain text, as the very bytes
//! that are hashed.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use aws_lc_rs::digest::{SHA256, digest};
use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

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

/// A numbered section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Without a trailing dot.
    pub no: String,
    /// Its title.
    pub title: String,
    /// What stands before its first clause.
    pub preamble: Vec<Block>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
}

/// A numbered clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// `3.1.4`, without a trailing dot.
    pub no: String,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Where it begins in the file, from 1.
    pub line: usize,
}

/// A part of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph(String),
    /// Items.
    List(Vec<String>),
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
    /// apart, list items are lines that begin with `• `.
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
        parts.push(format!("{}. {}", section.no, section.title));
        if !section.preamble.is_empty() {
            parts.push(plain(&section.preamble));
        }
        parts.extend(section.clauses.iter().map(|clause| {
            format!("{}. {}", clause.no, clause.text())
                .trim_end()
                .to_owned()
        }));
    }
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

impl Section {
    /// The preamble as plain text; empty when there is none.
    #[must_use]
    pub fn preamble_text(&self) -> String {
        plain(&self.preamble)
    }

    /// The preamble as HTML; empty when there is none.
    #[must_use]
    pub fn preamble_html(&self) -> String {
        markup(&self.preamble)
    }
}

impl Clause {
    /// How many numbers its number has: 3 for `3.1.4`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.no.split('.').count()
    }

    /// As HTML: `p`, `ul`, `li`, `a`, `strong`, `em`, `br`, and nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        markup(&self.blocks)
    }

    /// As plain text, without its number; paragraphs are a blank line apart.
    #[must_use]
    pub fn text(&self) -> String {
        plain(&self.blocks)
    }
}

fn plain(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(words) => unmarked(words),
            Block::List(items) => items
                .iter()
                .map(|item| format!("• {}", unmarked(item)))
                .collect::<Vec<_>>()
                .join("\n"),
        })
        .collect();
    parts.join("\n\n")
}

/// The words without their Markdown. Where a link leads is part of what people agree to, so it
/// stands behind the link's words, unless they are the address itself.
fn unmarked(words: &str) -> String {
    let mut text = String::new();
    let mut link = None;
    for event in inline(words) {
        match event {
            Event::Text(more) | Event::Code(more) => text.push_str(&more),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::Link { dest_url, .. }) => link = Some((text.len(), dest_url)),
            Event::End(TagEnd::Link) => {
                if let Some((from, address)) = link.take()
                    && !address.ends_with(&text[from..])
                {
                    text.push_str(&format!(" ({address})"));
                }
            }
            _ => {}
        }
    }
    text
}

fn markup(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(words) => {
                out.push_str("<p>");
                html::push_html(&mut out, inline(words));
                out.push_str("</p>");
            }
            Block::List(items) => {
                out.push_str("<ul>");
                for item in items {
                    out.push_str("<li>");
                    html::push_html(&mut out, inline(item));
                    out.push_str("</li>");
                }
                out.push_str("</ul>");
            }
        }
    }
    CLEAN.clean(&out).to_string()
}

/// Stands before the words while they are read, so that nothing in them can begin a heading, a
/// list, a quotation or a definition: those would swallow words that people agree to.
const GUARD: &str = "a ";

/// Inline Markdown only: emphasis and links. HTML stays visible as text.
fn inline(words: &str) -> std::vec::IntoIter<Event<'static>> {
    let guarded = format!("{GUARD}{words}");
    let mut guarding = true;
    let events: Vec<Event<'static>> = Parser::new(&guarded)
        .filter_map(|event| match event {
            Event::Start(tag) if !is_inline(tag.to_end()) => None,
            Event::End(tag) if !is_inline(tag) => None,
            Event::Text(text) if std::mem::take(&mut guarding) => {
                let rest = text.strip_prefix(GUARD).unwrap_or_default();
                Some(Event::Text(rest.to_owned().into()))
            }
            Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw.into_static())),
            other => Some(other.into_static()),
        })
        .collect();
    events.into_iter()
}

fn is_inline(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link)
}

/// The last word on what reaches a browser.
static CLEAN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut clean = Builder::new();
    clean
        .tags(HashSet::from(["p", "ul", "li", "a", "strong", "em", "br"]))
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .link_rel(Some("noopener noreferrer"));
    clean
});
