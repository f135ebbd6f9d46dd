//! What belongs to the page around the widget: its globals and its switches.

use super::{Report, Source};

/// The platform's objects: a widget reads them and never writes.
const HOST: &[&str] = &["APP", "AMOCRM"];

/// Classes of the old switch, which no longer tell its state.
const SWITCHES: &[&str] = &["switcher__on", "switcher__off"];

const ASSIGNMENTS: &[&str] = &[
    "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=",
    "??=", "++", "--",
];

/// Paths that people write are not longer.
const LONGEST_CHAIN: usize = 64;

/// Functions that change their first argument.
const CHANGERS: &[&str] = &[
    "assign",
    "extend",
    "defineProperty",
    "defineProperties",
    "setPrototypeOf",
];

/// Looks for writes to the platform's objects, and for old switches.
pub fn check(source: &Source, report: &mut Report) {
    for at in source.script.positions() {
        host_write(source, at, report);
        switch(source, at, report);
    }
}

fn switch(source: &Source, at: usize, report: &mut Report) {
    let Some(text) = source.script.string(at) else {
        return;
    };
    if let Some(class) = SWITCHES.iter().find(|class| text.contains(**class)) {
        source.moderation(
            "js-switcher",
            at,
            format!("{class} is an old class of the switch; read its state with .val()"),
            report,
        );
    }
}

fn host_write(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let Some(name) = script.word(at).filter(|word| HOST.contains(word)) else {
        return;
    };
    let is_global = !script.is_member(at)
        || at.checked_sub(2).and_then(|object| script.word(object)) == Some("window");
    // `{ APP: … }` and `const APP = …` make a name of the widget's own.
    let is_own = script.is(at + 1, ":")
        || matches!(
            script.word_before(at),
            Some("const" | "let" | "var" | "function")
        );
    if !is_global || is_own {
        return;
    }

    let end = chain_end(source, at);
    let assigned = ASSIGNMENTS.iter().any(|mark| script.is(end, mark));
    let changed = script
        .before(at)
        .is_some_and(|before| script.is(before, "++") || script.is(before, "--"))
        || script.word_before(at) == Some("delete");
    if assigned || changed || is_changed_by_a_function(source, at) {
        source.moderation(
            "js-host-globals",
            at,
            format!("{name} belongs to the platform and may only be read"),
            report,
        );
    } else if sets_a_constant(source, end) {
        source.moderation(
            "js-host-globals",
            at,
            format!("setting constants of {name} is forbidden: other widgets read them"),
            report,
        );
    }
}

/// The position after `APP.a.b[c]`, before any call.
fn chain_end(source: &Source, at: usize) -> usize {
    let script = &source.script;
    let mut end = at + 1;
    for _ in 0..LONGEST_CHAIN {
        if (script.is(end, ".") || script.is(end, "?.")) && script.word(end + 1).is_some() {
            end += 2;
        } else if let Some(close) = script.partner(end).filter(|_| script.is(end, "[")) {
            end = close + 1;
        } else {
            break;
        }
    }
    end
}

fn is_changed_by_a_function(source: &Source, at: usize) -> bool {
    let script = &source.script;
    let Some(open) = script
        .around(at)
        .next()
        .filter(|open| script.is(*open, "("))
    else {
        return false;
    };
    let is_first = open + 1 == at || (script.word(open + 1) == Some("true") && open + 3 == at);
    is_first
        && script
            .word_before(open)
            .is_some_and(|function| CHANGERS.contains(&function))
}

/// `APP.constant('key', value)`: with a second argument it writes.
fn sets_a_constant(source: &Source, open: usize) -> bool {
    let script = &source.script;
    script.is(open, "(")
        && script.word_before(open) == Some("constant")
        && script.directly_in(open).any(|inner| script.is(inner, ","))
}
