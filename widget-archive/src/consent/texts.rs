//! `i18n/*.json`: our words in every language the widget has.

use super::manifest::{FIELD_NAME, Field, PAGE_TITLE};
use super::{Plan, Refusal, document};
use crate::Folder;
use crate::json::Node;
use crate::manifest::FILE as MANIFEST;

/// Whose words are taken where there are none in a language.
const FALLBACK: &str = "en";

/// The group of all our words.
const GROUP: &str = "accord";

/// Adds what is missing to each file of texts.
pub fn change(
    folder: &Folder,
    ours: &Folder,
    field: &Field,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let languages = languages(folder);
    let mut foreign = Vec::new();
    for language in &languages {
        let file = format!("i18n/{language}.json");
        let mut texts = document(folder, &file)?;
        let own = words(ours, language)?;
        if own.is_none() && texts.at(&[GROUP]).is_none() {
            foreign.push(language.clone());
        }
        let Some(words) = own.or(words(ours, FALLBACK)?) else {
            continue;
        };
        if let Field::Ours(_) = field {
            add(&mut texts, &words, FIELD_NAME)?;
        }
        if page_is_ours(folder, plan) {
            add(&mut texts, &words, PAGE_TITLE)?;
        }
        add(&mut texts, &words, GROUP)?;
        plan.put_text(folder, &file, texts.text());
    }
    if languages.is_empty() {
        return Err(Refusal {
            file: "i18n".to_owned(),
            line: 1,
            message: "there are no texts in any language".to_owned(),
        });
    }
    for language in foreign {
        plan.notes.push(format!(
            "There are no words of the consent part in \"{language}\" yet: translate the group \"{GROUP}\" of i18n/{language}.json, which is English now."
        ));
    }
    Ok(())
}

/// The languages there are files for.
fn languages(folder: &Folder) -> Vec<String> {
    folder
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("i18n/")?.strip_suffix(".json"))
        .filter(|language| !language.contains('/'))
        .map(str::to_owned)
        .collect()
}

/// Our own words in a language.
fn words(ours: &Folder, language: &str) -> Result<Option<Node>, Refusal> {
    let file = format!("i18n/{language}.json");
    ours.text(&file)
        .map(|text| {
            Node::parse(text).map_err(|bad| Refusal {
                file: file.clone(),
                line: bad.line,
                message: bad.message,
            })
        })
        .transpose()
}

fn add(texts: &mut super::Document, words: &Node, key: &str) -> Result<(), Refusal> {
    let path: Vec<&str> = key.split('.').collect();
    match words.at(key) {
        Some(word) => texts.add(&path, word),
        None => Ok(()),
    }
}

/// Whether the manifest, as it will be, names our title for the page in Settings.
fn page_is_ours(folder: &Folder, plan: &Plan) -> bool {
    let planned = plan
        .changes
        .iter()
        .find(|change| change.path == MANIFEST)
        .and_then(|change| std::str::from_utf8(&change.after).ok());
    let text = planned
        .or_else(|| folder.text(MANIFEST))
        .unwrap_or_default();
    Node::parse(text.trim_start_matches('\u{feff}')).is_ok_and(|manifest| {
        manifest.at("advanced.title").and_then(Node::text) == Some(PAGE_TITLE)
    })
}
