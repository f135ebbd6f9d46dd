//! A duty towards the User says by when.
//!
//! A term may stand in the same clause, below it, beside it under the same
//! heading, or in the clause that follows; only where there is none at all the
//! duty is found.

use std::collections::HashSet;

use super::super::{Clause, Document, Finding, Rule};
use super::sentences::{denied_before, first_word, has, has_word, words};
use super::{found, found_in_section, sentences};

const HOLDER: [&str; 9] = [
    "owner",
    "holder",
    "controller",
    "operator",
    "publisher",
    "владел",
    "держател",
    "оператор",
    "обладател",
];
/// With the ending: "information" is no promise.
const TELLS: [&str; 11] = [
    "informs",
    "inform ",
    "notifies",
    "notify",
    "answers",
    "responds",
    "replies",
    "уведомляет",
    "уведомить",
    "сообщает",
    "информирует",
];
const ONCE: [&str; 10] = [
    "in case of",
    "in the event",
    "if ",
    "when ",
    "upon ",
    "after ",
    "в случае",
    "если ",
    "когда ",
    "при утрате",
];
const SUBJECT: [&str; 3] = ["user", "пользовател", "субъект"];
const MAY: [&str; 9] = [
    "can",
    "may",
    "entitled",
    "right",
    "может",
    "могут",
    "вправе",
    "право",
    "имеет",
];
const ASKS: [&str; 13] = [
    "receive",
    "obtain",
    "request",
    "update",
    "correct",
    "rectif",
    "withdraw",
    "получ",
    "запрос",
    "обнов",
    "исправ",
    "уточн",
    "отозв",
];
const WRITES: [&str; 12] = [
    "send",
    "contact",
    "notification",
    "email",
    "e-mail",
    "writ",
    "letter",
    "направ",
    "отправ",
    "обращ",
    "письм",
    "почт",
];
const CHECKS: [&str; 6] = [
    "period of verification",
    "period of the verification",
    "period of the check",
    "duration of the check",
    "на период проверки",
    "на время проверки",
];
const AT_ONCE: [&str; 19] = [
    "immediately",
    "at once",
    "without delay",
    "without undue delay",
    "before",
    "in advance",
    "prior to",
    "at the same time",
    "on the same day",
    "by return",
    "незамедлительно",
    "немедленно",
    "сразу",
    "заранее",
    "без промедления",
    "без задержки",
    "в тот же день",
    "до ",
    "одновременно",
];
const UNITS: [&str; 14] = [
    "day",
    "hour",
    "week",
    "month",
    "year",
    "minute",
    "дн",
    "день",
    "час",
    "недел",
    "месяц",
    "год",
    "лет",
    "сут",
];
const NUMBERS: [&str; 22] = [
    "one",
    "two",
    "three",
    "five",
    "seven",
    "ten",
    "fourteen",
    "fifteen",
    "twenty",
    "thirty",
    "sixty",
    "a",
    "одного",
    "двух",
    "трех",
    "трёх",
    "пяти",
    "семи",
    "десяти",
    "тридцати",
    "шестидесяти",
    "течение",
];

