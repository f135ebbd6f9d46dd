//! What `policy check` looks at beyond the form of one file.
//!
//! A finding that is not true costs more than one that is missed: people stop
//! reading them. So each rule knows a few ways of saying a thing in English and
//! in Russian, and keeps silent about sentences it does not understand.

mod alphabets;
mod deadlines;
mod facts;
mod fragments;
mod holder;
mod language;
mod references;
mod retention;
mod scope;
mod sentences;
mod trees;
mod words_of;

use super::{Clause, Document, Finding, Rule, Section, Severity};
use crate::domain::facts::Facts;
use crate::domain::starter::Identity;

/// Everything that is found in texts that will be published together, each file's own findings
/// included. A file is its name and what was read from it; the first language prevails.
#[must_use]
pub fn check(files: &[(String, Document)]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (file, document) in files {
        findings.extend(document.findings.iter().cloned());
        findings.extend(language::check(file, document));
        findings.extend(alphabets::check(file, document));
        findings.extend(references::check(file, document));
        findings.extend(scope::check(file, document));
        findings.extend(retention::check(file, document));
        findings.extend(deadlines::check(file, document));
        findings.extend(holder::check_words(file, document));
    }
    findings.extend(trees::check(files));
    findings
}

/// What is found when the texts are held against the facts beside them and against the
/// Publisher of the configuration.
#[must_use]
pub fn check_against(
    files: &[(String, Document)],
    facts: &Facts,
    who: &Identity<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, document) in files {
        findings.extend(facts::check(file, document, facts));
        findings.extend(holder::check_form(file, document, facts, who));
    }
    findings.extend(facts::check_collected(files, facts));
    findings.extend(
        files
            .first()
            .and_then(|(file, _)| holder::check_identity(file, who)),
    );
    findings
}

/// What is found when there are facts that [`Facts::parse`] refuses: nothing can be published
/// with them.
#[must_use]
pub fn unusable_facts(file: &str, fault: &str) -> Finding {
    let message = format!("the facts cannot be used: {fault}");
    let advice = "No version can be made without facts: correct them (docs/policy-files.md).";
    Finding {
        severity: Severity::Error,
        ..Finding::new(Rule::Facts, file, message, advice)
    }
}

/// A finding about a clause.
fn found(rule: Rule, file: &str, clause: &Clause, message: String, advice: &str) -> Finding {
    Finding::new(rule, file, message, advice)
        .at(clause.line)
        .in_clause(&clause.no)
}

/// A finding about a section's heading or what stands before its first clause.
fn found_in_section(
    rule: Rule,
    file: &str,
    section: &Section,
    message: String,
    advice: &str,
) -> Finding {
    let finding = Finding::new(rule, file, message, advice).at(section.line);
    if section.no.is_empty() {
        finding
    } else {
        finding.in_clause(&section.no)
    }
}

/// `1.2`, or `1.2, 3.4`: numbers for a sentence.
fn listed<'a>(numbers: impl IntoIterator<Item = &'a str>) -> String {
    numbers.into_iter().collect::<Vec<_>>().join(", ")
}
