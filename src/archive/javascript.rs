//! JavaScript as a list of tokens: enough to tell a call from a comment.
//!
//! The vendors' moderators search the text of a script; a search of ours that
//! cannot tell `// no alert() here` from a call would be switched off within a
//! week. A full parser would pull in a compiler for a dozen patterns, so this
//! reads words, strings, patterns and marks, pairs the brackets, and no more.

mod reader;

use reader::Reader;

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

    /// The brackets around a position, from the innermost outwards.
    pub fn around(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.get(at).and_then(|token| token.within), |open| {
            self.get(*open)?.within
        })
    }

    /// What stands directly between a bracket and its partner, not in brackets of its own.
    pub fn directly_in(&self, open: usize) -> impl Iterator<Item = usize> {
        let end = self.partner(open).unwrap_or(open);
        (open + 1..end).filter(move |at| {
            self.get(*at)
                .is_some_and(|token| token.within == Some(open))
        })
    }

    fn of(&self, kind: Kind, at: usize) -> Option<&'a str> {
        self.get(at)
            .filter(|token| token.kind == kind)
            .map(|token| token.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(Kind, &str)> {
        let script = Script::read(text);
        assert_eq!(script.fault, None, "{text}");
        script
            .tokens
            .iter()
            .map(|token| (token.kind, token.text))
            .filter(|(kind, _)| *kind != Kind::Mark)
            .collect()
    }

    #[test]
    fn comments_are_not_read_and_texts_are_one_token() {
        let text = "a('// b', \"it's\") // alert()\n/* eval() \n */ c";
        assert_eq!(
            words(text),
            [
                (Kind::Word, "a"),
                (Kind::Text, "// b"),
                (Kind::Text, "it's"),
                (Kind::Word, "c")
            ]
        );
        assert_eq!(Script::read(text).line(6), 3);
    }

    #[test]
    fn a_slash_divides_or_begins_a_pattern() {
        assert_eq!(
            words("x / y / z"),
            [(Kind::Word, "x"), (Kind::Word, "y"), (Kind::Word, "z")]
        );
        assert_eq!(
            words("x = /[/'\"]\\//g.test"),
            [
                (Kind::Word, "x"),
                (Kind::Pattern, "/[/'\"]\\//g"),
                (Kind::Word, "test")
            ]
        );
        assert_eq!(words("if (a) /'/.b").len(), 4);
        assert_eq!(words("f(a) / b / c").len(), 4);
        assert_eq!(
            words("return /'/"),
            [(Kind::Word, "return"), (Kind::Pattern, "/'/")]
        );
    }

    #[test]
    fn substitutions_of_a_template_are_code() {
        let script = Script::read("`a${ b({ c: `d` }) }e`;\nf");
        assert_eq!(script.fault, None);
        let texts: Vec<&str> = script
            .positions()
            .filter_map(|at| script.string(at))
            .collect();
        assert_eq!(texts, ["a", "d", "e"]);
        let last = script.positions().last().unwrap();
        assert_eq!(
            (
                script.word(last),
                script.line(last),
                script.around(last).count()
            ),
            (Some("f"), 2, 0)
        );
    }

    #[test]
    fn brackets_know_each_other() {
        let script = Script::read("f(a, [b, c])");
        assert_eq!(script.partner(1), Some(9));
        assert_eq!(script.around(5).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(script.directly_in(4).collect::<Vec<_>>(), [5, 6, 7]);
    }

    #[test]
    fn what_does_not_add_up_is_named_with_its_line() {
        for (text, line) in [
            ("a\n'b\n'", 2),
            ("(\n]", 2),
            ("\n{", 2),
            ("`", 1),
            ("/* a", 1),
            ("a)", 1),
            ("x = /a\n/", 1),
        ] {
            assert_eq!(
                Script::read(text).fault.map(|(line, _)| line),
                Some(line),
                "{text}"
            );
        }
    }
}
