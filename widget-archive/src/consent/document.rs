//! A JSON text that is changed member by member and keeps its looks.
//!
//! Somebody wrote it by hand, with their tabs and their line ends, and will read
//! the difference: what is not added stays as it is, to the byte.

use super::Refusal;
use crate::json::{BadJson, Node, Value};

/// The text, and how it is written.
#[derive(Debug)]
pub struct Document {
    path: String,
    text: String,
    root: Node,
    newline: &'static str,
    unit: String,
}

/// How the members of one object stand.
enum Style<'a> {
    /// Each on a line of its own, after this white space.
    Lines(&'a str),
    /// One after the other, with this between them and their commas.
    Inline(&'static str),
}

impl Document {
    /// Reads a whole text.
    pub fn read(path: &str, text: &str) -> Result<Self, BadJson> {
        let root = Node::parse(text)?;
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let indented = text
            .lines()
            .find(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
        let unit = indented.map_or("  ", |line| {
            &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
        });
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            root,
            newline,
            unit: unit.to_owned(),
        })
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, key| node.get(key))
    }

    /// Adds what is not there yet: whole members, and of groups that are there the missing ones.
    /// What is there stays, whatever it says.
    pub fn add(&mut self, path: &[&str], value: &Node) -> Result<(), Refusal> {
        let Some(present) = self.at(path) else {
            return self.insert(path, value);
        };
        match (&present.value, &value.value) {
            (Value::Object(_), Value::Object(_)) => {
                for (key, member) in value.members() {
                    self.add(&[path, &[key.as_str()]].concat(), member)?;
                }
                Ok(())
            }
            (_, Value::Object(_)) => Err(self.in_the_way(present, path)),
            _ => Ok(()),
        }
    }

    /// Adds a text to a list, at its end.
    pub fn push(&mut self, path: &[&str], item: &str) -> Result<(), Refusal> {
        let item = quoted(item);
        let Some(list) = self.at(path) else {
            let list = Node::parse(&format!("[{item}]")).map_err(|bad| self.broken(&bad))?;
            return self.insert(path, &list);
        };
        if !matches!(list.value, Value::List(_)) {
            return Err(self.in_the_way(list, path));
        }
        let (span, last) = (
            list.span.clone(),
            list.items().last().map(|item| item.span.end),
        );
        match (last, list.items().first().map(|item| item.span.start)) {
            (Some(end), Some(first)) => {
                let addition = match self.style(&self.text[span.start + 1..first]) {
                    Style::Lines(indent) => format!(",{}{indent}{item}", self.newline),
                    Style::Inline(space) => format!(",{space}{item}"),
                };
                self.replace(end..end, &addition)
            }
            _ => self.replace(span, &format!("[{item}]")),
        }
    }

    /// Puts a value where nothing is, with the objects around it that are missing too.
    fn insert(&mut self, path: &[&str], value: &Node) -> Result<(), Refusal> {
        let present = (0..path.len())
            .rev()
            .find(|length| self.at(&path[..*length]).is_some())
            .unwrap_or(0);
        let key = path.get(present).copied().unwrap_or_default();
        let parent = self.at(&path[..present]).unwrap_or(&self.root);
        if !matches!(parent.value, Value::Object(_)) {
            return Err(self.in_the_way(parent, &path[..present]));
        }
        let (span, last) = (
            parent.span.clone(),
            parent.members().last().map(|(_, member)| member.span.end),
        );
        let missing = &path[present + 1..];
        let lead = self.text[span.start + 1..span.end - 1]
            .split('"')
            .next()
            .unwrap_or_default();
        let inner = |style: &Style| {
            let mut written = self.written(value, style, missing.len());
            for (depth, key) in missing.iter().enumerate().rev() {
                written = self.object(&[(quoted(key), written)], style, depth);
            }
            written
        };
        let member = |style: &Style| format!("{}:{}{}", quoted(key), self.space(), inner(style));
        match last {
            Some(end) => {
                let style = self.style(lead);
                let addition = match &style {
                    Style::Lines(indent) => format!(",{}{indent}{}", self.newline, member(&style)),
                    Style::Inline(space) => format!(",{space}{}", member(&style)),
                };
                self.replace(end..end, &addition)
            }
            None if self.text.contains('\n') => {
                let outer = self.indent_at(span.start);
                let indent = format!("{outer}{}", self.unit);
                let member = member(&Style::Lines(&indent));
                let newline = self.newline;
                self.replace(
                    span,
                    &format!("{{{newline}{indent}{member}{newline}{outer}}}"),
                )
            }
            None => {
                let member = member(&Style::Inline(self.space()));
                self.replace(span, &format!("{{{member}}}"))
            }
        }
    }

    /// A value as text; `depth` objects of ours are around it.
    fn written(&self, value: &Node, style: &Style, depth: usize) -> String {
        match &value.value {
            Value::Object(_) => {
                let members: Vec<(String, String)> = value
                    .members()
                    .iter()
                    .map(|(key, member)| (quoted(key), self.written(member, style, depth + 1)))
                    .collect();
                self.object(&members, style, depth)
            }
            Value::List(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| self.written(item, &Style::Inline(self.space()), 0))
                    .collect();
                format!("[{}]", items.join(&format!(",{}", self.space())))
            }
            Value::Text(text) => quoted(text),
            Value::Number(number) => number.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Null => "null".to_owned(),
        }
    }

    fn object(&self, members: &[(String, String)], style: &Style, depth: usize) -> String {
        let written: Vec<String> = members
            .iter()
            .map(|(key, value)| format!("{key}:{}{value}", self.space()))
            .collect();
        match style {
            Style::Lines(indent) => {
                let outer = format!("{}{indent}{}", self.newline, self.unit.repeat(depth));
                let inner = format!("{outer}{}", self.unit);
                format!("{{{inner}{}{outer}}}", written.join(&format!(",{inner}")))
            }
            Style::Inline(space) => {
                format!("{{{space}{}{space}}}", written.join(&format!(",{space}")))
            }
        }
    }

    /// How members stand, by what is before the first one.
    fn style<'a>(&self, lead: &'a str) -> Style<'a> {
        match lead.rfind('\n') {
            Some(at) => Style::Lines(&lead[at + 1..]),
            None => Style::Inline(self.space()),
        }
    }

    /// After commas and colons: nothing in a text that was made as short as possible.
    fn space(&self) -> &'static str {
        let is_short = !self.text.trim().contains('\n') && !self.text.contains("\": ");
        if is_short { "" } else { " " }
    }

    /// The white space with which the line of a position begins.
    fn indent_at(&self, at: usize) -> &str {
        let start = self.text[..at].rfind('\n').map_or(0, |line| line + 1);
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn replace(&mut self, span: std::ops::Range<usize>, with: &str) -> Result<(), Refusal> {
        self.text.replace_range(span, with);
        self.root = Node::parse(&self.text).map_err(|bad| self.broken(&bad))?;
        Ok(())
    }

    fn in_the_way(&self, node: &Node, path: &[&str]) -> Refusal {
        Refusal {
            file: self.path.clone(),
            line: node.line,
            message: format!(
                "\"{}\" is in the way: the consent part needs something else under this name",
                path.join(".")
            ),
        }
    }

    fn broken(&self, bad: &BadJson) -> Refusal {
        Refusal {
            file: self.path.clone(),
            line: bad.line,
            message: format!("the file could not be changed: {}", bad.message),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
