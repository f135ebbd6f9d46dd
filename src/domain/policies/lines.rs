//! What a single line is: the beginning of a section or a clause, an item, words.

use super::chars;
use super::number::{self, End, Numbered, Style};

/// Words that stand before a section's number, in the languages of our readers.
const LABELS: [&str; 41] = [
    "article",
    "art",
    "section",
    "sec",
    "chapter",
    "ch",
    "part",
    "clause",
    "статья",
    "ст",
    "раздел",
    "разд",
    "глава",
    "гл",
    "часть",
    "artículo",
    "articulo",
    "sección",
    "seccion",
    "capítulo",
    "capitulo",
    "cap",
    "apartado",
    "cláusula",
    "clausula",
    "parte",
    "artigo",
    "seção",
    "secção",
    "secao",
    "título",
    "titulo",
    "берене",
    "бөлүм",
    "бап",
    "бөлім",
    "тарау",
    "тармақ",
    "бөлімі",
    "параграф",
    "paragraph",
];
/// Those that stand behind it, after a hyphen: `1-берене`, `2-бап`.
const LABELS_BEHIND: [&str; 9] = [
    "берене",
    "бөлүм",
    "глава",
    "статья",
    "бап",
    "бөлім",
    "тарау",
    "тармақ",
    "параграф",
];
/// What may stand between a number and its title, besides the number's end.
const DASHES: [char; 4] = ['-', '–', '—', ':'];
/// Signs of items. Markdown knows the first three.
const BULLETS: [char; 12] = ['-', '*', '+', '•', '–', '—', '·', '◦', '▪', '●', '○', '‣'];

/// A line of the file, or what is left of it without what it opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// Its place in the file, from 1.
    pub at: usize,
    /// Its words.
    pub words: String,
    /// It goes on with the line before: that one was only wrapped.
    pub joins: bool,
    /// It is an item of a numbered list.
    pub item: Option<u64>,
}

impl SourceLine {
    /// A line of words.
    #[must_use]
    pub fn new(at: usize, words: &str) -> Self {
        Self {
            at,
            words: words.to_owned(),
            joins: false,
            item: None,
        }
    }
}

/// What stands at the beginning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number and value.
    pub no: String,
    /// Its components.
    pub parts: Vec<u16>,
    /// How it is written.
    pub style: Style,
    /// What ends it.
    pub end: End,
    /// As it is written, where a word or a sign belongs to it: `Статья 1.`, `§ 1.`
    pub label: Option<String>,
    /// What follows it, with the emphasis that began before it.
    pub words: String,
    /// Whether a space, a bracket or the end of the line parts it from what follows.
    pub apart: bool,
    /// It stands in a list's item: `- 1.4. words`.
    pub listed: bool,
    /// It has more levels or digits than a number may have.
    pub too_long: bool,
}

/// A line with what its form says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line; its beginning has plain spaces only and nothing unseen.
    pub raw: String,
    /// How many spaces it begins with.
    pub indent: usize,
    /// The level of a Markdown heading.
    pub heading: Option<usize>,
    /// Its words without the signs of a heading.
    pub words: String,
    /// The number it begins with.
    pub mark: Option<Mark>,
}

impl Line {
    /// Reads a line.
    #[must_use]
    pub fn read(line: &str, markdown: bool) -> Self {
        let raw = readable(line);
        let trimmed = raw.trim();
        let headed = heading(trimmed).filter(|_| markdown);
        let words = headed.map_or(trimmed, |(_, words)| words);
        Self {
            indent: raw.len() - raw.trim_start().len(),
            heading: headed.map(|(level, _)| level),
            words: words.to_owned(),
            mark: mark(words, markdown),
            raw,
        }
    }

    /// Whether there is nothing on it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.words.is_empty() && self.heading.is_none()
    }

    /// Whether it is an item of a list.
    #[must_use]
    pub fn is_item(&self) -> bool {
        item(&self.words).is_some() || super::markdown::is_lettered(&self.words)
    }
}

