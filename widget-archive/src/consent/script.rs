//! `script.js`: our module around the widget's own.
//!
//! A script is somebody's work in any shape there is, so nothing inside of it is
//! touched: its module, whatever makes it, is handed to ours, and comes back with
//! callbacks that ask for consent. Where even that is not certain to be right, the
//! lines are shown and the file stays as it is.

use super::{Folder, MODULE, Plan};
use crate::javascript::{Kind, Script};

/// The file's name.
const FILE: &str = "script.js";

/// Puts our module around the widget's, or tells how to.
pub fn change(folder: &Folder, configuration: &str, plan: &mut Plan) {
    let Some(text) = folder.text(FILE) else {
        plan.notes
            .push(by_hand("there is no script.js in UTF-8", configuration));
        return;
    };
    if is_included(text) {
        return;
    }
    match wrapped(text, configuration) {
        Ok(wrapped) => plan.put_text(folder, FILE, &wrapped),
        Err(reason) => plan.notes.push(by_hand(reason, configuration)),
    }
}

/// Whether the script asks for our module already, in whatever way.
fn is_included(text: &str) -> bool {
    let script = Script::read(text);
    script
        .positions()
        .any(|at| script.string(at).is_some_and(|id| id.ends_with(MODULE)))
}

fn by_hand(reason: &str, configuration: &str) -> String {
    format!(
        "script.js stays as it is, because {reason}. Let it ask for two more modules and return what `around` makes:\n\n    \
         define([…, './{configuration}', './{MODULE}'], function (…, accordConfig, accordConsent) {{\n      \
         …\n      \
         return accordConsent.around(Widget, accordConfig); // was: return Widget;\n    \
         }});\n"
    )
}

/// The parts of `define('name', [modules], factory)`.
struct Definition {
    list: Option<usize>,
    /// First and last token.
    factory: (usize, usize),
}

/// The same script with our module around its own; `Err` says why that is not certain to work.
fn wrapped(text: &str, configuration: &str) -> Result<String, &'static str> {
    let script = Script::read(text);
    if script.fault.is_some() || script.is_cut {
        return Err("it cannot be read as a script");
    }
    let definition = definition(&script)?;
    let (start, end) = definition.factory;
    let modules = [format!("./{configuration}"), format!("./{MODULE}")];
    let begin = "(...accord) => accord.pop().wrap(";

    // From the end to the beginning, so that positions stay right.
    let mut written = text.to_owned();
    written.insert_str(end_of(&script, end), ", accord)");
    match definition.list {
        Some(list) => {
            written.insert_str(start_of(&script, start), begin);
            let (at, addition) = into_list(&script, text, list, &modules);
            written.insert_str(at, &addition);
        }
        None => {
            let [config, consent] = &modules;
            written.insert_str(
                start_of(&script, start),
                &format!("['{config}', '{consent}'], {begin}"),
            );
        }
    }
    let again = Script::read(&written);
    if again.fault.is_some() || !is_included(&written) {
        return Err("its shape is unusual");
    }
    Ok(written)
}

/// The one call of `define` that makes the widget.
fn definition(script: &Script) -> Result<Definition, &'static str> {
    let calls: Vec<usize> = script
        .positions()
        .filter(|at| script.word(*at) == Some("define") && script.is(at + 1, "("))
        .filter(|at| script.word_before(*at) != Some("function"))
        .collect();
    let top: Vec<usize> = calls
        .iter()
        .copied()
        .filter(|at| script.around(*at).next().is_none())
        .collect();
    let call = match (top.as_slice(), calls.as_slice()) {
        ([one], _) | ([], [one]) => *one,
        ([], []) => return Err("it does not call define()"),
        _ => return Err("it calls define() more than once"),
    };
    let arguments = arguments(script, call + 1);
    let is_name = |(start, end): &(usize, usize)| start == end && script.string(*start).is_some();
    let mut rest = arguments.as_slice();
    if let [first, others @ ..] = rest
        && is_name(first)
    {
        rest = others;
    }
    let (list, factory) = match rest {
        [factory] => (None, *factory),
        [list, factory] if script.is(list.0, "[") && script.partner(list.0) == Some(list.1) => {
            (Some(list.0), *factory)
        }
        _ => return Err("its define() has other arguments than modules and a function"),
    };
    if matches!(script.get(factory.0), Some(token) if token.kind != Kind::Word && token.text != "(")
    {
        return Err("its module is not made by a function");
    }
    match list {
        None if !takes_nothing(script, factory.0) => Err("its module asks for others by require()"),
        Some(list) if exports(script, list) => Err("its module gives itself out by exports"),
        _ => Ok(Definition { list, factory }),
    }
}

/// First and last token of each argument.
fn arguments(script: &Script, open: usize) -> Vec<(usize, usize)> {
    let close = script.partner(open).unwrap_or(open);
    let mut found = Vec::new();
    let mut start = open + 1;
    for comma in script
        .directly_in(open)
        .filter(|at| script.is(*at, ","))
        .chain([close])
    {
        if start < comma {
            found.push((start, comma - 1));
        }
        start = comma + 1;
    }
    found
}

/// `function () {`, `function name() {` or `() =>`: RequireJS gives others `require` to ask with.
fn takes_nothing(script: &Script, at: usize) -> bool {
    let open = match (script.word(at), script.word(at + 1)) {
        (Some("function"), Some(_)) => at + 2,
        (Some("function"), None) => at + 1,
        _ => at,
    };
    script.is(open, "(") && script.partner(open) == Some(open + 1)
}

fn exports(script: &Script, list: usize) -> bool {
    script
        .directly_in(list)
        .any(|at| matches!(script.string(at), Some("exports" | "module")))
}

/// Where in the text our modules go into the list, and how they are written there.
fn into_list(script: &Script, text: &str, list: usize, modules: &[String; 2]) -> (usize, String) {
    let close = script.partner(list).unwrap_or(list);
    let first = script
        .directly_in(list)
        .find(|at| script.string(*at).is_some());
    let quote = first
        .map(|at| start_of(script, at))
        .and_then(|at| text[at..].chars().next())
        .unwrap_or('\'');
    let [config, consent] = modules.each_ref().map(|id| format!("{quote}{id}{quote}"));
    if close == list + 1 {
        return (end_of(script, list), format!("{config}, {consent}"));
    }
    let last = close - 1;
    let has_comma = script.is(last, ",");
    let item = if has_comma { last - 1 } else { last };
    // The white space before the last item, where the list goes over several lines.
    let item_start = start_of(script, item);
    let line = text[..item_start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..item_start];
    let is_alone = before.trim().is_empty() && script.line(list) != script.line(item);
    let gap = if is_alone {
        let newline = if text[..line].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        format!("{newline}{before}")
    } else {
        " ".to_owned()
    };
    let addition = if has_comma {
        format!("{gap}{config},{gap}{consent},")
    } else {
        format!(",{gap}{config},{gap}{consent}")
    };
    (end_of(script, last), addition)
}

/// The byte at which a token begins, with its quote.
fn start_of(script: &Script, at: usize) -> usize {
    script.get(at).map_or(0, |token| {
        token.start - usize::from(token.kind == Kind::Text)
    })
}

/// The byte after a token, with its quote.
fn end_of(script: &Script, at: usize) -> usize {
    script.get(at).map_or(0, |token| {
        token.start + token.text.len() + usize::from(token.kind == Kind::Text)
    })
}

#[cfg(test)]
mod tests;
