//! The versions of a Product's Policy that were posted, in the order of their numbers: which was in
//! force when, which of them asks somebody to agree again, which text a reader is shown.

use super::best;
use crate::domain::facts::{Facts, Level};
use crate::domain::ids::PolicyVersionId;
use crate::domain::time::Timestamp;

/// One version as it was published and posted.
#[derive(Clone, Debug)]
pub struct Version {
    /// Our id.
    pub id: PolicyVersionId,
    /// `#1`, `#2`, …
    pub number: u32,
    /// Whether it asks for more than the one before.
    pub level: Level,
    /// The language that prevails when texts differ.
    pub prevailing: String,
    /// The source was published byte for byte.
    pub verbatim: bool,
    /// What the text promises, for software.
    pub facts: Facts,
    /// The same as it was published: TOML.
    pub facts_toml: String,
    /// Why the level is below what the facts ask for, if it is.
    pub reason: Option<String>,
    /// What `policy check` found when it was published.
    pub findings: serde_json::Value,
    /// When it became available in the Product (clause 12.3).
    pub posted_at: Timestamp,
    /// Its texts, without their bytes.
    pub texts: Vec<TextRef>,
}

/// A text by its language and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRef {
    /// BCP 47.
    pub lang: String,
    /// `sha256:…` of the shown bytes.
    pub hash: String,
}

impl Version {
    /// The text in exactly this language.
    #[must_use]
    pub fn text(&self, lang: &str) -> Option<&TextRef> {
        self.texts.iter().find(|text| text.lang == lang)
    }

    /// The text for a reader: in the first of their languages (BCP 47, best first) that there is,
    /// else in another kind of it, else in the prevailing one.
    #[must_use]
    pub fn text_for(&self, langs: &[String]) -> Option<&TextRef> {
        let have = self.texts.iter().map(|text| text.lang.as_str());
        self.text(best(have, langs).unwrap_or(&self.prevailing))
    }
}

/// All posted versions of a Product.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<Version>);

impl History {
    /// A history of these versions.
    #[must_use]
    pub fn new(mut versions: Vec<Version>) -> Self {
        versions.sort_by_key(|version| version.number);
        Self(versions)
    }

    /// All of them, the first first.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.0
    }

    /// The version in force now: the one posted last.
    #[must_use]
    pub fn in_force(&self) -> Option<&Version> {
        self.0.last()
    }

    /// The version in force at `at`; `None` before the first posting.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&Version> {
        self.0.iter().rfind(|version| version.posted_at <= at)
    }

    /// The version of that number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Version> {
        let at = self.0.binary_search_by_key(&number, |v| v.number).ok()?;
        self.0.get(at)
    }

    /// The version that asks whoever agreed to `agreed` to agree again, by the time `upto` is in
    /// force. It is the first one that is wider: a later one does not restart the grace.
    #[must_use]
    pub fn first_wider(&self, agreed: u32, upto: u32) -> Option<&Version> {
        let later = |v: &&Version| agreed < v.number && v.number <= upto;
        let wider = |v: &&Version| v.level == Level::Reconsent;
        self.0.iter().filter(later).find(wider)
    }

    /// How far whoever agreed to `agreed` was carried along by the versions that were posted until
    /// `at`: by each that is a notice (clause 12.1), never beyond one that asks for more.
    #[must_use]
    pub fn carried(&self, agreed: u32, at: Timestamp) -> Option<&Version> {
        let known = self.0.iter().filter(|version| version.posted_at <= at);
        known
            .skip_while(|version| version.number < agreed)
            .take_while(|version| version.number == agreed || version.level == Level::Notice)
            .last()
    }

    /// What is left of `purposes`, agreed to with version `agreed`: they reach no further than they
    /// did then (clause 7.2.1). One that is gone from the version in force, or that asks for more
    /// there, is off.
    #[must_use]
    pub fn still_agreed(&self, agreed: u32, purposes: &[String]) -> Vec<String> {
        let Some(now) = self.in_force() else {
            return Vec::new();
        };
        let mut left = purposes.to_vec();
        if now.number == agreed {
            return left;
        }
        left.retain(|code| now.facts.purposes.iter().any(|p| p.code == *code));
        if let Some(then) = self.get(agreed) {
            let widened = now.facts.widened_since(&then.facts);
            left.retain(|code| !widened.contains(code));
        }
        left
    }
}

