//! Personal data that is kept for ever. `unlimited` is the rule's name in the contract.

use super::super::{Document, Finding, Rule};
use super::sentences::{denied_before, has, has_word};
use super::{found, listed, sentences};

const FOREVER: [&str; 24] = [
    "without time limit",
    "without a time limit",
    "without any time limit",
    "without limit of time",
    "without limitation of time",
    "no time limit",
    "unlimited period",
    "unlimited time",
    "unlimited term",
    "indefinite period",
    "indefinitely",
    "in perpetuity",
    "forever",
    "for ever",
    "без ограничения срока",
    "без ограничения по сроку",
    "без ограничений по сроку",
    "без ограничения времени",
    "бессрочно",
    "неограниченного срока",
    "неограниченный срок",
    "неограниченное время",
    "неопределенный срок",
    "неопределённый срок",
];
const KEEPING: [&str; 8] = [
    "process",
    "stor",
    "keep",
    "kept",
    "retain",
    "retention",
    "обраб",
    "хран",
];
/// A duty of silence or a right to withdraw may well last for ever.
const RIGHTS: [&str; 8] = [
    "withdraw",
    "confidential",
    "secre",
    "disclos",
    "отозв",
    "отзы",
    "тайн",
    "конфиденц",
];
const ENDS: [&str; 9] = [
    "no longer than",
    "achievement of the purpose",
    "purpose is reached",
    "purposes are reached",
    "not longer than",
    "не дольше",
    "достижени",
    "достигнута",
    "не более чем",
];

/// Clauses by which data is kept without an end, with the clauses that say otherwise.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let ending: Vec<&str> = document
        .clauses()
        .filter(|c| {
            sentences::of(&c.text())
                .iter()
                .any(|s| has(s, &ENDS) && has_word(s, &KEEPING))
        })
        .map(|c| c.no.as_str())
        .collect();
    document
        .clauses()
        .filter(|clause| sentences::of(&clause.text()).iter().any(|sentence| is_forever(sentence)))
        .map(|clause| {
            let others = listed(ending.iter().copied().filter(|no| *no != clause.no).take(5));
            let mut message = format!("by clause {} personal data is processed without an end", clause.no);
            if !others.is_empty() {
                message.push_str(&format!(", which contradicts {others}"));
            }
            let advice = "Data may be kept only as long as its purpose needs: name an event and a term, as the facts do.";
            found(Rule::Unlimited, file, clause, message, advice)
        })
        .collect()
}

fn is_forever(sentence: &str) -> bool {
    let at = FOREVER.iter().find_map(|phrase| sentence.find(phrase));
    at.is_some_and(|at| {
        has_word(sentence, &KEEPING) && !has_word(sentence, &RIGHTS) && !denied_before(sentence, at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keeping_for_ever_is_found() {
        for (sentence, found) in [
            (
                "the data is processed without time limit in any lawful way",
                true,
            ),
            ("мы храним данные бессрочно", true),
            ("no data is kept indefinitely", false),
            ("данные не хранятся бессрочно", false),
            (
                "the duty to keep data confidential lasts indefinitely",
                false,
            ),
            ("the consent can be withdrawn without time limit", false),
            ("the site is open indefinitely", false),
        ] {
            assert_eq!(is_forever(sentence), found, "{sentence}");
        }
    }
}
