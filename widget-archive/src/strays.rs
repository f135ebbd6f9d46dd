//! What lies in a working folder and does not belong into the archive.
//!
//! A widget is usually a repository: its history, its notes and the tools of its
//! build are no fault of it. They are left out when a folder is read, and said
//! aloud. In an archive that somebody packed otherwise they are a finding, because
//! there the vendors will see them.

use super::{Folder, Report};

/// Directories, and why.
const DIRECTORIES: &[(&str, &str)] = &[
    ("__MACOSX", "macOS adds this directory when it packs a ZIP"),
    ("node_modules", "packages of the build are not the widget's"),
    (
        "bower_components",
        "packages of the build are not the widget's",
    ),
    ("coverage", "reports of tests are for developers"),
    ("test", "tests are for developers"),
    ("tests", "tests are for developers"),
    ("__tests__", "tests are for developers"),
];

/// Ends of file names, in any directory.
const ENDS: &[(&str, &str)] = &[
    (".map", "source maps are for developers"),
    (".test.js", "tests are for developers"),
    (".spec.js", "tests are for developers"),
    (".ts", "browsers cannot run TypeScript"),
    (".tsx", "browsers cannot run TypeScript"),
    (".jsx", "browsers cannot run JSX"),
    (".vue", "browsers cannot run Vue's components"),
    (".scss", "browsers cannot read Sass"),
    (".sass", "browsers cannot read Sass"),
    (".less", "browsers cannot read Less"),
    (".zip", "an archive inside the archive is never unpacked"),
    (".rar", "an archive inside the archive is never unpacked"),
    (".7z", "an archive inside the archive is never unpacked"),
    (".gz", "an archive inside the archive is never unpacked"),
    (".psd", "drafts of pictures are for designers"),
    (".log", "logs are for developers"),
    (".bak", "this is a copy"),
    (".orig", "this is a copy"),
    (".rej", "this is left over from a merge"),
    (".swp", "an editor keeps its state here"),
    (".iml", "an editor keeps its state here"),
    (".code-workspace", "an editor keeps its state here"),
    (".sublime-project", "an editor keeps its state here"),
    (".sublime-workspace", "an editor keeps its state here"),
    ("~", "this is an editor's copy"),
];

/// Names of files in any directory, in small letters.
const NAMES: &[(&str, &str)] = &[
    (
        "thumbs.db",
        "Windows adds this file to directories with pictures",
    ),
    ("desktop.ini", "Windows adds this file to directories"),
    ("package.json", "the build keeps its packages here"),
    ("package-lock.json", "the build keeps its packages here"),
];

/// Names of files beside the manifest, in small letters.
const AT_THE_ROOT: &[&str] = &[
    "bun.lock",
    "bun.lockb",
    "composer.json",
    "composer.lock",
    "docker-compose.yaml",
    "docker-compose.yml",
    "dockerfile",
    "gruntfile.js",
    "gulpfile.js",
    "jsconfig.json",
    "makefile",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "procfile",
    "tsconfig.json",
    "webpack.mix.js",
    "yarn.lock",
];

/// Tools whose settings are in `<tool>.config.js` and the like beside the manifest.
const TOOLS: &[&str] = &[
    "babel", "esbuild", "eslint", "jest", "karma", "postcss", "prettier", "rollup", "tailwind",
    "vite", "vitest", "webpack",
];

/// Documents of a repository, by the beginning of their names in small letters.
const DOCUMENTS: &[&str] = &[
    "authors",
    "changelog",
    "changes",
    "contributing",
    "copying",
    "licence",
    "license",
    "notice",
    "readme",
    "unlicense",
];

/// Ends of documents.
const PROSE: &[&str] = &["", "md", "markdown", "txt", "rst", "adoc"];