const ADVICE: &str = "A promise without a term cannot be kept or checked: write a figure, for instance 10 working days.";
/// Promises of a term that name none.
const VAGUE: [&str; 42] = [
    "within the established period",
    "within the established time",
    "within the established term",
    "within an established period",
    "within the prescribed period",
    "within the specified period",
    "within the set period",
    "within a reasonable",
    "in a reasonable time",
    "within reasonable time",
    "in due time",
    "in due course",
    "in good time",
    "as soon as possible",
    "as soon as practicable",
    "as quickly as possible",
    "in the shortest possible",
    "within the shortest possible",
    "at the earliest opportunity",
    "в установленный срок",
    "в установленные сроки",
    "в установленном порядке и сроки",
    "в разумный срок",
    "в разумные сроки",
    "в течение разумного срока",
    "в кратчайший срок",
    "в кратчайшие сроки",
    "в возможно короткий срок",
    "в надлежащий срок",
    "как можно скорее",
    "по мере возможности",
    "en el plazo establecido",
    "en un plazo razonable",
    "lo antes posible",
    "a la brevedad",
    "no prazo estabelecido",
    "em um prazo razoável",
    "em prazo razoável",
    "o mais rápido possível",
    "белгиленген мөөнөттө",
    "белгіленген мерзімде",
    "қысқа мерзімде",
];
/// Where the figure of a vague term stands: in a law, or in another clause.
const SAID_ELSEWHERE: [&str; 8] = [
    "by law",
    "by the law",
    "legislation",
    "законом",
    "законодательств",
    "законами",
    "мыйзам",
    "заң",
];
const OBLIGED: [&str; 9] = [
    "obliged",
    "must",
    "shall",
    "undertakes",
    "обязан",
    "обязуется",
    "должен",
    "debe",
    "deve",
];

/// Clauses with a duty and no term.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let clauses: Vec<(&Clause, String)> = document.clauses().map(|c| (c, c.text())).collect();
    // Clauses that have a term in themselves or below.
    let (mut with_term, mut with_term_below) = (HashSet::new(), HashSet::new());
    for (clause, text) in &clauses {
        if has_term(text) {
            let dots = clause.no.match_indices('.').map(|(at, _)| &clause.no[..at]);
            with_term_below.extend(dots.clone());
            with_term.extend(dots.skip(1).chain([clause.no.as_str()]));
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    for section in &document.sections {
        let said = sentences::of(&section.preamble_text());
        findings.extend(said.iter().find_map(|s| vague(s)).map(|phrase| {
            let name = section.name();
            let message =
                format!("section {name} promises something {phrase:?} and does not say by when");
            found_in_section(Rule::Deadline, file, section, message, ADVICE)
        }));
    }
    for (at, (clause, text)) in clauses.iter().enumerate() {
        if let Some(phrase) = sentences::of(text).iter().find_map(|s| vague(s))
            && !with_term_below.contains(clause.no.as_str())
        {
            let message = format!(
                "clause {} promises something {phrase:?} and does not say by when",
                clause.no
            );
            findings.push(found(Rule::Deadline, file, clause, message, ADVICE));
            continue;
        }
        let Some(duty) = sentences::of(text).iter().find_map(|s| duty(s)) else {
            continue;
        };
        let parent = clause.no.rsplit_once('.').map(|(parent, _)| parent);
        let next = clauses.get(at + 1).map(|(next, _)| next.no.as_str());
        let near = [Some(clause.no.as_str()), parent, next];
        if near.into_iter().flatten().any(|no| with_term.contains(no)) {
            continue;
        }
        let message = format!("clause {} {duty} and does not say by when", clause.no);
        findings.push(found(Rule::Deadline, file, clause, message, ADVICE));
    }
    findings
}

/// The words by which a sentence promises a term and names none. What the User must do in good
/// time is no promise to them.
fn vague(sentence: &str) -> Option<&'static str> {
    let phrase = VAGUE.iter().find(|phrase| sentence.contains(**phrase))?;
    let user = first_word(sentence, &SUBJECT);
    let holder = first_word(sentence, &HOLDER);
    let users_duty = has_word(sentence, &OBLIGED)
        && user.is_some_and(|user| holder.is_none_or(|holder| user < holder));
    let elsewhere = has(sentence, &SAID_ELSEWHERE) || names_a_clause(sentence);
    (!users_duty && !elsewhere && !has_term(sentence)).then_some(*phrase)
}

/// `of clause 11.9`: the figure is there.
fn names_a_clause(sentence: &str) -> bool {
    let words: Vec<&str> = words(sentence).collect();
    let names = ["clause", "section", "пункт", "раздел", "п"];
    words.windows(2).any(|pair| {
        names.iter().any(|name| pair[0].starts_with(name))
            && pair[1].starts_with(|c: char| c.is_ascii_digit())
    })
}

