//! What stands under a heading or a number: paragraphs, lists, tables, and the words in them;
//! and how that is shown as plain text.

/// A part of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph(Vec<Span>),
    /// A heading below those of sections.
    Heading(Vec<Span>),
    /// Items, each of one or more blocks; with its first number when they are numbered.
    List {
        /// The number of the first item.
        first: Option<u64>,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// Lines that are shown as they are written.
    Code(String),
    /// A table; its first row is the head. A cell is words.
    Table(Vec<Vec<Vec<Span>>>),
    /// A line between parts.
    Rule,
    /// A footnote, under the name by which words refer to it.
    Note {
        /// `1` for `[^1]`.
        name: String,
        /// What it says.
        blocks: Vec<Block>,
    },
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Words as they are typed.
    Code(String),
    /// Bold.
    Strong(Vec<Span>),
    /// Slanted.
    Emphasis(Vec<Span>),
    /// A link.
    Link {
        /// Its address, with its scheme.
        to: String,
        /// What a browser says about it; may be empty.
        title: String,
        /// Its words.
        words: Vec<Span>,
    },
    /// The end of a line that is meant.
    Break,
    /// A reference to a footnote.
    Note(String),
}

/// The blocks as plain text, a blank line apart.
#[must_use]
pub fn text(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(block_text).collect();
    parts.join("\n\n")
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Paragraph(words) | Block::Heading(words) => words_text(words),
        Block::List { first, items } => {
            let items: Vec<String> = (0u64..)
                .zip(items)
                .map(|(at, item)| match first {
                    Some(first) => marked(&format!("{}. ", first.saturating_add(at)), item),
                    None => marked("• ", item),
                })
                .collect();
            items.join("\n")
        }
        Block::Quote(blocks) => prefixed("> ", &text(blocks)),
        Block::Code(lines) => prefixed("    ", lines.trim_end_matches('\n')),
        Block::Table(rows) => {
            let rows: Vec<String> = rows
                .iter()
                .map(|row| {
                    let cells: Vec<String> = row.iter().map(|cell| words_text(cell)).collect();
                    format!("| {} |", cells.join(" | "))
                })
                .collect();
            rows.join("\n")
        }
        Block::Rule => "* * *".to_owned(),
        Block::Note { name, blocks } => format!("[{name}] {}", text(blocks)),
    }
}

/// An item behind its mark; what follows its first line stands below its words.
fn marked(mark: &str, item: &[Block]) -> String {
    let mut words = String::new();
    for (at, block) in item.iter().enumerate() {
        if at > 0 {
            let list = matches!(block, Block::List { .. });
            words.push_str(if list { "\n" } else { "\n\n" });
        }
        words.push_str(&block_text(block));
    }
    let indent = " ".repeat(mark.chars().count());
    let mut lines = words.split('\n');
    let mut marked = format!("{mark}{}", lines.next().unwrap_or_default());
    for line in lines {
        marked.push('\n');
        if !line.is_empty() {
            marked.push_str(&indent);
            marked.push_str(line);
        }
    }
    marked
}

fn prefixed(prefix: &str, text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| format!("{prefix}{line}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Words without emphasis. Where a link leads is part of what people agree to, so it stands
/// behind the link's words, unless they are the address itself.
#[must_use]
pub fn words_text(words: &[Span]) -> String {
    let mut text = String::new();
    for span in words {
        match span {
            Span::Text(words) | Span::Code(words) => text.push_str(words),
            Span::Strong(words) | Span::Emphasis(words) => text.push_str(&words_text(words)),
            Span::Link { to, title, words } => {
                let words = words_text(words);
                text.push_str(&words);
                match (is_address(&words, to), title.is_empty()) {
                    (true, true) => {}
                    (true, false) => text.push_str(&format!(" ({title})")),
                    (false, true) => text.push_str(&format!(" ({to})")),
                    (false, false) => text.push_str(&format!(" ({to}, {title})")),
                }
            }
            Span::Break => text.push('\n'),
            Span::Note(name) => text.push_str(&format!("[{name}]")),
        }
    }
    text
}

/// Whether a link's words say where it leads: the whole address, at most without its scheme and
/// its last slash.
fn is_address(words: &str, to: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .unwrap_or(text);
        text.strip_suffix('/').unwrap_or(text).to_owned()
    };
    bare(words.trim()) == bare(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Span> {
        vec![Span::Text(text.to_owned())]
    }

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(words(text))
    }

    #[test]
    fn lists_stand_in_each_other_and_keep_their_numbers() {
        let inner = Block::List {
            first: None,
            items: vec![vec![paragraph("by e-mail")], vec![paragraph("by phone")]],
        };
        let list = Block::List {
            first: Some(3),
            items: vec![
                vec![paragraph("answer"), inner],
                vec![paragraph("keep"), paragraph("more")],
            ],
        };
        assert_eq!(
            text(&[paragraph("We:"), list]),
            "We:\n\n3. answer\n   • by e-mail\n   • by phone\n4. keep\n\n   more"
        );
    }

    #[test]
    fn the_address_of_a_link_is_shown_unless_the_words_are_it() {
        for (said, to, shown) in [
            ("here", "https://a.example", "here (https://a.example)"),
            ("a.example", "https://a.example/", "a.example"),
            ("a@b.example", "mailto:a@b.example", "a@b.example"),
            // The end of an address is not the address.
            (
                "bank.example",
                "https://not-bank.example",
                "bank.example (https://not-bank.example)",
            ),
        ] {
            let link = Span::Link {
                to: to.to_owned(),
                title: String::new(),
                words: words(said),
            };
            assert_eq!(words_text(&[link]), shown);
        }
    }

    #[test]
    fn quotes_code_tables_and_notes_are_shown_as_such() {
        let row = |a: &str, b: &str| vec![words(a), words(b)];
        let blocks = [
            Block::Quote(vec![paragraph("said"), paragraph("again")]),
            Block::Code("a\n  b\n".to_owned()),
            Block::Table(vec![row("Data", "Term"), row("Name", "30 days")]),
            Block::Rule,
            Block::Note {
                name: "1".to_owned(),
                blocks: vec![paragraph("see")],
            },
        ];
        assert_eq!(
            text(&blocks),
            "> said\n>\n> again\n\n    a\n      b\n\n| Data | Term |\n| Name | 30 days |\n\n* * *\n\n[1] see"
        );
    }
}
