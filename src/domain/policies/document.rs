//! A parsed text, and how it is shown: as HTML, as plain text, as the very bytes
//! that are hashed.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use aws_lc_rs::digest::{SHA256, digest};
use pulldown_cmark::{Event, Parser, html};

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
        let hex: String = digest(&SHA256, &shown)
            .as_ref()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        Text {
            lang: self.lang,
            title: self.title,
            dated: self.dated,
            sections: self.sections,
            hash: format!("sha256:{hex}"),
            shown,
        }
    }
}

fn canonical(title: &str, sections: &[Section]) -> String {
    let mut parts = vec![title.to_owned()];
    for section in sections {
        parts.push(format!("{}. {}", section.no, section.title));
        if !section.preamble.is_empty() {
            parts.push(plain(&section.preamble));
        }
        parts.extend(
            section
                .clauses
                .iter()
                .map(|clause| format!("{}. {}", clause.no, clause.text())),
        );
    }
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

impl Section {
    /// The preamble as HTML; empty when there is none.
    #[must_use]
    pub fn preamble_html(&self) -> String {
        markup(&self.preamble)
    }
}

impl Clause {
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

/// The words without their Markdown.
fn unmarked(words: &str) -> String {
    inline(words)
        .map(|event| match event {
            Event::Text(text) | Event::Code(text) => text.into_string(),
            Event::SoftBreak | Event::HardBreak => " ".to_owned(),
            _ => String::new(),
        })
        .collect()
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

/// Inline Markdown only. Words that look like another block (a heading, a number) stay words,
/// and HTML stays visible as text.
fn inline(words: &str) -> impl Iterator<Item = Event<'_>> {
    let block_mark = |event: &Event<'_>| match event {
        Event::Start(tag) => !is_inline(&tag.to_end()),
        Event::End(tag) => !is_inline(tag),
        _ => false,
    };
    // A zero-width start would change the bytes, so a leading mark is shown through the text itself.
    let head = words.len()
        - words
            .trim_start_matches(['#', '>', '+', '-', '*', '=', '~', '`', '|'])
            .len();
    let (lead, rest) = if words[head..].starts_with(' ') {
        words.split_at(head)
    } else {
        ("", words)
    };
    let lead = (!lead.is_empty()).then(|| Event::Text(lead.to_owned().into()));
    let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digits, rest) = if number > 0 && rest[number..].starts_with(['.', ')']) {
        rest.split_at(number + 1)
    } else {
        ("", rest)
    };
    let space = if rest.starts_with(' ') && (lead.is_some() || !digits.is_empty()) {
        " "
    } else {
        ""
    };
    let digits = (!digits.is_empty() || !space.is_empty())
        .then(|| Event::Text(format!("{digits}{space}").into()));
    let body = Parser::new(rest.trim_start())
        .filter(move |event| !block_mark(event))
        .map(|event| match event {
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            other => other,
        });
    lead.into_iter().chain(digits).chain(body)
}

fn is_inline(tag: &pulldown_cmark::TagEnd) -> bool {
    use pulldown_cmark::TagEnd;
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
