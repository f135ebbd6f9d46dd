//! `accord receipt verify`: proves a receipt with nothing but the file and the
//! published keys. It needs no configuration and no database.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;

use super::{block_on, clock, configured, open};
use crate::domain::receipts;
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
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let Command::Verify { file, keys, json } = command;
    let receipt = read(&file)?;
    let keys = match keys {
        Some(path) => PublishedKeys::parse(&read(&path)?)
            .with_context(|| format!("{} is no list of keys", path.display()))?,
        None => own_keys()?,
    };
    let verdict = receipts::verify(&receipt, &keys);
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

fn own_keys() -> anyhow::Result<PublishedKeys> {
    let config = configured()?;
    block_on(async {
        let store = open(&config, &clock(&config)?).await?;
        Ok(store::signing_keys::published(&store).await?)
    })
}
