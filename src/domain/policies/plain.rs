//! What stands under a number in plain text: every sign means itself, lists are lines with a
//! sign or a number, and a text that was wrapped by a machine is one paragraph.

use super::body::{Block, Span};
use super::chars;
use super::lines::{self, SourceLine};

/// Deeper lists are one level: nobody can follow them.
const DEEPEST: usize = 12;

/// A line that begins something, with what goes on with it.
enum Piece {
    Words(String),
    Item {
        indent: usize,
        number: Option<u64>,
        words: String,
    },
}

/// Reads the lines under a heading or a number.
#[must_use]
pub fn read(source: &[SourceLine]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut list: Vec<(usize, Option<u64>, String)> = Vec::new();
    for piece in pieces(source) {
        match piece {
            Piece::Item {
                indent,
                number,
                words,
            } => list.push((indent, number, words)),
            Piece::Words(words) => {
                blocks.extend(lists(&list, 0));
                list.clear();
                blocks.push(Block::Paragraph(spans(&words)));
            }
        }
    }
    blocks.extend(lists(&list, 0));
    blocks
}

fn pieces(source: &[SourceLine]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut broken = true;
    for line in source {
        let words = line.words.trim();
        if words.is_empty() && line.item.is_none() {
            broken = true;
            continue;
        }
        let joins = line.joins && !broken;
        // A dash in the middle of a sentence is no sign of an item.
        let dash = joins && words.starts_with(['–', '—']);
        let item = lines::item(words).filter(|_| !dash);
        let indent = line
            .words
            .chars()
            .take_while(|c| chars::is_space(*c))
            .count();
        broken = false;
        match (item, line.item, pieces.last_mut()) {
            (_, Some(_), _) => pieces.push(Piece::Item {
                indent,
                number: line.item,
                words: words.to_owned(),
            }),
            (Some(item), None, _) => pieces.push(Piece::Item {
                indent,
                number: None,
                words: item.to_owned(),
            }),
            // A lone sign has its words on the next line.
            (None, None, Some(Piece::Item { words: before, .. })) if before.is_empty() => {
                before.push_str(words);
            }
            (None, None, Some(Piece::Item { words: before, .. } | Piece::Words(before)))
                if joins && !super::markdown::is_lettered(words) =>
            {
                before.push(' ');
                before.push_str(words);
            }
            (None, None, _) => pieces.push(Piece::Words(words.to_owned())),
        }
    }
    pieces
}

/// Items as lists: what is further in stands below the item before. A list ends where its kind
/// changes or its numbers jump, so that every number is shown as it is written.
fn lists(items: &[(usize, Option<u64>, String)], depth: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut rest = items;
    while let Some(((indent, number, words), below)) = rest.split_first() {
        let deeper = |item: &&(usize, Option<u64>, String)| depth < DEEPEST && item.0 > indent + 1;
        let inner = below.iter().take_while(deeper).count();
        let (inner, after) = below.split_at(inner);
        let mut item = vec![Block::Paragraph(spans(words))];
        item.extend(lists(inner, depth + 1));
        match blocks.last_mut() {
            Some(Block::List { first, items }) if follows(*first, items.len(), *number) => {
                items.push(item)
            }
            _ => blocks.push(Block::List {
                first: *number,
                items: vec![item],
            }),
        }
        rest = after;
    }
    blocks
}

fn follows(first: Option<u64>, count: usize, number: Option<u64>) -> bool {
    match (first, number) {
        (None, None) => true,
        (Some(first), Some(number)) => {
            u64::try_from(count).is_ok_and(|count| first + count == number)
        }
        _ => false,
    }
}

fn spans(words: &str) -> Vec<Span> {
    vec![Span::Text(words.to_owned())]
}