#[cfg(test)]
impl Version {
    /// A version with the starter's facts and a text in English, for tests of rules.
    pub(crate) fn example(number: u32, level: Level, posted_at: Timestamp) -> Self {
        Self {
            id: PolicyVersionId(uuid::Uuid::from_u128(number.into())),
            number,
            level,
            prevailing: "en".to_owned(),
            verbatim: false,
            facts: Facts::parse(Facts::STARTER).unwrap(),
            facts_toml: Facts::STARTER.to_owned(),
            reason: None,
            findings: serde_json::Value::Null,
            posted_at,
            texts: vec![TextRef {
                lang: "en".to_owned(),
                hash: format!("sha256:{number}"),
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(levels: &[Level]) -> History {
        let versions = levels.iter().zip(1..);
        let posted = |n: u32| Timestamp::from_secs(i64::from(n) * 10);
        History::new(
            versions
                .map(|(level, n)| Version::example(n, *level, posted(n)))
                .collect(),
        )
    }

    #[test]
    fn the_first_wider_version_asks_again() {
        use Level::{Notice, Reconsent};
        let history = history(&[Reconsent, Notice, Reconsent, Reconsent, Notice]);
        let number = |agreed, upto| history.first_wider(agreed, upto).map(|v| v.number);
        assert_eq!(number(1, 2), None);
        assert_eq!(number(1, 3), Some(3));
        assert_eq!(number(1, 5), Some(3), "a later one does not restart it");
        assert_eq!(number(3, 5), Some(4));
        assert_eq!(number(4, 5), None);
    }

    #[test]
    fn of_two_versions_of_one_instant_the_later_number_is_in_force() {
        let at = Timestamp::from_secs(10);
        let both = [2, 1].map(|number| Version::example(number, Level::Notice, at));
        let history = History::new(both.to_vec());
        assert_eq!(history.at(at).map(|v| v.number), Some(2));
        assert_eq!(history.in_force().map(|v| v.number), Some(2));
        assert_eq!(history.get(1).map(|v| v.number), Some(1));
        assert!(history.get(3).is_none());
    }

    #[test]
    fn a_reader_gets_their_language_or_a_kind_of_it_or_the_prevailing_one() {
        let mut version = Version::example(1, Level::Notice, Timestamp::from_secs(0));
        version.prevailing = "ru".to_owned();
        version.texts = ["en-GB", "en-US", "pt-BR", "ru"]
            .map(|lang| TextRef {
                lang: lang.to_owned(),
                hash: String::new(),
            })
            .to_vec();
        for (wanted, shown) in [
            (&["en-us"][..], "en-US"),
            (&["en-AU"], "en-GB"),
            (&["pt", "en"], "pt-BR"),
            (&["ky", "en-US"], "en-US"),
            (&["ky"], "ru"),
            (&[], "ru"),
        ] {
            let wanted: Vec<String> = wanted.iter().map(|&lang| lang.to_owned()).collect();
            assert_eq!(version.text_for(&wanted).unwrap().lang, shown, "{wanted:?}");
        }
    }

    #[test]
    fn what_was_agreed_to_reaches_no_further_than_it_did_then() {
        let mut history = history(&[Level::Reconsent, Level::Reconsent]);
        let all = history.0[0].facts.granted(true);
        assert_eq!(history.still_agreed(2, &all), all, "the version in force");
        assert_eq!(history.still_agreed(1, &all), all, "nothing asks for more");
        history.0[1].facts.purposes.retain(|p| p.code != "5.2.8");
        let left = history.still_agreed(1, &all);
        assert!(!left.contains(&"5.2.8".to_owned()), "it is gone");
        assert_eq!(left.len(), all.len() - 1);
        assert!(History::default().still_agreed(1, &all).is_empty());
    }
}
