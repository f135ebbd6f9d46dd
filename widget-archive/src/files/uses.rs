//! Which files nothing refers to, found in one pass over the texts.
//!
//! What would be a reference to each file is written down first, then every text
//! is read once, word by word. A name anywhere in another text counts, and so does
//! the beginning of a path to which a script adds the rest: an unused file is a
//! nuisance, an archive nobody can pack is worse.

use std::collections::{BTreeSet, HashMap};

use super::{MANIFEST, TEXT, has_extension};
use crate::reference::LOGOS;
use crate::{Folder, strays, work};

/// What can stand neither in a path nor in a name as scripts write them.
const BETWEEN: &[char] = &[
    '\'', '"', '`', '$', '\n', '\r', '\t', ' ', '(', ')', '<', '>', ',', ';', '=', '{', '}', '[',
    ']', '?', '#', '&', '|', ':', '!', '\\', '*', '+',
];

const QUOTES: &[char] = &['\'', '"', '`'];

/// A word that is longer is data.
const LONGEST_WORD: usize = 255;

/// Scripts do not write longer beginnings of a name than this, nor do people give longer paths.
const LONGEST_BEGINNING: usize = 64;
const LONGEST_PATH: usize = 200;

/// Files with other characters in their names are looked for letter by letter, which takes time.
const MOST_ODD_NAMES: usize = 20;

/// What would be a reference, each with the files that are still looked for.
#[derive(Default)]
struct Wanted<'a> {
    /// A file's name, anywhere: `style.css?v=2`.
    names: HashMap<&'a str, Vec<&'a str>>,
    /// A name without its ending, at the end of a quoted text: `'./lib/parcels'`.
    stems: HashMap<&'a str, Vec<&'a str>>,
    /// A directory and the beginning of a name: `'/images/flag_' + code`.
    beginnings: HashMap<&'a str, Vec<&'a str>>,
}

/// The files that neither the platform finds by their names nor another file names.
pub fn unused(folder: &Folder) -> BTreeSet<&str> {
    let files = || {
        folder
            .iter()
            .map(|(path, _)| path)
            .filter(|path| !found_by_name(path) && strays::of(path).is_none())
    };
    let mut unused: BTreeSet<&str> = files().collect();
    let (odd, plain): (Vec<&str>, Vec<&str>) =
        files().partition(|path| path.contains(BETWEEN) || path.len() > LONGEST_PATH);
    let mut wanted = Wanted::of(&plain);
    for (path, _) in folder.iter().filter(|(path, _)| has_extension(path, TEXT)) {
        let text = folder.text(path).unwrap_or_default();
        work::steps(text.len());
        for (word, quoted) in words(text) {
            wanted.mark(word, quoted, path, &mut unused);
        }
    }
    for (count, path) in odd.into_iter().enumerate() {
        if count >= MOST_ODD_NAMES || is_named(folder, path) {
            unused.remove(path);
        }
    }
    unused
}

fn found_by_name(path: &str) -> bool {
    path == MANIFEST
        || path == "script.js"
        || LOGOS.iter().any(|logo| logo.path == path)
        || strays::is_document(name_of(path))
        || path
            .strip_prefix("i18n/")
            .is_some_and(|name| name.ends_with(".json") && !name.contains('/'))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl<'a> Wanted<'a> {
    fn of(files: &[&'a str]) -> Self {
        let mut wanted = Self::default();
        for path in files {
            let name = name_of(path);
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            wanted.names.entry(name).or_default().push(path);
            wanted.stems.entry(stem).or_default().push(path);
            let directory = path.len() - name.len();
            let ends = name.char_indices().map(|(at, _)| directory + at);
            for end in ends.take(LONGEST_BEGINNING).filter(|_| directory > 0) {
                wanted
                    .beginnings
                    .entry(&path[..end])
                    .or_default()
                    .push(path);
            }
        }
        wanted
    }

    /// Takes off the list what a word of this text refers to.
    fn mark(&mut self, word: &str, quoted: bool, text: &str, unused: &mut BTreeSet<&'a str>) {
        let mut start = 0;
        for segment in word.split('/') {
            let rest = &word[start..];
            work::steps(rest.len());
            found(&mut self.names, segment, text, unused);
            if rest.len() > segment.len() {
                found(&mut self.beginnings, rest, text, unused);
            } else if quoted {
                found(&mut self.stems, segment, text, unused);
            }
            start += segment.len() + 1;
        }
    }
}

fn found<'a>(
    wanted: &mut HashMap<&'a str, Vec<&'a str>>,
    reference: &str,
    text: &str,
    unused: &mut BTreeSet<&'a str>,
) {
    let Some(files) = wanted.get_mut(reference) else {
        return;
    };
    work::steps(files.len());
    // A file that names itself is not used by that.
    files.retain(|file| {
        let is_itself = *file == text;
        if !is_itself {
            unused.remove(file);
        }
        is_itself
    });
}

/// The words of a text, each with whether a quote ends it.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(BETWEEN).unwrap_or(rest.len());
        let after = rest[end..].chars().next();
        from += end + after.map_or(0, char::len_utf8);
        Some((&rest[..end], after.is_some_and(|c| QUOTES.contains(&c))))
    })
    .filter(|(word, _)| !word.is_empty() && word.len() <= LONGEST_WORD)
}

/// Whether another text holds the name, whatever stands around it.
fn is_named(folder: &Folder, path: &str) -> bool {
    let name = name_of(path);
    let mut others = folder
        .iter()
        .filter(|(other, _)| *other != path && has_extension(other, TEXT));
    others.any(|(other, _)| {
        let text = folder.text(other).unwrap_or_default();
        work::steps(text.len());
        text.contains(name)
    })
}
