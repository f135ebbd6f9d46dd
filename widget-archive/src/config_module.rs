//! `config.js`: the one file of the widget that differs between Publishers.
//!
//! It is an AMD module with two values, the service's address and the Product's
//! code, and it is written anew when the archive is packed for another one. In a
//! widget that had a `config.js` of its own before, it stands in `consent/`.

use super::Folder;
use super::javascript::{Kind, Script};

/// Where the module stands.
pub const FILE: &str = "config.js";

/// Where it stands when the widget has another `config.js`.
pub const ELSEWHERE: &str = "consent/config.js";

/// Which service and which Product a copy of the widget belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Address of the service, without a trailing slash.
    pub url: String,
    /// Code of the Product.
    pub product: String,
}

/// The file that holds the configuration of this folder, or will.
///
/// # Errors
/// When a file of that name is there and is another module: it is named.
pub fn file_of(folder: &Folder) -> Result<&'static str, &'static str> {
    if folder.contains(ELSEWHERE) {
        return Ok(ELSEWHERE);
    }
    match folder.text(FILE) {
        Some(text) if !is_ours(text) => Err(FILE),
        _ => Ok(FILE),
    }
}

/// Whether a script names a service and a Product, whatever they are.
pub fn is_ours(text: &str) -> bool {
    let script = Script::read(text);
    ["backend", "product"]
        .iter()
        .all(|key| value_of(&script, key).is_some())
}

/// The position of a key's value.
fn value_of(script: &Script, key: &str) -> Option<usize> {
    let named = |at: usize| script.word(at).or(script.string(at)) == Some(key);
    script
        .positions()
        .find(|at| named(*at) && script.is(at + 1, ":"))
        .map(|at| at + 2)
}

impl Backend {
    /// What the folder's own configuration says, as far as it is written in plain texts.
    #[must_use]
    pub fn configured(folder: &Folder) -> Option<Self> {
        let file = if folder.contains(ELSEWHERE) {
            ELSEWHERE
        } else {
            FILE
        };
        let script = Script::read(folder.text(file)?);
        let value = |key: &str| {
            script
                .string(value_of(&script, key)?)
                .filter(|text| !text.contains('\\'))
                .map(str::to_owned)
        };
        Some(Self {
            url: value("backend")?,
            product: value("product")?,
        })
    }

    /// The module that says this: the one that is there with its two values exchanged, or a new
    /// one. Both are written as JSON texts, which are JavaScript texts too, so that nothing in
    /// them can become code.
    pub(super) fn written_over(&self, present: Option<&str>) -> String {
        present
            .and_then(|text| self.exchanged(text))
            .unwrap_or_else(|| self.module(""))
    }

    /// A new module, with one more line for a field other than the usual.
    pub(super) fn module_for(&self, line: Option<&str>) -> String {
        self.module(&line.map_or(String::new(), |line| format!("  {line}\n")))
    }

    fn exchanged(&self, text: &str) -> Option<String> {
        let script = Script::read(text);
        let mut values = [("backend", &self.url), ("product", &self.product)]
            .map(|(key, value)| (value_of(&script, key), value));
        values.sort_by_key(|(at, _)| *at);
        let (mut written, mut from) = (String::new(), 0);
        for (at, value) in values {
            let token = script.get(at?).filter(|token| token.kind == Kind::Text)?;
            // With its quotes, of which a template may have several pieces between.
            let (start, end) = (token.start - 1, token.start + token.text.len() + 1);
            let opens = text.as_bytes().get(start) == text.as_bytes().get(end - 1);
            if !opens || start < from {
                return None;
            }
            if token.text == value {
                continue;
            }
            written.push_str(&text[from..start]);
            written.push_str(&quoted(value));
            from = end;
        }
        written.push_str(&text[from..]);
        Some(written)
    }

    fn module(&self, more: &str) -> String {
        format!(
            "/**\n * Where this copy of the widget belongs: the address of the Accord service\n \
             * and the code of the Product. Written by `accord widget`.\n */\n\
             define({{\n  backend: {},\n  product: {},\n{more}}});\n",
            quoted(&self.url),
            quoted(&self.product)
        )
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
