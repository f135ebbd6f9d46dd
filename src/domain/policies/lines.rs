//! What a single line is: a section's heading, a clause's number, an item, a version line.

use super::number;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Markdown: lines of one paragraph are joined, and marks mean something.
    pub markdown: bool,
    /// Sections are headings (`## 1. Title`), so a bare `1. …` is an item of a list.
    pub headings: bool,
}

/// A heading of a section or the beginning of a clause.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// `5. Purposes`
    Section { no: u16, title: String },
    /// `5.2.8. Advertising`, its number as it is written.
    Clause {
        no: String,
        parts: Vec<u16>,
        words: String,
    },
    /// A number that no clause can have.
    TooLong { no: String },
}

/// Reads a line that opens a section or a clause. `last` is the number opened before: without
/// its closing dot a number opens a clause only where it is the next one, because "1.5 million"
/// may begin a line too.
pub fn opening(line: &str, form: Form, last: &[u16]) -> Option<Opening> {
    let (is_heading, line) = match heading(line).filter(|_| form.markdown) {
        Some(words) => (true, words),
        None => (false, line),
    };
    let (bold, line) = match line.strip_prefix("**").filter(|_| form.markdown) {
        Some(rest) => ("**", rest),
        None => ("", line),
    };
    let read = number::leading(line)?;
    if read.is_too_long() {
        return read.dotted.then(|| Opening::TooLong {
            no: read.no.to_owned(),
        });
    }
    let (no, parts, dotted, rest) = (read.no, read.parts, read.dotted, read.rest);
    let closed = rest.strip_prefix(bold).filter(|_| !bold.is_empty());
    let words = match closed {
        Some(rest) => rest.trim().to_owned(),
        // The bold goes on after the number: it began with the words.
        None if !bold.is_empty() => format!("{bold}{}", rest.trim_start()),
        None => rest.trim().to_owned(),
    };
    let apart = closed.is_some() || rest.is_empty() || rest.starts_with(char::is_whitespace);
    match parts.as_slice() {
        [no] => {
            let opens = dotted && apart && (is_heading || !form.headings);
            opens.then(|| Opening::Section {
                no: *no,
                title: words.trim_matches('*').trim().to_owned(),
            })
        }
        _ => {
            let typo = rest.starts_with(char::is_alphabetic);
            let opens = (dotted && (apart || typo)) || (apart && number::is_next(last, &parts));
            opens.then(|| Opening::Clause {
                no: no.to_owned(),
                parts,
                words,
            })
        }
    }
}

/// Whether a line is a Markdown heading of a section: `## 5. Purposes`.
pub fn is_section_heading(line: &str) -> bool {
    let words = heading(line.trim()).map(|words| words.trim_start_matches('*'));
    words
        .and_then(number::leading)
        .is_some_and(|read| read.parts.len() == 1 && read.dotted)
}

/// The words of a Markdown heading.
pub fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading =
        (1..=6).contains(&level) && (words.is_empty() || words.starts_with([' ', '\t']));
    is_heading.then(|| words.trim_end_matches('#').trim())
}

/// The words of a list item. After a lone `•` they come on the next line.
pub fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['•', '–', '—', '-', '*', '+', '·', '◦', '▪'])?;
    (rest.starts_with(char::is_whitespace) || line == "•").then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Form = Form {
        markdown: false,
        headings: false,
    };
    const MARKDOWN: Form = Form {
        markdown: true,
        headings: true,
    };

    fn clause(no: &str, words: &str) -> Option<Opening> {
        Some(Opening::Clause {
            no: no.to_owned(),
            parts: number::parts(no),
            words: words.to_owned(),
        })
    }

    #[test]
    fn a_clause_begins_with_its_number() {
        for (line, no, words) in [
            ("1.1.", "1.1", ""),
            ("1.1. Words", "1.1", "Words"),
            ("1.1.Words", "1.1", "Words"),
            ("**1.1.** Words", "1.1", "Words"),
            ("**1.1. Title.** Words", "1.1", "**Title.** Words"),
            ("### 1.1. Title ###", "1.1", "Title"),
            ("1.2 The next one", "1.2", "The next one"),
        ] {
            assert_eq!(
                opening(line, MARKDOWN, &[1, 1]),
                clause(no, words),
                "{line}"
            );
        }
        for line in [
            "1.5 million",
            "1.2% of all",
            "2008. A year",
            "1.1, as said",
            "10.12.2023. Date",
            "123456 things",
            "Words 1.1.",
        ] {
            assert_eq!(opening(line, MARKDOWN, &[1, 1]), None, "{line}");
        }
    }

    #[test]
    fn a_number_can_be_too_long() {
        for line in ["1.99999. x", &"1.".repeat(9)] {
            assert!(
                matches!(opening(line, MARKDOWN, &[1]), Some(Opening::TooLong { .. })),
                "{line}"
            );
        }
    }

    #[test]
    fn a_section_is_a_heading_where_there_are_headings() {
        let section = |title: &str| {
            Some(Opening::Section {
                no: 5,
                title: title.to_owned(),
            })
        };
        assert_eq!(opening("5. Purposes", PLAIN, &[]), section("Purposes"));
        assert_eq!(
            opening("## **5. Purposes**", MARKDOWN, &[]),
            section("Purposes")
        );
        assert_eq!(opening("5. An item", MARKDOWN, &[]), None);
        assert!(
            is_section_heading("## 5. Purposes")
                && !is_section_heading("## Purposes")
                && !is_section_heading("5. P")
        );
    }

    #[test]
    fn an_item_has_a_mark_and_a_space() {
        assert_eq!(item("• one"), Some("one"));
        assert_eq!(item("–\u{a0}one"), Some("one"));
        assert_eq!(item("•"), Some(""));
        assert_eq!(item("*"), None);
        assert_eq!(item("-one"), None);
        assert_eq!(item("**bold** words"), None);
    }
}
