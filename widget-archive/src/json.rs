//! JSON that remembers its lines, so that a finding can point at the very line.
//!
//! `serde_json` decides whether a text is strict JSON at all; what it accepted
//! is then walked once more for the lines and for keys that appear twice, which
//! `serde_json` would silently drop.

mod reader;

use std::ops::Range;

use reader::Reader;

use super::work;

/// Larger files hold no texts of a widget; what is read of them takes many times their size.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From 1. For a member of an object: the line of its key.
    pub line: usize,
    /// The bytes of the value itself.
    pub span: Range<usize>,
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
    Object(Members),
}

/// The members of an object in their order, each found by its name without a look at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    list: Vec<(String, Node)>,
    by_name: Vec<usize>,
}

impl Members {
    /// Puts members in order; `Err` is the first name that was there before, and its line.
    fn new(list: Vec<(String, Node)>) -> Result<Self, (String, usize)> {
        work::steps(list.len());
        let mut by_name: Vec<usize> = (0..list.len()).collect();
        by_name.sort_by(|a, b| list[*a].0.cmp(&list[*b].0).then(a.cmp(b)));
        let second = by_name
            .windows(2)
            .filter(|pair| list[pair[0]].0 == list[pair[1]].0)
            .map(|pair| pair[1])
            .min();
        match second {
            Some(second) => Err((list[second].0.clone(), list[second].1.line)),
            None => Ok(Self { list, by_name }),
        }
    }

    fn get(&self, name: &str) -> Option<&Node> {
        let found = self.by_name.binary_search_by(|at| {
            work::steps(1);
            self.list[*at].0.as_str().cmp(name)
        });
        found.ok().map(|at| &self.list[self.by_name[at]].1)
    }
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
        if text.len() > MOST_BYTES {
            let message = format!("it has more than {} MiB", MOST_BYTES / 1024 / 1024);
            return Err(BadJson { line: 1, message });
        }
        if let Err(e) = serde_json::from_str::<serde_json::Value>(text) {
            return Err(BadJson {
                line: e.line().max(1),
                message: e.to_string(),
            });
        }
        Reader::new(text).value()
    }

    /// Follows keys from object to object.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Object(members) => members.get(key),
            _ => None,
        }
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Object(members) => &members.list,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_keys() {
        let node =
            Node::parse("{\n \"a\": {\n  \"b\": [1,\n \"\\u0041\\\"\"]},\n\n\"c\"\n: true}\n")
                .unwrap();
        assert_eq!(node.at("a.b").unwrap().line, 3);
        let letter = &node.at("a.b").unwrap().items()[1];
        assert_eq!(
            (letter.line, letter.text(), letter.span.clone()),
            (4, Some("A\""), 22..32)
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
            ("{\n\"c\":1,\n\"b\":1,\n\"b\":2,\n\"a\":1,\n\"c\":2}", 4),
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
        assert_eq!(values[3], &Value::Object(Members::default()));
        assert_eq!(values[5], &Value::Text("ж".to_owned()));
        assert_eq!(values.len(), 6);
    }
}
