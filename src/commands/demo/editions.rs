//! The versions that the demo's page publishes after the starter: the starter's texts and facts
//! with a sentence more (a notice), with a purpose more (it asks for a new consent), or both.

use std::fmt::Write as _;

use crate::domain::facts::{Facts, Level};
use crate::domain::starter;

/// A sentence that says something better and asks for nothing more, by language.
const CLEARER: [(&str, &str, &str); 2] = [
    ("en", "2.2", "It answers politely and in plain words."),
    ("ru", "2.2", "Он отвечает вежливо и простыми словами."),
];

/// One more purpose, by language: after which clause, and the clause.
const WIDER: [(&str, &str, &str); 2] = [
    (
        "en",
        "5.2.8",
        "5.2.9. Statistics: to count how often each page of a Product is opened in an account.",
    ),
    (
        "ru",
        "5.2.8",
        "5.2.9. Статистика: считать, как часто в аккаунте открывают каждую страницу Продукта.",
    ),
];

/// What that purpose means for the software.
const WIDER_FACTS: &str = r#"
[[purpose]]
code = "5.2.9"
title = { en = "statistics of use", ru = "статистика использования" }
basis = "consent"
categories = ["account_id"]
recipients = []
optional = false
retention = { event = "uninstall", period = "P30D" }
"#;

/// A version made ready: its files by name, and its facts.
pub(super) struct Edition {
    /// Name and content, the prevailing language first.
    pub files: Vec<(String, String)>,
    /// As TOML.
    pub facts: String,
}

/// The edition with these levels' changes in it: each level's own is named by it.
pub(super) fn with(levels: &[Level]) -> Edition {
    let (clearer, wider) = (
        levels.contains(&Level::Notice),
        levels.contains(&Level::Reconsent),
    );
    let files = starter::FILES.map(|(name, text)| {
        let mut text = text.to_owned();
        for (lang, no, words) in CLEARER {
            if clearer && name.contains(&format!(".{lang}.")) {
                text = after(&text, no, &format!(" {words}"));
            }
        }
        for (lang, no, clause) in WIDER {
            if wider && name.contains(&format!(".{lang}.")) {
                text = after(&text, no, &format!("\n\n{clause}"));
            }
        }
        (name.to_owned(), text)
    });
    let mut facts = Facts::STARTER.to_owned();
    if wider {
        facts.push_str(WIDER_FACTS);
    }
    Edition {
        files: files.into(),
        facts,
    }
}

/// The text with more words right after the line of a clause.
fn after(text: &str, no: &str, words: &str) -> String {
    let begin = format!("{no}. ");
    let mut longer = String::with_capacity(text.len() + words.len());
    for line in text.lines() {
        let more = if line.starts_with(&begin) { words } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(longer, "{line}{more}");
    }
    longer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::difference::Change;
    use crate::domain::policies::parse;

    #[test]
    fn each_edition_is_one_change_in_each_language_and_has_the_level_of_its_name() {
        let starter = Facts::parse(Facts::STARTER).unwrap();
        for levels in [
            &[Level::Notice][..],
            &[Level::Reconsent],
            &[Level::Notice, Level::Reconsent],
        ] {
            let edition = with(levels);
            let facts = Facts::parse(&edition.facts).unwrap();
            let wider = facts.difference(&starter).iter().any(Change::is_wider);
            assert_eq!(wider, levels.contains(&Level::Reconsent));
            for ((name, text), (_, before)) in edition.files.iter().zip(starter::FILES) {
                assert!(parse(name, text.as_bytes()).is_ok(), "{name}");
                let old: Vec<&str> = before.lines().collect();
                let new = text.lines().filter(|line| !old.contains(line)).count();
                assert_eq!(new, levels.len(), "{name}");
            }
        }
    }
}