/// The line with what stands before its first letter made plain: every kind of space is a space,
/// and nothing unseen hides a number or a sign.
fn readable(line: &str) -> String {
    let end = line.find(char::is_alphabetic).unwrap_or(line.len());
    let (beginning, rest) = line.split_at(end);
    let plain = beginning.chars().filter(|c| !chars::is_unseen(*c));
    let plain = plain.map(|c| {
        if c != '\t' && chars::is_space(c) {
            ' '
        } else {
            c
        }
    });
    format!("{}{rest}", plain.collect::<String>())
}

/// Level and words of a Markdown heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading =
        (1..=6).contains(&level) && (words.is_empty() || words.starts_with([' ', '\t']));
    is_heading.then(|| (level, words.trim_end_matches('#').trim()))
}

/// The words of a list's item. After a lone `•` they come on the next line.
#[must_use]
pub fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(BULLETS)?;
    (rest.starts_with(chars::is_space) || line == "•").then(|| rest.trim())
}

/// Whether an item has a sign that Markdown does not know.
#[must_use]
pub fn foreign_bullet(line: &str) -> Option<char> {
    let sign = line.chars().next().filter(|c| BULLETS[3..].contains(c))?;
    item(line).map(|_| sign)
}

fn mark(words: &str, markdown: bool) -> Option<Mark> {
    let listed = item(words).filter(|_| markdown || !words.starts_with(['–', '—', '-']));
    let words = listed.unwrap_or(words);
    let bold = ["***", "**", "__", "*", "_"]
        .into_iter()
        .find(|sign| markdown && words.starts_with(sign))
        .unwrap_or_default();
    let inner = &words[bold.len()..];
    let (label, number) = match labelled(inner) {
        Some((label, number)) => (Some(label), number),
        None => (None, number::leading(inner)?),
    };
    let mark = behind(bold, label, number)?;
    // A sign before a number without dots is an item with a figure in it.
    if listed.is_some() && mark.parts.len() < 2 {
        return None;
    }
    Some(Mark {
        listed: listed.is_some(),
        ..mark
    })
}

/// What follows a number, and whether it stands apart.
fn behind(bold: &str, label: Option<&str>, number: Numbered<'_>) -> Option<Mark> {
    let too_long = number.is_too_long();
    let mut end = number.end;
    let closed = number.rest.strip_prefix(bold).filter(|_| !bold.is_empty());
    let mut rest = closed.unwrap_or(number.rest);
    // `**1**. Title`
    if closed.is_some()
        && end == End::Nothing
        && let Some(after) = rest.strip_prefix(['.', ')'])
    {
        (end, rest) = (End::Dot, after);
    }
    let mut label = label.map(str::to_owned);
    let mut apart = closed.is_some() || number.is_apart();
    if let Some(label) = &mut label {
        if let Some(ordinal) = rest.chars().next().filter(|c| "ºª°".contains(*c)) {
            label.push(ordinal);
            rest = &rest[ordinal.len_utf8()..];
            apart = rest.is_empty() || rest.starts_with(chars::is_space);
        }
        if let Some(after) = rest.trim_start().strip_prefix(DASHES) {
            (end, apart, rest) = (End::Dot, true, after);
        }
        if end == End::Dot {
            label.push('.');
        }
    }
    let words = match closed {
        // The emphasis goes on after the number: it began with the words.
        None if !bold.is_empty() => format!("{bold}{}", rest.trim()),
        _ => rest.trim().to_owned(),
    };
    let words = if words == format!("{bold}{bold}") || words == bold {
        String::new()
    } else {
        words
    };
    Some(Mark {
        no: number.no,
        parts: number.parts,
        style: number.style,
        end,
        label,
        words,
        apart,
        listed: false,
        too_long,
    })
}

