//! `i18n/*.json`: the same texts in every language the manifest promises.
//!
//! A text that exists in one language only shows up as a bare key, in front of
//! a customer, in the language nobody on the team reads.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Node, Value};
use super::manifest::{FILE as MANIFEST, Manifest};
use super::reference::TEXT_LIMITS;
use super::{Folder, Report};

/// Names that belong to the vendors and may not be part of a widget's name.
const VENDORS: &[&str] = &["amocrm", "kommo"];

/// Compares the languages with the manifest and with each other.
pub fn check(folder: &Folder, manifest: &Manifest, report: &mut Report) {
    let mut languages = BTreeMap::new();
    for (locale, line) in manifest.locales() {
        let path = format!("i18n/{locale}.json");
        if !folder.contains(&path) {
            report.error(
                "i18n-missing",
                MANIFEST,
                line,
                format!("the language \"{locale}\" is promised, but there is no {path}"),
            );
        } else if let Some(texts) = read(folder, &path, report) {
            languages.insert(locale, (path, texts));
        }
    }
    unpromised(folder, manifest, report);
    same_keys(languages.values(), report);
    for (locale, (path, texts)) in &languages {
        resolved(manifest, path, texts, report);
        lengths(path, texts, report);
        vendor_names(path, texts, report);
        if *locale != "ru" {
            russian(folder, path, report);
        }
    }
}

fn read(folder: &Folder, path: &str, report: &mut Report) -> Option<Node> {
    match Node::parse(folder.text(path)?) {
        Ok(node) if matches!(node.value, Value::Object(_)) => Some(node),
        Ok(node) => {
            report.error(
                "i18n-json",
                path,
                node.line,
                "this must be one JSON object of texts, which the platform looks up by key",
            );
            None
        }
        Err(bad) => {
            report.error(
                "i18n-json",
                path,
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

fn unpromised(folder: &Folder, manifest: &Manifest, report: &mut Report) {
    for (path, _) in folder.iter() {
        let locale = path
            .strip_prefix("i18n/")
            .and_then(|name| name.strip_suffix(".json"));
        if locale.is_some_and(|locale| manifest.locales().all(|(promised, _)| promised != locale)) {
            report.error("i18n-extra", path, None, "this language is not in \"widget.locale\" of the manifest, so nobody would ever see it");
        }
    }
}

/// Every key of any language must be in all of them, and be a text in all or a group in all.
fn same_keys<'a>(languages: impl Iterator<Item = &'a (String, Node)> + Clone, report: &mut Report) {
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    for (path, texts) in languages.clone() {
        for key in leaves(texts) {
            keys.entry(key.path).or_insert(path);
        }
    }
    for (path, texts) in languages {
        let own: BTreeSet<String> = leaves(texts).into_iter().map(|leaf| leaf.path).collect();
        for (key, elsewhere) in keys.iter().filter(|(key, _)| !own.contains(*key)) {
            let message = format!(
                "the text \"{key}\" of {elsewhere} is missing here, and all languages must have the same keys"
            );
            report.error("i18n-keys", path, innermost(texts, key).line, message);
        }
        for leaf in leaves(texts)
            .iter()
            .filter(|leaf| leaf.node.text().is_none())
        {
            report.error(
                "i18n-keys",
                path,
                leaf.node.line,
                format!("\"{}\" must be a text or a group of texts", leaf.path),
            );
        }
    }
}

/// Every text the manifest names must exist.
fn resolved(manifest: &Manifest, path: &str, texts: &Node, report: &mut Report) {
    for (key, line) in manifest.text_keys() {
        let found = texts.at(key).and_then(Node::text);
        if found.is_none_or(|text| text.trim().is_empty()) {
            let message =
                format!("\"{key}\" is not a text of {path}, so people would read the bare key");
            report.error("i18n-unresolved", MANIFEST, line, message);
        }
    }
}

fn lengths(path: &str, texts: &Node, report: &mut Report) {
    for (key, most, longest_word) in TEXT_LIMITS {
        let Some(node) = texts.at(key) else { continue };
        let Some(text) = node.text() else { continue };
        let count = text.chars().count();
        if count > *most {
            let message =
                format!("\"{key}\" has {count} characters and Kommo's marketplace shows {most}");
            report.warning("i18n-length", path, node.line, message);
        }
        let too_long = |word: &&str| longest_word.is_some_and(|most| word.chars().count() > most);
        if let Some(word) = text.split_whitespace().find(too_long) {
            report.warning(
                "i18n-length",
                path,
                node.line,
                format!("the word \"{word}\" of \"{key}\" is too long for Kommo's marketplace"),
            );
        }
    }
}

fn vendor_names(path: &str, texts: &Node, report: &mut Report) {
    let Some(node) = texts.at("widget.name") else {
        return;
    };
    let name = node.text().unwrap_or_default().to_lowercase();
    if VENDORS.iter().any(|vendor| name.contains(vendor)) {
        report.error(
            "i18n-vendor-name",
            path,
            node.line,
            "the name may contain neither amoCRM nor Kommo, which belong to the vendors",
        );
    }
}

/// Other languages contain no Russian: neither letters nor links to `.ru` sites.
fn russian(folder: &Folder, path: &str, report: &mut Report) {
    for (index, line) in folder.text(path).unwrap_or_default().lines().enumerate() {
        if line.chars().any(is_cyrillic) {
            report.error(
                "i18n-russian",
                path,
                index + 1,
                "there is Russian text outside ru.json, which moderation refuses",
            );
        }
        if has_ru_link(line) {
            report.error(
                "i18n-ru-link",
                path,
                index + 1,
                "there is a link to a .ru site outside ru.json, which moderation refuses",
            );
        }
    }
}

fn is_cyrillic(c: char) -> bool {
    ('\u{0400}'..='\u{052f}').contains(&c)
}

/// Whether a host name ends in `.ru`, as in `docs.example.ru/page`.
fn has_ru_link(line: &str) -> bool {
    line.match_indices(".ru").any(|(at, found)| {
        let before = line[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric);
        let after = line[at + found.len()..].chars().next();
        before && after.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_')
    })
}

/// A text, or what stands where a text should.
struct Leaf<'a> {
    path: String,
    node: &'a Node,
}

fn leaves(texts: &Node) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    let mut waiting: Vec<(String, &Node)> = vec![(String::new(), texts)];
    while let Some((path, node)) = waiting.pop() {
        for (key, child) in node.members() {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            match child.value {
                Value::Object(_) => waiting.push((path, child)),
                _ => found.push(Leaf { path, node: child }),
            }
        }
    }
    found
}

/// The last group on the way to a key that exists here.
fn innermost<'a>(texts: &'a Node, key: &str) -> &'a Node {
    let mut node = texts;
    for part in key.split('.') {
        let Some(next) = node.get(part) else { break };
        node = next;
    }
    node
}
