//! JavaScript as a list of tokens: enough to tell a call from a comment.
//!
//! The vendors' moderators search the text of a script; a search of ours that
//! cannot tell `// no alert() here` from a call would be switched off within a
//! week. A full parser would pull in a compiler for a dozen patterns, so this
//! reads words, strings, patterns and marks, pairs the brackets, and no more.

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

/// Longer marks first, so that `===` is not read as `==` and `=`.
const MARKS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
    "<<", ">>", "**",
];

/// Words after which a slash begins a pattern, not a division.
const BEFORE_A_PATTERN: &[&str] = &[
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
];

impl<'a> Script<'a> {
    /// Reads a whole script; whatever comes after a fault is not read.
    pub fn read(text: &'a str) -> Self {
        let mut reader = Reader {
            text,
            at: 0,
            line: 1,
            script: Self::default(),
            open: Vec::new(),
        };
        if let Err(fault) = reader.run() {
            reader.script.fault = Some(fault);
        }
        reader.script
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

type Fault = (usize, &'static str);

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    script: Script<'a>,
    open: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), Fault> {
        while let Some(c) = self.rest().chars().next() {
            match c {
                _ if c.is_whitespace() || c == '\u{feff}' => self.skip(c.len_utf8()),
                _ if self.rest().starts_with("//") => {
                    self.skip(self.rest().find('\n').unwrap_or(self.rest().len()))
                }
                _ if self.rest().starts_with("/*") => self.comment()?,
                '"' | '\'' => self.string(c)?,
                '`' => self.template()?,
                '/' if self.pattern_may_begin() => self.pattern()?,
                _ if c.is_ascii_digit() => {
                    self.run_of(Kind::Number, |c| c.is_alphanumeric() || "._".contains(c))
                }
                _ if is_word(c) => self.run_of(Kind::Word, is_word),
                _ => self.mark(c)?,
            }
        }
        match self.open.last() {
            Some(open) => Err((self.script.line(*open), "this bracket is never closed")),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Passes over so many bytes and counts their lines.
    fn skip(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.line += self.text[self.at..end].matches('\n').count();
        self.at = end;
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let end = self
            .rest()
            .find("*/")
            .ok_or((self.line, "this comment is never closed"))?;
        self.skip(end + 2);
        Ok(())
    }

    fn string(&mut self, quote: char) -> Result<(), Fault> {
        let unclosed = (self.line, "this string is never closed");
        let end = self
            .scan(1, |rest| rest.starts_with(quote), |c| c == '\n')
            .ok_or(unclosed)?;
        self.push(Kind::Text, 1, end);
        self.skip(end + 1);
        Ok(())
    }

    /// From a backtick, or from the `}` of a substitution, to the next of either.
    fn template(&mut self) -> Result<(), Fault> {
        let unclosed = (self.line, "this template is never closed");
        let end = self
            .scan(
                1,
                |rest| rest.starts_with('`') || rest.starts_with("${"),
                |_| false,
            )
            .ok_or(unclosed)?;
        self.push(Kind::Text, 1, end);
        self.skip(end);
        if self.rest().starts_with('`') {
            self.skip(1);
        } else {
            self.open_bracket(2);
        }
        Ok(())
    }

    fn pattern(&mut self) -> Result<(), Fault> {
        let unclosed = (self.line, "this regular expression is never closed");
        let mut in_class = false;
        let closes = |rest: &str| {
            in_class = (in_class || rest.starts_with('[')) && !rest.starts_with(']');
            rest.starts_with('/') && !in_class
        };
        let end = self.scan(1, closes, |c| c == '\n').ok_or(unclosed)?;
        let flags = self.rest()[end + 1..]
            .find(|c: char| !is_word(c))
            .unwrap_or(self.rest().len() - end - 1);
        self.push(Kind::Pattern, 0, end + 1 + flags);
        self.skip(end + 1 + flags);
        Ok(())
    }

    /// Where the closing mark stands, looking from an offset on and minding backslashes.
    fn scan(
        &self,
        from: usize,
        mut closes: impl FnMut(&str) -> bool,
        breaks: impl Fn(char) -> bool,
    ) -> Option<usize> {
        let rest = self.rest();
        let mut chars = rest.char_indices().skip_while(|(at, _)| *at < from);
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                chars.next();
            } else if closes(&rest[at..]) {
                return Some(at);
            } else if breaks(c) {
                return None;
            }
        }
        None
    }

    fn pattern_may_begin(&self) -> bool {
        match self.script.tokens.last() {
            None => true,
            Some(last) if last.kind == Kind::Mark => !matches!(last.text, ")" | "]" | "}"),
            Some(last) => last.kind == Kind::Word && BEFORE_A_PATTERN.contains(&last.text),
        }
    }

    fn run_of(&mut self, kind: Kind, belongs: impl Fn(char) -> bool) {
        let end = self
            .rest()
            .find(|c| !belongs(c))
            .unwrap_or(self.rest().len());
        self.push(kind, 0, end);
        self.skip(end);
    }

    fn mark(&mut self, c: char) -> Result<(), Fault> {
        match c {
            '(' | '[' | '{' => self.open_bracket(1),
            ')' | ']' | '}' => return self.close_bracket(c),
            _ => {
                let long = MARKS
                    .iter()
                    .find(|mark| self.rest().starts_with(**mark))
                    .map(|mark| mark.len());
                let length = long.unwrap_or(c.len_utf8());
                self.push(Kind::Mark, 0, length);
                self.skip(length);
            }
        }
        Ok(())
    }

    fn open_bracket(&mut self, length: usize) {
        self.push(Kind::Mark, 0, length);
        self.open.push(self.script.tokens.len() - 1);
        self.skip(length);
    }

    fn close_bracket(&mut self, c: char) -> Result<(), Fault> {
        let stray = (self.line, "this bracket closes nothing");
        let open = self.open.pop().ok_or(stray)?;
        let opened_by = self.script.tokens[open].text;
        if !matches!((opened_by, c), ("(", ')') | ("[", ']') | ("{" | "${", '}')) {
            return Err(stray);
        }
        self.push(Kind::Mark, 0, 1);
        let close = self.script.tokens.len() - 1;
        self.script.tokens[open].partner = Some(close);
        self.script.tokens[close].partner = Some(open);
        if opened_by == "${" {
            return self.template();
        }
        self.skip(1);
        Ok(())
    }

    /// Notes a token that spans these offsets from here.
    fn push(&mut self, kind: Kind, from: usize, to: usize) {
        let text = &self.rest()[from..to];
        self.script.tokens.push(Token {
            kind,
            text,
            line: self.line,
            within: self.open.last().copied(),
            partner: None,
        });
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
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