/// A number with a word or a sign that belongs to it: `Статья 1`, `§ 1`, `1-берене`.
fn labelled(line: &str) -> Option<(&str, Numbered<'_>)> {
    let written = |number: &Numbered<'_>| {
        let length = line.len() - number.rest.len();
        line[..length].trim_end_matches(['.', ')', '\\'])
    };
    if line.starts_with('§') {
        let number = number::bare(line.trim_start_matches('§').trim_start())?;
        return (number.style == Style::Arabic).then(|| (written(&number), number));
    }
    let word = &line[..line
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(line.len())];
    if LABELS.contains(&word.to_lowercase().as_str()) {
        let rest = &line[word.len()..];
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let number = number::bare(rest.strip_prefix(chars::is_space)?.trim_start())?;
        return Some((written(&number), number));
    }
    let number = number::bare(line)?;
    let (hyphen, behind) = (number.rest.strip_prefix('-')?, number.rest);
    let length = hyphen
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(hyphen.len());
    let (word, rest) = hyphen.split_at(length);
    let is_label = LABELS_BEHIND.contains(&word.to_lowercase().as_str())
        && number.end == End::Nothing
        && number.parts.len() == 1;
    let label = &line[..line.len() - behind.len() + 1 + length];
    let after = rest.strip_prefix('.').unwrap_or(rest);
    is_label.then(|| {
        let end = if rest.starts_with('.') {
            End::Dot
        } else {
            End::Nothing
        };
        (
            label,
            Numbered {
                end,
                rest: after,
                ..number
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, String, String)> {
        let mark = Line::read(line, true).mark?;
        Some((mark.no, mark.label.unwrap_or_default(), mark.words))
    }

    #[test]
    fn numbers_are_read_as_publishers_write_them() {
        for (line, no, label, words) in [
            ("1. Title", "1", "", "Title"),
            ("1.1.", "1.1", "", ""),
            ("1.1.Words", "1.1", "", "Words"),
            ("1\u{a0}Title", "1", "", "Title"),
            ("\u{200b}1.1.\u{200b}\u{2003}Words", "1.1", "", "Words"),
            ("**1.1.** Words", "1.1", "", "Words"),
            ("**1.1. Title.** Words", "1.1", "", "**Title.** Words"),
            ("**1**. Title", "1", "", "Title"),
            ("__1. Title__", "1", "", "__Title__"),
            ("### 1.1. Title ###", "1.1", "", "Title"),
            (r"1\. Title", "1", "", "Title"),
            ("- **1.4.** Words", "1.4", "", "Words"),
            ("IV. Title", "IV", "", "Title"),
            ("Б. Права", "Б", "", "Права"),
            ("Статья 1. Права", "1", "Статья 1.", "Права"),
            ("СТАТЬЯ 1 Права", "1", "СТАТЬЯ 1", "Права"),
            ("РАЗДЕЛ II. ПРАВА", "II", "РАЗДЕЛ II.", "ПРАВА"),
            ("**Раздел 1.** Права", "1", "Раздел 1.", "Права"),
            ("Article 1: Rights", "1", "Article 1.", "Rights"),
            ("Article I — Rights", "I", "Article I.", "Rights"),
            ("Art. 3. Rights", "3", "Art. 3.", "Rights"),
            ("Artículo 1.º Derechos", "1", "Artículo 1º.", "Derechos"),
            ("Section 2", "2", "Section 2", ""),
            ("§ 1. Rights", "1", "§ 1.", "Rights"),
            ("§1 Rights", "1", "§1", "Rights"),
            ("1-берене. Укуктар", "1", "1-берене.", "Укуктар"),
            ("2-бап Құқықтар", "2", "2-бап", "Құқықтар"),
        ] {
            let expected = (no.to_owned(), label.to_owned(), words.to_owned());
            assert_eq!(read(line), Some(expected), "{line}");
        }
        for line in [
            "- 1 thing",
            "Words 1.1.",
            "2008. A year",
            "I agree",
            "Section of it",
            "art 2008",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn an_item_has_a_sign_and_a_space() {
        assert_eq!(item("• one"), Some("one"));
        assert_eq!(item("–\u{a0}one"), Some("one"));
        assert_eq!(item("•"), Some(""));
        assert_eq!(item("*"), None);
        assert_eq!(item("-one"), None);
        assert_eq!(item("**bold** words"), None);
        assert_eq!(foreign_bullet("– one"), Some('–'));
        assert_eq!(foreign_bullet("- one"), None);
    }
}
