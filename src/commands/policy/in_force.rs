//! `accord policy in-force`: which text bound an account then, with bytes, hash and
//! proof.

use std::io::Write;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::product_of;
use crate::actions::in_force::{self, Answer};
use crate::app::App;
use crate::commands::{block_on, clock};
use crate::config::Config;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

/// What `accord policy in-force` takes.
#[derive(Debug, clap::Args)]
pub(in crate::commands) struct Args {
    /// The product's code
    #[arg(long)]
    product: String,
    /// The account's number
    #[arg(long)]
    account: i64,
    /// When, as 2026-11-22T08:00:00Z
    #[arg(long, value_parser = instant)]
    at: Timestamp,
    /// As JSON
    #[arg(long)]
    json: bool,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "an instant like 2026-11-22T08:00:00Z".to_owned())
}

pub(in crate::commands) fn run(
    config: &Config,
    args: &Args,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let answer = block_on(async {
        let (store, product) = product_of(config, &args.product).await?;
        let app = App::new(config.clone(), store, clock(config)?)?;
        let account = AccountId(args.account);
        let answer = in_force::at(&app, &product, account, args.at).await?;
        answer
            .with_context(|| format!("no version of {} was in force at {}", product.code, args.at))
    })?;
    if args.json {
        serde_json::to_writer(&mut *out, &view(&answer))?;
        writeln!(out)?;
    } else {
        show(out, &answer)?;
    }
    Ok(true)
}

fn view(answer: &Answer) -> Value {
    let consent = answer
        .consent
        .as_ref()
        .map(|(entry, receipt)| json!({"given_at": entry.at, "receipt": receipt}));
    json!({
        "number": answer.version.number,
        "lang": answer.text.lang,
        "hash": answer.text.hash,
        "posted_at": answer.version.posted_at,
        "consent": consent,
        "text": String::from_utf8_lossy(&answer.text.shown),
    })
}

fn show(out: &mut dyn Write, answer: &Answer) -> anyhow::Result<()> {
    let (version, text) = (&answer.version, &answer.text);
    writeln!(out, "version  #{} ({})", version.number, text.lang)?;
    writeln!(out, "hash     {}", text.hash)?;
    writeln!(out, "posted   {}", version.posted_at)?;
    match &answer.consent {
        Some((entry, receipt)) => writeln!(
            out,
            "consent  {} to version #{}, entry {} of the ledger, receipt {}",
            entry.at, entry.shown.number, receipt.ledger.index, receipt.id
        )?,
        None => writeln!(out, "consent  none")?,
    }
    writeln!(out)?;
    out.write_all(&text.shown)?;
    Ok(())
}
