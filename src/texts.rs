//! Our own words for people, in their language: pages, letters and the widget's
//! answers take them from here. English and Russian first; what is missing in a
//! language is said in English.

use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader as _, static_loader};
use unic_langid::{LanguageIdentifier, langid};

use crate::domain::facts::difference::{Change, Kind};
use crate::domain::facts::parts_of;

static_loader! {
    static TEXTS = {
        locales: "./assets/i18n",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Languages that our own words are written in; the first is for everybody else.
const LANGUAGES: [LanguageIdentifier; 2] = [langid!("en"), langid!("ru")];

/// Languages that refusals are worded in: also those that only the widget speaks.
const OF_REFUSALS: [LanguageIdentifier; 4] =
    [langid!("en"), langid!("ru"), langid!("es"), langid!("pt")];

/// The one of our languages that a language tag means, if it means one.
#[must_use]
pub fn ours(tag: &str) -> Option<LanguageIdentifier> {
    among(&LANGUAGES, tag)
}

fn among(languages: &[LanguageIdentifier], tag: &str) -> Option<LanguageIdentifier> {
    let wanted: LanguageIdentifier = tag.parse().ok()?;
    let mut languages = languages.iter();
    languages
        .find(|have| have.language == wanted.language)
        .cloned()
}

/// The first of our languages among those a reader wants, best first; else English.
#[must_use]
pub fn best(wanted: &[String]) -> LanguageIdentifier {
    wanted
        .iter()
        .find_map(|tag| ours(tag))
        .unwrap_or(langid!("en"))
}

/// As [`best`], for refusals.
#[must_use]
pub fn best_for_refusals(wanted: &[String]) -> LanguageIdentifier {
    wanted
        .iter()
        .find_map(|tag| among(&OF_REFUSALS, tag))
        .unwrap_or(langid!("en"))
}

/// The title and the sentence of a refusal; `None` where they are said in English, which stands
/// beside the code itself.
#[must_use]
pub fn refusal(lang: &LanguageIdentifier, code: &str) -> Option<(String, String)> {
    let title = TEXTS.try_lookup(lang, &format!("problem-{code}"))?;
    let sentence = TEXTS.try_lookup(lang, &format!("problem-{code}.detail"))?;
    Some((title, sentence))
}

/// What is wrong with a field or a part of a request, in another language than the English of
/// the rule itself; that, where nobody has translated it. The key is the sentence.
#[must_use]
pub fn said(lang: &LanguageIdentifier, english: &str) -> String {
    let key: String = english
        .chars()
        .filter(|c| *c != '\'')
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    let key = key.split_whitespace().collect::<Vec<_>>().join("-");
    TEXTS
        .try_lookup(lang, &format!("said-{key}"))
        .unwrap_or_else(|| english.to_owned())
}

/// A text.
#[must_use]
pub fn text(lang: &LanguageIdentifier, key: &str) -> String {
    TEXTS.lookup(lang, key)
}

/// A text with one value in it.
#[must_use]
pub fn text_with(
    lang: &LanguageIdentifier,
    key: &str,
    name: &'static str,
    value: impl Into<FluentValue<'static>>,
) -> String {
    TEXTS.lookup_with_args(lang, key, &HashMap::from([(name.into(), value.into())]))
}

/// A text with several values in it.
#[must_use]
pub fn filled(lang: &LanguageIdentifier, key: &str, values: &[(&'static str, &str)]) -> String {
    let values: HashMap<_, FluentValue<'_>> = values
        .iter()
        .map(|(name, value)| ((*name).into(), FluentValue::from(*value)))
        .collect();
    TEXTS.lookup_with_args(lang, key, &values)
}

/// "Policy No. 1 and No. 2", for the head of a comparison.
#[must_use]
pub fn between(lang: &LanguageIdentifier, a: u32, b: u32) -> String {
    let values: HashMap<_, FluentValue<'static>> = HashMap::from([
        ("a".into(), a.to_string().into()),
        ("b".into(), b.to_string().into()),
    ]);
    TEXTS.lookup_with_args(lang, "compare-between", &values)
}

/// What a category of data is called (clause 4.2); its code where we have no word for it.
#[must_use]
pub fn category(lang: &LanguageIdentifier, code: &str) -> String {
    TEXTS
        .try_lookup(lang, &format!("category-{code}"))
        .unwrap_or_else(|| code.to_owned())
}

/// How long something is kept, from the form `P30D after uninstall`; from `P30D` the period alone.
#[must_use]
pub fn retention(lang: &LanguageIdentifier, retention: &str) -> String {
    let (period, event) = retention.split_once(" after ").unwrap_or((retention, ""));
    let parts: Vec<String> = parts_of(period)
        .into_iter()
        .map(|(count, unit)| text_with(lang, unit.name(), "count", count))
        .collect();
    let period = if parts.is_empty() {
        period.to_owned()
    } else {
        parts.join(" ")
    };
    if event.is_empty() {
        return period;
    }
    text_with(lang, &format!("period-{event}"), "period", period)
}

/// What the facts of two versions differ in, sentence by sentence. English needs no table: it
/// is what the differences themselves say.
#[must_use]
pub fn sentences(lang: &LanguageIdentifier, changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .map(|change| sentence(lang, change))
        .collect()
}

fn sentence(lang: &LanguageIdentifier, change: &Change) -> String {
    if lang.language == langid!("en").language {
        return change.to_string();
    }
    let said = |value: &str| match change.kind {
        Kind::KeptLonger | Kind::KeptShorter => retention(lang, value),
        Kind::CategoryAdded | Kind::CategoryRemoved => category(lang, value),
        _ => value.to_owned(),
    };
    let title = change
        .purpose
        .as_ref()
        .map_or("", |p| p.title(lang.language.as_str()));
    let values: HashMap<_, FluentValue<'static>> = [
        ("title", title.to_owned()),
        ("from", said(change.term_before())),
        ("to", said(&change.to)),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect();
    TEXTS
        .try_lookup_with_args(lang, change.kind.key(), &values)
        .unwrap_or_else(|| change.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::Facts;

    #[test]
    fn a_term_is_said_in_the_units_it_was_written_in() {
        for (written, en, ru) in [
            ("P1D", "1 day", "1 день"),
            ("P2W", "2 weeks", "2 недели"),
            ("P1Y6M", "1 year 6 months", "1 год 6 месяцев"),
            ("P5Y", "5 years", "5 лет"),
            ("PT36H", "36 hours", "36 часов"),
            ("PT1M", "1 minute", "1 минута"),
        ] {
            for (lang, said, kept, behind) in [
                (langid!("en"), en, "kept for", "after the contract ends"),
                (langid!("ru"), ru, "хранятся", "после окончания договора"),
            ] {
                assert_eq!(
                    retention(&lang, &format!("{written} after contract-end")),
                    format!("{kept} {said} {behind}")
                );
            }
        }
    }

    /// The keys of a catalogue, those of attributes with their message's.
    fn keys(catalogue: &str) -> Vec<String> {
        let mut message = String::new();
        let mut keys = Vec::new();
        for line in catalogue.lines() {
            let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
                continue;
            };
            if let Some(attribute) = key.trim().strip_prefix('.') {
                keys.push(format!("{message}.{attribute}"));
            } else {
                key.trim().clone_into(&mut message);
                keys.push(message.clone());
            }
        }
        keys.sort_unstable();
        keys
    }

    #[test]
    fn refusals_are_worded_alike_in_every_language() {
        let ru = keys(include_str!("../assets/i18n/ru/problems.ftl"));
        assert_eq!(ru, keys(include_str!("../assets/i18n/es/problems.ftl")));
        assert_eq!(ru, keys(include_str!("../assets/i18n/pt/problems.ftl")));
        for lang in &OF_REFUSALS[1..] {
            for key in &ru {
                assert!(TEXTS.try_lookup(lang, key).is_some(), "{lang}: {key}");
            }
            assert_ne!(said(lang, "this field is needed"), "this field is needed");
        }
    }

    #[test]
    fn pages_are_worded_alike_in_every_language() {
        assert_eq!(
            keys(include_str!("../assets/i18n/en/pages.ftl")),
            keys(include_str!("../assets/i18n/ru/pages.ftl"))
                .into_iter()
                .filter(|key| !key.starts_with("fact-"))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn who_wants_none_of_our_languages_reads_english() {
        for (wanted, lang) in [
            ("pt-BR", "pt"),
            ("es-419", "es"),
            ("uk", "en"),
            ("ru-KG", "ru"),
        ] {
            let best = best_for_refusals(&["??".to_owned(), wanted.to_owned()]);
            assert_eq!(best.to_string(), lang, "{wanted}");
        }
        assert_eq!(said(&langid!("en"), "not an object"), "not an object");
        assert_eq!(said(&langid!("ru"), "code"), "code");
    }

    #[test]
    fn the_difference_is_told_in_the_readers_language() {
        let old = Facts::parse(Facts::STARTER).unwrap();
        let mut new = old.clone();
        new.purposes[2].recipients.insert("Mail Ltd".into());
        new.purposes[2].retention.period = "P90D".to_owned().try_into().unwrap();
        new.purposes[2].categories.remove("phone");
        let changes = new.difference(&old);
        assert_eq!(
            sentences(&langid!("ru"), &changes),
            [
                "связь: хранятся 90 дней после удаления продукта, раньше 30 дней",
                "связь: больше не используется: телефон",
                "связь: новый получатель: Mail Ltd",
            ]
        );
        assert_eq!(
            sentences(&best(&["es".to_owned()]), &changes[2..]),
            ["communication: new recipient: Mail Ltd"]
        );
    }
}
