//! Letters as files, while there is no mail server: `letters/{id}.eml`.

use std::io;
use std::path::Path;

use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::Outcome;
use crate::private;

/// Keeps a message. It is written beside its place and renamed, so that a file is whole or
/// not there; the same message again replaces itself.
pub(super) async fn keep(folder: &Path, message_id: &str, message: &[u8]) -> Outcome {
    match write(folder, message_id, message).await {
        Ok(()) => Outcome::Sent,
        Err(e) => Outcome::Down(format!("{}: {}", folder.display(), e.kind())),
    }
}

async fn write(folder: &Path, message_id: &str, message: &[u8]) -> io::Result<()> {
    // The id before the @ is a UUID of ours; whatever else it were, it names no other folder.
    let name: String = message_id
        .split('@')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    // One system call at most: the folder is there but for the first letter.
    private::folder(folder)?;
    let (place, beside) = (
        folder.join(format!("{name}.eml")),
        folder.join(format!(".{name}.part")),
    );
    let mut file = open_private(&beside).await?;
    file.write_all(message).await?;
    file.sync_all().await?;
    drop(file);
    fs::rename(&beside, &place).await?;
    fs::File::open(folder).await?.sync_all().await
}

/// A letter holds a person's name and address: nobody else on the machine reads it.
async fn open_private(path: &Path) -> io::Result<fs::File> {
    let mut options = private::file();
    options.truncate(true);
    fs::OpenOptions::from(options).open(path).await
}
