//! The facts and the text speak of the same purposes, in the same languages.

use std::collections::BTreeSet;

use super::super::{Document, Finding, Rule};
use super::listed;
use super::sentences::words;
use crate::domain::facts::Facts;

/// One finding for each way in which the two differ.
pub fn check(file: &str, document: &Document, facts: &Facts) -> Vec<Finding> {
    let codes: BTreeSet<&str> = facts
        .purposes
        .iter()
        .map(|purpose| purpose.code.as_str())
        .collect();
    let clauses: BTreeSet<&str> = document
        .clauses()
        .map(|clause| clause.no.as_str())
        .collect();
    let mut findings = Vec::new();
    let mut find = |message: String, advice: &str| {
        findings.push(Finding::new(Rule::Facts, file, message, advice))
    };

    let absent = listed(codes.difference(&clauses).copied());
    if !absent.is_empty() {
        find(
            format!("the facts have purposes that the text has no clauses for: {absent}"),
            "A consent names purposes by clause: write facts for this text (docs/policy-files.md) and give them with --facts.",
        );
    }

    let unnamed = listed(unnamed(document, &codes));
    if !unnamed.is_empty() && codes.iter().any(|code| clauses.contains(code)) {
        find(
            format!("the text has purposes that the facts do not know: {unnamed}"),
            "No consent will cover them: add them to the facts, or say in the clause that it does not take place.",
        );
    }

    let lang = document.lang.primary();
    let untitled = facts
        .purposes
        .iter()
        .filter(|purpose| !purpose.title.contains_key(lang));
    let untitled = listed(untitled.map(|purpose| purpose.code.as_str()));
    if !untitled.is_empty() {
        find(
            format!("the facts have no title in {lang} for {untitled}"),
            "The control panel lists purposes by title in the reader's language: add it to the facts.",
        );
    }
    findings
}

/// Clauses beside the purposes of the facts that are none of them. One that says "not" denies
/// the purpose (location is not determined) and needs no facts.
fn unnamed<'a>(document: &'a Document, codes: &BTreeSet<&str>) -> Vec<&'a str> {
    let parents: BTreeSet<&str> = codes
        .iter()
        .filter_map(|code| code.rsplit_once('.'))
        .map(|(parent, _)| parent)
        .collect();
    document
        .clauses()
        .filter(|clause| {
            let parent = clause.no.rsplit_once('.').map(|(parent, _)| parent);
            let text = clause.text().to_lowercase();
            parent.is_some_and(|parent| parent.contains('.') && parents.contains(parent))
                && !codes.contains(clause.no.as_str())
                && !words(&text).any(|word| matches!(word, "not" | "no" | "не" | "without" | "без"))
        })
        .map(|clause| clause.no.as_str())
        .collect()
}
