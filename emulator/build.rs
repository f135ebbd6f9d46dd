//! Puts the JavaScript libraries of the account's pages into the program: RequireJS, jQuery and the others at
//! the versions that amoCRM offers to widgets, from `web/node_modules`. Where they were not fetched
//! (`npm ci --omit=dev --prefix emulator/web`) the program is built without them, and says so: cargo here, the
//! program in its first line, its pages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Name in the pages' addresses, and the file in `node_modules`.
const LIBRARIES: [(&str, &str); 6] = [
    ("require.js", "requirejs/require.js"),
    ("jquery.js", "jquery/dist/jquery.js"),
    ("underscore.js", "underscore/underscore.js"),
    ("backbone.js", "backbone/backbone.js"),
    ("twig.js", "twig/twig.js"),
    ("moment.js", "moment/moment.js"),
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let target = PathBuf::from(variable("OUT_DIR")?);
    // A new file of the pages is noticed by its folder.
    println!(
        "cargo::rerun-if-changed={}",
        root.join("web/host").display()
    );
    let mut table = String::from("&[\n");
    let mut missing = Vec::new();
    for (name, path) in LIBRARIES {
        let file = root.join("web/node_modules").join(path);
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.is_file() {
            missing.push(name);
        }
        let _ = writeln!(table, "    ({name:?}, {}),", embedded(&file));
    }
    table.push_str("]\n");
    if !missing.is_empty() {
        println!(
            "cargo::warning=the emulated account will have no pages: built without {}. \
             Run `npm ci --omit=dev --prefix emulator/web` and build again, or use scripts/demo",
            missing.join(", ")
        );
    }
    fs::write(target.join("libraries.rs"), table)
}

/// A Rust expression: the file's bytes, or that there are none.
fn embedded(file: &Path) -> String {
    if file.is_file() {
        format!("Some(include_bytes!({file:?}))")
    } else {
        "None".to_owned()
    }
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
