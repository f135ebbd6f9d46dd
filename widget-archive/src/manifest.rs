//! `manifest.json`: what the platform reads before anything else.
//!
//! The fields, their types and the places a widget may appear in are the tables
//! of `reference.rs`; here they are compared with the file. A mistake in this
//! file is the most frequent reason for a refused upload.

mod fields;
mod places;
mod required;
mod shape;

use std::collections::BTreeSet;

use super::json::Node;
use super::reference::{KOMMO_LOCALES, LOCALES};
use super::{Folder, Report};

/// The file's name.
pub const FILE: &str = "manifest.json";

/// The platforms have six languages; a list that goes on and on is not compared with everything.
const MOST_LOCALES: usize = 20;

/// A manifest that is JSON; whether it is a good one is for [`check`] to say.
pub struct Manifest(Node);

impl Manifest {
    /// The value under a path of keys.
    pub fn at(&self, path: &str) -> Option<&Node> {
        self.0.at(path)
    }

    /// The languages it promises, with their lines; of very many the first.
    pub fn locales(&self) -> impl Iterator<Item = (&str, usize)> {
        texts(self.at("widget.locale")).take(MOST_LOCALES)
    }

    /// Whether it promises a language of Kommo, so that Kommo's rules count beside amoCRM's.
    pub fn is_for_kommo(&self) -> bool {
        self.locales()
            .any(|(locale, _)| KOMMO_LOCALES.contains(&locale))
    }

    /// Whether it asks for that place, with or without the right column.
    pub fn has_location(&self, name: &str) -> bool {
        texts(self.at("locations")).any(|(location, _)| stem(location) == name)
    }

    /// Every text of the manifest that names a text of `i18n`, with its line.
    pub fn text_keys(&self) -> Vec<(&str, usize)> {
        let mut found = Vec::new();
        for path in [
            "widget.name",
            "widget.description",
            "widget.short_description",
            "tour.tour_description",
            "advanced.title",
            "dp.title",
            "amoforms_settings.title",
            "amoforms_settings.error_text",
        ] {
            found.extend(self.at(path).and_then(key));
        }
        for path in ["settings", "dp.settings", "salesbot_designer"] {
            found.extend(
                self.children(path)
                    .filter_map(|child| child.get("name").and_then(key)),
            );
        }
        for handler in self.children("salesbot_designer") {
            let fields = handler
                .get("settings")
                .map(Node::members)
                .unwrap_or_default();
            found.extend(
                fields
                    .iter()
                    .filter_map(|(_, field)| field.get("name").and_then(key)),
            );
        }
        for item in self.children("left_menu") {
            found.extend(item.get("title").and_then(key));
            let below = item.get("submenu").map(Node::members).unwrap_or_default();
            found.extend(
                below
                    .iter()
                    .filter_map(|(_, sub)| sub.get("title").and_then(key)),
            );
        }
        found
    }

    /// The fields a person fills in, in the settings window and in a pipeline's trigger.
    fn fields(&self) -> impl Iterator<Item = (&str, &Node)> {
        let of = |path| self.at(path).map(Node::members).unwrap_or_default();
        of("settings")
            .iter()
            .chain(of("dp.settings"))
            .map(|(code, field)| (code.as_str(), field))
    }

    fn children(&self, path: &str) -> impl Iterator<Item = &Node> {
        self.at(path)
            .map(Node::members)
            .unwrap_or_default()
            .iter()
            .map(|(_, child)| child)
    }

    /// The line of a path, or of the innermost part of it that exists.
    fn line(&self, path: &str) -> usize {
        let mut node = &self.0;
        for key in path.split('.') {
            let Some(next) = node.get(key) else { break };
            node = next;
        }
        node.line
    }
}

/// Reads the manifest, or reports why it cannot be read.
pub fn read(folder: &Folder, report: &mut Report) -> Option<Manifest> {
    // A file that is not there, or not UTF-8, is reported by `files`.
    let text = folder.text(FILE)?;
    match Node::parse(text) {
        Ok(node) => Some(Manifest(node)),
        Err(bad) => {
            report.error(
                "manifest-json",
                FILE,
                bad.line,
                format!(
                    "this is not strict JSON, which the platform refuses: {}",
                    bad.message
                ),
            );
            None
        }
    }
}

/// Compares the manifest with the vendors' tables.
pub fn check(manifest: &Manifest, report: &mut Report) {
    required::check(manifest, report);
    version(manifest, report);
    locales(manifest, report);
    support(manifest, report);
    secrets(manifest, report);
    places::check(manifest, report);
    fields::check(manifest, report);
}

fn version(manifest: &Manifest, report: &mut Report) {
    let Some(node) = manifest.at("widget.version") else {
        let line = manifest.line("widget.version");
        return report.warning(
            "manifest-version",
            FILE,
            line,
            "\"widget.version\" is missing, so browsers go on using the files of the last upload",
        );
    };
    let good = node.text().is_some_and(|text| {
        let parts: Vec<&str> = text.split('.').collect();
        parts.len() == 3
            && parts
                .iter()
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    });
    if !good {
        report.error("manifest-version", FILE, node.line, "\"widget.version\" must be three numbers such as \"1.0.2\", because it tells browsers which files are new");
    }
}

fn locales(manifest: &Manifest, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for (locale, line) in texts(manifest.at("widget.locale")) {
        if !LOCALES.contains(&locale) {
            report.error(
                "manifest-locale",
                FILE,
                line,
                format!(
                    "\"{locale}\" is not a language of the platforms ({})",
                    LOCALES.join(", ")
                ),
            );
        } else if !seen.insert(locale) {
            report.error(
                "manifest-locale",
                FILE,
                line,
                format!("\"{locale}\" is listed twice"),
            );
        }
    }
}

fn support(manifest: &Manifest, report: &mut Report) {
    let link = manifest.at("widget.support.link");
    let email = manifest.at("widget.support.email");
    if link.is_none() && email.is_none() {
        let line = manifest.line("widget.support");
        return report.moderation(
            "manifest-support",
            FILE,
            line,
            "\"widget.support\" needs a \"link\" or an \"email\", so that users can reach you",
        );
    }
    if let Some(node) = link.filter(|node| !node.text().is_some_and(is_address)) {
        report.moderation("manifest-support", FILE, node.line, "\"widget.support.link\" must be an address that begins with https:// or http://, because it is opened as a link");
    }
    let is_email = |text: &str| {
        text.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    if let Some(node) = email.filter(|node| !node.text().is_some_and(is_email)) {
        report.moderation(
            "manifest-support",
            FILE,
            node.line,
            "\"widget.support.email\" must be an e-mail address, because users write to it",
        );
    }
}

fn secrets(manifest: &Manifest, report: &mut Report) {
    if let Some(node) = manifest.at("widget.secret_key") {
        report.error("manifest-secret", FILE, node.line, "\"secret_key\" must not be in the archive, because every user of the widget could read it");
    }
    if let Some(node) = manifest.at("widget.code") {
        report.warning(
            "manifest-secret",
            FILE,
            node.line,
            "\"code\" is given by the platform at the upload and is better left out",
        );
    }
}

/// The text items of a list, each with its line.
fn texts(list: Option<&Node>) -> impl Iterator<Item = (&str, usize)> {
    list.map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| Some((item.text()?, item.line)))
}

/// The place's name without the suffix that asks for the right column.
fn stem(location: &str) -> &str {
    location
        .strip_suffix("-0")
        .or_else(|| location.strip_suffix("-1"))
        .unwrap_or(location)
}

fn key(node: &Node) -> Option<(&str, usize)> {
    Some((node.text()?, node.line))
}

fn is_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    })
}
