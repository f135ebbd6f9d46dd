//! Calls of the browser that a widget may not make.

use super::{Report, Source};

/// Functions of the browser that may not be called by these names.
const GLOBAL: &[(&str, &str, &str)] = &[
    (
        "eval",
        "js-eval",
        "runs text as code, which the vendors forbid",
    ),
    (
        "Function",
        "js-eval",
        "runs text as code, which the vendors forbid",
    ),
    (
        "alert",
        "js-dialog",
        "stops the whole page; show the message in the widget's own window",
    ),
    (
        "confirm",
        "js-dialog",
        "stops the whole page; ask in the widget's own window",
    ),
    (
        "prompt",
        "js-dialog",
        "stops the whole page; ask in the widget's own window",
    ),
    (
        "importScripts",
        "js-external-code",
        "loads code past the archive; list it in define([...])",
    ),
];

/// Methods that fetch code on their own.
const LOADERS: &[&str] = &["getScript", "importScripts"];

/// Objects through which a global function can be reached.
const GLOBAL_OBJECTS: &[&str] = &["window", "globalThis", "top", "parent"];

/// Looks for each of them.
pub fn check(source: &Source, report: &mut Report) {
    for at in source.script.positions() {
        global_call(source, at, report);
        text_as_code(source, at, report);
        synchronous(source, at, report);
        script_element(source, at, report);
        console(source, at, report);
    }
}

fn global_call(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let Some(word) = script
        .word(at)
        .filter(|_| script.is(at + 1, "(") && is_global(source, at))
    else {
        return;
    };
    if let Some((_, rule, why)) = GLOBAL.iter().find(|(name, _, _)| *name == word) {
        source.library(rule, at, format!("{word}() {why}"), report);
    }
}

/// Whether a name means the browser's own function: not a method, not declared in this script.
fn is_global(source: &Source, at: usize) -> bool {
    let script = &source.script;
    if script.is_member(at) {
        return at >= 2
            && script
                .word(at - 2)
                .is_some_and(|object| GLOBAL_OBJECTS.contains(&object))
            && !script.is_member(at - 2);
    }
    // `confirm(answer) { … }` in an object or a class is a definition.
    let defines = script
        .partner(at + 1)
        .is_some_and(|close| script.is(close + 1, "{"));
    !defines
        && !script
            .word(at)
            .is_some_and(|name| source.declared.contains(name))
}

/// `setTimeout('text', …)` is `eval` under another name.
fn text_as_code(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let is_timer = matches!(script.word(at), Some("setTimeout" | "setInterval"));
    if is_timer && script.is(at + 1, "(") && script.string(at + 2).is_some() {
        source.library(
            "js-eval",
            at,
            "a timer with a text runs that text as code, which the vendors forbid",
            report,
        );
    }
}

fn synchronous(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let is_key = script.word(at).or(script.string(at)) == Some("async") && script.is(at + 1, ":");
    let is_off = script.word(at + 2) == Some("false")
        || (script.is(at + 2, "!") && script.get(at + 3).is_some_and(|token| token.text == "1"));
    if is_key && is_off {
        source.library(
            "js-sync-request",
            at,
            "async: false freezes the page until the answer comes",
            report,
        );
    }
}

/// Code comes through `define([...])` only, never as an element of the page.
fn script_element(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let creates = matches!(script.word(at), Some("createElement" | "createElementNS"))
        && script.is(at + 1, "(");
    if creates {
        let is_script = |inner: usize| {
            script
                .string(inner)
                .is_some_and(|text| text.eq_ignore_ascii_case("script"))
        };
        if script.directly_in(at + 1).any(is_script) {
            source.library("js-script-element", at, "createElement('script') loads code past define([...]), where moderation does not see it", report);
        }
    }
    if script
        .string(at)
        .is_some_and(|text| contains_ignoring_case(text, "<script") && !is_empty_element(text))
    {
        source.library(
            "js-script-element",
            at,
            "a <script> in a text loads code past define([...]), where moderation does not see it",
            report,
        );
    }
    let loads = script.word(at).is_some_and(|word| LOADERS.contains(&word))
        && script.is_member(at)
        && script.is(at + 1, "(");
    let as_script = script.word(at) == Some("dataType")
        && script.is(at + 1, ":")
        && script.string(at + 2) == Some("script");
    if loads || as_script {
        source.library("js-external-code", at, "code may not be fetched while the widget runs; put it into the archive and list it in define([...])", report);
    }
}

/// Only `console.trace`, and only where something has failed.
fn console(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let reached = script.is(at + 1, ".") || script.is(at + 1, "?.") || script.is(at + 1, "[");
    if script.word(at) != Some("console") || !reached || !is_global(source, at) {
        return;
    }
    match script.word(at + 2) {
        Some("trace") if handles_a_failure(source, at) => {}
        Some("trace") => {
            source.library(
                "js-console",
                at,
                "console.trace is allowed only inside catch, to tell what failed",
                report,
            );
        }
        Some("debug") if !source.widget.is_for_kommo => {}
        Some("debug") => {
            source.warning(
                "js-console",
                at,
                "console.debug is allowed by amoCRM but not by Kommo",
                report,
            );
        }
        _ => {
            source.library(
                "js-console",
                at,
                "the console is for console.trace inside catch only, because all widgets share it",
                report,
            );
        }
    }
}

/// Whether the code stands in `catch (e) { … }`, `.catch(…)`, `.fail(…)` or `.then(…, …)`.
fn handles_a_failure(source: &Source, at: usize) -> bool {
    let script = &source.script;
    script.around(at).any(|open| {
        let before = script.word_before(open);
        if script.is(open, "(") {
            return matches!(before, Some("catch" | "fail" | "then"));
        }
        let head = open
            .checked_sub(1)
            .filter(|close| script.is(*close, ")"))
            .and_then(|close| script.partner(close));
        before == Some("catch") || head.and_then(|open| script.word_before(open)) == Some("catch")
    })
}

/// Whether a text says that, in letters of any case.
fn contains_ignoring_case(text: &str, small: &str) -> bool {
    text.len() >= small.len()
        && text
            .as_bytes()
            .windows(small.len())
            .any(|part| part.eq_ignore_ascii_case(small.as_bytes()))
}

/// `<script></script>` in the ways libraries write it: an element that holds and loads nothing,
/// by which React makes one that never runs.
fn is_empty_element(text: &str) -> bool {
    let plain = text.replace("\\x3c", "<").replace('\\', "");
    matches!(plain.trim(), "<script><" | "<script></script>")
}
