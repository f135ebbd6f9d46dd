//! JSON that remembers its lines, so that a finding can point at the very line.
//!
//! `serde_json` decides whether a text is strict JSON at all; what it accepted
//! is then walked once more for the lines and for keys that appear twice, which
//! `serde_json` would silently drop.

use std::iter::Peekable;
use std::str::CharIndices;

/// A value and the line it begins on.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From 1. For a member of an object: the line of its key.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// As in RFC 8259; objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As written.
    Number(String),
    /// Unescaped.
    Text(String),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}`
    Object(Vec<(String, Node)>),
}

/// Why a text is not the JSON that the vendors' servers accept.
#[derive(Debug, PartialEq, Eq)]
pub struct BadJson {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl Node {
    /// Reads a whole text.
    pub fn parse(text: &str) -> Result<Self, BadJson> {
        if let Err(e) = serde_json::from_str::<serde_json::Value>(text) {
            return Err(BadJson {
                line: e.line().max(1),
                message: e.to_string(),
            });
        }
        Reader {
            text,
            chars: text.char_indices().peekable(),
            line: 1,
        }
        .value()
    }

    /// Follows keys from object to object.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is exactly `true`.
    pub fn is_true(&self) -> bool {
        self.value == Value::Bool(true)
    }
}

/// Walks a text that `serde_json` has accepted; what cannot happen there ends the walk as `null`.
struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Node, BadJson> {
        let first = self.peek();
        let line = self.line;
        let value = match first {
            Some('{') => self.object()?,
            Some('[') => self.list()?,
            Some('"') => Value::Text(self.string()),
            _ => self.plain(),
        };
        Ok(Node { line, value })
    }

    fn object(&mut self) -> Result<Value, BadJson> {
        let mut members: Vec<(String, Node)> = Vec::new();
        self.chars.next();
        while self.peek() == Some('"') {
            let line = self.line;
            let key = self.string();
            if members.iter().any(|(name, _)| *name == key) {
                return Err(BadJson {
                    line,
                    message: format!("the key \"{key}\" appears twice in one object"),
                });
            }
            self.skip(':');
            let node = Node {
                line,
                ..self.value()?
            };
            members.push((key, node));
            self.skip(',');
        }
        self.skip('}');
        Ok(Value::Object(members))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_keys() {
        let node =
            Node::parse("{\n \"a\": {\n  \"b\": [1,\n \"\\u0041\\\"\"]},\n\n\"c\"\n: true}\n")
                .unwrap();
        assert_eq!(node.at("a.b").unwrap().line, 3);
        assert_eq!(
            node.at("a.b").unwrap().items()[1],
            Node {
                line: 4,
                value: Value::Text("A\"".to_owned())
            }
        );
        assert_eq!(node.at("c").unwrap().line, 6);
        assert!(node.at("c").unwrap().is_true());
        assert_eq!(node.at("a.b.c"), None);
    }

    #[test]
    fn what_is_not_strict_is_refused_with_its_line() {
        for (text, line) in [
            ("{\n\"a\": 1,\n}", 3),
            ("{\n// note\n}", 2),
            ("", 1),
            ("{\n\"a\":1,\n\"a\":2}", 3),
            ("{} {}", 1),
        ] {
            assert_eq!(Node::parse(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn every_kind_of_value_is_read_whole() {
        let node = Node::parse("[null, -1.5e+3, false, {}, [], \"ж\"]").unwrap();
        let values: Vec<&Value> = node.items().iter().map(|item| &item.value).collect();
        assert_eq!(values[0], &Value::Null);
        assert_eq!(values[1], &Value::Number("-1.5e+3".to_owned()));
        assert_eq!(values[3], &Value::Object(Vec::new()));
        assert_eq!(values[5], &Value::Text("ж".to_owned()));
        assert_eq!(values.len(), 6);
    }
}
