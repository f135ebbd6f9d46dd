//! AMD modules: what a script asks for, and from where.

use super::{Report, Source};

/// Names under which RequireJS takes a list of modules.
const LOADERS: &[&str] = &["define", "require", "requirejs"];

/// Checks the lists of modules, and that the script is a module the platform can load.
pub fn check(source: &Source, report: &mut Report) {
    let script = &source.script;
    for at in script.positions() {
        module_syntax(source, at, report);
        let is_loader =
            script.word(at).is_some_and(|word| LOADERS.contains(&word)) && !script.is_member(at);
        if let Some(list) = module_list(source, at).filter(|_| is_loader) {
            // In a module with a name of its own, relative names begin at that name.
            let is_named = script.string(at + 2).is_some();
            for id in script.directly_in(list) {
                module(source, id, is_named, report);
            }
        }
    }
    let defines = |at: usize| script.word(at) == Some("define") && script.is(at + 1, "(");
    if source.path == "script.js" && !script.positions().any(defines) {
        report.error(
            "js-define",
            source.path,
            None,
            "script.js must call define(), by which the platform loads it",
        );
    }
}

/// The `[` of `define([…]`, `define('name', […]`.
fn module_list(source: &Source, at: usize) -> Option<usize> {
    let script = &source.script;
    if !script.is(at + 1, "(") {
        return None;
    }
    let first = at + 2;
    let list = if script.string(first).is_some() && script.is(first + 1, ",") {
        first + 2
    } else {
        first
    };
    script.is(list, "[").then_some(list)
}

fn module(source: &Source, at: usize, is_named: bool, report: &mut Report) {
    let Some(id) = source.script.string(at) else {
        return;
    };
    // A loader plugin stands before the path: `text!./form.html`.
    let path = id.rsplit('!').next().unwrap_or(id);
    if path.contains("://") || path.starts_with("//") {
        return source.moderation(
            "js-external-code",
            at,
            "modules must come from the archive, not from an address of their own",
            report,
        );
    }
    let is_relative = path.starts_with("./") || path.starts_with("../");
    if !is_relative || is_named {
        return;
    }
    let file = resolved(source, path);
    let is_there = |file: &str| source.widget.folder.contains(file);
    match file {
        Some(file) if is_there(&file) => {}
        Some(file) if is_there(&format!("{file}.js")) => {
            let message = format!(
                "\"{id}\" must be \"{id}.js\": the platform asks for the very file that is named, so the widget would not start"
            );
            source.error("js-missing-module", at, message, report);
        }
        _ => {
            let message =
                format!("the module \"{id}\" is not in the archive, so the widget would not start");
            source.error("js-missing-module", at, message, report);
        }
    }
}

/// The file a relative path leads to, from the directory of the script that names it.
///
/// RequireJS looks for relative names beside the script's address, and what is an address is
/// asked for as it stands, without an ending that is not there.
fn resolved(source: &Source, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = source.path.split('/').collect();
    parts.pop();
    for part in path.split('?').next().unwrap_or(path).split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The platform loads classic scripts: `import` and `export` stop them.
fn module_syntax(source: &Source, at: usize, report: &mut Report) {
    let script = &source.script;
    let Some(word) = script
        .word(at)
        .filter(|word| matches!(*word, "import" | "export"))
    else {
        return;
    };
    if script.is_member(at) || script.is(at + 1, ":") {
        return;
    }
    let begins = script.before(at).is_none_or(|before| {
        script.is(before, ";") || script.is(before, "}") || script.string(before).is_some()
    });
    let is_statement = begins && script.around(at).next().is_none();
    let is_call = word == "import" && script.is(at + 1, "(");
    if is_statement || is_call {
        source.error(
            "js-module-syntax",
            at,
            format!("the platform loads scripts with define(); \"{word}\" does not work in them"),
            report,
        );
    }
}
