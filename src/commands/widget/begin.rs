//! `accord widget new`: a complete widget to begin with.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use widget_archive::Change;

use super::BackendArgs;

/// Writes our own widget into a new folder.
pub(super) fn run(dir: &Path, backend: BackendArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    let folder = widget_archive::own_widget();
    let is_new = !dir.exists();
    if !is_new && fs::read_dir(dir).with_context(|| at(dir))?.next().is_some() {
        bail!(
            "{} is not empty: `accord widget add-consent` puts the consent part into a widget that is there",
            dir.display()
        );
    }
    let backend = backend.chosen(&folder, None)?;
    let folder = match &backend {
        Some(backend) => widget_archive::configured(folder, backend),
        None => folder,
    };
    let changes: Vec<Change> = folder
        .iter()
        .map(|(path, bytes)| Change {
            path: path.to_owned(),
            before: None,
            after: bytes.to_vec(),
        })
        .collect();

    fs::create_dir_all(dir).with_context(|| at(dir))?;
    let written = widget_archive::write_changes(dir, &changes);
    if written.is_err() && is_new {
        let _ = fs::remove_dir(dir);
    }
    written.with_context(|| at(dir))?;
    writeln!(
        out,
        "{}: a widget of {} files",
        dir.display(),
        changes.len()
    )?;
    if backend.is_none() {
        writeln!(
            out,
            "\nconfig.js names this machine: give --backend and --product to `accord widget pack`."
        )?;
    }
    Ok(true)
}

fn at(dir: &Path) -> String {
    format!("cannot make a widget in {}", dir.display())
}
