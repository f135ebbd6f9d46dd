//! Writing a plan into the folder: all of it or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Change;

/// Writes the changes into a directory. Everything is laid beside its place first; only when that
/// went well the files take their places, and one that cannot gives all others theirs back.
///
/// # Errors
/// What the file system says; the directory is then as it was.
pub fn write(directory: &Path, changes: &[Change]) -> io::Result<()> {
    let mut undo = Undo::default();
    let staged: io::Result<Vec<(PathBuf, PathBuf)>> = changes
        .iter()
        .map(|change| stage(directory, change, &mut undo))
        .collect();
    let moved = staged.and_then(|staged| {
        for ((from, to), change) in staged.iter().zip(changes) {
            fs::rename(from, to)?;
            undo.places.push((to.clone(), change.before.clone()));
        }
        Ok(())
    });
    if moved.is_err() {
        undo.run();
    }
    moved
}

/// Writes one file beside its place.
fn stage(directory: &Path, change: &Change, undo: &mut Undo) -> io::Result<(PathBuf, PathBuf)> {
    let named = directory.join(&change.path);
    // A link stays a link, and what it leads to is changed.
    let place = match &change.before {
        Some(_) => named.canonicalize()?,
        None => named,
    };
    let parent = place.parent().unwrap_or(directory);
    let missing: Vec<&Path> = parent
        .ancestors()
        .take_while(|ancestor| !ancestor.exists())
        .collect();
    for missing in missing.into_iter().rev() {
        fs::create_dir(missing)?;
        undo.directories.push(missing.to_owned());
    }
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let beside = parent.join(format!(".{name}.accord-new"));
    undo.files.push(beside.clone());
    fs::write(&beside, &change.after)?;
    if change.before.is_some() {
        fs::set_permissions(&beside, fs::metadata(&place)?.permissions())?;
    }
    Ok((beside, place))
}

/// What was done so far.
#[derive(Default)]
struct Undo {
    directories: Vec<PathBuf>,
    files: Vec<PathBuf>,
    places: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Undo {
    /// Takes everything back; what cannot be, cannot be helped any more.
    fn run(self) {
        for (place, before) in self.places {
            let _ = match before {
                Some(before) => fs::write(place, before),
                None => fs::remove_file(place),
            };
        }
        for file in self.files {
            let _ = fs::remove_file(file);
        }
        for directory in self.directories.into_iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<&str>, after: &str) -> Change {
        Change {
            path: path.to_owned(),
            before: before.map(|text| text.as_bytes().to_vec()),
            after: after.as_bytes().to_vec(),
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_that_fails_leaves_the_folder_as_it_was() {
        for stumbles_at in ["script.js/below.js", "images"] {
            let folder = tempfile::TempDir::new().unwrap();
            fs::write(folder.path().join("script.js"), "old").unwrap();
            fs::create_dir(folder.path().join("images")).unwrap();
            fs::write(folder.path().join("images/a.png"), "a").unwrap();
            let changes = [
                change("consent/deep/new.js", None, "new"),
                change("script.js", Some("old"), "new"),
                change(stumbles_at, None, "x"),
            ];
            assert!(write(folder.path(), &changes).is_err(), "{stumbles_at}");
            assert_eq!(names(folder.path()), ["images", "script.js"]);
            assert_eq!(names(&folder.path().join("images")), ["a.png"]);
            let kept = fs::read_to_string(folder.path().join("script.js")).unwrap();
            assert_eq!(kept, "old");
        }
    }

    #[test]
    fn a_run_that_goes_well_leaves_nothing_else_behind() {
        let folder = tempfile::TempDir::new().unwrap();
        fs::write(folder.path().join("script.js"), "old").unwrap();
        let changes = [
            change("consent/new.js", None, "new"),
            change("script.js", Some("old"), "newer"),
        ];
        write(folder.path(), &changes).unwrap();
        assert_eq!(names(folder.path()), ["consent", "script.js"]);
        assert_eq!(names(&folder.path().join("consent")), ["new.js"]);
    }
}
