//! The ZIP that is uploaded: the same folder gives the same bytes, on any machine, on any day.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipResult};

use super::{Backend, Finding, Folder, Severity, check, config_module, refused};

/// Packs a folder, with `config.js` written anew when a backend is given.
///
/// # Errors
/// The findings of [`check`] when one of them is an error: what the vendors refuse is not packed.
pub fn pack(folder: &Folder, backend: Option<&Backend>) -> Result<Vec<u8>, Vec<Finding>> {
    let folder = match backend {
        Some(backend) => folder.clone().with(config_module::FILE, backend.module()),
        None => folder.clone(),
    };
    let findings = check(&folder);
    if refused(&findings) {
        return Err(findings);
    }
    write(&folder).map_err(|e| {
        let message = format!("the archive cannot be written: {e}");
        vec![Finding {
            file: "widget.zip".to_owned(),
            line: 1,
            rule: "archive",
            severity: Severity::Error,
            message,
        }]
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
