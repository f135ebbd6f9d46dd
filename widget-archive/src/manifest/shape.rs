//! Whether a value of the manifest looks as the vendors' tables say.

use crate::json::{Node, Value};
use crate::reference::Shape;

impl Shape {
    /// Whether the value has this shape.
    pub fn fits(self, node: &Node) -> bool {
        match self {
            Self::Bool => matches!(node.value, Value::Bool(_)),
            Self::True => node.is_true(),
            Self::Two => node.value == Value::Number("2".to_owned()),
            Self::Key => node
                .text()
                .is_some_and(|text| !text.is_empty() && !text.contains(char::is_whitespace)),
            Self::Texts => {
                !node.items().is_empty() && node.items().iter().all(|item| item.text().is_some())
            }
            Self::Object => matches!(node.value, Value::Object(_)),
            Self::Https => node.text().is_some_and(|text| text.starts_with("https://")),
            Self::Colour => node.text().is_some_and(|text| {
                let digits = text.trim_start_matches('#');
                matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
            }),
        }
    }
}
