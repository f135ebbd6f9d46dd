//! The files themselves: what must be there, what must not, and how text is written.

use std::collections::BTreeSet;

use super::manifest::FILE as MANIFEST;
use super::reference::LOGOS;
use super::{Folder, Report};

/// Read as text by the platform, by browsers, or by a moderator.
const TEXT: &[&str] = &[
    "js", "json", "css", "twig", "html", "htm", "svg", "txt", "md",
];

/// Directories that tools leave behind or that only developers need.
const STRAY_DIRECTORIES: &[(&str, &str)] = &[
    ("__MACOSX", "macOS adds this directory when it packs a ZIP"),
    (
        "node_modules",
        "packages of the build do not belong into the archive",
    ),
    ("test", "tests do not belong into the archive"),
    ("tests", "tests do not belong into the archive"),
    ("__tests__", "tests do not belong into the archive"),
];

/// Endings of files that only developers need.
const STRAY_ENDINGS: &[(&str, &str)] = &[
    (".map", "source maps do not belong into the archive"),
    (".test.js", "tests do not belong into the archive"),
    (".spec.js", "tests do not belong into the archive"),
    (".ts", "browsers cannot run TypeScript"),
    (".zip", "an archive inside the archive is never unpacked"),
    (".log", "logs do not belong into the archive"),
    (".bak", "copies do not belong into the archive"),
    (".orig", "copies do not belong into the archive"),
    ("~", "copies of an editor do not belong into the archive"),
    (
        "Thumbs.db",
        "Windows adds this file to directories with pictures",
    ),
    ("desktop.ini", "Windows adds this file to directories"),
    (
        "package.json",
        "the build's own files do not belong into the archive",
    ),
    (
        "package-lock.json",
        "the build's own files do not belong into the archive",
    ),
];

/// Checks presence, absence, names and encoding.
pub fn check(folder: &Folder, report: &mut Report) {
    mandatory(folder, report);
    let stray = strays(folder, report);
    for (path, bytes) in folder.iter().filter(|(path, _)| !stray.contains(path)) {
        name(path, report);
        if has_extension(path, TEXT) {
            encoding(path, bytes, report);
        }
        if !is_used(folder, path) {
            report.error(
                "file-unused",
                path,
                None,
                "nothing in the archive refers to this file, and moderation refuses unused files",
            );
        }
    }
}

fn mandatory(folder: &Folder, report: &mut Report) {
    let wrapper = folder.iter().find_map(|(path, _)| {
        path.strip_suffix(MANIFEST)
            .filter(|_| path.matches('/').count() == 1)
    });
    if folder.contains(MANIFEST) {
        if !folder.contains("script.js") {
            report.error(
                "file-missing",
                "script.js",
                None,
                "there is no script.js, so the widget could do nothing",
            );
        }
    } else if let Some(wrapper) = wrapper {
        let message = format!(
            "the files must be at the root of the archive, not inside \"{wrapper}\", where the platform does not look"
        );
        report.error("file-wrapper", MANIFEST, None, message);
    } else {
        report.error(
            "file-missing",
            MANIFEST,
            None,
            "there is no manifest.json, which the platform reads before anything else",
        );
    }
}

/// Reports what tools and developers leave behind; one finding for a whole directory.
fn strays<'a>(folder: &'a Folder, report: &mut Report) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for (path, _) in folder.iter() {
        if let Some((reported, why)) = stray(path) {
            report.error(
                "file-stray",
                reported,
                None,
                format!("this is a stray file: {why}"),
            );
            found.insert(path);
        }
    }
    found
}

/// The part of a path that should not be there, and why.
fn stray(path: &str) -> Option<(&str, &'static str)> {
    let mut from = 0;
    for part in path.split('/') {
        let end = from + part.len();
        let is_directory = end < path.len();
        if part.starts_with('.') {
            return Some((
                &path[..end],
                "hidden files are made by tools, not for the widget",
            ));
        }
        if let Some((_, why)) = STRAY_DIRECTORIES
            .iter()
            .find(|(name, _)| is_directory && *name == part)
        {
            return Some((&path[..end], why));
        }
        from = end + 1;
    }
    STRAY_ENDINGS
        .iter()
        .find(|(ending, _)| path.ends_with(ending))
        .map(|(_, why)| (path, *why))
}

fn name(path: &str, report: &mut Report) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if !path.chars().all(plain) {
        report.warning("file-name", path, None, "a name with other characters than letters, digits, dot, dash and underscore can be lost on the way through a ZIP");
    }
}

fn encoding(path: &str, bytes: &[u8], report: &mut Report) {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        report.error(
            "file-encoding",
            path,
            1,
            "the file begins with a byte order mark, which the platform does not expect",
        );
    }
    if let Err(e) = std::str::from_utf8(bytes) {
        let line = line_of(bytes, e.valid_up_to());
        report.error(
            "file-encoding",
            path,
            line,
            "this line is not UTF-8, the one encoding the platform reads",
        );
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == b'\r') {
        report.error(
            "file-line-ends",
            path,
            line_of(bytes, at),
            "lines must end with a line feed alone, without a carriage return",
        );
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count()
}

/// Whether the platform finds the file by its name, or another file names it.
///
/// A name anywhere in another text counts, and so does the beginning of a path to which a
/// script adds the rest: an unused file is a nuisance, an archive nobody can pack is worse.
fn is_used(folder: &Folder, path: &str) -> bool {
    let found_by_name = path == MANIFEST
        || path == "script.js"
        || LOGOS.iter().any(|logo| logo.path == path)
        || path
            .strip_prefix("i18n/")
            .is_some_and(|name| name.ends_with(".json") && !name.contains('/'));
    if found_by_name {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let directory = &path[..path.len() - name.len()];
    let mut others = folder
        .iter()
        .filter(|(other, _)| *other != path && has_extension(other, TEXT));
    others.any(|(other, _)| {
        let text = folder.text(other).unwrap_or_default();
        text.contains(name) || names_module(text, stem) || begins_path(text, directory, name)
    })
}

/// Whether a quoted text ends with exactly this stem: `'./lib/stem'`, `"stem"`.
fn names_module(text: &str, stem: &str) -> bool {
    text.match_indices(stem).any(|(at, _)| {
        text[..at].ends_with(['/', '\'', '"', '`'])
            && text[at + stem.len()..].starts_with(['\'', '"', '`'])
    })
}

/// Whether a quoted text is the beginning of this path: `'/images/flag_' + code`, `` `images/${name}` ``.
fn begins_path(text: &str, directory: &str, name: &str) -> bool {
    !directory.is_empty()
        && text.match_indices(directory).any(|(at, _)| {
            let rest = &text[at + directory.len()..];
            rest.find(['\'', '"', '`', '$', '\n'])
                .is_some_and(|end| name.starts_with(&rest[..end]))
        })
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.contains(&extension))
}
