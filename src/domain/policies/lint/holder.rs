//! The definition of who answers for the data includes the one who does.

use super::super::{Clause, Document, Finding, Rule};
use super::found;
use super::sentences::{folded, has, has_word};
use crate::domain::facts::Facts;
use crate::domain::starter::Identity;

const DEFINED: [&str; 8] = [
    "holder",
    "owner",
    "personal data owner",
    "controller",
    "держатель",
    "владелец",
    "обладатель",
    "оператор",
];
const COMPANIES: [&str; 6] = [
    "legal entity",
    "legal entities",
    "legal person",
    "юридические лица",
    "юридическое лицо",
    "юридических лиц",
];
const PEOPLE: [&str; 9] = [
    "individual",
    "natural person",
    "entrepreneur",
    "any person",
    "other person",
    "физическ",
    "предпринимател",
    "иное лицо",
    "любое лицо",
];
const ENTREPRENEUR: [&str; 8] = [
    "individual entrepreneur",
    "sole proprietor",
    "sole trader",
    "self-employed",
    "natural person",
    "индивидуальн",
    "физическ",
    "самозанят",
];
const ADVICE: &str = "By its own words the text would have nobody who answers for the data: add the Publisher's legal form to the definition.";

/// A definition without entrepreneurs in a text that elsewhere names one as the Publisher.
pub fn check_words(file: &str, document: &Document) -> Option<Finding> {
    let clause = excluding(document)?;
    let naming = naming(document)?;
    let message = format!(
        "clause {} includes no individual entrepreneurs, but clause {} names one",
        clause.no, naming.no
    );
    Some(found(Rule::Holder, file, clause, message, ADVICE))
}

/// The same, held against the configured legal form, else against the one in the facts.
pub fn check_form(
    file: &str,
    document: &Document,
    facts: &Facts,
    who: &Identity<'_>,
) -> Option<Finding> {
    let form = who.legal_form.unwrap_or(&facts.holder.legal_form);
    let lower = form.to_lowercase();
    let is_person =
        has(&lower, &ENTREPRENEUR) || matches!(lower.as_str(), "ип" | "ie" | "entrepreneur");
    // Said already, by the text's own words.
    if !is_person || naming(document).is_some() {
        return None;
    }
    let clause = excluding(document)?;
    let message = format!(
        "clause {} excludes the Publisher's legal form: {form}",
        clause.no
    );
    Some(found(Rule::Holder, file, clause, message, ADVICE))
}

/// What the configuration does not say about the Publisher.
pub fn check_identity(file: &str, who: &Identity<'_>) -> Option<Finding> {
    let missing: Vec<&str> = [
        ("ACCORD_PUBLISHER_NAME", who.name),
        ("ACCORD_PUBLISHER_LEGAL_FORM", who.legal_form),
        ("ACCORD_PUBLISHER_TAX_NUMBER", who.tax_number),
        ("ACCORD_PUBLISHER_ADDRESS", who.address),
        ("ACCORD_PUBLISHER_SITE", who.site),
        ("ACCORD_PUBLISHER_MAILBOX", who.mailbox),
    ]
    .into_iter()
    .filter_map(|(variable, value)| value.is_none().then_some(variable))
    .collect();
    let message = format!(
        "the configuration does not fully say who the Publisher is: {}",
        super::listed(missing.iter().copied())
    );
    let advice =
        "People have to know who answers for their data and where to write: set the variables.";
    (!missing.is_empty()).then(|| Finding::new(Rule::Holder, file, message, advice))
}

fn excluding(document: &Document) -> Option<&Clause> {
    document.clauses().find(|clause| {
        let text = folded(&clause.text());
        DEFINED.iter().any(|word| text.starts_with(word))
            && has(&text, &COMPANIES)
            && !has_word_of(&text, &PEOPLE)
    })
}

fn naming(document: &Document) -> Option<&Clause> {
    document.clauses().find(|clause| {
        let text = folded(&clause.text());
        has(
            &text,
            &[
                "individual entrepreneur",
                "sole proprietor",
                "индивидуального предпринимателя",
                "индивидуальный предприниматель",
            ],
        ) && has(
            &text,
            &[
                "tax number",
                "taxpayer",
                "tax id",
                "address",
                "инн",
                "налог",
                "адрес",
            ],
        )
    })
}

fn has_word_of(text: &str, phrases: &[&str]) -> bool {
    has(text, phrases) || has_word(text, phrases)
}
