//! `*.js`: calls that moderation refuses.
//!
//! The rules are the vendors' (amocrm.ru integrations/requirements sections 2 and 3,
//! developers.kommo.com getting-listed). They are looked for in the code itself;
//! comments and, where the rule is about a call, texts do not count.

mod callbacks;
mod calls;
mod host;
mod loops;
mod modules;
mod page;
mod styles;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::javascript::Script;
use super::json::Node;
use super::manifest::Manifest;
use super::{Folder, Report, work};

/// Longer lines with so many tokens are taken for the output of a minifier. A long text, such as
/// a picture in a `data:` address, is one token.
const LONGEST_LINE: usize = 500;
const MOST_TOKENS: usize = 150;

/// What the rules have to know of the whole widget.
struct Widget<'a> {
    folder: &'a Folder,
    /// Whether a language of Kommo is promised, so that Kommo's rules count too.
    is_for_kommo: bool,
    /// Whether a person fills in fields when installing.
    has_fields: bool,
    /// Whether it can be installed at all.
    is_installable: bool,
}

/// One script, and where its findings go.
struct Source<'a> {
    widget: &'a Widget<'a>,
    path: &'a str,
    script: Script<'a>,
    /// Names that the script gives to things of its own.
    declared: HashSet<&'a str>,
    /// Lines that a minifier wrote: there libraries stand as they were published.
    minified: BTreeSet<usize>,
}

impl<'a> Source<'a> {
    fn read(widget: &'a Widget<'a>, path: &'a str, text: &'a str) -> Self {
        let script = Script::read(text);
        work::steps(script.positions().len());
        let declared = script
            .positions()
            .filter(|at| {
                let before = script.word_before(*at);
                matches!(before, Some("function" | "const" | "let" | "var"))
            })
            .filter_map(|at| script.word(at))
            .collect();
        let mut tokens: BTreeMap<usize, usize> = BTreeMap::new();
        for at in script.positions() {
            *tokens.entry(script.line(at)).or_default() += 1;
        }
        let minified = (1..)
            .zip(text.lines())
            .filter(|(_, text)| text.chars().count() > LONGEST_LINE)
            .map(|(line, _)| line)
            .filter(|line| tokens.get(line).is_some_and(|count| *count > MOST_TOKENS))
            .collect();
        Self {
            widget,
            path,
            script,
            declared,
            minified,
        }
    }

    /// What does not work.
    fn error(
        &self,
        rule: &'static str,
        at: usize,
        message: impl Into<String>,
        report: &mut Report,
    ) {
        report.error(rule, self.path, self.script.line(at), message);
    }

    /// What moderators refuse.
    fn moderation(
        &self,
        rule: &'static str,
        at: usize,
        message: impl Into<String>,
        report: &mut Report,
    ) {
        report.moderation(rule, self.path, self.script.line(at), message);
    }

    /// What moderators refuse in a widget's own code. In what a minifier wrote it may as well be
    /// a library's, such as React's in what Kommo's generator makes, which they know.
    fn library(
        &self,
        rule: &'static str,
        at: usize,
        message: impl Into<String>,
        report: &mut Report,
    ) {
        if self.minified.contains(&self.script.line(at)) {
            self.warning(rule, at, message, report);
        } else {
            self.moderation(rule, at, message, report);
        }
    }

    fn warning(
        &self,
        rule: &'static str,
        at: usize,
        message: impl Into<String>,
        report: &mut Report,
    ) {
        report.warning(rule, self.path, self.script.line(at), message);
    }
}

/// Checks every script of the folder.
pub fn check(folder: &Folder, manifest: Option<&Manifest>, report: &mut Report) {
    let has_fields = manifest
        .and_then(|manifest| manifest.at("settings"))
        .is_some_and(|fields| !fields.members().is_empty());
    let is_installable = manifest
        .and_then(|manifest| manifest.at("widget.installation"))
        .is_some_and(Node::is_true);
    let widget = Widget {
        folder,
        is_for_kommo: manifest.is_none_or(Manifest::is_for_kommo),
        has_fields,
        is_installable,
    };
    let mut saving = callbacks::Saving::default();
    for (path, text) in folder.texts("js") {
        let source = &Source::read(&widget, path, text);
        saving.look(source);
        if let Some((line, why)) = source.script.fault {
            unreadable(path, text, line, why, report);
        }
        if source.script.is_cut {
            report.moderation(
                "js-size",
                path,
                None,
                "this script is so long that only its beginning was checked, and nobody could moderate it",
            );
        }
        if let Some(line) = source.minified.first() {
            report.warning(
                "js-minified",
                source.path,
                *line,
                "this looks like the output of a minifier; moderators read the code and minified code delays them",
            );
        }
        calls::check(source, report);
        host::check(source, report);
        loops::check(source, report);
        modules::check(source, report);
        page::check(source, report);
        styles::check(source, report);
    }
    saving.check(&widget, report);
}

/// A script that does not add up. In what a minifier wrote it is rather our reader that lost its way,
/// which knows where a pattern may begin only as far as people write them.
fn unreadable(path: &str, text: &str, line: usize, why: &str, report: &mut Report) {
    let is_long = text
        .lines()
        .nth(line - 1)
        .is_some_and(|text| text.chars().count() > LONGEST_LINE);
    if is_long {
        let message = format!("the rest of this script was not checked: {why}");
        report.warning("js-syntax", path, line, message);
    } else {
        let message = format!("no browser can read this script: {why}");
        report.error("js-syntax", path, line, message);
    }
}
