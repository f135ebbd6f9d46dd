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

/// The one of our languages that a language tag means, if it means one.
#[must_use]
pub fn ours(tag: &str) -> Option<LanguageIdentifier> {
    let wanted: LanguageIdentifier = tag.parse().ok()?;
    LANGUAGES
        .into_iter()
        .find(|have| have.language == wanted.language)
}

/// The first of our languages among those a reader wants, best first; else English.
#[must_use]
pub fn best(wanted: &[String]) -> LanguageIdentifier {
    wanted
        .iter()
        .find_map(|tag| ours(tag))
        .unwrap_or(langid!("en"))
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
