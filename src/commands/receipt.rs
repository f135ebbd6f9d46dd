//! `accord receipt verify`: proves a receipt with nothing but the file and the
//! published keys. It needs no configuration and no database, unless the receipt's key was
//! revoked: then the ledger beside a checkpoint kept elsewhere has to prove it.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::audit::{checkpoint_files, said};
use super::{block_on, clock, configured, open};
use crate::actions::audit::{self, Entry};
use crate::domain::merkle::Hash;
use crate::domain::receipts::{self, NotProved, Receipt};
use crate::domain::signing::PublishedKeys;
use crate::store;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prove a single receipt
    Verify {
        /// The receipt, as it was downloaded
        file: PathBuf,
        /// The Publisher's /.well-known/accord-keys.json; else the keys of this installation
        #[arg(long)]
        keys: Option<PathBuf>,
        /// A checkpoint that was kept elsewhere; proves, at the publisher's, a receipt whose key
        /// was revoked later
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let Command::Verify {
        file,
        keys,
        checkpoint,
        json,
    } = command;
    let receipt = read(&file)?;
    let keys = match keys {
        Some(path) => PublishedKeys::parse(&read(&path)?)
            .with_context(|| format!("{} is no list of keys", path.display()))?,
        None => own_keys()?,
    };
    let mut verdict = receipts::verify(&receipt, &keys);
    if matches!(verdict, Err(NotProved::Revoked { .. })) && !checkpoint.is_empty() {
        let stands = entry(&receipt, &checkpoint)?;
        verdict = receipts::verify_beside(&receipt, &keys, Some(stands));
    }
    if json {
        let fault = verdict.as_ref().err().map(ToString::to_string);
        let report = serde_json::json!({"proved": verdict.is_ok(), "fault": fault});
        writeln!(out, "{report}")?;
        return Ok(verdict.is_ok());
    }
    match &verdict {
        Ok(receipt) => writeln!(
            out,
            "proved: {} {}, {} for account {}, version {} ({}), entry {} of the ledger",
            receipt.act,
            receipt.issued_at,
            receipt.product,
            receipt.account_id,
            receipt.policy.number,
            receipt.policy.hash,
            receipt.ledger.index
        )?,
        Err(fault) => writeln!(out, "not proved: {fault}")?,
    }
    Ok(verdict.is_ok())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} was not read", path.display()))
}

/// The entry that stands in the ledger where the receipt says, if the checkpoints prove it.
fn entry(receipt: &[u8], checkpoints: &[PathBuf]) -> anyhow::Result<Hash> {
    let receipt: Receipt = serde_json::from_slice(receipt)?;
    let kept = checkpoint_files(checkpoints)?;
    let config = configured()?;
    let found = block_on(async {
        let store = open(&config, &clock(&config)?).await?;
        Ok(audit::entry_at(&store, receipt.ledger.index, &kept).await?)
    })?;
    match found {
        Entry::Stands(hash) => Ok(hash),
        Entry::NotProved(outcome) => bail!("the ledger is not proved: {}", said(&outcome)),
        Entry::NotCovered => bail!("no checkpoint covers the receipt's entry"),
    }
}

fn own_keys() -> anyhow::Result<PublishedKeys> {
    let config = configured()?;
    block_on(async {
        let store = open(&config, &clock(&config)?).await?;
        Ok(store::signing_keys::published(&store).await?)
    })
}
