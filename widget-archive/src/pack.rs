//! The ZIP that is uploaded: the same folder gives the same bytes, on any machine, on any day.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipResult};

use super::{Audience, Backend, Finding, Folder, check, config_module, refused};

/// An archive, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The ZIP.
    pub bytes: Vec<u8>,
    /// How many files it holds.
    pub files: usize,
    /// What the vendors may object to: warnings, and with `force` errors too.
    pub findings: Vec<Finding>,
    /// What was in the folder and is not in the archive, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// Why there is no archive.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Errors among these findings.
    Findings(Vec<Finding>),
    /// There is a `config.js` that is another module than the one to be written.
    ForeignConfig(&'static str),
    /// The ZIP could not be written.
    Zip(String),
}

/// Packs a folder without what does not belong into an archive, with the configuration
/// written anew when a backend is given. `force` packs in spite of errors.
///
/// # Errors
/// The findings of [`check`] when one of them is an error; a folder with a `config.js` of its
/// own, which must not be lost.
pub fn pack(
    folder: &Folder,
    backend: Option<&Backend>,
    audience: Audience,
    force: bool,
) -> Result<Packed, Refused> {
    let mut folder = folder.clone().tidied();
    if let Some(backend) = backend {
        let file = config_module::file_of(&folder).map_err(Refused::ForeignConfig)?;
        let module = backend.written_over(folder.text(file));
        folder = folder.with(file, module);
    }
    let left_out: Vec<(String, &'static str)> = folder
        .left_out()
        .map(|(path, why)| (path.to_owned(), why))
        .collect();
    // What is left out is said apart: it is no fault of the archive.
    let mut findings = check(&folder, audience);
    findings.retain(|finding| !left_out.iter().any(|(path, _)| *path == finding.file));
    if refused(&findings) && !force {
        return Err(Refused::Findings(findings));
    }
    Ok(Packed {
        bytes: write(&folder).map_err(|e| Refused::Zip(e.to_string()))?,
        files: folder.iter().count(),
        findings,
        left_out,
    })
}

fn write(folder: &Folder) -> ZipResult<Vec<u8>> {
    // The first date a ZIP can carry, and the mode and format that Kommo's own generator
    // chooses; no entries for directories, which the vendors' unpacker does not need.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o664)
        .large_file(false);

    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in folder.iter() {
        archive.start_file(path, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
