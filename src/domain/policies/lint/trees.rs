//! All languages of a version have the same clauses, and say the same about themselves.

use std::collections::HashSet;

use super::super::{Document, Finding, Rule};
use super::found;

/// Compares each file with the first one.
pub fn check(files: &[(String, Document)]) -> Vec<Finding> {
    let Some(((first_file, first), others)) = files.split_first() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (file, document) in others {
        findings.extend(missing(file, document, first_file, first));
        findings.extend(missing(first_file, first, file, document));
        findings.extend(other_sections(file, document, first_file, first));
        if let (Some(number), Some(other)) = (document.number, first.number)
            && number != other
        {
            let message = format!("the file is version {number}, {first_file} is version {other}");
            let advice = "Files that are published together are one version: give them one number.";
            findings.push(Finding::new(Rule::ClauseTrees, file, message, advice));
        }
    }
    let mut langs = HashSet::new();
    for (file, document) in files {
        if !langs.insert(&document.lang) {
            let message = format!("another file is in {} too", document.lang);
            let advice =
                "A version has one text per language: correct the language, or leave one file out.";
            findings.push(Finding::new(Rule::Language, file, message, advice));
        }
    }
    findings
}

/// Texts that number nothing are held together by their sections alone.
fn other_sections(
    file: &str,
    document: &Document,
    there: &str,
    other: &Document,
) -> Option<Finding> {
    let (here, count) = (document.sections.len(), other.sections.len());
    let unnumbered = document.clause_count() == 0 && other.clause_count() == 0;
    let message = format!("{here} sections are here and {count} in {there}");
    let advice = "People agree to the same text in every language: give both the same sections.";
    (unnumbered && here != count).then(|| Finding::new(Rule::ClauseTrees, file, message, advice))
}

fn missing(file: &str, document: &Document, there: &str, other: &Document) -> Vec<Finding> {
    let known: HashSet<&str> = other.clauses().map(|clause| clause.no.as_str()).collect();
    let mut told = HashSet::new();
    document
        .clauses()
        .filter(|clause| !known.contains(clause.no.as_str()) && told.insert(clause.no.as_str()))
        .map(|clause| {
            let message = format!("clause {} is here and not in {there}", clause.no);
            let advice =
                "People agree to clauses by number, so every language has to have the same ones.";
            found(Rule::ClauseTrees, file, clause, message, advice)
        })
        .collect()
}
