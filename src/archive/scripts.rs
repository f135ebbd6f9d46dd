//! `*.js`: calls that moderation refuses.
//!
//! The rules are the vendors' (amocrm.ru integrations/requirements section 3,
//! developers.kommo.com getting-listed). They are looked for in the code itself;
//! comments and, where the rule is about a call, texts do not count.

mod calls;
mod host;
mod modules;

use super::javascript::Script;
use super::{Folder, Report};

/// Longer lines are taken for the output of a minifier.
const LONGEST_LINE: usize = 500;

/// One script, and where its findings go.
struct Source<'a> {
    path: &'a str,
    script: Script<'a>,
    folder: &'a Folder,
}

impl Source<'_> {
    fn error(
        &self,
        rule: &'static str,
        at: usize,
        message: impl Into<String>,
        report: &mut Report,
    ) {
        report.error(rule, self.path, self.script.line(at), message);
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
pub fn check(folder: &Folder, report: &mut Report) {
    for (path, text) in folder.texts("js") {
        let source = Source {
            path,
            script: Script::read(text),
            folder,
        };
        if let Some((line, why)) = source.script.fault {
            report.error(
                "js-syntax",
                path,
                line,
                format!("no browser can read this script: {why}"),
            );
        }
        minified(path, text, report);
        calls::check(&source, report);
        host::check(&source, report);
        modules::check(&source, report);
    }
}

fn minified(path: &str, text: &str, report: &mut Report) {
    if let Some(index) = text
        .lines()
        .position(|line| line.chars().count() > LONGEST_LINE)
    {
        let message = format!(
            "this line has more than {LONGEST_LINE} characters; moderators read the code and minified code delays them"
        );
        report.warning("js-minified", path, index + 1, message);
    }
}
