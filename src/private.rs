//! Files and folders that nobody else on this machine reads: what lies in the data directory.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a folder for its owner only, and those above it that are missing. One that exists
/// stays as it is: it may hold more than ours.
///
/// # Errors
/// When it cannot be made.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// How a file is opened for writing that is made if it is missing, for its owner only.
#[must_use]
pub fn file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}

/// What others may do with a file or folder: the last six bits of its mode. `None` when that is
/// nothing, or when there is no such file.
///
/// # Errors
/// When it cannot be looked at.
pub fn open_to_others(path: &Path) -> io::Result<Option<u32>> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(about.permissions().mode() & 0o7777).filter(|mode| mode & 0o077 != 0)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Takes away what others may do with a file of ours; says so in the log, and when it cannot.
pub fn tighten(path: &Path) {
    let tightened = match open_to_others(path) {
        Ok(None) => return,
        Ok(Some(mode)) => {
            tracing::warn!("{} was open to others ({mode:04o})", path.display());
            fs::set_permissions(path, Permissions::from_mode(mode & 0o7700))
        }
        Err(e) => Err(e),
    };
    if let Err(e) = tightened {
        tracing::warn!("{}: its mode was not changed: {}", path.display(), e.kind());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_for_its_owner_and_what_was_open_is_closed() {
        let place = tempfile::TempDir::new().unwrap();
        let made = place.path().join("a/b");
        folder(&made).unwrap();
        folder(&made).unwrap();
        let kept = made.join("kept");
        file().open(&kept).unwrap();
        for path in [&made, &place.path().join("a"), &kept] {
            assert_eq!(open_to_others(path).unwrap(), None, "{}", path.display());
        }
        fs::set_permissions(&kept, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(open_to_others(&kept).unwrap(), Some(0o644));
        tighten(&kept);
        assert_eq!(open_to_others(&kept).unwrap(), None);
        tighten(&made.join("missing"));
    }
}
