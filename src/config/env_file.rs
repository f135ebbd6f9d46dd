//! `.env`: variables for whoever starts the service in its folder.
//!
//! It says where secrets are sent and which database is opened. So it is read from the working
//! directory alone, never from a folder above it, and only if nobody else on the machine can
//! have written it.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Sets what the file names and the environment lacks. No file is no fault.
///
/// # Errors
/// Why the file is not used, in words that repeat nothing of it.
pub(super) fn load(path: &Path) -> Result<(), String> {
    let name = path.display();
    let file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|e| unreadable(&name, &e))?,
    };
    let about = file.metadata().map_err(|e| unreadable(&name, &e))?;
    if let Some(fault) = written_by_others(&about, rustix::process::geteuid().as_raw()) {
        return Err(format!("{name} {fault}"));
    }
    dotenvy::from_read(file).map_err(|e| match e {
        dotenvy::Error::Io(e) => unreadable(&name, &e),
        // dotenvy's own text would repeat the line, which may hold a secret.
        _ => format!("{name}: a line is not of the form NAME=value"),
    })
}

fn unreadable(name: &impl std::fmt::Display, e: &io::Error) -> String {
    format!("{name} cannot be read: {}", e.kind())
}

/// Whether somebody besides us and the superuser can change the file.
fn written_by_others(about: &Metadata, us: u32) -> Option<String> {
    let (owner, mode) = (about.uid(), about.mode() & 0o7777);
    if owner != us && owner != 0 {
        Some(format!(
            "belongs to another user ({owner}), who may change it: it is not used"
        ))
    } else if mode & 0o022 != 0 {
        Some(format!(
            "may be written by others (mode {mode:04o}): chmod go-w"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_that_others_may_write_is_refused_by_name() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(".env");
        assert_eq!(load(&path), Ok(()), "no file is no fault");
        fs::write(&path, "").unwrap();
        let with_mode = |mode| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            load(&path)
        };
        for mode in [0o600, 0o640, 0o644, 0o400] {
            assert_eq!(with_mode(mode), Ok(()), "{mode:o}");
        }
        for mode in [0o666, 0o664, 0o602, 0o622] {
            let told = with_mode(mode).unwrap_err();
            assert!(told.contains(".env may be written by others"), "{told}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let about = fs::metadata(&path).unwrap();
        assert_eq!(written_by_others(&about, about.uid()), None);
        let stranger = written_by_others(&about, about.uid() + 1);
        // In the superuser's file nobody else writes.
        assert_eq!(stranger.is_none(), about.uid() == 0);
    }

    #[test]
    fn a_line_that_is_no_variable_is_told_without_its_words() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "hunter2 hunter2\n").unwrap();
        let told = load(&path).unwrap_err();
        assert!(told.contains(".env") && !told.contains("hunter2"), "{told}");
    }
}
