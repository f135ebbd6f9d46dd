//! JavaScript as a list of tokens: enough to tell a call from a comment.
//!
//! The vendors' moderators search the text of a script; a search of ours that
//! cannot tell `// no alert() here` from a call would be switched off within a
//! week. A full parser would pull in a compiler for a dozen patterns, so this
//! reads words, strings, patterns and marks, pairs the brackets, and no more.

mod reader;

use reader::Reader;

use super::work;

/// Code that people read is not nested deeper; what is would make every look a long one.
const DEEPEST: usize = 200;

/// Calls that people write are not chained longer.
const LONGEST_CHAIN: usize = 64;

/// Words before a bracket that are no name of a function.
const BEFORE_AN_EXPRESSION: &[&str] = &[
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "else",
    "do",
    "instanceof",
    "yield",
    "await",
    "if",
    "for",
    "while",
    "switch",
    "with",
];

/// What kind of thing a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word,
    /// A string, or a piece of a template between its substitutions; without the quotes.
    Text,
    /// A number.
    Number,
    /// A regular expression.
    Pattern,
    /// An operator, a bracket, a comma.
    Mark,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// As written; texts without their quotes.
    pub text: &'a str,
    /// The byte at which that begins.
    pub start: usize,
    /// From 1.
    pub line: usize,
    /// The bracket around it: an index into the tokens.
    pub within: Option<usize>,
    /// For a bracket, the other one of the pair.
    pub partner: Option<usize>,
}

/// A script's tokens, and where it does not add up.
#[derive(Debug, Default)]
pub struct Script<'a> {
    tokens: Vec<Token<'a>>,
    /// The line and the reason of the first thing that no browser would read.
    pub fault: Option<(usize, &'static str)>,
    /// Whether it is so long that only its beginning was read.
    pub is_cut: bool,
}

impl<'a> Script<'a> {
    /// Reads a whole script; whatever comes after a fault is not read.
    pub fn read(text: &'a str) -> Self {
        Reader::read(text)
    }

    /// Every position.
    pub fn positions(&self) -> std::ops::Range<usize> {
        0..self.tokens.len()
    }

    /// The token at a position.
    pub fn get(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(at)
    }

    /// The line of a position.
    pub fn line(&self, at: usize) -> usize {
        self.get(at).map_or(1, |token| token.line)
    }

    /// The word at a position, if there is one.
    pub fn word(&self, at: usize) -> Option<&'a str> {
        self.of(Kind::Word, at)
    }

    /// The text at a position, if there is one.
    pub fn string(&self, at: usize) -> Option<&'a str> {
        self.of(Kind::Text, at)
    }

    /// Whether that mark stands at a position.
    pub fn is(&self, at: usize, mark: &str) -> bool {
        self.of(Kind::Mark, at) == Some(mark)
    }

    /// Whether the token is reached through a dot: `x.name`, `x?.name`.
    pub fn is_member(&self, at: usize) -> bool {
        self.before(at)
            .is_some_and(|dot| self.is(dot, ".") || self.is(dot, "?."))
    }

    /// The position before.
    pub fn before(&self, at: usize) -> Option<usize> {
        at.checked_sub(1)
    }

    /// The word before, if the token before is one.
    pub fn word_before(&self, at: usize) -> Option<&'a str> {
        self.before(at).and_then(|before| self.word(before))
    }

    /// The other bracket of the pair.
    pub fn partner(&self, at: usize) -> Option<usize> {
        self.get(at).and_then(|token| token.partner)
    }

    /// The brackets around a position, from the innermost outwards; of very many the nearest.
    pub fn around(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.get(at).and_then(|token| token.within), |open| {
            work::steps(1);
            self.get(*open)?.within
        })
        .take(DEEPEST)
    }

    /// What stands directly between a bracket and its partner; what has brackets of its own is passed over.
    pub fn directly_in(&self, open: usize) -> impl Iterator<Item = usize> {
        let end = self.partner(open).unwrap_or(open);
        let mut next = open + 1;
        std::iter::from_fn(move || {
            let at = Some(next).filter(|at| *at < end)?;
            work::steps(1);
            // A bracket counts itself, its closing partner does not.
            next = self.partner(at).filter(|close| *close > at).unwrap_or(at) + 1;
            Some(at)
        })
    }

    /// The last position of the chain of names, calls and brackets that goes on after one:
    /// of `a.b(c)[d]`, from `a`, the `]`.
    pub fn chain_end(&self, at: usize) -> usize {
        let mut end = self.partner(at).filter(|close| *close > at).unwrap_or(at);
        for _ in 0..LONGEST_CHAIN {
            let next = end + 1;
            if self.is(next, ".") || self.is(next, "?.") {
                end = next + 1;
            } else if let Some(close) = self.partner(next).filter(|close| *close > next) {
                if self.is(next, "{") || self.is(next, "${") {
                    break;
                }
                end = close;
            } else {
                break;
            }
        }
        end
    }

    /// The first position of the chain that ends at one: of `a.b(c)[d]`, from any part of it, `a`.
    pub fn chain_start(&self, at: usize) -> usize {
        let mut start = at;
        for _ in 0..LONGEST_CHAIN {
            if let Some(open) = self.partner(start).filter(|open| *open < start) {
                start = open;
            }
            let Some(before) = self.before(start) else {
                break;
            };
            let links = self.is(before, ".") || self.is(before, "?.");
            let calls =
                (self.is(start, "(") || self.is(start, "[")) && (self.is_operand_end(before));
            start = match (links, calls) {
                (true, _) if before > 0 => before - 1,
                (_, true) => before,
                _ => break,
            };
        }
        start
    }

    /// Whether an expression can end here, so that a bracket after it calls it or looks into it.
    fn is_operand_end(&self, at: usize) -> bool {
        match self.get(at) {
            Some(token) if token.kind == Kind::Mark => matches!(token.text, ")" | "]"),
            Some(token) => token.kind != Kind::Word || !BEFORE_AN_EXPRESSION.contains(&token.text),
            None => false,
        }
    }

    fn of(&self, kind: Kind, at: usize) -> Option<&'a str> {
        self.get(at)
            .filter(|token| token.kind == kind)
            .map(|token| token.text)
    }
}

#[cfg(test)]
mod tests;
