//! Parts of the settings window that only people may press, or that nobody may change.
//!
//! Install, Disable, rating and reviews are the platform's (RU:integrations/requirements 2.2);
//! Save may be pressed by a script where there is nothing to fill in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, Source};

/// A part of the window that a script can get hold of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Install or Disable.
    Install,
    Save,
    /// Support, rating and reviews.
    Rating,
}

/// Words by which selectors name the parts.
const NAMES: &[(&str, Part)] = &[
    ("js-widget-install", Part::Install),
    ("js-widget-uninstall", Part::Install),
    ("install-widget__button", Part::Install),
    ("js-widget-save", Part::Save),
    ("widget-settings__additional-block", Part::Rating),
];

/// Calls that change an element in any case.
const CHANGES: &[&str] = &[
    "remove",
    "detach",
    "empty",
    "hide",
    "fadeOut",
    "slideUp",
    "toggle",
    "replaceWith",
    "wrap",
    "addClass",
    "append",
    "prepend",
    "replaceChildren",
    "removeChild",
    "appendChild",
    "setAttribute",
];

/// Calls that change an element when they are given a value.
const SETTERS: &[&str] = &["html", "text"];

/// Calls that change an element when they are given a name and a value, or several.
const NAMED_SETTERS: &[&str] = &["css", "attr", "prop"];

/// Properties that change an element when they are set.
const PROPERTIES: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "innerText",
    "textContent",
    "hidden",
    "className",
    "display",
    "visibility",
    "cssText",
    "opacity",
];

/// Calls that people write are not chained longer.
const LONGEST_CHAIN: usize = 64;

/// Looks for pressed buttons and changed parts.
pub fn check(source: &Source, report: &mut Report) {
    let codes = words_holding_the_code(source);
    let holders = holders(source, &codes);
    for at in source.script.positions() {
        let held = source
            .script
            .word(at)
            .filter(|_| !source.script.is_member(at))
            .and_then(|word| holders.get(word).copied());
        if let Some(part) = held.or_else(|| part_at(source, at, &codes)) {
            part_is_used(source, at, part, report);
        }
    }
}

fn part_is_used(source: &Source, at: usize, part: Part, report: &mut Report) {
    let acts: fn(&Source, usize) -> bool = match part {
        Part::Install | Part::Save => presses,
        Part::Rating => changes,
    };
    if !expression_ends(source, at).any(|end| acts(source, end)) {
        return;
    }
    match part {
        Part::Install => source.moderation(
            "js-virtual-click",
            at,
            "the Install and Disable buttons may be pressed by people only",
            report,
        ),
        Part::Save if source.widget.has_fields => source.library(
            "js-virtual-click",
            at,
            "the Save button of a widget with settings may be pressed by people only",
            report,
        ),
        Part::Save => {}
        Part::Rating => source.moderation(
            "js-host-block",
            at,
            "support, rating and reviews in the settings window belong to the platform and stay as they are",
            report,
        ),
    }
}

/// Where a chain of calls on the element can begin: after the name, and after each bracket around
/// it, as in `$(document.querySelector(BUTTON)).click()`.
fn expression_ends(source: &Source, at: usize) -> impl Iterator<Item = usize> {
    let script = &source.script;
    let ends = script
        .around(at)
        .take_while(|open| script.is(*open, "(") || script.is(*open, "["))
        .filter_map(|open| script.partner(open));
    std::iter::once(at).chain(ends)
}

/// Names that were given a selector or an element.
fn holders<'a>(source: &Source<'a>, codes: &BTreeSet<&str>) -> BTreeMap<&'a str, Part> {
    let script = &source.script;
    let parts = script
        .positions()
        .filter_map(|at| Some((at, part_at(source, at, codes)?)));
    parts
        .filter_map(|(at, part)| Some((assigned_name(source, at)?, part)))
        .collect()
}

/// Names that were given the widget's code, which is the id of its Install button.
fn words_holding_the_code<'a>(source: &Source<'a>) -> BTreeSet<&'a str> {
    let script = &source.script;
    let mut words: BTreeSet<&str> = script
        .positions()
        .filter(|at| script.word(*at) == Some("widget_code") && !script.is(at + 1, "."))
        .filter_map(|at| assigned_name(source, at))
        .collect();
    words.insert("widget_code");
    words
}

