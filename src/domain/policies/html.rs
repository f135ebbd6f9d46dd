//! How a text is shown as HTML: few tags, and the sanitiser has the last word.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

use super::body::{Block, Span};

/// The blocks as HTML: paragraphs, lists, tables, quotations, and nothing that does something.
#[must_use]
pub fn html(blocks: &[Block]) -> String {
    let mut out = String::new();
    push_blocks(&mut out, blocks);
    CLEAN.clean(&out).to_string()
}

fn push_blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        push_block(out, block);
    }
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Paragraph(words) => within(out, "p", |out| push_words(out, words)),
        Block::Heading(words) => within(out, "p", |out| {
            within(out, "strong", |out| push_words(out, words));
        }),
        Block::List { first, items } => push_list(out, *first, items),
        Block::Quote(blocks) => within(out, "blockquote", |out| push_blocks(out, blocks)),
        Block::Code(lines) => within(out, "pre", |out| {
            within(out, "code", |out| push_escaped(out, lines));
        }),
        Block::Table(rows) => push_table(out, rows),
        Block::Rule => out.push_str("<hr>"),
        Block::Note { name, blocks } => push_note(out, name, blocks),
    }
}

fn push_list(out: &mut String, first: Option<u64>, items: &[Vec<Block>]) {
    match first {
        None => out.push_str("<ul>"),
        Some(1) => out.push_str("<ol>"),
        Some(first) => out.push_str(&format!("<ol start=\"{first}\">")),
    }
    for item in items {
        within(out, "li", |out| push_item(out, item));
    }
    out.push_str(if first.is_some() { "</ol>" } else { "</ul>" });
}

/// An item of one paragraph, with or without a list below it, is no paragraph of its own.
fn push_item(out: &mut String, item: &[Block]) {
    match item {
        [Block::Paragraph(words), rest @ ..]
            if rest.iter().all(|block| matches!(block, Block::List { .. })) =>
        {
            push_words(out, words);
            push_blocks(out, rest);
        }
        _ => push_blocks(out, item),
    }
}

fn push_table(out: &mut String, rows: &[Vec<Vec<Span>>]) {
    let row = |out: &mut String, cell_tag: &str, cells: &[Vec<Span>]| {
        within(out, "tr", |out| {
            for cell in cells {
                within(out, cell_tag, |out| push_words(out, cell));
            }
        });
    };
    let Some((head, rows)) = rows.split_first() else {
        return;
    };
    within(out, "table", |out| {
        within(out, "thead", |out| row(out, "th", head));
        within(out, "tbody", |out| {
            for cells in rows {
                row(out, "td", cells);
            }
        });
    });
}

fn push_note(out: &mut String, name: &str, blocks: &[Block]) {
    let mark = Span::Text(format!("[{name}] "));
    match blocks.split_first() {
        Some((Block::Paragraph(words), rest)) => {
            within(out, "p", |out| {
                push_words(out, std::slice::from_ref(&mark));
                push_words(out, words);
            });
            push_blocks(out, rest);
        }
        _ => {
            within(out, "p", |out| push_words(out, std::slice::from_ref(&mark)));
            push_blocks(out, blocks);
        }
    }
}

fn push_words(out: &mut String, words: &[Span]) {
    for span in words {
        match span {
            Span::Text(words) => push_escaped(out, words),
            Span::Code(words) => within(out, "code", |out| push_escaped(out, words)),
            Span::Strong(words) => within(out, "strong", |out| push_words(out, words)),
            Span::Emphasis(words) => within(out, "em", |out| push_words(out, words)),
            Span::Link { to, title, words } => {
                out.push_str("<a href=\"");
                push_escaped(out, to);
                if !title.is_empty() {
                    out.push_str("\" title=\"");
                    push_escaped(out, title);
                }
                out.push_str("\">");
                push_words(out, words);
                out.push_str("</a>");
            }
            Span::Break => out.push_str("<br>"),
            Span::Note(name) => within(out, "sup", |out| push_escaped(out, &format!("[{name}]"))),
        }
    }
}

fn within(out: &mut String, tag: &str, inside: impl FnOnce(&mut String)) {
    out.push_str(&format!("<{tag}>"));
    inside(out);
    out.push_str(&format!("</{tag}>"));
}

fn push_escaped(out: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// The last word on what reaches a browser.
static CLEAN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut clean = Builder::new();
    clean
        .tags(HashSet::from([
            "p",
            "ul",
            "ol",
            "li",
            "a",
            "strong",
            "em",
            "br",
            "blockquote",
            "code",
            "hr",
            "pre",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
        ]))
        .tag_attributes(
            [
                ("a", HashSet::from(["href", "title"])),
                ("ol", HashSet::from(["start"])),
            ]
            .into(),
        )
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"));
    clean
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_no_link_and_signs_are_signs() {
        let link = Block::Paragraph(vec![Span::Link {
            to: "javascript:alert(1)".to_owned(),
            title: String::new(),
            words: vec![Span::Text("<b>&".to_owned())],
        }]);
        let shown = html(&[link]);
        assert!(!shown.contains("href"), "{shown}");
        assert!(shown.contains("&lt;b&gt;&amp;"), "{shown}");
    }

    #[test]
    fn a_list_keeps_its_numbers() {
        let item = |words: &str| vec![Block::Paragraph(vec![Span::Text(words.to_owned())])];
        let list = |first| Block::List {
            first,
            items: vec![item("a"), item("b")],
        };
        assert_eq!(html(&[list(None)]), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(html(&[list(Some(1))]), "<ol><li>a</li><li>b</li></ol>");
        assert_eq!(
            html(&[list(Some(4))]),
            "<ol start=\"4\"><li>a</li><li>b</li></ol>"
        );
    }
}
