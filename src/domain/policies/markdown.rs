//! What stands under a number in Markdown: CommonMark with GitHub's tables, footnotes and
//! addresses. Whatever Markdown would hide is shown as it is typed, and is told.

mod addresses;
mod refs;
mod words;

use std::cell::RefCell;
use std::ops::Range;

use pulldown_cmark::{
    BrokenLink, BrokenLinkCallback, CowStr, Event, OffsetIter, Options, Parser, Tag,
};

use super::body::{Block, Span};
use super::lines::SourceLine;
pub use refs::Refs;
pub use words::is_lettered;

/// Stands before words that follow a number, so that they cannot begin a heading, a list, a
/// quotation or a definition: to Markdown the number itself would stand there.
const GUARD: &str = "a ";
/// Deeper lists and quotations are an attack, or a broken export.
const DEEPEST: usize = 12;
/// The longest run of lines without a blank one, in bytes: what it costs to read and to clean
/// grows with the square of it, and nobody reads a longer one.
pub const LONGEST: usize = 16 << 10;

/// Something that is shown otherwise than its writer may think.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its line in the file.
    pub at: usize,
    /// What people will see.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// Reads the lines under a heading or a number. `guarded`: the first line stands behind a number.
#[must_use]
pub fn read(lines: &[SourceLine], guarded: bool, refs: &mut Refs) -> (Vec<Block>, Vec<Fault>) {
    if let Some(at) = endless(lines) {
        return (as_typed(lines), vec![too_long(at)]);
    }
    let mut lines = lines.to_vec();
    if let Some(first) = lines.first_mut().filter(|_| guarded) {
        first.words.insert_str(0, GUARD);
    }
    refs.append_notes(&mut lines);
    let text = joined(&lines);
    let refs = &*refs;
    let used = RefCell::new(Vec::new());
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let parser =
        Parser::new_with_broken_link_callback(&text, options, Some(Defined { refs, used: &used }));
    let mut reader = Reader {
        text: &text,
        lines: &lines,
        events: parser.into_offset_iter(),
        ahead: None,
        guarding: guarded,
        shown: vec![false; text.len()],
        too_deep: false,
        faults: Vec::new(),
    };
    let blocks = reader.blocks(0);
    if reader.too_deep {
        let message =
            "lists or quotations stand in each other too deeply: the part is shown as it is typed";
        reader.fault(
            0,
            message.to_owned(),
            "Nobody can follow so many levels: number clauses instead.",
        );
    } else if let Some(hidden) = reader.hidden() {
        let (word, at) = (word_at(&text, hidden), hidden);
        let message =
            format!("Markdown would not show {word:?} here: the part is shown as it is typed");
        reader.fault(
            at,
            message,
            "Write it as words: people can only agree to what they see.",
        );
    } else {
        refs.were_used(&used.borrow());
        return (blocks, reader.faults);
    }
    let mut faults = reader.faults;
    if let Some(first) = lines.first_mut().filter(|_| guarded) {
        first.words.drain(..GUARD.len());
    }
    faults.dedup();
    (as_typed(&lines), faults)
}

/// What is told of a paragraph without an end.
#[must_use]
pub fn too_long(at: usize) -> Fault {
    Fault {
        at,
        message: format!("a paragraph is longer than {LONGEST} bytes"),
        advice: "Nobody can be expected to read it: divide it into paragraphs or clauses.",
    }
}

/// Words of one line without blocks, for a heading or a title.
#[must_use]
pub fn read_words(at: usize, words: &str, refs: &mut Refs) -> (Vec<Span>, Vec<Fault>) {
    let (blocks, faults) = read(&[SourceLine::new(at, words)], !words.is_empty(), refs);
    let words = blocks.into_iter().flat_map(|block| match block {
        Block::Paragraph(words) | Block::Heading(words) => words,
        other => vec![Span::Text(super::body::text(&[other]))],
    });
    (words.collect(), faults)
}

