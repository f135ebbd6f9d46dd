//! A check of twice as much takes twice the work, not four times, and what is without
//! measure is refused. Work is counted: see `work.rs`.

use super::super::work::counted;
use super::*;

/// Asserts that the work grows as the folder does.
fn grows_as_it_should(what: &str, folder: impl Fn(usize) -> Folder) {
    let [one, four] = [500, 2_000].map(|size| {
        let folder = folder(size);
        counted(|| check(&folder))
    });
    assert!(
        one > 500 && four < 6 * one,
        "{what}: {one} steps, and {four} for four times as much"
    );
}

#[test]
fn many_keys_are_no_squares() {
    let texts = |size: usize, letter: char| {
        let keys: Vec<String> = (0..size)
            .map(|n| format!("\"{letter}{n}\":\"x\""))
            .collect();
        format!("{{{}}}", keys.join(","))
    };
    grows_as_it_should("one language", |size| {
        good().with("i18n/en.json", texts(size, 'a'))
    });
    grows_as_it_should("other keys in each language", |size| {
        good()
            .with("i18n/en.json", texts(size, 'a'))
            .with("i18n/ru.json", texts(size, 'b'))
    });
    grows_as_it_should("fields", |size| {
        let fields: Vec<String> = (0..size)
            .map(|n| format!("\"f{n}\":{{\"name\":\"a{n}\",\"type\":\"custom\"}}"))
            .collect();
        let start = MANIFEST.find("\"key\": {").unwrap();
        let manifest = format!(
            "{}{},{}",
            &MANIFEST[..start],
            fields.join(","),
            &MANIFEST[start..]
        );
        good()
            .with("manifest.json", manifest)
            .with("i18n/en.json", texts(size, 'a'))
    });
    grows_as_it_should("places and languages", |size| {
        let list: Vec<String> = (0..size).map(|n| format!("\"x{n}\"")).collect();
        let list = list.join(",");
        let manifest = MANIFEST
            .replace("\"settings\",", &format!("\"settings\",{list},"))
            .replace("[\"en\", \"ru\"]", &format!("[\"en\",\"ru\",{list}]"));
        good()
            .with("manifest.json", manifest)
            .with("i18n/en.json", texts(size, 'a'))
    });
}

#[test]
fn many_files_are_no_squares() {
    let files = |size: usize, name: &dyn Fn(usize) -> String| {
        (0..size).fold(good(), |folder, n| {
            folder.with(
                &name(n),
                format!("define({{ x: 'lib/{n}/a/b/c', y: 'index.js' }});\n"),
            )
        })
    };
    grows_as_it_should("names of their own", |size| {
        files(size, &|n| format!("lib/file{n}.js"))
    });
    grows_as_it_should("one name", |size| {
        files(size, &|n| format!("lib/{n}/index.js"))
    });
    grows_as_it_should("names in each other", |size| {
        files(size, &|n| {
            format!("lib/{}.js", "a".repeat(1 + n % 150) + &n.to_string())
        })
    });
    grows_as_it_should("names with odd letters", |size| {
        files(size, &|n| format!("lib/a b{n}.js"))
    });
}

#[test]
fn nested_and_repeated_code_is_no_squares() {
    let script = |code: String| good().with("lib/parcels.js", format!("{MODULE}{code}"));
    for (what, open, inner, close) in [
        ("brackets", "(", "'js-widget-install'", ")"),
        ("calls", "createElement(", "'x'", ")"),
        ("handlers", "f(function () { console.trace(1);", "", "})"),
        ("lists", "define([", "", "])"),
        ("loops", "for (;;) { self.crm_post(", "", ") }"),
        ("texts", "f('<style>' +", "''", ")"),
    ] {
        grows_as_it_should(what, |size| {
            script([open.repeat(size), inner.to_owned(), close.repeat(size)].concat())
        });
    }
    for (what, code) in [
        ("calls of the browser", "eval(x);"),
        ("chains", "APP.window."),
        ("buttons", "a = '.js-widget-install'; a.b.c;"),
        ("sums", "'<style>' + "),
    ] {
        grows_as_it_should(what, |size| script(code.repeat(size) + "x;"));
    }
}

#[test]
fn what_is_nested_without_end_stops_nobody() {
    for text in [
        "@media{",
        ".a{",
        "a(",
        ".a{b:c(",
        "{",
        "[",
        "@font-face{x:url(",
    ] {
        let folder = good().with("style.css", text.repeat(20_000));
        assert!(check(&folder).len() < 1_000);
    }
    for text in ["[", "{\"a\":", "(", "`${"] {
        let folder = good()
            .with("i18n/en.json", text.repeat(20_000))
            .with("lib/parcels.js", text.repeat(20_000));
        assert!(check(&folder).len() < 1_000);
    }
}

#[test]
fn texts_without_measure_are_refused_unread() {
    let folder = good().with(
        "i18n/en.json",
        format!("{{\"a\":\"{}\"}}", "x".repeat(9 << 20)),
    );
    let steps = counted(|| check(&folder));
    let finding = only_error(&folder, "i18n/en.json", 1, "i18n-json");
    assert!(finding.message.contains("8 MiB"), "{finding}");
    assert!(steps < 100 << 20);
}

#[test]
fn a_list_of_findings_has_an_end() {
    let folder = good().with(
        "lib/parcels.js",
        format!("{MODULE}{}", "eval(1);\n".repeat(5_000)),
    );
    let findings = check(&folder);
    assert_eq!(findings.len(), 101);
    assert_eq!(findings[100].message, "and 4900 more like this");
}
