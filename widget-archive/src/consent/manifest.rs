//! `manifest.json`: the places, the field, the page and the address that the consent part needs.

use super::{Plan, Refusal, document};
use crate::json::Node;
use crate::manifest::FILE;
use crate::{Backend, Folder};

/// The field's code, and the one for a widget in which that is another field.
const CODES: [&str; 2] = ["consent", "accord_consent"];

/// The text that names our field.
pub const FIELD_NAME: &str = "settings.consent";

/// The text that names our page.
pub const PAGE_TITLE: &str = "advanced.title";

/// Where the consent part keeps what amoCRM wants to see before it installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A field of its own with this code.
    Ours(&'static str),
    /// None: amoCRM keeps one custom field for a widget, and this one has its own.
    None,
}

impl Field {
    /// The line of the configuration that says so; none for the usual field.
    pub fn configured(self) -> Option<&'static str> {
        match self {
            Self::Ours("consent") => None,
            Self::Ours(_) => Some("field: 'accord_consent',"),
            Self::None => Some("field: null,"),
        }
    }
}

/// Changes the manifest as far as it has to be.
pub fn change(folder: &Folder, support: Option<&str>, plan: &mut Plan) -> Result<Field, Refusal> {
    let mut manifest = document(folder, FILE)?;
    for location in ["settings", "advanced_settings"] {
        let present = manifest
            .at(&["locations"])
            .map(Node::items)
            .unwrap_or_default();
        if !present.iter().any(|item| item.text() == Some(location)) {
            manifest.push(&["locations"], location)?;
        }
    }
    let field = field(&manifest, folder);
    if let Field::Ours(code) = field {
        let text = format!(r#"{{"name":"{FIELD_NAME}","type":"custom","required":true}}"#);
        manifest.add(&["settings", code], &node(&text, FILE)?)?;
    } else {
        plan.notes.push("The widget has a field of the type custom already, and amoCRM keeps only one: it stays the widget's. Install is held back by the form, by onSave and by the service, not by an empty field as well.".to_owned());
    }
    manifest.add(
        &["advanced"],
        &node(&format!(r#"{{"title":"{PAGE_TITLE}"}}"#), FILE)?,
    )?;
    reachable(&mut manifest, support, plan)?;
    if manifest
        .at(&["widget", "installation"])
        .is_some_and(|node| !node.is_true())
    {
        plan.notes.push("The manifest says \"installation\": false: nobody installs such a widget, so nobody is asked for consent at Install, only in cards and on the page in Settings.".to_owned());
    }
    if has_own_page(folder, &manifest) {
        plan.notes.push(
            "The widget has a page of its own in Settings: the control panel stands below it."
                .to_owned(),
        );
    }
    plan.put_text(folder, FILE, manifest.text());
    Ok(field)
}

/// Our field, if it is there or can be.
fn field(manifest: &super::Document, folder: &Folder) -> Field {
    let fields = |path: &[&str]| -> Vec<(String, bool)> {
        let members = manifest.at(path).map(Node::members).unwrap_or_default();
        members
            .iter()
            .map(|(code, field)| {
                let is_custom = field.get("type").and_then(Node::text) == Some("custom");
                (code.clone(), is_custom)
            })
            .collect()
    };
    let own = fields(&["settings"]);
    let is_included = folder.contains(super::MODULE) || Backend::configured(folder).is_some();
    let is_ours = |code: &str| is_included && CODES.contains(&code);
    let ours = CODES
        .into_iter()
        .find(|code| is_ours(code) && own.iter().any(|(own, custom)| own == code && *custom));
    if let Some(code) = ours {
        return Field::Ours(code);
    }
    let has_custom = own
        .iter()
        .chain(&fields(&["dp", "settings"]))
        .any(|(_, custom)| *custom);
    let free = CODES
        .into_iter()
        .find(|code| own.iter().all(|(own, _)| own != code));
    match free {
        Some(code) if !has_custom => Field::Ours(code),
        _ => Field::None,
    }
}

/// Where people turn to when something fails: shown by us wherever it does.
fn reachable(
    manifest: &mut super::Document,
    support: Option<&str>,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let of = |key| manifest.at(&["widget", "support", key]).is_some();
    if of("link") || of("email") {
        return Ok(());
    }
    let Some(address) = support else {
        plan.notes.push("manifest.json names no support address, which is shown wherever something fails: give --support, or put \"support\": { \"email\": \"…\" } into \"widget\".".to_owned());
        return Ok(());
    };
    let key = if address.contains("://") {
        "link"
    } else {
        "email"
    };
    let text = serde_json::json!({ key: address }).to_string();
    manifest.add(&["widget", "support"], &node(&text, FILE)?)
}

fn has_own_page(folder: &Folder, manifest: &super::Document) -> bool {
    let before = folder.text(FILE).and_then(|text| Node::parse(text).ok());
    let had = before.is_some_and(|before| {
        let places = before.at("locations").map(Node::items).unwrap_or_default();
        places
            .iter()
            .any(|item| item.text() == Some("advanced_settings"))
    });
    let title = manifest.at(&["advanced", "title"]).and_then(Node::text);
    had && title != Some(PAGE_TITLE) && !folder.contains(super::MODULE)
}

fn node(text: &str, file: &str) -> Result<Node, Refusal> {
    Node::parse(text).map_err(|bad| Refusal {
        file: file.to_owned(),
        line: bad.line,
        message: bad.message,
    })
}
