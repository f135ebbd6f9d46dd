//! Which lines go on with the one before them: in Markdown, in a text that a machine wrapped at a
//! width, and wherever a sentence breaks off.

use super::super::chars;
use super::super::lines::Line;
use super::{Joint, Survey};

/// A longer line than this was not wrapped.
const WIDEST: usize = 130;
/// A shorter line was not broken off by a machine.
const SHORTEST: usize = 20;
/// What a line ends with that is not the end of a sentence: the next one goes on with it. Beside
/// small words these are the names of what is referred to by a number.
const CONNECTIVES: [(&str, &[&str]); 6] = [
    (
        "en",
        &[
            "clause",
            "clauses",
            "section",
            "sections",
            "article",
            "articles",
            "paragraph",
            "subclause",
            "point",
            "and",
            "or",
            "of",
            "in",
            "to",
            "by",
            "with",
            "from",
            "the",
            "a",
            "an",
            "for",
            "under",
            "see",
            "than",
            "within",
            "at",
            "on",
            "is",
            "are",
        ],
    ),
    (
        "ru",
        &[
            "пункт",
            "пункта",
            "пункте",
            "пунктом",
            "пункту",
            "пунктах",
            "пункты",
            "пунктов",
            "п",
            "пп",
            "подпункт",
            "подпункте",
            "раздел",
            "раздела",
            "разделе",
            "разделом",
            "разделу",
            "статья",
            "статьи",
            "статье",
            "статьей",
            "ст",
            "и",
            "или",
            "в",
            "с",
            "со",
            "к",
            "по",
            "от",
            "до",
            "из",
            "на",
            "для",
            "о",
            "об",
            "не",
            "при",
            "за",
            "согласно",
            "течение",
        ],
    ),
    (
        "es",
        &[
            "cláusula",
            "cláusulas",
            "sección",
            "artículo",
            "apartado",
            "y",
            "o",
            "de",
            "en",
            "del",
            "la",
            "el",
            "los",
            "las",
            "para",
            "por",
            "con",
            "a",
            "al",
        ],
    ),
    (
        "pt",
        &[
            "cláusula",
            "cláusulas",
            "seção",
            "artigo",
            "e",
            "ou",
            "de",
            "em",
            "da",
            "do",
            "das",
            "dos",
            "na",
            "no",
            "para",
            "por",
            "com",
            "a",
            "ao",
        ],
    ),
    (
        "ky",
        &["жана", "же", "менен", "үчүн", "пункттун", "беренеси"],
    ),
    ("kk", &["және", "немесе", "мен", "үшін", "тармақ", "бап"]),
];

/// The words that go on in a language.
pub(super) fn connectives(lang: &str) -> &'static [&'static str] {
    let known = CONNECTIVES.iter().find(|(name, _)| *name == lang);
    known.map_or(&[], |(_, words)| *words)
}

impl Survey {
    /// The width at which a plain text was wrapped, if it was.
    pub(super) fn width(&self) -> Option<usize> {
        let length = |line: &Line| line.raw.trim_end().chars().count();
        let width = self
            .lines
            .iter()
            .map(length)
            .max()
            .filter(|width| (40..=WIDEST).contains(width))?;
        let (mut wrapped, mut ended) = (0, 0);
        for at in 2..self.lines.len() {
            let (above, line) = (&self.lines[at - 1], &self.lines[at]);
            let heads = above
                .mark
                .as_ref()
                .is_some_and(|mark| mark.parts.len() == 1);
            let words = above
                .mark
                .as_ref()
                .map_or(above.words.as_str(), |mark| &mark.words);
            if words.is_empty() || heads || line.is_blank() || line.mark.is_some() || line.is_item()
            {
                continue;
            }
            if is_full(above, line, width) && !ends_sentence(&above.words) {
                wrapped += 1;
            } else if !is_full(above, line, width) {
                ended += 1;
            }
        }
        (wrapped > ended).then_some(width)
    }

    pub(super) fn joint(&self, at: usize, width: Option<usize>, markdown: bool) -> Joint {
        let Some(above) = at.checked_sub(1).map(|above| &self.lines[above]) else {
            return Joint::No;
        };
        let line = &self.lines[at];
        if above.is_blank()
            || line.is_blank()
            || above.heading.is_some()
            || self.skipped.contains(&(at - 1))
        {
            return Joint::No;
        }
        let has_words = above
            .mark
            .as_ref()
            .is_none_or(|mark| !mark.words.is_empty());
        if has_words && is_open(&above.words, self.connectives) {
            return Joint::Strong;
        }
        let hangs =
            item_indent(above).is_some_and(|indent| line.indent > indent) && !line.is_item();
        let full = width.is_some_and(|width| is_full(above, line, width));
        let half = above.raw.chars().count() >= width.unwrap_or(80) / 2;
        let lower = line
            .words
            .starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
        let goes_on = match width {
            Some(_) => full || (half && lower && !ends_sentence(&above.words)),
            // Markdown joins lines whatever their length.
            None => markdown && half && !ends_sentence(&above.words),
        };
        if (hangs || goes_on) && has_words {
            Joint::Weak
        } else {
            Joint::No
        }
    }
}

/// Whether a line could not have taken the first word of the next one.
fn is_full(above: &Line, line: &Line, width: usize) -> bool {
    let word = line.raw.split_whitespace().next().unwrap_or_default();
    above.raw.trim_end().chars().count() + 1 + word.chars().count() > width
}

/// Whether the words end a sentence, or announce a list.
#[must_use]
pub fn ends_sentence(words: &str) -> bool {
    let words = words.trim_end_matches(['"', '»', '”', ')', '*', '_', '\'']);
    words.ends_with(['.', '!', '?', ';', ':', '…'])
}

/// Whether the words break off in the middle of a sentence.
fn is_open(words: &str, connectives: &[&str]) -> bool {
    let last = words.split(chars::is_space).next_back().unwrap_or_default();
    let abbreviated = last
        .strip_suffix('.')
        .filter(|word| matches!(*word, "п" | "пп" | "ст" | "art" | "cl" | "no"));
    let refers = ["§", "№"].contains(&last);
    let long = words.chars().count() >= SHORTEST;
    let connects = connectives.contains(&last.trim_start_matches(['(', '«', '"']));
    long && (refers || abbreviated.is_some() || connects)
}

fn item_indent(line: &Line) -> Option<usize> {
    line.is_item().then_some(line.indent)
}
