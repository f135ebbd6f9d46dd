//! What `policy check` looks at beyond the form of one file: the language of each
//! clause, references, and whether all languages have the same clauses.

use super::{Block, Clause, Document, Finding, Rule, Script};

/// Below so many letters of either script a clause is too short to judge.
const FEWEST_LETTERS: usize = 12;

/// Everything that is found in texts that will be published together, each file's own findings
/// included.
#[must_use]
pub fn check(files: &[(String, Document)]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = files.iter().flat_map(|(_, d)| d.findings.clone()).collect();
    for (file, document) in files {
        for clause in document.clauses() {
            findings.extend(wrong_language(file, document, clause));
            findings.extend(dangling_references(file, document, clause));
        }
    }
    findings.extend(different_trees(files));
    findings
}

/// A clause most of whose letters are of the other script.
fn wrong_language(file: &str, document: &Document, clause: &Clause) -> Option<Finding> {
    let expected = document.lang.script()?;
    let text = clause.text();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    let cyrillic = text
        .chars()
        .filter(|c| ('\u{400}'..='\u{52f}').contains(c))
        .count();
    let (own, other) = match expected {
        Script::Latin => (latin, cyrillic),
        Script::Cyrillic => (cyrillic, latin),
    };
    (other >= FEWEST_LETTERS && other > own).then(|| {
        let message = format!("clause {} is not written in {}", clause.no, document.lang);
        let advice = "Whoever cannot read a clause cannot agree to it: translate it.";
        Finding::new(Rule::Language, file, message, advice)
            .at(clause.line)
            .in_clause(&clause.no)
    })
}

/// "clause 11.11.2" and its like where there is no such clause.
fn dangling_references(file: &str, document: &Document, clause: &Clause) -> Vec<Finding> {
    let known = |no: &str| {
        document.clauses().any(|c| c.no == no) || document.sections.iter().any(|s| s.no == no)
    };
    let mut dangling: Vec<String> = Vec::new();
    for words in clause.blocks.iter().flat_map(words_of) {
        let mut before = "";
        for word in words.split_whitespace() {
            let number = word.trim_matches(|c: char| !c.is_ascii_digit());
            let is_number = number.contains('.')
                && number
                    .split('.')
                    .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
            if is_number
                && names_a_clause(before)
                && !known(number)
                && !dangling.iter().any(|d| d == number)
            {
                dangling.push(number.to_owned());
            }
            before = word;
        }
    }
    dangling
        .into_iter()
        .map(|number| {
            let message = format!(
                "clause {} refers to {number}, which does not exist",
                clause.no
            );
            let advice =
                "A reference that leads nowhere leaves open what was meant: correct its number.";
            Finding::new(Rule::Reference, file, message, advice)
                .at(clause.line)
                .in_clause(&clause.no)
        })
        .collect()
}

fn words_of(block: &Block) -> Vec<&str> {
    match block {
        Block::Paragraph(words) => vec![words],
        Block::List(items) => items.iter().map(String::as_str).collect(),
    }
}

fn names_a_clause(word: &str) -> bool {
    let word = word.to_lowercase();
    [
        "clause",
        "clauses",
        "section",
        "paragraph",
        "пункт",
        "пункта",
        "пункте",
        "пунктом",
        "пункту",
        "пунктах",
        "п.",
        "раздел",
        "раздела",
        "разделе",
    ]
    .contains(&word.as_str())
}

/// Clauses that one language has and another has not.
fn different_trees(files: &[(String, Document)]) -> Vec<Finding> {
    let Some(((first_file, first), others)) = files.split_first() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (file, document) in others {
        for (here, there, have, lack) in [
            (file, first_file, document, first),
            (first_file, file, first, document),
        ] {
            for clause in have
                .clauses()
                .filter(|c| !lack.clauses().any(|o| o.no == c.no))
            {
                let message = format!("clause {} is here and not in {there}", clause.no);
                let advice = "People agree to clauses by number, so every language has to have the same ones.";
                findings.push(
                    Finding::new(Rule::ClauseTrees, here, message, advice)
                        .at(clause.line)
                        .in_clause(&clause.no),
                );
            }
        }
    }
    findings
}
