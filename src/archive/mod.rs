//! The widget's archive: what amoCRM and Kommo would object to, and the ZIP itself.
//!
//! A Publisher uploads `widget.zip` by hand and waits days for moderation, so
//! everything the vendors' rules say about the archive is checked here first,
//! offline, with the file, the line and the reason. Nothing in here touches
//! the network; `folder.rs` alone reads the disk.

mod config_module;
mod files;
mod folder;
mod i18n;
mod images;
mod javascript;
mod json;
mod manifest;
mod pack;
mod reference;
mod scripts;
mod styles;

use std::fmt;

pub use config_module::Backend;
pub use folder::Folder;
pub use pack::pack;

/// Whether the vendors would refuse the archive, or merely frown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The upload or the moderation fails; `pack` refuses too.
    Error,
    /// Worth a look before the upload.
    Warning,
}

impl Severity {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One objection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The path in the archive, such as `i18n/en.json`.
    pub file: String,
    /// The line, from 1, which also stands for the file as a whole.
    pub line: usize,
    /// The rule's name in kebab-case, never renamed.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and why that matters, in one sentence.
    pub message: String,
}

impl fmt::Display for Finding {
    /// `file:line: rule: message`, as editors expect it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.rule, self.message
        )
    }
}

/// Checks a widget's folder against the vendors' rules; findings come sorted by file and line.
#[must_use]
pub fn check(folder: &Folder) -> Vec<Finding> {
    let mut report = Report::default();
    files::check(folder, &mut report);
    if let Some(manifest) = manifest::read(folder, &mut report) {
        manifest::check(&manifest, &mut report);
        i18n::check(folder, &manifest, &mut report);
        images::check(folder, &manifest, &mut report);
    }
    scripts::check(folder, &mut report);
    styles::check(folder, &mut report);
    report.sorted()
}

/// Whether an archive with these findings would be refused.
#[must_use]
pub fn refused(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
}

/// Where the rules write down what they find.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn error(
        &mut self,
        rule: &'static str,
        file: &str,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, rule, file, line.into(), message.into());
    }

    fn warning(
        &mut self,
        rule: &'static str,
        file: &str,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, rule, file, line.into(), message.into());
    }

    fn add(
        &mut self,
        severity: Severity,
        rule: &'static str,
        file: &str,
        line: Option<usize>,
        message: String,
    ) {
        self.0.push(Finding {
            file: file.to_owned(),
            line: line.unwrap_or(1),
            rule,
            severity,
            message,
        });
    }

    fn sorted(mut self) -> Vec<Finding> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

#[cfg(test)]
mod tests;