/// The lines as they are typed, for what cannot be read as Markdown.
#[must_use]
pub fn as_typed(lines: &[SourceLine]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut broken = true;
    for line in lines {
        let words = line.words.trim();
        if words.is_empty() {
            broken = true;
            continue;
        }
        let words = Span::Text(words.to_owned());
        match blocks.last_mut() {
            Some(Block::Paragraph(before)) if !broken => before.extend([Span::Break, words]),
            _ => blocks.push(Block::Paragraph(vec![words])),
        }
        broken = false;
    }
    blocks
}

fn joined(lines: &[SourceLine]) -> String {
    let words: Vec<&str> = lines.iter().map(|line| line.words.as_str()).collect();
    words.join("\n")
}

/// The line of the first run of words that is too long. An item or a row of a table is one of
/// its own.
fn endless(lines: &[SourceLine]) -> Option<usize> {
    let mut length = 0;
    for line in lines {
        let words = line.words.trim_start();
        let apart = words.is_empty() || words.starts_with(['-', '*', '+', '|', '•']);
        length = if apart {
            words.len()
        } else {
            length + words.len()
        };
        if length > LONGEST {
            return Some(line.at);
        }
    }
    None
}

fn word_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Finds what the file defines elsewhere, and keeps the labels by which something was found.
struct Defined<'r> {
    refs: &'r Refs,
    used: &'r RefCell<Vec<String>>,
}

impl<'t> BrokenLinkCallback<'t> for Defined<'_> {
    fn handle_broken_link(&mut self, link: BrokenLink<'t>) -> Option<(CowStr<'t>, CowStr<'t>)> {
        let (to, title) = self.refs.link(&link.reference)?;
        self.used.borrow_mut().push(link.reference.to_string());
        Some((to.to_owned().into(), title.to_owned().into()))
    }
}

