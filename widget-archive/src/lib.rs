//! The widget's archive: what amoCRM and Kommo would object to, and the ZIP itself.
//!
//! A Publisher uploads `widget.zip` by hand and waits days for moderation, so
//! everything the vendors' rules say about the archive is checked here first,
//! offline, with the file, the line and the reason. Nothing in here touches
//! the network; `folder.rs` alone reads the disk, `consent/written.rs` writes it.

mod config_module;
mod consent;
mod files;
mod folder;
mod i18n;
mod images;
mod javascript;
mod json;
mod manifest;
mod pack;
mod reference;
mod report;
mod scripts;
mod strays;
mod styles;
mod work;

use std::fmt;

pub use config_module::Backend;
pub use consent::{Change, Plan, Refusal, add as add_consent, own_widget, write as write_changes};
pub use folder::Folder;
pub use pack::{Packed, Refused, pack};
use report::Report;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The upload or the moderation fails; `pack` refuses too.
    Error,
    /// Worth a look before the upload.
    Warning,
}

/// Who will look at the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The vendors' moderators: what they refuse is an error.
    Marketplace,
    /// Nobody: the widget is uploaded for the Publisher's own accounts, and what only
    /// moderators ask for is a warning (RU:integrations/intro).
    Private,
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
pub fn check(folder: &Folder, audience: Audience) -> Vec<Finding> {
    let mut report = Report::new(audience);
    strays::check(folder, &mut report);
    files::check(folder, &mut report);
    let manifest = manifest::read(folder, &mut report);
    if let Some(manifest) = &manifest {
        manifest::check(manifest, &mut report);
        i18n::check(folder, manifest, &mut report);
        images::check(folder, manifest, &mut report);
    }
    scripts::check(folder, manifest.as_ref(), &mut report);
    styles::check(folder, &mut report);
    report.sorted()
}

/// The folder with a configuration that names this service and this Product.
#[must_use]
pub fn configured(folder: Folder, backend: &Backend) -> Folder {
    let module = backend.written_over(folder.text(config_module::FILE));
    folder.with(config_module::FILE, module)
}

/// Whether an archive with these findings would be refused.
#[must_use]
pub fn refused(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
}

#[cfg(test)]
mod tests;
