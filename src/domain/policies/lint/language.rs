//! Every sentence of a text is in the language of the text.

use super::super::{Clause, Document, Finding, LangTag, Rule, Script, Section};
use super::fragments::{Fragment, of};
use super::words_of::foreign_by_words;
use super::{found, found_in_section};

/// So few letters say nothing about a language: `CRM`, `№ 58`.
const FEWEST_LETTERS: usize = 6;
/// Names of products are Latin in a Cyrillic text too; so many ordinary words are a sentence.
const FEWEST_WORDS: usize = 4;
/// Words of one language that are of another script and stand together.
const FEWEST_TOGETHER: usize = 6;
/// What stands in brackets may be the name of a thing in another language.
const FEWEST_IN_BRACKETS: usize = 5;
/// How much of a sentence is shown.
const SHOWN: usize = 60;

const ADVICE: &str = "Whoever cannot read a sentence cannot agree to it: translate it, or publish it in a file of its own language.";

/// Clauses, titles and preambles with a sentence in another language. A second file in the same
/// language is left to the comparison of files.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let lang = &document.lang;
    let mut findings = Vec::new();
    if let Some(sentence) = foreign(&document.title, lang) {
        let message =
            format!("the title is not, or not throughout, written in {lang}: {sentence:?}");
        findings.push(Finding::new(Rule::Language, file, message, ADVICE));
    }
    findings.extend(
        document
            .sections
            .iter()
            .flat_map(|s| section(file, s, lang)),
    );
    findings.extend(document.clauses().filter_map(|c| clause(file, c, lang)));
    findings
}

fn section(file: &str, section: &Section, lang: &LangTag) -> Vec<Finding> {
    let parts = [
        ("the heading", section.title.clone()),
        ("the beginning", section.preamble_text()),
    ];
    let told = parts.into_iter().filter_map(|(part, text)| {
        let sentence = foreign(&text, lang)?;
        let message = format!(
            "{part} of section {} is not, or not throughout, written in {lang}: {sentence:?}",
            section.name()
        );
        Some(found_in_section(
            Rule::Language,
            file,
            section,
            message,
            ADVICE,
        ))
    });
    told.collect()
}

fn clause(file: &str, clause: &Clause, lang: &LangTag) -> Option<Finding> {
    let sentence = foreign(&clause.text(), lang)?;
    let message = format!(
        "clause {} is not, or not throughout, written in {lang}: {sentence:?}",
        clause.no
    );
    Some(found(Rule::Language, file, clause, message, ADVICE))
}

/// The beginning of the first sentence in another language than `lang`.
fn foreign(text: &str, lang: &LangTag) -> Option<String> {
    of(text).into_iter().find_map(|fragment| {
        let by_script = lang
            .script()
            .is_some_and(|script| is_foreign(&fragment, script));
        let foreign = by_script || foreign_by_words(&fragment, lang);
        foreign.then(|| shortened(&fragment.text))
    })
}

fn shortened(sentence: &str) -> String {
    let short: String = sentence.chars().take(SHOWN).collect();
    if short.len() < sentence.len() {
        format!("{short}…")
    } else {
        short
    }
}

/// Whether a sentence is of another script.
fn is_foreign(fragment: &Fragment, expected: Script) -> bool {
    let words = &fragment.words;
    let fewest = if fragment.bracketed {
        FEWEST_IN_BRACKETS
    } else {
        1
    };
    let letters = |own: fn(char) -> bool| {
        words
            .iter()
            .flat_map(|w| w.chars())
            .filter(|c| own(*c))
            .count()
    };
    let all = letters(char::is_alphabetic);
    let own = match expected {
        Script::Latin => is_latin,
        Script::Cyrillic => is_cyrillic,
    };
    let mostly = all >= FEWEST_LETTERS && letters(own) * 2 < all;
    match expected {
        Script::Latin => {
            let ordinary = |word: &&String| {
                word.chars().count() >= 4
                    && word.starts_with(|c: char| !c.is_uppercase() && !is_latin(c))
            };
            let run = longest_run(words, |word| word.chars().all(|c| !is_latin(c)));
            let (count, together) = (
                words.iter().filter(ordinary).count(),
                run.iter().filter(|w| ordinary(w)).count(),
            );
            (mostly && count >= fewest)
                || (run.len() >= FEWEST_WORDS && together >= 2 && run.len() >= fewest)
        }
        Script::Cyrillic => {
            let ordinary =
                |word: &&String| word.chars().all(|c| c.is_lowercase() && !is_cyrillic(c));
            let run = longest_run(words, |word| word.chars().all(|c| !is_cyrillic(c)));
            let count = run.iter().filter(|word| ordinary(word)).count();
            let small = run
                .iter()
                .filter(|word| super::words_of::is_small_latin(word))
                .count();
            count >= FEWEST_WORDS.max(fewest)
                && ((mostly && small >= 1) || (run.len() >= FEWEST_TOGETHER && small >= 2))
        }
    }
}

