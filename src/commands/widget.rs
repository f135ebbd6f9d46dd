//! `accord widget check` and `accord widget pack`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use url::Url;

use crate::archive::{self, Backend, Finding, Folder};
use crate::domain::hosts::is_loopback;
use crate::domain::products::ProductCode;

/// Check or pack the widget's archive.
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
        /// Write JSON instead of lines of text.
        #[arg(long)]
        json: bool,
    },
    /// Pack a widget's folder for the upload; the same folder gives the same bytes.
    Pack {
        /// The folder.
        #[arg(default_value = "widget")]
        dir: PathBuf,
        /// Where the archive goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Address of the service this archive talks to.
        #[arg(long, value_name = "URL", value_parser = service_address)]
        backend: Option<String>,
        /// Code of the Product this archive belongs to.
        #[arg(long, value_name = "C", value_parser = product_code)]
        product: Option<String>,
        /// Write JSON instead of lines of text.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command; the result goes to `out`. `false` means that the vendors would refuse the archive.
///
/// # Errors
/// When the folder cannot be read or the archive cannot be written.
pub fn run(args: WidgetArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    match args.command {
        WidgetCommand::Check { dir, json } => check(&dir, json, out),
        WidgetCommand::Pack {
            dir,
            out: target,
            backend,
            product,
            json,
        } => {
            let folder = open(&dir)?;
            let backend = backend_for(&folder, backend, product)?;
            pack(&folder, backend.as_ref(), &target, json, out)
        }
    }
}

fn check(dir: &Path, json: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
    let findings = archive::check(&open(dir)?);
    if json {
        writeln!(out, "{:#}", json!({ "findings": as_json(&findings) }))?;
    } else {
        list(&findings, out)?;
        if findings.is_empty() {
            writeln!(out, "{}: no findings", dir.display())?;
        }
    }
    Ok(!archive::refused(&findings))
}

fn pack(
    folder: &Folder,
    backend: Option<&Backend>,
    target: &Path,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let bytes = match archive::pack(folder, backend) {
        Ok(bytes) => bytes,
        Err(findings) if json => {
            writeln!(out, "{:#}", json!({ "findings": as_json(&findings) }))?;
            return Ok(false);
        }
        Err(findings) => {
            list(&findings, out)?;
            return Ok(false);
        }
    };

    fs::write(target, &bytes).with_context(|| format!("cannot write {}", target.display()))?;
    if json {
        writeln!(
            out,
            "{:#}",
            json!({ "archive": target, "bytes": bytes.len(), "files": folder.iter().count(), "findings": [] })
        )?;
    } else {
        writeln!(
            out,
            "{}: {} files, {} bytes",
            target.display(),
            folder.iter().count(),
            bytes.len()
        )?;
    }
    Ok(true)
}

fn open(path: &Path) -> anyhow::Result<Folder> {
    let read = if path.is_file() {
        fs::read(path).and_then(|bytes| Folder::unzip(&bytes))
    } else {
        Folder::read(path)
    };
    read.with_context(|| format!("cannot read {}", path.display()))
}

/// What `config.js` shall say. With one of the two options the other value stays as the folder has it.
fn backend_for(
    folder: &Folder,
    url: Option<String>,
    product: Option<String>,
) -> anyhow::Result<Option<Backend>> {
    if url.is_none() && product.is_none() {
        return Ok(None);
    }
    let present = Backend::configured(folder);
    let (url, product) = match (url, product, present) {
        (Some(url), Some(product), _) => (url, product),
        (url, product, Some(present)) => (
            url.unwrap_or(present.url),
            product.unwrap_or(present.product),
        ),
        (_, _, None) => {
            bail!("config.js of the folder cannot be read: give both --backend and --product")
        }
    };
    Ok(Some(Backend { url, product }))
}

fn list(findings: &[Finding], out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    Ok(())
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

/// An address that pages on https may call: https, or plain http on this machine.
fn service_address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|e| e.to_string())?;
    let host = url.host_str().unwrap_or_default();
    if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(host)) {
        return Err("the address must begin with https://, because browsers block plain http from amoCRM's pages".to_owned());
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err("the address must have no user, query or fragment".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn product_code(text: &str) -> Result<String, String> {
    ProductCode::parse(text)
        .map(|code| code.to_string())
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::*;

    const WIDGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/widget");

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        widget: WidgetArgs,
    }

    fn accord_widget(words: &[&str]) -> anyhow::Result<(bool, String)> {
        let line = Line::try_parse_from(["widget"].iter().chain(words))?;
        let mut out = Vec::new();
        let accepted = run(line.widget, &mut out)?;
        Ok((accepted, String::from_utf8(out)?))
    }

    #[test]
    fn our_own_widget_is_packed_for_another_publisher_and_checked_again() {
        let target = std::env::temp_dir().join(format!("accord-widget-{}.zip", std::process::id()));
        let archive = target.to_str().unwrap();
        let words = [
            "pack",
            WIDGET,
            "--out",
            archive,
            "--backend",
            "https://w.example/",
            "--product",
            "parcels",
            "--json",
        ];

        let (accepted, packed) = accord_widget(&words).unwrap();
        let (good, checked) = accord_widget(&["check", archive, "--json"]).unwrap();
        let folder = open(&target).unwrap();
        fs::remove_file(&target).unwrap();

        assert!(accepted && good);
        assert_eq!(
            serde_json::from_str::<Value>(&packed).unwrap()["archive"],
            archive
        );
        assert_eq!(
            serde_json::from_str::<Value>(&checked).unwrap(),
            json!({ "findings": [] })
        );
        let configured = Backend::configured(&folder).unwrap();
        assert_eq!(
            (configured.url.as_str(), configured.product.as_str()),
            ("https://w.example", "parcels")
        );
    }

    #[test]
    fn a_bad_folder_is_told_in_text_and_in_json() {
        let folder = Folder::default().with("script.js", "define(eval('1'));\n");
        let (bytes, findings) = (archive::pack(&folder, None), archive::check(&folder));
        assert_eq!(bytes, Err(findings.clone()));
        let mut out = Vec::new();
        assert!(
            !pack(
                &folder,
                None,
                Path::new("never-written.zip"),
                false,
                &mut out
            )
            .unwrap()
        );
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("manifest.json:1: file-missing: ")
                && text.contains("script.js:1: js-eval: "),
            "{text}"
        );
        assert!(!Path::new("never-written.zip").exists());
        let first = &as_json(&findings)[0];
        assert_eq!(
            (&first["line"], &first["severity"]),
            (&json!(1), &json!("error"))
        );
    }

    #[test]
    fn one_option_keeps_the_other_value() {
        let folder = Folder::default().with(
            "config.js",
            "define({ backend: 'https://a.example', product: 'one' });",
        );
        let only_product = backend_for(&folder, None, Some("two".to_owned()))
            .unwrap()
            .unwrap();
        assert_eq!(
            (only_product.url.as_str(), only_product.product.as_str()),
            ("https://a.example", "two")
        );
        assert_eq!(backend_for(&folder, None, None).unwrap(), None);
        assert!(backend_for(&Folder::default(), None, Some("two".to_owned())).is_err());
    }

    #[test]
    fn wrong_options_are_wrong_usage() {
        for wrong in [
            "http://w.example",
            "ftp://w.example",
            "w.example",
            "https://u:p@w.example",
            "https://w.example/?a=b",
        ] {
            assert!(
                accord_widget(&["pack", WIDGET, "--out", "x.zip", "--backend", wrong]).is_err(),
                "{wrong}"
            );
        }
        assert!(service_address("http://localhost:8080").is_ok());
        assert!(accord_widget(&["pack", WIDGET, "--out", "x.zip", "--product", "A"]).is_err());
        assert!(accord_widget(&["pack", WIDGET]).is_err());
        assert!(accord_widget(&["check", "/nowhere/at/all"]).is_err());
    }
}
