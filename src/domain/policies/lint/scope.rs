//! A text that is for the site only, while installing a Product gives data too.

use super::super::{Document, Finding, Rule};
use super::sentences::{has, has_word};
use super::{found, sentences};

const LIMITS: [&str; 12] = [
    "applies only to",
    "apply only to",
    "applies solely to",
    "applies exclusively to",
    "only applies to",
    "limited to the site",
    "limited to the website",
    "применяется только",
    "распространяется только",
    "действует только",
    "применима только",
    "применяется исключительно",
];
const SITE: [&str; 4] = ["site", "website", "сайт", "веб-сайт"];
const PRODUCT: [&str; 8] = [
    "product",
    "widget",
    "integration",
    "module",
    "продукт",
    "виджет",
    "интеграц",
    "модул",
];

/// Clauses that limit the text to the site, if another one speaks of data from a Product.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let collects = |sentence: &String| {
        has_word(sentence, &["install", "установ", "устанавл"])
            && has_word(sentence, &PRODUCT)
            && has_word(
                sentence,
                &[
                    "data",
                    "information",
                    "provid",
                    "данн",
                    "сведени",
                    "информаци",
                ],
            )
    };
    let Some(collecting) = document
        .clauses()
        .find(|c| sentences::of(&c.text()).iter().any(collects))
    else {
        return Vec::new();
    };
    let limits = |sentence: &String| {
        has(sentence, &LIMITS) && has_word(sentence, &SITE) && !has_word(sentence, &PRODUCT)
    };
    document
        .clauses()
        .filter(|clause| sentences::of(&clause.text()).iter().any(limits))
        .map(|clause| {
            let message = format!(
                "clause {} is for the site only, but data also comes from installing a Product (clause {})",
                clause.no, collecting.no
            );
            let advice = "What people agree to would not cover their data in the Product: name the Products in the scope too.";
            found(Rule::Scope, file, clause, message, advice)
        })
        .collect()
}