/// The name before the `=` at the beginning of the expression that this is part of.
fn assigned_name<'a>(source: &Source<'a>, at: usize) -> Option<&'a str> {
    let script = &source.script;
    let mut at = at;
    for _ in 0..LONGEST_CHAIN {
        let before = script.before(at)?;
        if script.is(before, "=") {
            return script.word(before.checked_sub(1)?);
        }
        at = match script.around(at).next() {
            Some(open) if open == before => open,
            _ if script.is(before, ")") || script.is(before, "]") => script.partner(before)?,
            _ if script.word(before).is_some()
                || script.is(before, ".")
                || script.is(before, "?.") =>
            {
                before
            }
            _ => return None,
        };
    }
    None
}

/// The part that a text names, or the code as an id.
fn part_at(source: &Source, at: usize, codes: &BTreeSet<&str>) -> Option<Part> {
    let script = &source.script;
    let Some(text) = script.string(at) else {
        let asks = script.word(at).is_some() && is_asked_by_id(source, at, codes);
        return asks.then_some(Part::Install);
    };
    let named = NAMES.iter().find(|(name, _)| text.contains(name));
    let goes_on = script.is(at + 1, "+") || script.is(at + 1, "${");
    if named.is_none() && goes_on {
        if text.ends_with("#save_") {
            return Some(Part::Save);
        }
        if text.ends_with('#') && is_the_code(source, at + 2, codes) {
            return Some(Part::Install);
        }
    }
    named.map(|(_, part)| *part)
}

/// Whether the expression at this position is the widget's code, and nothing is added to it.
fn is_the_code(source: &Source, at: usize, codes: &BTreeSet<&str>) -> bool {
    let script = &source.script;
    let end = script.chain_end(at);
    let is_code = script
        .word(end)
        .is_some_and(|word| word == "widget_code" || end == at && codes.contains(word));
    let ends = script.is(end + 1, ")")
        || script.is(end + 1, ";")
        || script.is(end + 1, ",")
        || script.is(end + 1, "}") && script.string(end + 2) == Some("");
    is_code && ends
}

/// `getElementById(code)`
fn is_asked_by_id(source: &Source, at: usize, codes: &BTreeSet<&str>) -> bool {
    let script = &source.script;
    script.is(at + 1, "(")
        && script.word(at) == Some("getElementById")
        && is_the_code(source, at + 2, codes)
}

/// The members chained after a position: each name, and the bracket of its call.
fn members(source: &Source, after: usize) -> impl Iterator<Item = (usize, Option<usize>)> {
    let script = &source.script;
    let mut at = after + 1;
    std::iter::from_fn(move || {
        while let Some(close) = script
            .partner(at)
            .filter(|close| *close > at && (script.is(at, "[") || script.is(at, "(")))
        {
            at = close + 1;
        }
        if !(script.is(at, ".") || script.is(at, "?.")) {
            return None;
        }
        let (name, open) = (at + 1, at + 2);
        let call = script.is(open, "(").then_some(open);
        at = call
            .and_then(|open| script.partner(open))
            .map_or(open, |close| close + 1);
        Some((name, call))
    })
    .take(LONGEST_CHAIN)
}

/// Whether the calls chained after this position press something.
fn presses(source: &Source, after: usize) -> bool {
    let script = &source.script;
    members(source, after).any(|(name, call)| {
        let Some(open) = call else { return false };
        match script.word(name) {
            Some("click") => script.partner(open) == Some(open + 1),
            Some("trigger" | "triggerHandler") => script
                .string(open + 1)
                .is_some_and(|event| event == "click" || event.starts_with("click.")),
            Some("dispatchEvent") => true,
            _ => false,
        }
    })
}

/// Whether the calls and assignments chained after this position change something.
fn changes(source: &Source, after: usize) -> bool {
    let script = &source.script;
    members(source, after).any(|(name, call)| {
        let Some(word) = script.word(name) else {
            return false;
        };
        let Some(open) = call else {
            let is_set = script.is(name + 1, "=") || script.is(name + 1, "+=");
            return is_set && PROPERTIES.contains(&word);
        };
        let is_given = script.partner(open) != Some(open + 1);
        let is_given_several =
            script.is(open + 1, "{") || script.directly_in(open).any(|at| script.is(at, ","));
        CHANGES.contains(&word)
            || SETTERS.contains(&word) && is_given
            || NAMED_SETTERS.contains(&word) && is_given_several
    })
}
