//! A clause that is referred to exists.

use std::collections::{BTreeSet, HashSet};

use super::super::{Document, Finding, Rule};
use super::found;

/// Words that are followed by the number of a clause or section of this text.
const NAMES: [&str; 12] = [
    "clause",
    "section",
    "subclause",
    "sub-clause",
    "пункт",
    "подпункт",
    "раздел",
    "подраздел",
    "cláusula",
    "sección",
    "seção",
    "apartado",
];
/// Short forms, whole.
const SHORT: [&str; 4] = ["п.", "пп.", "п", "пп"];
/// Words that tie a number to another text: "section 3 of the law", "пункт 2 статьи 9 закона".
const ELSEWHERE: [&str; 17] = [
    "law",
    "act",
    "code",
    "regulation",
    "gdpr",
    "directive",
    "contract",
    "agreement",
    "treaty",
    "constitution",
    "стать",
    "ст",
    "закон",
    "кодекс",
    "договор",
    "регламент",
    "постановлени",
];

/// References to what is not there, one finding per clause and number.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let known: HashSet<&str> = document
        .clauses()
        .map(|clause| clause.no.as_str())
        .chain(document.sections.iter().map(|section| section.no.as_str()))
        .collect();
    let mut findings = Vec::new();
    for clause in document.clauses() {
        let dangling: BTreeSet<String> = references(&clause.text())
            .into_iter()
            .filter(|no| !known.contains(no.as_str()))
            .collect();
        findings.extend(dangling.into_iter().map(|no| {
            let message = format!("clause {} refers to {no}, which does not exist", clause.no);
            let advice =
                "A reference that leads nowhere leaves open what was meant: correct its number.";
            found(Rule::Reference, file, clause, message, advice)
        }));
    }
    findings
}

/// Numbers that follow "clause", "пункт" and their like, unless another text is meant.
fn references(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !names_a_clause(words[at]) {
            at += 1;
            continue;
        }
        let from = at + 1;
        at = from;
        let mut these = Vec::new();
        // "clauses 4, 5.1 and 5.2": a further number comes after a comma or a joining word.
        let mut goes_on = true;
        while let Some(word) = words.get(at).filter(|_| goes_on) {
            match numbers_in(word) {
                Some(more) => these.extend(more),
                None if !these.is_empty() && is_joint(word) => {}
                None => break,
            }
            at += 1;
            goes_on = word.ends_with(',')
                || is_joint(word)
                || words.get(at).is_some_and(|next| is_joint(next));
        }
        let around = &words[from.saturating_sub(4)..(at + 4).min(words.len())];
        if !around.iter().any(|word| is_elsewhere(word)) {
            numbers.extend(these);
        }
    }
    numbers
}

fn names_a_clause(word: &str) -> bool {
    let word = word
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    SHORT.contains(&word.as_str())
        || NAMES.iter().any(|name| {
            word.strip_prefix(name)
                .is_some_and(|ending| ending.chars().count() <= 2)
        })
}

fn is_joint(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "and" | "or" | "to" | "и" | "или" | "по" | "до" | "–" | "-" | "—"
    )
}

fn is_elsewhere(word: &str) -> bool {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    ELSEWHERE
        .iter()
        .any(|name| word == *name || (name.chars().count() > 3 && word.starts_with(name)))
}

/// `5.2.1–5.2.7,` is two numbers; a word is none.
fn numbers_in(word: &str) -> Option<Vec<String>> {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let numbers: Vec<String> = word
        .split(['–', '—', '-', ',', '/'])
        .map(|no| no.trim_matches('.').to_owned())
        .collect();
    let is_number = |no: &String| {
        !no.is_empty()
            && no.split('.').all(|part| {
                (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
            })
    };
    numbers.iter().all(is_number).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_after_the_word_clause_are_references() {
        for (text, expected) in [
            ("the period of clause 11.11.2, which", vec!["11.11.2"]),
            (
                "Clauses 5.2.1–5.2.7 and 5.2.8.",
                vec!["5.2.1", "5.2.7", "5.2.8"],
            ),
            ("(see sections 4 and 5)", vec!["4", "5"]),
            ("по пункту 6.3 и разделу 7", vec!["6.3", "7"]),
            ("согласно п. 4.2", vec!["4.2"]),
            (
                "the data of clause 4.2: 30 days, those of clause 4.3. 10 days",
                vec!["4.2", "4.3"],
            ),
            ("clauses 4, 5.1 or 6", vec!["4", "5.1", "6"]),
            ("in this clause, within 10 days", vec![]),
            ("section 15 of Law No. 58", vec![]),
            ("пункт 2 статьи 9 закона", vec![]),
            ("version 1.2 of the program", vec![]),
            ("clause 2008", vec![]),
        ] {
            assert_eq!(references(text), expected, "{text}");
        }
    }
}
