//! `accord widget`: checks and packs an archive, makes a widget, puts the consent part into one.

mod begin;
mod inclusion;
mod packing;
mod values;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use widget_archive::{Audience, Backend, Finding, Folder, Severity};

use values::{product_code, service_address, support_address};

/// Check or pack the widget's archive, or put the consent part into a widget.
#[derive(Debug, Args)]
pub struct WidgetArgs {
    #[command(subcommand)]
    command: WidgetCommand,
}

#[derive(Debug, Subcommand)]
enum WidgetCommand {
    /// Compare a widget's folder, or a packed archive, with the vendors' rules.
    Check {
        /// The folder, or a ZIP.
        #[arg(default_value = "widget")]
        dir: PathBuf,
        #[command(flatten)]
        audience: AudienceArgs,
        /// Write JSON instead of lines of text.
        #[arg(long)]
        json: bool,
    },
    /// Pack a widget's folder for the upload; the same folder gives the same bytes.
    Pack(packing::PackArgs),
    /// Make a complete widget with the consent part in a new folder.
    New {
        /// The folder, which must not be there or be empty.
        dir: PathBuf,
        #[command(flatten)]
        backend: BackendArgs,
    },
    /// Put the consent part into a widget; again: what is missing.
    AddConsent(inclusion::AddArgs),
}

/// For whom an archive is.
#[derive(Clone, Copy, Debug, Args)]
struct AudienceArgs {
    /// Nobody moderates this widget: what only the marketplaces ask for is a warning.
    #[arg(long)]
    private: bool,
}

impl AudienceArgs {
    fn audience(self) -> Audience {
        if self.private {
            Audience::Private
        } else {
            Audience::Marketplace
        }
    }
}

/// What `config.js` says.
#[derive(Clone, Debug, Args)]
struct BackendArgs {
    /// Address of the service this widget talks to.
    #[arg(long, value_name = "URL", value_parser = service_address)]
    backend: Option<String>,
    /// Code of the Product this widget belongs to.
    #[arg(long, value_name = "C", value_parser = product_code)]
    product: Option<String>,
}

impl BackendArgs {
    /// What `config.js` shall say. With one of the two options the other value stays as the
    /// folder has it, or is what `otherwise` says.
    fn chosen(
        self,
        folder: &Folder,
        otherwise: Option<Backend>,
    ) -> anyhow::Result<Option<Backend>> {
        if self.backend.is_none() && self.product.is_none() {
            return Ok(None);
        }
        if let (Some(url), Some(product)) = (&self.backend, &self.product) {
            let (url, product) = (url.clone(), product.clone());
            return Ok(Some(Backend { url, product }));
        }
        let present = Backend::configured(folder)
            .or(otherwise)
            .context("config.js of the folder cannot be read: give both --backend and --product")?;
        Ok(Some(Backend {
            url: self.backend.unwrap_or(present.url),
            product: self.product.unwrap_or(present.product),
        }))
    }
}

/// Runs the command; the result goes to `out`, remarks go to `err`. `false` means that the vendors
/// would refuse the archive.
///
/// # Errors
/// When the folder cannot be read or what is made cannot be written.
pub fn run(args: WidgetArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<bool> {
    match args.command {
        WidgetCommand::Check {
            dir,
            audience,
            json,
        } => check(&dir, audience.audience(), json, out, err),
        WidgetCommand::Pack(args) => packing::run(args, out, err),
        WidgetCommand::New { dir, backend } => begin::run(&dir, backend, out),
        WidgetCommand::AddConsent(args) => inclusion::run(args, out),
    }
}

fn check(
    dir: &Path,
    audience: Audience,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<bool> {
    let findings = widget_archive::check(&open(dir)?, audience);
    if json {
        writeln!(out, "{:#}", json!({ "findings": as_json(&findings) }))?;
    } else {
        list(&findings, out)?;
        if findings.is_empty() {
            writeln!(out, "{}: no findings", dir.display())?;
        } else {
            writeln!(err, "{}", count(&findings))?;
        }
    }
    Ok(!widget_archive::refused(&findings))
}

/// A folder, or a ZIP.
fn open(path: &Path) -> anyhow::Result<Folder> {
    let read = if path.is_file() {
        fs::read(path).and_then(|bytes| Folder::unzip(&bytes))
    } else {
        Folder::read(path)
    };
    read.with_context(|| format!("cannot read {}", path.display()))
}

/// `file:line: rule: message`, as spec and editors have it; warnings say so at their end.
fn list(findings: &[Finding], out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in findings {
        let mark = match finding.severity {
            Severity::Error => "",
            Severity::Warning => " (warning)",
        };
        writeln!(out, "{finding}{mark}")?;
    }
    Ok(())
}

fn count(findings: &[Finding]) -> String {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    format!("{errors} errors, {} warnings", findings.len() - errors)
}

fn as_json(findings: &[Finding]) -> Vec<serde_json::Value> {
    let one = |finding: &Finding| {
        json!({
            "file": finding.file,
            "line": finding.line,
            "rule": finding.rule,
            "severity": finding.severity.as_str(),
            "message": finding.message,
        })
    };
    findings.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
