//! What belongs to the page around the widget: its globals, its buttons, its switches.

use super::{Report, Source};

/// The platform's objects: a widget reads them and never writes.
const HOST: &[&str] = &["APP", "AMOCRM"];

/// Buttons that a person must press.
const BUTTONS: &[&str] = &["js-widget-install", "js-widget-uninstall"];

/// Classes of the old switch, which no longer tell its state.
const SWITCHES: &[&str] = &["switcher__on", "switcher__off"];

const ASSIGNMENTS: &[&str] = &[
    "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=",
    "??=", "++", "--",
];

/// Functions that change their first argument.
const CHANGERS: &[&str] = &[
    "assign",
    "extend",
    "defineProperty",
    "defineProperties",
    "setPrototypeOf",
];

/// Looks for writes to the platform's objects, pressed buttons and old switches.
pub fn check(source: &Source, report: &mut Report) {
    let holders = words_holding_a_button(source);
    for at in source.script.positions() {
        host_write(source, at, report);
        switch(source, at, report);
        pressed(source, at, &holders, report);
    }
}

fn switch(source: &Source, at: usize, report: &mut Report) {
    let Some(text) = source.script.string(at) else {
        return;
    };
    if let Some(class) = SWITCHES.iter().find(|class| text.contains(**class)) {
        source.error(
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
        source.error(
            "js-host-globals",
            at,
            format!("{name} belongs to the platform and may only be read"),
            report,
        );
    } else if sets_a_constant(source, end) {
        source.error(
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
    loop {
        if (script.is(end, ".") || script.is(end, "?.")) && script.word(end + 1).is_some() {
            end += 2;
        } else if let Some(close) = script.partner(end).filter(|_| script.is(end, "[")) {
            end = close + 1;
        } else {
            return end;
        }
    }
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

/// Names that were given a selector or an element of a forbidden button.
fn words_holding_a_button<'a>(source: &Source<'a>) -> Vec<&'a str> {
    let script = &source.script;
    let texts = script.positions().filter(|at| names_a_button(source, *at));
    texts
        .filter_map(|at| script.word(assignment_before(source, at)?.checked_sub(1)?))
        .collect()
}

/// The `=` at the beginning of the expression that this text is part of.
fn assignment_before(source: &Source, text: usize) -> Option<usize> {
    let script = &source.script;
    let mut at = text;
    loop {
        let before = script.before(at)?;
        if script.is(before, "=") {
            return Some(before);
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
}

fn names_a_button(source: &Source, at: usize) -> bool {
    source
        .script
        .string(at)
        .is_some_and(|text| BUTTONS.iter().any(|class| text.contains(class)))
}

fn pressed(source: &Source, at: usize, holders: &[&str], report: &mut Report) {
    let script = &source.script;
    let holds =
        script.word(at).is_some_and(|word| holders.contains(&word)) && !script.is_member(at);
    if !holds && !names_a_button(source, at) {
        return;
    }
    // `$(document.querySelector(BUTTON)).click()`: the click may follow any bracket around the name.
    let ends = script
        .around(at)
        .take_while(|open| script.is(*open, "(") || script.is(*open, "["))
        .filter_map(|open| script.partner(open));
    if std::iter::once(at)
        .chain(ends)
        .any(|end| is_clicked(source, end))
    {
        source.error(
            "js-virtual-click",
            at,
            "the Install and Disable buttons may be pressed by people only",
            report,
        );
    }
}

/// Whether the calls chained after this position press something.
fn is_clicked(source: &Source, after: usize) -> bool {
    let script = &source.script;
    let mut at = after + 1;
    loop {
        if let Some(close) = script.partner(at).filter(|_| script.is(at, "[")) {
            at = close + 1;
            continue;
        }
        if !(script.is(at, ".") || script.is(at, "?.")) {
            return false;
        }
        let open = at + 2;
        let Some(close) = script.partner(open).filter(|_| script.is(open, "(")) else {
            at = open;
            continue;
        };
        match script.word(at + 1) {
            Some("click") if close == open + 1 => return true,
            Some("trigger" | "triggerHandler")
                if script
                    .string(open + 1)
                    .is_some_and(|event| event.starts_with("click")) =>
            {
                return true;
            }
            Some("dispatchEvent") => return true,
            _ => at = close + 1,
        }
    }
}
