//! A widget's files, read into memory once, so that every rule sees the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read as _};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::strays;

/// No vendor names a limit; a widget of this size could not be moderated anyway, and
/// a wrong directory (a home, a checkout with its dependencies) is noticed early.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// No file system gives longer names; an archive may claim any.
const LONGEST_PATH: usize = 1_024;

/// The files of a widget by their path, which is relative, written with `/`, and sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    files: BTreeMap<String, Vec<u8>>,
    left_out: BTreeMap<String, &'static str>,
}

impl Folder {
    /// Reads a directory with everything below it that belongs into an archive: see [`Folder::left_out`].
    ///
    /// # Errors
    /// What the file system says; also a link that leads out of the directory or to another
    /// directory, a name that is not UTF-8, more than 2,000 files or 32 MiB.
    pub fn read(directory: &Path) -> io::Result<Self> {
        let root = directory.canonicalize()?;
        let mut folder = Self::default();
        let mut waiting = vec![root.clone()];
        let (mut entries, mut bytes) = (0, 0);
        while let Some(next) = waiting.pop() {
            for entry in fs::read_dir(&next)? {
                let entry = entry?;
                let path = entry.path();
                let is_directory = entry.file_type()?.is_dir();
                let name = name_of(&root, &path)?;
                let (above, last) = name.split_at(name.rfind('/').map_or(0, |slash| slash + 1));
                if let Some(why) = strays::why(above, last, is_directory) {
                    folder.left_out.insert(name, why);
                    continue;
                }
                entries += 1;
                within_bounds(entries, bytes)?;
                if is_directory {
                    waiting.push(path);
                    continue;
                }
                let target = inside(&root, &path)?;
                bytes += target.metadata()?.len();
                within_bounds(entries, bytes)?;
                folder.files.insert(name, fs::read(target)?);
            }
        }
        Ok(folder)
    }

    /// Reads a ZIP that was packed before.
    ///
    /// # Errors
    /// An archive that is no ZIP, uses a method other than deflate, or exceeds the bounds of [`Folder::read`].
    pub fn unzip(archive: &[u8]) -> io::Result<Self> {
        let mut archive = ZipArchive::new(Cursor::new(archive))?;
        let mut folder = Self::default();
        let mut left = MOST_BYTES;
        for index in 0..archive.len() {
            let entry = archive.by_index(index)?;
            if entry.is_dir() {
                continue;
            }
            let name = entry.name()?.into_owned();
            if name.len() > LONGEST_PATH {
                return Err(refused("a name of more than 1,024 bytes".to_owned()));
            }
            let mut content = Vec::new();
            // The size in the header is the archive's own claim: the bytes themselves are counted.
            entry.take(left + 1).read_to_end(&mut content)?;
            let size = content.len() as u64;
            within_bounds(folder.files.len() + 1, MOST_BYTES - left + size)?;
            left -= size;
            folder.files.insert(name, content);
        }
        Ok(folder)
    }

    /// The content of one file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The content of one file as text, without a byte order mark. `None` also when it is
    /// not UTF-8; both are findings of their own.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        let text = std::str::from_utf8(self.get(path)?).ok()?;
        Some(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Every file, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Every file with this extension that is readable as text.
    pub fn texts<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .keys()
            .filter(move |path| {
                path.rsplit_once('.')
                    .is_some_and(|(_, end)| end == extension)
            })
            .filter_map(|path| Some((path.as_str(), self.text(path)?)))
    }

    /// The same folder with one file written anew.
    #[must_use]
    pub fn with(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// What lies in the directory and is not part of the widget, with the reason: a repository's
    /// history and documents, tools of the build, what editors and systems leave behind.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.left_out
            .iter()
            .map(|(path, why)| (path.as_str(), *why))
    }

    /// The same folder with all that does not belong into an archive left out.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        let strays: Vec<String> = self
            .files
            .keys()
            .filter(|path| strays::of(path).is_some())
            .cloned()
            .collect();
        for path in strays {
            self.files.remove(&path);
            if let Some((part, why)) = strays::of(&path) {
                self.left_out.insert(part.to_owned(), why);
            }
        }
        self
    }

    /// The same folder without one file.
    #[cfg(test)]
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path);
        self
    }
}

/// Directories count as files do: empty ones can be without end too.
fn within_bounds(files: usize, bytes: u64) -> io::Result<()> {
    if files > MOST_FILES {
        return Err(refused(format!(
            "more than {MOST_FILES} files: this is not a widget's folder"
        )));
    }
    if bytes > MOST_BYTES {
        return Err(refused(format!(
            "more than {} MiB: this is not a widget's folder",
            MOST_BYTES / 1024 / 1024
        )));
    }
    Ok(())
}

/// Where a file really is: what a link outside the folder points at must not get into an archive.
fn inside(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let target = path.canonicalize()?;
    if !target.starts_with(root) {
        return Err(refused(format!(
            "{} is a link out of the folder",
            path.display()
        )));
    }
    if !target.is_file() {
        return Err(refused(format!("{} is not a regular file", path.display())));
    }
    Ok(target)
}

fn name_of(root: &Path, path: &Path) -> io::Result<String> {
    let relative = path.strip_prefix(root).map_err(io::Error::other)?;
    let parts: Option<Vec<&str>> = relative
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    parts
        .map(|parts| parts.join("/"))
        .ok_or_else(|| refused(format!("the name of {} is not UTF-8", path.display())))
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
