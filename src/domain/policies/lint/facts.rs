//! The facts and the text speak of the same purposes, in the same languages, and of what the
//! software really collects.

use std::collections::BTreeSet;

use super::super::{Clause, Document, Finding, Rule};
use super::sentences::{folded, words};
use super::{found, listed};
use crate::domain::contacts::collected;
use crate::domain::facts::{Facts, Purpose};

/// One finding for each purpose in which the two differ, at the clause that names it where there
/// is one.
pub fn check(file: &str, document: &Document, facts: &Facts) -> Vec<Finding> {
    let codes: BTreeSet<&str> = facts
        .purposes
        .iter()
        .map(|purpose| purpose.code.as_str())
        .collect();
    let clauses: BTreeSet<&str> = document
        .clauses()
        .map(|clause| clause.no.as_str())
        .chain(document.sections.iter().map(|section| section.no.as_str()))
        .collect();
    let mut findings = Vec::new();

    let absent = listed(codes.difference(&clauses).copied());
    if !absent.is_empty() {
        let message = format!("the facts have purposes that the text has no clauses for: {absent}");
        let advice = "A consent names purposes by clause: write facts for this text (docs/policy-files.md) and give them with --facts.";
        findings.push(Finding::new(Rule::Facts, file, message, advice));
    }

    if codes.iter().any(|code| clauses.contains(code)) {
        findings.extend(unnamed(document, &codes).into_iter().map(|clause| {
            let message = format!("the text has a purpose that the facts do not know: {}", clause.no);
            let advice = "No consent will cover it: add it to the facts, or say in the clause that it does not take place.";
            found(Rule::Facts, file, clause, message, advice)
        }));
    }

    let lang = document.lang.primary();
    let untitled = facts
        .purposes
        .iter()
        .filter(|purpose| !purpose.title.contains_key(lang));
    findings.extend(untitled.map(|purpose| {
        let message = format!("the facts have no title in {lang} for {}", purpose.code);
        let advice = "The control panel lists purposes by title in the reader's language: add it to the facts.";
        at_clause(Finding::new(Rule::Facts, file, message, advice), document, &purpose.code)
    }));
    findings
}

/// The finding at the clause or section of this number, where there is one.
fn at_clause(finding: Finding, document: &Document, no: &str) -> Finding {
    let clause = document.clauses().find(|clause| clause.no == no);
    let section = document.sections.iter().find(|section| section.no == no);
    match clause
        .map(|clause| clause.line)
        .or(section.map(|section| section.line))
    {
        Some(line) => finding.at(line).in_clause(no),
        None => finding,
    }
}

/// What belongs to the version as a whole: everything that is collected has a purpose (clause
/// 5.2), and whoever gets data is named in the text that people agree to, in one language at least,
/// since another may spell the name in its own letters.
pub fn check_collected(files: &[(String, Document)], facts: &Facts) -> Vec<Finding> {
    let Some((file, document)) = files.first() else {
        return Vec::new();
    };
    let named = |category: &&str| {
        let of = |purpose: &Purpose| purpose.categories.contains(*category);
        facts.purposes.iter().any(of)
    };
    let aimless = listed(collected().filter(|category| !named(category)));
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
        .flat_map(|(_, document)| &document.sections)
        .flat_map(|section| {
            let clauses = section.clauses.iter().map(Clause::text);
            clauses.chain([section.preamble_text()])
        })
        .map(|text| folded(&text))
        .collect();
    let mut told = BTreeSet::new();
    for purpose in &facts.purposes {
        for recipient in &purpose.recipients {
            let lower = folded(recipient);
            let silent = !texts.iter().any(|text| text.contains(lower.trim()));
            if silent && told.insert(recipient) {
                let message = format!(
                    "the facts have a recipient that the text does not mention: {recipient}"
                );
                let advice = "People agree to the words of the text: name there who gets their data and what for, as the facts name them.";
                let finding = Finding::new(Rule::Facts, file, message, advice);
                findings.push(at_clause(finding, document, &purpose.code));
            }
        }
    }
    findings
}

/// Clauses beside the purposes of the facts that are none of them. One that says "not" denies
/// the purpose (location is not determined) and needs no facts.
fn unnamed<'a>(document: &'a Document, codes: &BTreeSet<&str>) -> Vec<&'a Clause> {
    let parents: BTreeSet<&str> = codes
        .iter()
        .filter_map(|code| code.rsplit_once('.'))
        .map(|(parent, _)| parent)
        .collect();
    document
        .clauses()
        .filter(|clause| {
            let parent = clause.no.rsplit_once('.').map(|(parent, _)| parent);
            let text = folded(&clause.text());
            parent.is_some_and(|parent| parent.contains('.') && parents.contains(parent))
                && !codes.contains(clause.no.as_str())
                && !words(&text).any(|word| matches!(word, "not" | "no" | "не" | "without" | "без"))
        })
        .collect()
}