/// Reports what an archive holds and should not, and what a folder's archive will be without.
pub fn check(folder: &Folder, report: &mut Report) {
    let mut last = "";
    for (path, _) in folder.iter() {
        if let Some((part, why)) = of(path).filter(|(part, _)| *part != last) {
            report.moderation(
                "file-stray",
                part,
                None,
                format!("this does not belong into the archive: {why}"),
            );
            last = part;
        }
    }
    for (path, why) in folder.left_out() {
        report.warning(
            "file-stray",
            path,
            None,
            format!("this stays out of the archive: {why}"),
        );
    }
}

/// The part of a file's path that does not belong into an archive, and why.
pub fn of(path: &str) -> Option<(&str, &'static str)> {
    let mut from = 0;
    for part in path.split('/') {
        let end = from + part.len();
        if let Some(why) = why(&path[..from], part, end < path.len()) {
            return Some((&path[..end], why));
        }
        from = end + 1;
    }
    None
}

/// Why a directory or a file does not belong into an archive; `None` when it does.
///
/// `above` is the path of its directory, empty or with a slash at its end.
pub fn why(above: &str, name: &str, is_directory: bool) -> Option<&'static str> {
    if name.starts_with('.') {
        return Some("hidden files are made by tools, not for the widget");
    }
    let lower = name.to_ascii_lowercase();
    let named = |list: &[(&str, &'static str)], fits: &dyn Fn(&str) -> bool| {
        list.iter()
            .find(|(entry, _)| fits(entry))
            .map(|(_, why)| *why)
    };
    if is_directory {
        return named(DIRECTORIES, &|entry| entry == name);
    }
    named(ENDS, &|end| lower.ends_with(end))
        .or_else(|| named(NAMES, &|entry| entry == lower))
        .or_else(|| {
            (above.is_empty() && is_of_the_build(&lower))
                .then_some("the build's settings are for developers")
        })
        .or_else(|| {
            let is_readme = lower.starts_with("readme") && is_prose(&lower);
            let at_the_root = above.is_empty() && (is_document(name) || lower.ends_with(".md"));
            (is_readme || at_the_root).then_some("documents of the repository are for developers")
        })
}

/// Whether the file says under which terms something may be used: where it stands beside a
/// library that is in use, those terms want it to stay there.
pub fn is_document(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_prose(&lower)
        && DOCUMENTS.iter().any(|document| {
            lower
                .strip_prefix(document)
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

fn is_prose(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    PROSE.contains(&end)
}

fn is_of_the_build(name: &str) -> bool {
    AT_THE_ROOT.contains(&name)
        || TOOLS.iter().any(|tool| {
            name.strip_prefix(tool)
                .is_some_and(|rest| rest.starts_with(".config."))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_told_from_its_widget() {
        for (path, part) in [
            (".git/config", Some(".git")),
            (".gitignore", Some(".gitignore")),
            ("lib/.DS_Store", Some("lib/.DS_Store")),
            ("README", Some("README")),
            ("Readme.md", Some("Readme.md")),
            ("plugins/readme.txt", Some("plugins/readme.txt")),
            ("LICENSE-MIT", Some("LICENSE-MIT")),
            ("plugins/LICENSE", None),
            ("LICENSE.js", None),
            ("changes.js", None),
            ("readmeview.md", Some("readmeview.md")),
            ("noticeboard.txt", None),
            ("docs.md", Some("docs.md")),
            ("templates/help.md", None),
            ("node_modules/a/b.js", Some("node_modules")),
            ("lib/node_modules.js", None),
            ("webpack.config.js", Some("webpack.config.js")),
            ("lib/webpack.config.js", None),
            ("config.js", None),
            ("script.js.map", Some("script.js.map")),
            ("script.js~", Some("script.js~")),
            ("lib/map.js", None),
            ("Thumbs.db", Some("Thumbs.db")),
            ("widget.zip", Some("widget.zip")),
            ("images/testimonial.png", None),
            ("lib/tests/a.js", Some("lib/tests")),
        ] {
            assert_eq!(of(path).map(|(part, _)| part), part, "{path}");
        }
    }
}
