//! The files themselves: what must be there, what must not, and how text is written.

mod uses;

use super::manifest::FILE as MANIFEST;
use super::{Folder, Report, strays};

/// Read as text by the platform, by browsers, or by a moderator.
const TEXT: &[&str] = &[
    "js", "json", "css", "twig", "html", "htm", "svg", "txt", "md",
];

/// Checks presence, absence, names and encoding.
pub fn check(folder: &Folder, report: &mut Report) {
    mandatory(folder, report);
    let unused = uses::unused(folder);
    for (path, bytes) in folder.iter().filter(|(path, _)| strays::of(path).is_none()) {
        name(path, report);
        if has_extension(path, TEXT) {
            encoding(path, bytes, report);
        }
        if unused.contains(path) {
            report.moderation(
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
        report.moderation(
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

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.contains(&extension))
}
