//! From characters to nodes: a walk over a text that is known to be JSON.

use std::iter::Peekable;
use std::str::CharIndices;

use super::{BadJson, Members, Node, Value};

/// Walks a text that `serde_json` has accepted; what cannot happen there ends the walk as `null`.
pub(super) struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            chars: text.char_indices().peekable(),
            line: 1,
        }
    }

    pub(super) fn value(&mut self) -> Result<Node, BadJson> {
        let first = self.peek();
        let (line, start) = (self.line, self.position());
        let value = match first {
            Some('{') => self.object()?,
            Some('[') => self.list()?,
            Some('"') => Value::Text(self.string()),
            _ => self.plain(),
        };
        let span = start..self.position();
        Ok(Node { line, span, value })
    }

    fn object(&mut self) -> Result<Value, BadJson> {
        let mut members: Vec<(String, Node)> = Vec::new();
        self.chars.next();
        while self.peek() == Some('"') {
            let line = self.line;
            let key = self.string();
            self.skip(':');
            let node = Node {
                line,
                ..self.value()?
            };
            members.push((key, node));
            self.skip(',');
        }
        self.skip('}');
        Members::new(members)
            .map(Value::Object)
            .map_err(|(key, line)| BadJson {
                line,
                message: format!("the key \"{key}\" appears twice in one object"),
            })
    }

    fn list(&mut self) -> Result<Value, BadJson> {
        let mut items = Vec::new();
        self.chars.next();
        while self.peek().is_some_and(|c| c != ']') {
            items.push(self.value()?);
            self.skip(',');
        }
        self.skip(']');
        Ok(Value::List(items))
    }

    fn string(&mut self) -> String {
        let start = self.position();
        self.chars.next();
        while let Some((_, c)) = self.chars.next() {
            match c {
                '\\' => drop(self.chars.next()),
                '"' => break,
                _ => {}
            }
        }
        let end = self.position();
        serde_json::from_str(&self.text[start..end]).unwrap_or_default()
    }

    fn plain(&mut self) -> Value {
        let start = self.position();
        while self
            .chars
            .next_if(|(_, c)| c.is_ascii_alphanumeric() || "+-.".contains(*c))
            .is_some()
        {}
        match &self.text[start..self.position()] {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            number => Value::Number(number.to_owned()),
        }
    }

    /// The next character that is not white space, which is passed and its lines counted.
    fn peek(&mut self) -> Option<char> {
        while let Some((_, c)) = self.chars.next_if(|(_, c)| c.is_ascii_whitespace()) {
            self.line += usize::from(c == '\n');
        }
        self.chars.peek().map(|(_, c)| *c)
    }

    fn skip(&mut self, mark: char) {
        if self.peek() == Some(mark) {
            self.chars.next();
        }
    }

    fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }
}
