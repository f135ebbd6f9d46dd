//! The facts and the text speak of the same purposes, in the same languages, and of what the
//! software really collects.

use std::collections::BTreeSet;

use super::super::{Document, Finding, Rule};
use super::listed;
use super::sentences::words;
use crate::domain::contacts::COLLECTED;
use crate::domain::facts::{Facts, Purpose};

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

/// What belongs to the version as a whole: everything that is collected has a purpose (clause
/// 5.2), and whoever gets data is named in the text that people agree to, in one language at least,
/// since another may spell the name in its own letters.
pub fn check_collected(files: &[(String, Document)], facts: &Facts) -> Vec<Finding> {
    let Some((file, _)) = files.first() else {
        return Vec::new();
    };
    let named = |category: &&str| {
        let of = |purpose: &Purpose| purpose.categories.contains(*category);
        facts.purposes.iter().any(of)
    };
    let aimless = listed(COLLECTED.into_iter().filter(|category| !named(category)));
    let mut findings = Vec::new();
    if !aimless.is_empty() {
        findings.push(Finding::new(
            Rule::Facts,
            file,
            format!("the consent form collects what no purpose of the facts names: {aimless}"),
            "Data without a purpose may not be collected: add it to the categories of the purpose that needs it.",
        ));
    }

    let texts: Vec<String> = files
        .iter()
        .flat_map(|(_, document)| document.clauses())
        .map(|clause| clause.text().to_lowercase())
        .collect();
    let recipients: BTreeSet<&String> = facts
        .purposes
        .iter()
        .flat_map(|purpose| &purpose.recipients)
        .collect();
    let silent = recipients.into_iter().filter(|recipient| {
        let recipient = recipient.to_lowercase();
        !texts.iter().any(|text| text.contains(recipient.trim()))
    });
    let silent = listed(silent.map(String::as_str));
    if !silent.is_empty() {
        findings.push(Finding::new(
            Rule::Facts,
            file,
            format!("the facts have recipients that the text does not mention: {silent}"),
            "People agree to the words of the text: name there who gets their data and what for, as the facts name them.",
        ));
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