/// What a sentence promises, if it says nothing of when.
fn duty(sentence: &str) -> Option<&'static str> {
    if has(sentence, &AT_ONCE) {
        return None;
    }
    if has(sentence, &CHECKS) {
        return Some("blocks data while it is being checked");
    }
    let tells = TELLS.iter().filter_map(|word| sentence.find(word)).min();
    if let Some(at) = tells
        && has_word(sentence, &HOLDER)
        && has_word(sentence, &SUBJECT)
        && has(sentence, &ONCE)
        && !denied_before(sentence, at)
        && !has_word(&sentence[..at], &MAY)
    {
        return Some("promises to tell the User something");
    }
    let asks =
        has_word(sentence, &SUBJECT) && has_word(sentence, &MAY) && has_word(sentence, &ASKS);
    let subject_first = first_word(sentence, &SUBJECT)
        .is_some_and(|user| first_word(sentence, &HOLDER).is_none_or(|holder| user < holder));
    (asks && subject_first && has_word(sentence, &WRITES))
        .then_some("lets the User ask for something")
}

/// Whether the text has a number followed closely by a unit of time.
fn has_term(text: &str) -> bool {
    let lower = sentences::folded(text);
    let words: Vec<&str> = words(&lower).collect();
    words.iter().enumerate().any(|(at, word)| {
        UNITS.iter().any(|unit| word.starts_with(unit))
            && words[at.saturating_sub(4)..at].iter().any(|before| {
                before.bytes().any(|b| b.is_ascii_digit()) || NUMBERS.contains(before)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_number_and_a_unit() {
        for (text, term) in [
            ("within 10 (ten) working days from", true),
            ("within 72 hours", true),
            ("в течение десяти рабочих дней", true),
            ("не позднее чем через 1 месяц", true),
            ("on the day of receipt", false),
            ("Law No. 58 dated April 14", false),
            ("in due time", false),
        ] {
            assert_eq!(has_term(text), term, "{text}");
        }
    }

    #[test]
    fn a_term_without_a_figure_is_none() {
        for (sentence, found) in [
            ("the holder answers within the established period", true),
            ("the holder answers within a reasonable time", true),
            ("requests are answered as soon as possible", true),
            ("оператор отвечает в установленный срок", true),
            ("ответ даётся в разумный срок", true),
            ("оператор уничтожает данные в кратчайшие сроки", true),
            ("el responsable responde en un plazo razonable", true),
            ("жооп белгиленген мөөнөттө берилет", true),
            (
                "the holder answers as soon as possible, at the latest within 10 days",
                false,
            ),
            (
                "оператор отвечает в установленный срок, но не позднее 10 рабочих дней",
                false,
            ),
            ("оператор отвечает в установленный законом срок", false),
            (
                "данные удаляются в установленный срок, указанный в пункте 11.9",
                false,
            ),
            (
                "пользователь обязан сообщить об этом в кратчайшие сроки",
                false,
            ),
            ("within the established procedure", false),
        ] {
            assert_eq!(vague(sentence).is_some(), found, "{sentence}");
        }
    }

    #[test]
    fn what_is_a_duty_without_a_when() {
        for (sentence, is_duty) in [
            (
                "in case of loss of data the holder informs the user about it",
                true,
            ),
            (
                "if data is lost, the owner immediately notifies the user",
                false,
            ),
            (
                "the owner is not obliged to inform the user if the law forbids it",
                false,
            ),
            (
                "the user can receive any explanation by contacting the owner by email",
                true,
            ),
            ("the user can read the policy on the site", false),
            (
                "the owner may contact the user if the user has requested it by email",
                false,
            ),
            ("data is blocked for the period of verification", true),
            (
                "в случае утраты данных владелец уведомляет пользователя",
                true,
            ),
            (
                "пользователь может исправить данные, направив письмо владельцу",
                true,
            ),
        ] {
            assert_eq!(duty(sentence).is_some(), is_duty, "{sentence}");
        }
    }
}
