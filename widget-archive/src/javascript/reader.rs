//! From characters to tokens: comments, strings, templates, patterns, brackets.

use super::{Kind, Script, Token};

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

/// Ten times the largest bundles; each token takes some seventy bytes of memory.
const MOST_TOKENS: usize = 4_000_000;

/// A line and what is wrong there.
type Fault = (usize, &'static str);

/// A script that is being read.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    script: Script<'a>,
    open: Vec<usize>,
}

impl<'a> Reader<'a> {
    pub fn read(text: &'a str) -> Script<'a> {
        let mut reader = Self {
            text,
            at: 0,
            line: 1,
            script: Script::default(),
            open: Vec::new(),
        };
        if let Err(fault) = reader.run() {
            reader.script.fault = Some(fault);
        }
        reader.script
    }

    fn run(&mut self) -> Result<(), Fault> {
        while let Some(c) = self.rest().chars().next() {
            if self.script.tokens.len() >= MOST_TOKENS {
                self.script.is_cut = true;
                return Ok(());
            }
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
        let Some(last) = self.script.tokens.last() else {
            return true;
        };
        match last.kind {
            Kind::Word => BEFORE_A_PATTERN.contains(&last.text) && !self.is_member(),
            // After `if (…)` a statement begins, after `f(…)` a division.
            Kind::Mark if last.text == ")" => {
                let head = last.partner.and_then(|open| self.script.word_before(open));
                head.is_some_and(|word| matches!(word, "if" | "while" | "for" | "with"))
            }
            // After the block of an `if` a statement begins, after an object a division.
            Kind::Mark if last.text == "}" => {
                let before = last.partner.and_then(|open| open.checked_sub(1));
                before.is_some_and(|before| {
                    self.script.is(before, ")")
                        || self.script.is(before, ";")
                        || matches!(
                            self.script.word(before),
                            Some("else" | "do" | "try" | "finally")
                        )
                })
            }
            Kind::Mark => !matches!(last.text, "]" | "++" | "--"),
            Kind::Text | Kind::Number | Kind::Pattern => false,
        }
    }

    /// Whether the last token is reached through a dot, and so no keyword: `a.of / 2`.
    fn is_member(&self) -> bool {
        let last = self.script.tokens.len().saturating_sub(1);
        self.script.is_member(last)
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
            start: self.at + from,
            line: self.line,
            within: self.open.last().copied(),
            partner: None,
        });
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
