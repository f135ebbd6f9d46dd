//! The language of a text, as a BCP 47 tag (`en`, `ru`, `pt-BR`).

use std::fmt;

use language_tags::LanguageTag;
use serde::{Deserialize, Serialize};

/// Registered codes that name no language: "several", "unknown", "none", "uncoded".
const NO_LANGUAGE: [&str; 4] = ["mul", "und", "zxx", "mis"];

/// A BCP 47 tag in its usual case whose language, script and region are in IANA's registry.
///
/// `_` counts as `-`: that is how many systems write a locale (`ru_RU`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LangTag(String);

/// A writing system, as far as the check of a text's language needs to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// English, Spanish, Portuguese, Turkish…
    Latin,
    /// Russian, Kyrgyz, Kazakh…
    Cyrillic,
}

impl LangTag {
    /// Reads a tag; `None` when it is none, or names no language that people speak.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tag = LanguageTag::parse(&text.trim().replace('_', "-")).ok()?;
        let primary = tag.primary_language();
        // "qaa" to "qtz" mean whatever somebody agreed upon privately.
        let private = ("qaa"..="qtz").contains(&primary);
        let real = (2..=3).contains(&primary.len())
            && !private
            && !NO_LANGUAGE.contains(&primary)
            && tag.is_valid();
        real.then(|| Self(tag.into_string()))
    }

    /// The part of a file's name where its language stands: `en` of `policy-1.en.txt`.
    #[must_use]
    pub fn part_of_file_name(name: &str) -> Option<&str> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let (stem, _extension) = name.rsplit_once('.')?;
        let (_rest, tag) = stem.rsplit_once('.')?;
        Some(tag)
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script, region and variants.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// Whether the language is written from right to left, for the `dir` of a page.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        match self.script_subtag() {
            Some(script) => matches!(script, "Arab" | "Hebr" | "Syrc" | "Thaa" | "Nkoo"),
            None => matches!(
                self.primary(),
                "ar" | "he" | "fa" | "ur" | "ps" | "yi" | "dv" | "ug" | "sd" | "ckb"
            ),
        }
    }

    /// The writing system of the language, where it has one of the two we can judge.
    #[must_use]
    pub fn script(&self) -> Option<Script> {
        match self.script_subtag() {
            Some("Latn") => return Some(Script::Latin),
            Some("Cyrl") => return Some(Script::Cyrillic),
            Some(_) => return None,
            None => {}
        }
        match self.primary() {
            "en" | "es" | "pt" | "de" | "fr" | "it" | "pl" | "tr" | "nl" | "cs" | "ro" | "lt"
            | "lv" | "et" | "sk" | "sl" | "hr" | "hu" | "fi" | "sv" | "da" | "nb" | "no" | "id"
            | "vi" => Some(Script::Latin),
            "ru" | "ky" | "kk" | "uk" | "be" | "bg" | "tg" | "mn" | "mk" | "tt" => {
                Some(Script::Cyrillic)
            }
            _ => None,
        }
    }

    fn script_subtag(&self) -> Option<&str> {
        self.0
            .split('-')
            .skip(1)
            .find(|part| part.len() == 4 && part.bytes().all(|b| b.is_ascii_alphabetic()))
    }
}

impl fmt::Display for LangTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LangTag {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not a language tag"))
    }
}

impl From<LangTag> for String {
    fn from(tag: LangTag) -> Self {
        tag.0
    }
}

/// The first of `wanted` (BCP 47, best first) that is among `have`: exactly, whatever the case, else
/// another kind of the same language.
#[must_use]
pub fn best<'h>(have: impl Iterator<Item = &'h str> + Clone, wanted: &[String]) -> Option<&'h str> {
    fn primary(tag: &str) -> &str {
        tag.split('-').next().unwrap_or_default()
    }
    wanted.iter().find_map(|lang| {
        let exact = have.clone().find(|tag| tag.eq_ignore_ascii_case(lang));
        let kind = |tag: &&str| primary(tag).eq_ignore_ascii_case(primary(lang));
        exact.or_else(|| have.clone().find(kind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_may_carry_the_language() {
        for (name, lang) in [
            ("policy-1.en.txt", Some("en")),
            ("policy.ru.md", Some("ru")),
            ("/some/where.d/policy.pt-br.md", Some("pt-BR")),
            ("policy.ru_RU.md", Some("ru-RU")),
            ("policy.txt", None),
            ("policy.v2.txt", None),
            ("en.txt", None),
            ("", None),
        ] {
            assert_eq!(
                LangTag::part_of_file_name(name)
                    .and_then(LangTag::parse)
                    .as_ref()
                    .map(LangTag::as_str),
                lang,
                "{name}"
            );
        }
    }

    #[test]
    fn a_tag_knows_its_script_and_direction() {
        let tag = |text| LangTag::parse(text).unwrap();
        assert_eq!(tag("en-GB").script(), Some(Script::Latin));
        assert_eq!(tag("ky").script(), Some(Script::Cyrillic));
        assert_eq!(tag("uz").script(), None);
        assert_eq!(tag("uz-cyrl").script(), Some(Script::Cyrillic));
        assert!(tag("ar").is_right_to_left() && !tag("ru").is_right_to_left());
    }

    #[test]
    fn a_tag_names_a_language_of_the_registry() {
        for (text, tag) in [
            ("ru_RU", "ru-RU"),
            ("PT-br", "pt-BR"),
            (" ky ", "ky"),
            ("kk_Cyrl_KZ", "kk-Cyrl-KZ"),
            ("zh-hans", "zh-Hans"),
        ] {
            assert_eq!(
                LangTag::parse(text).as_ref().map(LangTag::as_str),
                Some(tag),
                "{text}"
            );
        }
        for bad in [
            "",
            "e",
            "xx",
            "qq",
            "english",
            "русский",
            "en-XYZ",
            "en-ZZ-",
            "en-QQQQ",
            "..",
            "i-klingon",
            "x-mine",
            "qab",
            "und",
            "mul",
            "en--x",
            "tlhh",
            "ru-Россия",
        ] {
            assert_eq!(LangTag::parse(bad), None, "{bad}");
        }
    }
}
