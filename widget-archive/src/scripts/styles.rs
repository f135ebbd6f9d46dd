//! Style sheets inside of scripts: they reach the whole page as those in files do.

use super::{Report, Source};
use crate::styles;

/// Words of a script that makes style sheets itself.
const MAKERS: &[&str] = &["insertRule", "replaceSync", "adoptedStyleSheets"];

/// Longer expressions are not put together.
const MOST_PIECES: usize = 100;

/// What stands for a value that only the running script knows.
const UNKNOWN: &str = "accord-unknown";

/// Looks for texts that are style sheets, and holds them against the rules of `*.css`.
pub fn check(source: &Source, report: &mut Report) {
    let makes = makes_sheets(source);
    let mut passed = 0;
    for at in source.script.positions() {
        let Some(first) = source.script.string(at).filter(|_| at >= passed) else {
            continue;
        };
        let in_element = begins_element(first);
        if !in_element && !makes {
            continue;
        }
        let (text, end) = whole(source, at);
        passed = end;
        if in_element {
            for sheet in elements(&text) {
                look(source, at, sheet, report);
            }
        } else if has_declarations(&text) {
            look(source, at, &text, report);
        }
    }
}

fn look(source: &Source, at: usize, sheet: &str, report: &mut Report) {
    let sheet = sheet
        .replace("\\n", " ")
        .replace("\\t", " ")
        .replace("\\\"", "\"")
        .replace("\\'", "'");
    for fault in styles::faults_of_text(&sheet) {
        source.library(
            "css-scope",
            at,
            format!("the style sheet in this text is for the whole page: {fault}"),
            report,
        );
    }
}

/// `selector { name: value }`, and not `{name}: …` as in a text with gaps to fill.
fn has_declarations(text: &str) -> bool {
    text.match_indices('{').any(|(at, _)| {
        let inside = text[at + 1..].split('}').next().unwrap_or_default();
        at > 0 && inside.len() < text.len() - at - 1 && inside.contains(':')
    })
}

fn begins_element(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text.as_bytes()[at..];
        rest.len() > 6
            && rest[..6].eq_ignore_ascii_case(b"<style")
            && matches!(rest[6], b'>' | b' ' | b'\n' | b'\t' | b'/')
            || rest.len() == 6 && rest.eq_ignore_ascii_case(b"<style")
    })
}

/// What stands between `<style …>` and `</style>`, or the end.
fn elements(text: &str) -> Vec<&str> {
    let small = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = small[from..].find("<style").map(|at| from + at) {
        let Some(open) = small[start..].find('>').map(|at| start + at + 1) else {
            break;
        };
        let end = small[open..]
            .find("</style")
            .map_or(text.len(), |at| open + at);
        found.push(&text[open..end]);
        from = end;
    }
    found
}

/// Whether the script makes an element for styles, or writes rules into one.
fn makes_sheets(source: &Source) -> bool {
    let script = &source.script;
    script.positions().any(|at| {
        let word = script.word(at);
        word.is_some_and(|word| MAKERS.contains(&word))
            || matches!(word, Some("createElement" | "createElementNS"))
                && script.is(at + 1, "(")
                && script
                    .string(at + 2)
                    .is_some_and(|tag| tag.eq_ignore_ascii_case("style"))
            || script.string(at).is_some_and(|text| {
                matches!(text.trim(), "<style>" | "<style/>" | "<style></style>")
            })
    })
}

/// The whole text of which this is the beginning, `'a' + b + 'c'` or a template, and where it ends.
fn whole(source: &Source, at: usize) -> (String, usize) {
    let script = &source.script;
    let mut text = script.string(at).unwrap_or_default().to_owned();
    let mut end = at;
    for _ in 0..MOST_PIECES {
        let next = end + 1;
        if script.is(next, "${") {
            unknown(&mut text);
            let Some(close) = script.partner(next) else {
                break;
            };
            text.push_str(script.string(close + 1).unwrap_or_default());
            end = close + 1;
        } else if script.is(next, "+") {
            match script.string(next + 1) {
                Some(more) => {
                    text.push_str(more);
                    end = next + 1;
                }
                None if script.get(next + 1).is_some() => {
                    unknown(&mut text);
                    end = script.chain_end(next + 1);
                }
                None => break,
            }
        } else {
            break;
        }
    }
    (text, end + 1)
}

/// A name of the widget's own in place of what is not known, so that `.${code} .x` and `${root} .x`
/// are what their writer means.
fn unknown(text: &mut String) {
    let inside_a_name = text
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || "._-#".contains(c));
    if !inside_a_name {
        text.push('.');
    }
    text.push_str(UNKNOWN);
}
