//! Where the master keys come from when the environment names none: for SQLite,
//! a file in the data directory, made at the first start.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::{Config, MasterKey, master_key};
use crate::private;
use crate::store::vault;

const FILE: &str = "master.key";

/// The master keys of this configuration.
///
/// # Errors
/// When the key file cannot be read or made, or does not hold a key.
pub fn load(config: &Config) -> anyhow::Result<Arc<[MasterKey]>> {
    if !config.master_keys.is_empty() {
        return Ok(config.master_keys.clone());
    }
    let path = file(config);
    private::tighten(&path);
    let bad = || format!("the key file {}", path.display());
    let text = match std::fs::read_to_string(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => make(&path).with_context(bad)?,
        other => other.with_context(bad)?,
    };
    let key = master_key(text.trim())
        .map_err(|e| anyhow::anyhow!("its key {e}"))
        .with_context(bad)?;
    Ok([key].into())
}

/// Where the generated key lies.
#[must_use]
pub fn file(config: &Config) -> PathBuf {
    config.data_dir.join(FILE)
}

/// Makes the file for its owner only. Written beside and renamed, so that a crash leaves no
/// half a key; if two processes start at once, both use the
/// key of the one that was first.
fn make(path: &std::path::Path) -> anyhow::Result<String> {
    if let Some(folder) = path.parent() {
        private::folder(folder)?;
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = private::file().truncate(true).open(&beside)?;
    writeln!(file, "{}", STANDARD.encode(vault::random()?))?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(e.into()),
        _ => Ok(std::fs::read_to_string(path)?),
    }
}
