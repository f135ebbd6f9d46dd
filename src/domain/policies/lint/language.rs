//! Every part of a text is in the language of the text.

use super::super::{Block, Clause, Document, Finding, Rule, Script};
use super::found;

/// So few letters say nothing about a language: `CRM`, `№ 58`.
const FEWEST_LETTERS: usize = 6;
/// Names of products are Latin in a Cyrillic text too; so many ordinary words are a sentence.
const FEWEST_WORDS: usize = 4;

const ADVICE: &str = "Whoever cannot read a clause cannot agree to it: translate it, or publish it in a file of its own language.";

/// Clauses, titles and preambles in another script than their language's, and a second file
/// in the same language is left to the comparison of files.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let Some(expected) = document.lang.script() else {
        return Vec::new();
    };
    let lang = &document.lang;
    let mut findings = Vec::new();
    for section in &document.sections {
        if is_foreign(&section.title, expected)
            || section
                .preamble
                .iter()
                .any(|b| is_foreign_block(b, expected))
        {
            let message = format!(
                "the heading of section {} is not written in {lang}",
                section.no
            );
            findings
                .push(Finding::new(Rule::Language, file, message, ADVICE).in_clause(&section.no));
        }
    }
    let foreign = |clause: &&Clause| {
        clause
            .blocks
            .iter()
            .any(|block| is_foreign_block(block, expected))
    };
    findings.extend(document.clauses().filter(foreign).map(|clause| {
        let message = format!(
            "clause {} is not, or not throughout, written in {lang}",
            clause.no
        );
        found(Rule::Language, file, clause, message, ADVICE)
    }));
    findings
}

fn is_foreign_block(block: &Block, expected: Script) -> bool {
    match block {
        Block::Paragraph(words) => is_foreign(words, expected),
        Block::List(items) => items.iter().any(|item| is_foreign(item, expected)),
    }
}

/// Whether most letters are of another script, addresses left out.
fn is_foreign(text: &str, expected: Script) -> bool {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|w| !w.contains("://") && !w.contains('@'))
        .collect();
    let count = |own: fn(char) -> bool| {
        words
            .iter()
            .flat_map(|w| w.chars())
            .filter(|c| own(*c))
            .count()
    };
    let letters = count(char::is_alphabetic);
    match expected {
        Script::Latin => letters >= FEWEST_LETTERS && count(is_latin) * 2 < letters,
        Script::Cyrillic => {
            let ordinary = words.iter().filter(|w| {
                let mut letters = w.chars().filter(|c| c.is_alphabetic()).peekable();
                letters.peek().is_some() && letters.all(|c| c.is_lowercase() && !is_cyrillic(c))
            });
            letters >= FEWEST_LETTERS
                && count(is_cyrillic) * 2 < letters
                && ordinary.count() >= FEWEST_WORDS
        }
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic()
        && (c.is_ascii()
            || ('\u{c0}'..='\u{24f}').contains(&c)
            || ('\u{1e00}'..='\u{1eff}').contains(&c))
}

fn is_cyrillic(c: char) -> bool {
    c.is_alphabetic() && ('\u{400}'..='\u{52f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_have_no_language() {
        for (text, expected, foreign) in [
            ("получены из открытых источников", Script::Latin, true),
            ("хранится", Script::Latin, true),
            (
                "personal data (персональные данные) of the User",
                Script::Latin,
                false,
            ),
            ("مكتوب بالعربية هنا", Script::Latin, true),
            ("№ 58", Script::Latin, false),
            ("amoCRM Widget Store API", Script::Cyrillic, false),
            (
                "https://shop.example/some/long/address",
                Script::Cyrillic,
                false,
            ),
            (
                "was developed independently by the owner",
                Script::Cyrillic,
                true,
            ),
            ("Данные cookie и IP-адреса", Script::Cyrillic, false),
        ] {
            assert_eq!(is_foreign(text, expected), foreign, "{text}");
        }
    }
}
