//! The consent part, put into a widget that somebody has already.
//!
//! The binary carries our widget. What another one needs of it is worked out as a
//! list of changes first: the folder is read, nothing is written. So a dry run and
//! a real one are the same, a second run finds nothing to do, and what cannot be
//! done is refused before anything has happened.

mod document;
mod manifest;
mod script;
mod texts;
mod written;

use rust_embed::RustEmbed;

use super::config_module::{self, Backend};
use super::{Folder, strays};
use document::Document;
pub use written::write;

/// Our own widget as it lies in the repository.
#[derive(RustEmbed)]
#[folder = "../widget/"]
struct OwnFiles;

/// Where our modules stand in any widget.
const DIRECTORY: &str = "consent/";

/// The module that script.js asks for.
const MODULE: &str = "consent/consent.js";

/// By these words a folder `consent` is known to be ours.
const MARK: &str = "The consent part";

/// A file that is made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path in the widget's folder.
    pub path: String,
    /// What is there now; `None` when nothing is.
    pub before: Option<Vec<u8>>,
    /// What will be there.
    pub after: Vec<u8>,
}

/// What has to happen, and what is left to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files.
    pub changes: Vec<Change>,
    /// What to do by hand or to know, each a paragraph.
    pub notes: Vec<String>,
}

/// Why the consent part cannot be put into this widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file that stands in the way.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The reason.
    pub message: String,
}

/// The widget that is in the repository, complete, for another Publisher to begin with.
#[must_use]
pub fn own_widget() -> Folder {
    OwnFiles::iter()
        .filter(|path| strays::of(path).is_none())
        .filter_map(|path| OwnFiles::get(&path).map(|file| (path, file.data.into_owned())))
        .fold(Folder::default(), |folder, (path, content)| {
            folder.with(&path, content)
        })
}

/// Works out how the consent part gets into a widget.
///
/// `support` is an address or an e-mail address for the manifest, where it names none.
///
/// # Errors
/// The file that cannot be read or is in the way, with the reason.
pub fn add(
    folder: &Folder,
    backend: Option<&Backend>,
    support: Option<&str>,
) -> Result<Plan, Refusal> {
    let ours = own_widget();
    let mut plan = Plan::default();
    modules(folder, &ours, &mut plan)?;
    let configuration = configuration(folder);
    let field = manifest::change(folder, support, &mut plan)?;
    texts::change(folder, &ours, &field, &mut plan)?;
    configure(folder, configuration, &field, backend, &mut plan);
    script::change(folder, configuration, &mut plan);
    Ok(plan)
}

/// Our modules and their style sheet, beside whatever the widget has.
fn modules(folder: &Folder, ours: &Folder, plan: &mut Plan) -> Result<(), Refusal> {
    let is_ours = folder.text(MODULE).is_some_and(|text| text.contains(MARK));
    let mut present = folder
        .iter()
        .map(|(path, _)| path)
        .filter(|path| path.starts_with(DIRECTORY) || *path == DIRECTORY.trim_end_matches('/'));
    if let Some(foreign) = present.next().filter(|_| !is_ours) {
        return Err(Refusal {
            file: foreign.to_owned(),
            line: 1,
            message: "the folder \"consent\" is the widget's own, and the consent part needs that name; give it another one first".to_owned(),
        });
    }
    for (path, content) in ours.iter().filter(|(path, _)| path.starts_with(DIRECTORY)) {
        plan.put(folder, path, content.to_vec());
    }
    Ok(())
}

/// Where the configuration stands or will: a `config.js` of the widget's own stays what it is.
fn configuration(folder: &Folder) -> &'static str {
    config_module::file_of(folder).unwrap_or(config_module::ELSEWHERE)
}

fn configure(
    folder: &Folder,
    file: &'static str,
    field: &manifest::Field,
    backend: Option<&Backend>,
    plan: &mut Plan,
) {
    let present = folder.text(file);
    let wanted = backend
        .cloned()
        .or_else(|| Backend::configured(folder))
        .or_else(|| Backend::configured(&own_widget()));
    let Some(wanted) = wanted else { return };
    if backend.is_none() && present.is_none() {
        plan.notes.push(format!(
            "{file} names {} and the Product \"{}\": give --backend and --product, here or to `accord widget pack`.",
            wanted.url, wanted.product
        ));
    }
    let module = match present {
        Some(text) => wanted.written_over(Some(text)),
        None => wanted.module_for(field.configured()),
    };
    plan.put(folder, file, module.into_bytes());
    if let (Some(text), Some(line)) = (present, field.configured())
        && !text.contains("field")
    {
        plan.notes.push(format!("Put this into {file}: {line}"));
    }
}

impl Plan {
    /// Whether everything is as it should be already.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.changes.is_empty()
    }

    /// The folder as it will be.
    #[must_use]
    pub fn applied(&self, folder: Folder) -> Folder {
        self.changes.iter().fold(folder, |folder, change| {
            folder.with(&change.path, change.after.clone())
        })
    }

    /// Notes a file's new content, if it is new.
    fn put(&mut self, folder: &Folder, path: &str, after: Vec<u8>) {
        let before = folder.get(path).map(<[u8]>::to_vec);
        if before.as_deref() != Some(after.as_slice()) {
            self.changes.push(Change {
                path: path.to_owned(),
                before,
                after,
            });
        }
    }

    /// The same for a text that keeps the byte order mark it had.
    fn put_text(&mut self, folder: &Folder, path: &str, text: &str) {
        let mark = "\u{feff}".as_bytes();
        let has_mark = folder
            .get(path)
            .is_some_and(|bytes| bytes.starts_with(mark));
        let mut after = if has_mark { mark.to_vec() } else { Vec::new() };
        after.extend(text.as_bytes());
        self.put(folder, path, after);
    }
}

/// A JSON file of the widget, ready to be changed.
fn document(folder: &Folder, path: &str) -> Result<Document, Refusal> {
    let refusal = |line, message: String| Refusal {
        file: path.to_owned(),
        line,
        message,
    };
    let text = folder
        .text(path)
        .ok_or_else(|| refusal(1, "there is no such file in UTF-8".to_owned()))?;
    Document::read(path, text).map_err(|bad| {
        let message = format!(
            "this is not strict JSON, which the platform refuses: {}",
            bad.message
        );
        refusal(bad.line, message)
    })
}