struct Reader<'t> {
    text: &'t str,
    lines: &'t [SourceLine],
    events: OffsetIter<'t, Defined<'t>>,
    ahead: Option<(Event<'t>, Range<usize>)>,
    /// The guard has not come by yet.
    guarding: bool,
    /// Which bytes of the text are in what is shown.
    shown: Vec<bool>,
    too_deep: bool,
    faults: Vec<Fault>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<(Event<'t>, Range<usize>)> {
        self.ahead.take().or_else(|| self.events.next())
    }

    /// The blocks until the end of what they stand in.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        // Beyond the deepest level everything is one level: recursion must have an end.
        let mut open = 0;
        while let Some((event, range)) = self.next() {
            match event {
                Event::End(_) if open > 0 => open -= 1,
                Event::End(_) => break,
                Event::Start(tag) if words::is_inline(&tag) => {
                    self.ahead = Some((Event::Start(tag), range));
                    blocks.push(Block::Paragraph(self.loose_words()));
                }
                Event::Start(_) if depth >= DEEPEST => {
                    self.too_deep = true;
                    open += 1;
                }
                Event::Start(tag) => blocks.extend(self.block(tag, range, depth)),
                Event::Rule => blocks.push(Block::Rule),
                other => {
                    self.ahead = Some((other, range));
                    blocks.push(Block::Paragraph(self.loose_words()));
                }
            }
        }
        blocks
    }

    fn block(&mut self, tag: Tag<'t>, range: Range<usize>, depth: usize) -> Option<Block> {
        match tag {
            Tag::Heading { .. } => Some(Block::Heading(self.words(0))),
            Tag::BlockQuote(_) => Some(Block::Quote(self.blocks(depth + 1))),
            Tag::CodeBlock(_) => {
                let code = self.code(&range);
                Some(Block::Code(code))
            }
            Tag::List(first) => Some(self.list(first, depth)),
            Tag::FootnoteDefinition(name) => {
                let mark = self.text[range.clone()].find("]:").unwrap_or(0);
                self.show(range.start..range.start + mark);
                Some(Block::Note {
                    name: name.to_string(),
                    blocks: self.blocks(depth + 1),
                })
            }
            Tag::Table(_) => Some(Block::Table(self.rows())),
            // HTML is shown as words; whatever else may come is at least words.
            _ => Some(Block::Paragraph(self.words(0))),
        }
    }

    fn list(&mut self, first: Option<u64>, depth: usize) -> Block {
        let mut items = Vec::new();
        let mut numbers = Vec::new();
        while let Some((event, range)) = self.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            let digits = self.text[range.clone()].trim_start();
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
            numbers.extend(
                digits[..end]
                    .parse::<u64>()
                    .ok()
                    .map(|no| (no, range.start)),
            );
            items.push(self.blocks(depth + 1));
        }
        let first = first.filter(|_| numbers.len() == items.len());
        if let Some(first) = first {
            self.renumbered(first, &numbers);
        }
        Block::List { first, items }
    }

    /// Markdown counts the items itself, whatever is written; all the same number is its way to
    /// say "count for me".
    fn renumbered(&mut self, first: u64, written: &[(u64, usize)]) {
        if written.iter().all(|(no, _)| *no == first) {
            return;
        }
        let wrong = (first..).zip(written).find(|(due, (no, _))| due != no);
        if let Some((due, (no, at))) = wrong {
            let message = format!("the item {no}. will be shown as {due}.");
            self.fault(
                *at,
                message,
                "Number the items in order, or write the numbers with a backslash (7\\.).",
            );
        }
    }

    /// The lines of a block of code. What stands behind its fence is shown too: it may be words.
    fn code(&mut self, range: &Range<usize>) -> String {
        self.show(range.clone());
        let opening = self.text[range.clone()].lines().next().unwrap_or_default();
        let info = opening.trim_start().trim_start_matches(['`', '~']);
        let fenced = info.len() < opening.trim_start().len();
        let mut code = String::new();
        if fenced && !info.trim().is_empty() {
            code = format!("{}\n", info.trim());
        }
        while let Some((event, _)) = self.next() {
            match event {
                Event::End(_) => break,
                Event::Text(lines) => code.push_str(&lines),
                _ => {}
            }
        }
        if fenced {
            let message = "a block of code is shown as it is typed".to_owned();
            if self.text[range.clone()].lines().count() < 2 || !closes(&self.text[range.clone()]) {
                self.fault(
                    range.start,
                    format!("{message}, and has no end"),
                    "Close it, or take the marks ``` out.",
                );
            }
        }
        code
    }

    fn rows(&mut self) -> Vec<Vec<Vec<Span>>> {
        let mut rows = Vec::new();
        // The head and each row begin, hold cells, and end; then the table ends.
        while let Some((event, _)) = self.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            let mut cells = Vec::new();
            while let Some((event, _)) = self.next() {
                if matches!(event, Event::End(_)) {
                    break;
                }
                cells.push(self.words(0));
            }
            rows.push(cells);
        }
        rows
    }

    fn show(&mut self, range: Range<usize>) {
        if let Some(shown) = self.shown.get_mut(range) {
            shown.fill(true);
        }
    }

    /// Where the first letter is that nobody would see.
    fn hidden(&self) -> Option<usize> {
        self.text
            .char_indices()
            .find(|(at, c)| c.is_alphabetic() && !self.shown[*at])
            .map(|(at, _)| at)
    }

    fn fault(&mut self, offset: usize, message: String, advice: &'static str) {
        let line = self.text[..offset].matches('\n').count();
        let at = self.lines.get(line).map_or(0, |line| line.at);
        self.faults.push(Fault {
            at,
            message,
            advice,
        });
    }
}

fn closes(code: &str) -> bool {
    let last = code.trim_end().lines().last().unwrap_or_default().trim();
    last.len() >= 3 && (last.bytes().all(|b| b == b'`') || last.bytes().all(|b| b == b'~'))
}
