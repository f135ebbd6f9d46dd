//! `i18n/*.json`: the same texts in every language the manifest promises.
//!
//! A text that exists in one language only shows up as a bare key, in front of
//! a customer, in the language nobody on the team reads.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Node, Value};
use super::manifest::{FILE as MANIFEST, Manifest};
use super::reference::{KOMMO_LOCALES, TEXT_LIMITS};
use super::{Folder, Report, work};

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
        if KOMMO_LOCALES.contains(locale) {
            lengths(path, texts, report);
        }
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
    let promised: BTreeSet<&str> = manifest.locales().map(|(locale, _)| locale).collect();
    for (path, _) in folder.iter() {
        let locale = path
            .strip_prefix("i18n/")
            .and_then(|name| name.strip_suffix(".json"));
        if locale.is_some_and(|locale| !promised.contains(locale)) {
            report.moderation("i18n-extra", path, None, "this language is not in \"widget.locale\" of the manifest, so nobody would ever see it");
        }
    }
}

/// Every key of any language must be in all of them. What stands under a key is the widget's
/// business: a text, a list of months, a number.
fn same_keys<'a>(languages: impl Iterator<Item = &'a (String, Node)>, report: &mut Report) {
    let trees: Vec<(&str, Tree)> = languages
        .map(|(path, texts)| (path.as_str(), Tree::of(texts)))
        .collect();
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, tree) in &trees {
        for key in &tree.leaves {
            work::steps(1);
            keys.entry(key).or_insert(path);
        }
    }
    for (path, tree) in &trees {
        for (key, elsewhere) in keys.iter().filter(|(key, _)| !tree.leaves.contains(**key)) {
            let message = format!(
                "the text \"{key}\" of {elsewhere} is missing here, and all languages must have the same keys"
            );
            report.error("i18n-keys", path, tree.line_of(key), message);
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
        report.moderation(
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
            report.moderation(
                "i18n-russian",
                path,
                index + 1,
                "there is Russian text outside ru.json, which moderation refuses",
            );
        }
        if has_ru_link(line) {
            report.moderation(
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

/// The keys of one language as paths: what holds a value, and the groups with their lines.
struct Tree {
    leaves: BTreeSet<String>,
    groups: BTreeMap<String, usize>,
}

impl Tree {
    fn of(texts: &Node) -> Self {
        let mut tree = Self {
            leaves: BTreeSet::new(),
            groups: BTreeMap::from([(String::new(), texts.line)]),
        };
        let mut waiting: Vec<(String, &Node)> = vec![(String::new(), texts)];
        while let Some((above, node)) = waiting.pop() {
            for (key, child) in node.members() {
                work::steps(1);
                let path = if above.is_empty() {
                    key.clone()
                } else {
                    format!("{above}.{key}")
                };
                if matches!(child.value, Value::Object(_)) {
                    tree.groups.insert(path.clone(), child.line);
                    waiting.push((path, child));
                } else {
                    tree.leaves.insert(path);
                }
            }
        }
        tree
    }

    /// The line of the last group on the way to a key that exists here.
    fn line_of(&self, key: &str) -> usize {
        let above = key.match_indices('.').map(|(at, _)| &key[..at]);
        let mut groups: Vec<&str> = std::iter::once("").chain(above).collect();
        groups.reverse();
        work::steps(groups.len());
        let line = groups.iter().find_map(|group| self.groups.get(*group));
        line.copied().unwrap_or(1)
    }
}
