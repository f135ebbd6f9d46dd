//! Who may import whom: the table of ARCHITECTURE.md, held against the sources.

use std::path::Path;

/// A module and what it may import from the crate besides itself.
const MAY: [(&str, &[&str]); 20] = [
    ("domain", &[]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("archive", &[]),
    ("private", &[]),
    ("store", &["config", "domain", "private"]),
    ("texts", &["domain"]),
    ("outbound", &["domain"]),
    ("amocrm", &["domain", "outbound"]),
    ("mail", &["config", "domain", "private", "texts"]),
    ("webhook", &["domain", "outbound"]),
    ("gather", &[]),
    ("recent", &["domain"]),
    ("cache", &["domain"]),
    ("keys", &["config", "private", "store"]),
    (
        "app",
        &[
            "amocrm", "cache", "clock", "config", "domain", "gather", "mail", "outbound", "recent",
            "store", "webhook",
        ],
    ),
    ("error", &["amocrm", "domain", "store"]),
    (
        "actions",
        &[
            "amocrm", "app", "cache", "clock", "config", "domain", "error", "mail", "store",
            "webhook",
        ],
    ),
    ("jobs", &["actions", "app", "domain", "error", "store"]),
    (
        "web",
        &[
            "actions", "amocrm", "app", "domain", "error", "jobs", "store", "texts",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path
                .strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
                .unwrap();
            found.push((
                name.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut found,
    );
    found
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// The code of a file, without its own tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split("#[cfg(test)]")
        .next()
        .unwrap()
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn each_module_imports_only_what_it_may() {
    let mut faults = Vec::new();
    for (file, text) in all() {
        let Some((own, allowed)) = MAY.iter().find(|(name, _)| *name == module(&file)) else {
            continue;
        };
        for (line, words) in code(&text) {
            for import in words.split("crate::").skip(1) {
                let import: String = import
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if !import.is_empty() && import != *own && !allowed.contains(&import.as_str()) {
                    faults.push(format!(
                        "src/{file}:{}: {own} may not import {import}",
                        line + 1
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_domain_is_pure_and_only_the_store_knows_the_database() {
    for (file, text) in all() {
        let forbidden: &[&str] = match module(&file) {
            "domain" => &[
                "async ", "sea_orm", "actix", "reqwest", "now()", "std::fs", "std::env",
            ],
            "store" => &["actix"],
            "main" | "lib" => &[],
            _ => &["sea_orm::"],
        };
        for (line, words) in code(&text) {
            for word in forbidden {
                assert!(!words.contains(word), "src/{file}:{}: {word}", line + 1);
            }
        }
    }
}

#[test]
fn transactions_are_opened_by_actions_and_jobs_only() {
    for (file, text) in all()
        .iter()
        .filter(|(file, _)| !["actions", "jobs", "store"].contains(&module(file)))
    {
        for (line, words) in code(text) {
            assert!(
                !words.contains(".begin()"),
                "src/{file}:{}: a write outside of an action",
                line + 1
            );
        }
    }
}