/// The longest run of words for which `is` holds.
fn longest_run(words: &[String], is: impl Fn(&str) -> bool) -> &[String] {
    words
        .split(|word| !is(word))
        .max_by_key(|run| run.len())
        .unwrap_or_default()
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
    fn a_sentence_in_another_language_is_found_and_a_name_is_not() {
        for (lang, text, expected) in [
            ("en", "получены из открытых источников", true),
            ("en", "хранится", true),
            (
                "en",
                "personal data (персональные данные) of the User",
                false,
            ),
            ("en", "The Holder is Иванов Иван Иванович.", false),
            (
                "en",
                "The address is: г. Бишкек, ул. Ибраимова, д. 278.",
                false,
            ),
            (
                "en",
                "Mark the letter «Отзыв согласия на обработку персональных данных».",
                false,
            ),
            ("en", "We keep the data. Данные хранятся вечно.", true),
            (
                "en",
                "We keep the data и никому не передаём их без согласия.",
                true,
            ),
            ("en", "مكتوب بالعربية هنا", true),
            ("en", "№ 58", false),
            ("ru", "amoCRM Widget Store API", false),
            ("ru", "https://shop.example/some/long/address", false),
            ("ru", "was developed independently by the owner", true),
            ("ru", "Данные cookie и IP-адреса", false),
            (
                "ru",
                "Мы используем cookies, local storage, web beacons и pixel tags.",
                false,
            ),
            (
                "ru",
                "Данные хранятся. This Policy describes the processing of data.",
                true,
            ),
            (
                "ru",
                "Данные хранятся. / This Policy describes the processing of data.",
                true,
            ),
            (
                "ru",
                "Пометка «Withdrawal of consent to the processing of personal data».",
                false,
            ),
            (
                "ru",
                "Сервис General Data Protection Regulation of the European Union.",
                false,
            ),
            (
                "ru",
                "Лицензия (Apache License, Version 2.0) и Google Analytics.",
                false,
            ),
            (
                "ru",
                "Команда `git push --force origin main` и файл config.example.toml",
                false,
            ),
            ("es", "Tratamos sus datos para prestar el servicio.", false),
            (
                "es",
                "We process your data for the purposes of this Policy.",
                true,
            ),
            (
                "es",
                "Os dados são tratados para os fins da política em vigor.",
                true,
            ),
            (
                "pt",
                "Os dados são tratados para os fins desta política.",
                false,
            ),
            (
                "pt",
                "Los datos se tratan para los fines de la política y el contrato.",
                true,
            ),
            (
                "en",
                "Los datos se tratan para los fines de la política.",
                true,
            ),
            (
                "en",
                "The right is granted pro rata, bona fide and ad hoc.",
                false,
            ),
            (
                "ky",
                "Жеке маалыматтар Колдонуучунун макулдугу менен иштетилет.",
                false,
            ),
            (
                "ky",
                "Персональные данные обрабатываются и хранятся на сервере для связи с пользователем.",
                true,
            ),
            (
                "kk",
                "Жеке деректер пайдаланушының келісімімен өңделеді және сақталады.",
                false,
            ),
            (
                "kk",
                "Персональные данные обрабатываются и хранятся на сервере для связи с пользователем.",
                true,
            ),
            (
                "ru",
                "Жеке маалыматтар үчүн Колдонуучунун макулдугу керек жана өзгөртүлөт.",
                true,
            ),
            (
                "ru",
                "Жеке деректер пайдаланушының келісімімен өңделеді және сақталады.",
                true,
            ),
            ("ru", "ОсОО «Өзгөрүү» находится в Бишкеке.", false),
        ] {
            let lang = LangTag::parse(lang).unwrap();
            assert_eq!(foreign(text, &lang).is_some(), expected, "{lang}: {text}");
        }
    }
}
