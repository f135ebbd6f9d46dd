//! `accord audit`: proves the ledger, states what it holds, derives again what
//! follows from it.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::{block_on, clock, configured, open};
use crate::actions::audit::{self, Outcome};
use crate::app::App;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prove every entry of the ledger; exit 1 names the first bad one
    Verify {
        /// A checkpoint that was kept elsewhere; finds a tail that was cut
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Sign what the ledger holds now, to be kept elsewhere
    Checkpoint {
        /// Where to; else standard output
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Derive again what the ledger adds up to
    Rebuild,
    /// Let a new key sign receipts and checkpoints; the old one stays published
    RotateKey,
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = configured()?;
    match command {
        Command::Verify { checkpoint, json } => verify(&config, &checkpoint, json, out),
        Command::Checkpoint { out: file } => {
            let note = block_on(async {
                let clock = clock(&config)?;
                let store = open(&config, &clock).await?;
                Ok(audit::checkpoint(&App::new(config, store, clock)?).await?)
            })?;
            match file {
                Some(path) => write_beside(&path, note.as_bytes())?,
                None => out.write_all(note.as_bytes())?,
            }
            Ok(true)
        }
        Command::Rebuild => {
            let entries = block_on(async {
                let store = open(&config, &clock(&config)?).await?;
                Ok(audit::rebuild(&store).await?)
            })?;
            writeln!(out, "rebuilt from {entries} entries")?;
            Ok(true)
        }
        Command::RotateKey => {
            block_on(async {
                let clock = clock(&config)?;
                let store = open(&config, &clock).await?;
                Ok(audit::rotate_key(&store, clock.now()).await?)
            })?;
            writeln!(out, "a new key signs from now on")?;
            Ok(true)
        }
    }
}

fn verify(
    config: &Config,
    checkpoints: &[PathBuf],
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let kept = checkpoint_files(checkpoints)?;
    let outcome = block_on(async {
        let store = open(config, &clock(config)?).await?;
        Ok(audit::verify(&store, &kept).await?)
    })?;
    let index = match &outcome {
        Outcome::Entry(bad) => Some(bad.index),
        _ => None,
    };
    let proved = matches!(outcome, Outcome::Proved { .. });
    if as_json {
        let report = json!({"proved": proved, "index": index, "result": said(&outcome)});
        writeln!(out, "{report}")?;
    } else {
        writeln!(out, "{}", said(&outcome))?;
    }
    Ok(proved)
}

/// The checkpoints in some files.
pub(super) fn checkpoint_files(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).with_context(|| format!("{} was not read", path.display()))
    };
    files.iter().map(read).collect()
}

/// What was found, in words.
pub(super) fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Proved {
            entries,
            root,
            checkpoints,
        } => format!("proved: {entries} entries, {checkpoints} checkpoint(s), root {root}"),
        Outcome::Entry(bad) => format!("bad entry {}: {}", bad.index, bad.fault),
        Outcome::Text(text) => format!("bad text: {text} does not have its hash"),
        Outcome::Cut { covered, entries } => format!(
            "the tail was cut: a checkpoint covers {covered} entries, the ledger has {entries}"
        ),
        Outcome::Rewritten { covered } => format!(
            "rewritten: the first {covered} entries are not those that a checkpoint was signed for"
        ),
        Outcome::Checkpoint(e) => format!("a checkpoint cannot be believed: {e}"),
    }
}

/// Whole or not at all: whoever collects the file never sees half of it.
fn write_beside(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().with_context(|| format!("{} was not written", path.display()))
}
