//! Rules of the files themselves, and how a folder is read.

use std::fs;
use std::path::PathBuf;

use super::*;

#[test]
fn the_manifest_and_the_script_are_there() {
    only_error(
        &good()
            .without("script.js")
            .with("index.js", "'config.js'; 'parcels.js'; 'style.css'\n")
            .with("lib/index2.js", "'index.js'; 'index2.js'\n")
            .with("config.js", "'index2.js'\n"),
        "script.js",
        1,
        "file-missing",
    );
    let nothing = Folder::default().with("script.js", "define({});\n");
    only_error(&nothing, "manifest.json", 1, "file-missing");
}

#[test]
fn files_are_at_the_root() {
    let mut wrapped = Folder::default();
    for (path, bytes) in good().iter() {
        wrapped = wrapped.with(&format!("widget/{path}"), bytes);
    }
    let findings = check(&wrapped);
    assert!(
        findings
            .iter()
            .any(|f| f.rule == "file-wrapper" && f.message.contains("widget/")),
        "{findings:#?}"
    );
}

#[test]
fn nothing_stray_is_packed() {
    for (path, reported) in [
        (".DS_Store", ".DS_Store"),
        ("images/.DS_Store", "images/.DS_Store"),
        (".git/config", ".git"),
        ("__MACOSX/lib/._parcels.js", "__MACOSX"),
        ("node_modules/x/index.js", "node_modules"),
        ("lib/tests/parcels.js", "lib/tests"),
        ("lib/parcels.test.js", "lib/parcels.test.js"),
        ("script.js.map", "script.js.map"),
        ("script.js~", "script.js~"),
        ("images/Thumbs.db", "images/Thumbs.db"),
        ("package.json", "package.json"),
    ] {
        only_error(&good().with(path, "{}"), reported, 1, "file-stray");
    }
}

#[test]
fn a_stray_directory_is_one_finding() {
    let folder = good()
        .with("node_modules/a/index.js", "a")
        .with("node_modules/b/index.js", "b");
    only_error(&folder, "node_modules", 1, "file-stray");
}

#[test]
fn nothing_unused_is_packed() {
    only_error(
        &good().with("notes.txt", "later\n"),
        "notes.txt",
        1,
        "file-unused",
    );
    only_error(
        &good().with("lib/old.js", "define({});\n"),
        "lib/old.js",
        1,
        "file-unused",
    );
    let named_without_ending = with(
        "lib/parcels.js",
        "config.backend",
        "require(self.params.path + '/lib/old' + '.js')",
    )
    .with("lib/old.js", "define({});\n");
    assert_eq!(check(&named_without_ending), []);
    // A longer name that ends with this one is another file.
    only_error(
        &with("lib/parcels.js", "config.backend", "'./lib/very_old.js'")
            .with("lib/old.js", "define({});\n"),
        "lib/old.js",
        1,
        "file-unused",
    );
    // The terms of a library stay beside it.
    let licensed = with(
        "script.js",
        "'./lib/parcels.js'",
        "'./lib/parcels.js', './lib/a.js'",
    )
    .with("lib/a.js", "define({});\n")
    .with("lib/LICENSE", "MIT\n");
    assert_eq!(check(&licensed), []);
    let flag = |path: &str| {
        with("lib/parcels.js", "config.backend", "'/images/flag_' + code").with(path, "<svg/>")
    };
    assert_eq!(check(&flag("images/flag_kg.svg")), []);
    only_error(
        &flag("images/sign_kg.svg"),
        "images/sign_kg.svg",
        1,
        "file-unused",
    );
}

#[test]
fn text_is_utf8_without_a_mark_and_with_line_feeds() {
    only_error(
        &with(
            "manifest.json",
            "{\n  \"widget\"",
            "\u{feff}{\n  \"widget\"",
        ),
        "manifest.json",
        1,
        "file-encoding",
    );
    only_error(
        &good().with("lib/parcels.js", [MODULE.as_bytes(), b"// \xff\n"].concat()),
        "lib/parcels.js",
        9,
        "file-encoding",
    );
    only_error(
        &with("script.js", "var self = this;\n", "var self = this;\r\n"),
        "script.js",
        3,
        "file-line-ends",
    );
}

#[test]
fn a_working_folder_is_read_without_its_repository() {
    let scratch = Scratch::new("repository");
    for (path, bytes) in good().iter() {
        let file = scratch.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    for path in [
        ".git/objects/ab/c",
        ".gitignore",
        "README.md",
        "LICENSE",
        "node_modules/x/y/z.js",
        "script.js.map",
    ] {
        let file = scratch.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "x").unwrap();
    }
    let folder = Folder::read(&scratch.0).unwrap();
    let left_out: Vec<&str> = folder.left_out().map(|(path, _)| path).collect();
    assert_eq!(
        left_out,
        [
            ".git",
            ".gitignore",
            "LICENSE",
            "README.md",
            "node_modules",
            "script.js.map"
        ]
    );
    assert!(folder.iter().eq(good().iter()), "the rest is the widget");
    let findings = check(&folder);
    assert!(
        findings
            .iter()
            .all(|f| f.rule == "file-stray" && f.severity == Severity::Warning),
        "{findings:#?}"
    );
    assert_eq!(findings.len(), left_out.len());
}

#[test]
fn names_survive_a_zip() {
    let folder = with("lib/parcels.js", "config.backend", "'/images/my map.svg'")
        .with("images/my map.svg", "<svg/>");
    only_warning(&folder, "images/my map.svg", 1, "file-name");
}

/// A directory of its own below the build's, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("accord-archive-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_directory_is_read_with_everything_below_it() {
    let scratch = Scratch::new("read");
    fs::create_dir(scratch.0.join("i18n")).unwrap();
    fs::write(scratch.0.join("i18n/en.json"), "{}").unwrap();
    fs::write(scratch.0.join("a.js"), "a").unwrap();
    let folder = Folder::read(&scratch.0).unwrap();
    let paths: Vec<&str> = folder.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["a.js", "i18n/en.json"]);
    assert_eq!(folder.text("a.js"), Some("a"));
    assert!(Folder::read(&scratch.0.join("nowhere")).is_err());
}

#[cfg(unix)]
#[test]
fn links_lead_inside_or_nowhere() {
    use std::os::unix::fs::symlink;

    let (inside, outside) = (Scratch::new("inside"), Scratch::new("outside"));
    fs::write(inside.0.join("a.js"), "a").unwrap();
    symlink("a.js", inside.0.join("b.js")).unwrap();
    assert_eq!(Folder::read(&inside.0).unwrap().text("b.js"), Some("a"));

    fs::write(outside.0.join("secret"), "s").unwrap();
    symlink(outside.0.join("secret"), inside.0.join("c.js")).unwrap();
    let refusal = Folder::read(&inside.0).unwrap_err().to_string();
    assert!(
        refusal.contains("c.js") && refusal.contains("link out of the folder"),
        "{refusal}"
    );

    fs::remove_file(inside.0.join("c.js")).unwrap();
    symlink(".", inside.0.join("loop")).unwrap();
    assert!(
        Folder::read(&inside.0)
            .unwrap_err()
            .to_string()
            .contains("not a regular file")
    );
}

#[test]
fn a_folder_that_is_no_widget_is_noticed_early() {
    let scratch = Scratch::new("bounds");
    let file = fs::File::create(scratch.0.join("big.bin")).unwrap();
    file.set_len(33 * 1024 * 1024).unwrap();
    assert!(
        Folder::read(&scratch.0)
            .unwrap_err()
            .to_string()
            .contains("32 MiB")
    );
}
