//! Who may import whom: the table of ARCHITECTURE.md, held against the sources.

mod source;

use source::{Source, sources};

/// What a module may import from the crate besides itself.
enum May {
    All,
    Only(Vec<String>),
}

/// The table of ARCHITECTURE.md, row by row.
fn table() -> Vec<(String, May)> {
    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md");
    rows(&std::fs::read_to_string(text).unwrap())
}

fn rows(text: &str) -> Vec<(String, May)> {
    let table = text
        .lines()
        .skip_while(|line| *line != "| module | job | may import |");
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| {
        let [_, modules, _, imports, _] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("not three cells: {row}");
        };
        let may = || match imports.trim() {
            "all" => May::All,
            "nothing" => May::Only(Vec::new()),
            _ => May::Only(quoted(imports)),
        };
        quoted(modules).into_iter().map(move |name| (name, may()))
    })
    .collect()
}

/// The words of a cell, which must all be in backticks.
fn quoted(cell: &str) -> Vec<String> {
    let (words, prose): (Vec<_>, Vec<_>) =
        cell.split('`').enumerate().partition(|(at, _)| at % 2 == 1);
    let prose: String = prose.into_iter().map(|(_, text)| text).collect();
    assert_eq!(prose.trim_matches([' ', ',']), "", "not a name: {cell}");
    let names = words.into_iter().flat_map(|(_, text)| text.split(' '));
    names.map(str::to_owned).collect()
}

/// What the sources import against the table.
fn faults(table: &[(String, May)], sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let Some((own, may)) = table.iter().find(|(name, _)| *name == source.module()) else {
            faults.push(format!("{}: its module has no row", source.file));
            continue;
        };
        let May::Only(allowed) = may else { continue };
        for (line, import) in source.imports() {
            if import != *own && !allowed.contains(&import) {
                let file = &source.file;
                faults.push(format!("{file}:{line}: {own} may not import {import}"));
            }
        }
    }
    faults
}

#[test]
fn each_module_imports_only_what_it_may() {
    let faults = faults(&table(), &sources());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_names_each_module_below_those_it_imports() {
    let sources = sources();
    let mut above: Vec<String> = Vec::new();
    for (module, may) in table() {
        assert!(
            sources.iter().any(|source| source.module() == module),
            "{module} has a row and no source"
        );
        if let May::Only(allowed) = may {
            let unknown = allowed.iter().find(|name| !above.contains(name));
            assert_eq!(unknown, None, "in the row of {module}");
        }
        above.push(module);
    }
}

#[test]
fn no_way_to_write_an_import_goes_unseen() {
    let table = rows("| module | job | may import |\n| - | - | - |\n| `a`, `b` | x | nothing |\n");
    let found = |file: &str, text: &str| faults(&table, &[Source::new(file, text)]);
    for text in [
        "use crate::web;",
        "use crate::web as door;",
        "use crate::{a, web};",
        "use crate::{a::b,\n    web::{c, d},\n};",
        "use crate::{\n    a, // b\n    self, };",
        "use {std::fs, crate::web};",
        "use crate::*;",
        "fn f() { crate::web::serve() }",
        "fn f() { g!(1, [crate::web::X]) }",
        "fn f(x: &crate :: web :: X) {}",
        "use super::super::web;",
        "use super::{super::web, x};",
        "mod inner { use super::super::super::web::X; }",
        "#[cfg(test)]\nmod tests;\nuse crate::web;",
        "#[cfg(test)]\nuse crate::a;\nuse crate::web;",
    ] {
        assert_eq!(found("a/c.rs", text).len(), 1, "{text}");
        assert_eq!(found("new/mod.rs", text).len(), 1, "a module without a row");
    }
    for text in [
        "use crate::a::{web, c};",
        "use super::{web, c};",
        "pub(crate) fn web() {}",
        "// use crate::web;\n/// [`crate::web`]\nconst X: &str = \"crate::web\";",
        "mod inner { use super::super::web::X; }",
        "#[cfg(test)]\nmod tests { use crate::web; }",
    ] {
        assert_eq!(found("a/c.rs", text), [""; 0], "{text}");
    }
    assert_eq!(found("a.rs", "use super::web;").len(), 1);
    assert_eq!(found("a/mod.rs", "use super::web;").len(), 1);
    assert_eq!(
        found("b/c.rs", "\n\nuse crate::{\n    web,\n};"),
        ["b/c.rs:4: b may not import web"]
    );
}

#[test]
fn the_domain_is_pure_and_only_the_store_knows_the_database() {
    for source in sources() {
        let forbidden: &[&str] = match source.module() {
            "domain" => &[
                "async", "sea_orm", "actix", "reqwest", "tokio", "now()", "fs::", "env::",
            ],
            "store" => &["actix"],
            "main" | "lib" => &[],
            _ => &["sea_orm"],
        };
        for (line, code) in source.lines() {
            for word in forbidden {
                assert!(!has(&code, word), "{}:{line}: {word}", source.file);
            }
        }
    }
}

/// Whether a name begins with this word, so that `refs::` is not `fs::`.
fn has(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(is_part))
}

#[test]
fn transactions_are_opened_by_actions_and_jobs_only() {
    for source in sources() {
        if ["actions", "jobs", "store"].contains(&source.module()) {
            continue;
        }
        for (line, code) in source.lines() {
            assert!(
                ![".begin(", ".begin_hook("].iter().any(|b| code.contains(b)),
                "{}:{line}: a write outside of an action",
                source.file
            );
        }
    }
}
