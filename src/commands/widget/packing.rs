//! `accord widget pack`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::json;
use widget_archive::{Finding, Packed, Refused, Severity};

use super::{AudienceArgs, BackendArgs, as_json, count, list, open};

/// What `accord widget pack` takes.
#[derive(Debug, clap::Args)]
pub(super) struct PackArgs {
    /// The folder.
    #[arg(default_value = "widget")]
    dir: PathBuf,
    /// Where the archive goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    audience: AudienceArgs,
    /// Pack in spite of errors, and say which.
    #[arg(long)]
    force: bool,
    /// Write JSON instead of lines of text.
    #[arg(long)]
    json: bool,
}

/// Packs; `false` means that errors kept it from that.
pub(super) fn run(
    args: PackArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<bool> {
    let folder = open(&args.dir)?;
    let backend = args.backend.clone().chosen(&folder, None)?;
    let audience = args.audience.audience();
    match widget_archive::pack(&folder, backend.as_ref(), audience, args.force) {
        Ok(packed) => {
            fs::write(&args.out, &packed.bytes)
                .with_context(|| format!("cannot write {}", args.out.display()))?;
            remark(&packed, err)?;
            tell(&packed, &args, out)?;
            Ok(true)
        }
        Err(Refused::Findings(findings)) => {
            if args.json {
                writeln!(out, "{:#}", json!({ "findings": as_json(&findings) }))?;
            } else {
                list(&findings, out)?;
            }
            writeln!(
                err,
                "not packed: {}; --force packs all the same",
                count(&findings)
            )?;
            Ok(false)
        }
        Err(Refused::ForeignConfig(file)) => bail!(
            "{file} is another module of the widget, so --backend and --product have no place; `accord widget add-consent` makes one"
        ),
        Err(Refused::Zip(reason)) => bail!("the archive cannot be written: {reason}"),
    }
}

/// What is not as somebody may think it is.
fn remark(packed: &Packed, err: &mut dyn Write) -> anyhow::Result<()> {
    for (path, why) in &packed.left_out {
        writeln!(err, "left out {path}: {why}")?;
    }
    let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) = packed
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Error);
    for finding in errors {
        writeln!(err, "packed in spite of {finding}")?;
    }
    for finding in warnings {
        writeln!(err, "warning: {finding}")?;
    }
    Ok(())
}

fn tell(packed: &Packed, args: &PackArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    if !args.json {
        let (files, bytes) = (packed.files, packed.bytes.len());
        writeln!(out, "{}: {files} files, {bytes} bytes", args.out.display())?;
        return Ok(());
    }
    let left_out: Vec<&str> = packed
        .left_out
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    let told = json!({
        "archive": args.out,
        "bytes": packed.bytes.len(),
        "files": packed.files,
        "left_out": left_out,
        "findings": as_json(&packed.findings),
    });
    writeln!(out, "{told:#}")?;
    Ok(())
}
