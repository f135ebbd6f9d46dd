//! `accord policy`: check a text, publish it, look it up.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::{block_on, configured, open};
use crate::actions::policies::{self, Publication, identity};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::facts::{Facts, Level};
use crate::domain::policies::{Document, Finding, Severity, lint, parse};
use crate::domain::products::{Product, ProductCode};
use crate::domain::time::Timestamp;
use crate::store::policies::{Version, level_text};
use crate::store::{self, Store};

/// What can be done with Policies.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Parse and lint texts; change nothing
    Check {
        /// One file per language
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The facts to hold the text against [default: the starter's]
        #[arg(long)]
        facts: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Publish one version, one file per language, and post it in the product
    Publish(Publish),
    /// The versions of a product
    List {
        /// The product's code
        #[arg(long)]
        product: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// One version
    Show(Which),
    /// Exactly the bytes that are shown as text
    Text(Which),
}

/// What `accord policy publish` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    /// The product's code
    #[arg(long)]
    product: String,
    /// One file per language; the first one's language prevails
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The facts beside the text [default: those of the version before, or the starter's]
    #[arg(long)]
    facts: Option<PathBuf>,
    /// Whether people must agree again
    #[arg(long, value_enum, default_value_t = Wanted::Auto)]
    level: Wanted,
    /// Publish the files byte for byte, whatever `check` finds
    #[arg(long)]
    verbatim: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Which version and text.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The product's code
    #[arg(long)]
    product: String,
    /// The version [default: the one in force]
    #[arg(long)]
    number: Option<u32>,
    /// The language [default: the prevailing one]
    #[arg(long)]
    lang: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    /// As the difference of facts demands
    Auto,
    /// People are told
    Notice,
    /// People must agree again
    Reconsent,
}

#[derive(Serialize)]
struct Checked {
    files: Vec<CheckedFile>,
}

#[derive(Serialize)]
struct CheckedFile {
    path: String,
    lang: Option<String>,
    number: Option<u32>,
    dated: Option<String>,
    title: Option<String>,
    sections: usize,
    clauses: usize,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Published {
    product: String,
    number: u32,
    level: &'static str,
    posted_at: Timestamp,
    texts: Vec<PublishedText>,
}

#[derive(Serialize)]
struct PublishedText {
    lang: String,
    hash: String,
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = configured()?;
    match command {
        Command::Check { files, facts, json } => {
            check(&config, &files, facts.as_deref(), json, out)
        }
        Command::Publish(publish) => self::publish(&config, publish, out),
        Command::List { product, json } => block_on(async {
            let (store, product) = product_of(&config, &product).await?;
            let versions = store::policies::list(&store, product.id).await?;
            let views: Vec<Published> = versions.iter().map(|v| view(&product, v)).collect();
            if json {
                serde_json::to_writer(&mut *out, &views)?;
                writeln!(out)?;
            } else {
                views.iter().try_for_each(|v| show(out, v))?;
            }
            Ok(true)
        }),
        Command::Show(which) => block_on(async {
            let (_, product, version, _) = find(&config, &which).await?;
            let view = view(&product, &version);
            if which.json {
                serde_json::to_writer(&mut *out, &view)?;
                writeln!(out)?;
            } else {
                show(out, &view)?;
            }
            Ok(true)
        }),
        Command::Text(which) => block_on(async {
            let (store, _, version, lang) = find(&config, &which).await?;
            let text = store::policies::text(&store, version.id, &lang)
                .await?
                .context("the text vanished")?;
            out.write_all(&text.shown)?;
            Ok(true)
        }),
    }
}

/// Parses and lints; prints clauses found and findings. `false` when a finding is an error.
fn check(
    config: &Config,
    files: &[PathBuf],
    facts: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let facts = match facts {
        Some(path) => read_facts(&text_of(path)?)?,
        None => read_facts(Facts::STARTER)?,
    };
    let (documents, mut findings) = parse_all(config, files)?;
    findings.extend(lint::check(&documents));
    findings.extend(lint::check_against(
        &documents,
        &facts,
        &identity(&config.publisher),
    ));
    let failed = findings.iter().any(|f| f.severity == Severity::Error);
    let views: Vec<CheckedFile> = files
        .iter()
        .map(|path| {
            let name = name_of(path);
            let document = documents
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(_, d)| d);
            CheckedFile {
                path: path.display().to_string(),
                lang: document.map(|d| d.lang.to_string()),
                number: document.and_then(|d| d.number),
                dated: document.and_then(|d| d.dated.clone()),
                title: document.map(|d| d.title.clone()),
                sections: document.map_or(0, |d| d.sections.len()),
                clauses: document.map_or(0, Document::clause_count),
                findings: findings
                    .iter()
                    .filter(|f| f.file == name)
                    .cloned()
                    .collect(),
            }
        })
        .collect();
    if json {
        serde_json::to_writer(&mut *out, &Checked { files: views })?;
        writeln!(out)?;
        return Ok(!failed);
    }
    for file in &views {
        writeln!(
            out,
            "{}: {} sections, {} clauses",
            file.path, file.sections, file.clauses
        )?;
        for finding in &file.findings {
            writeln!(out, "  {finding}\n    {}", finding.advice)?;
        }
    }
    Ok(!failed)
}

fn publish(config: &Config, args: Publish, out: &mut dyn Write) -> anyhow::Result<bool> {
    let (documents, mut findings) = parse_all(config, &args.files)?;
    let given = args.facts.as_deref().map(text_of).transpose()?;
    let facts = read_facts(given.as_deref().unwrap_or(Facts::STARTER))?;
    findings.extend(lint::check(&documents));
    findings.extend(lint::check_against(
        &documents,
        &facts,
        &identity(&config.publisher),
    ));
    for finding in &findings {
        tracing::warn!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .count();
    if documents.len() < args.files.len() || (errors > 0 && !args.verbatim) {
        anyhow::bail!(
            "{errors} error(s) were found, nothing was published; an existing text as it stands: --verbatim"
        );
    }
    let publication = Publication {
        documents,
        facts: given,
        level: match args.level {
            Wanted::Auto => None,
            Wanted::Notice => Some(Level::Notice),
            Wanted::Reconsent => Some(Level::Reconsent),
        },
        verbatim: args.verbatim,
    };
    block_on(async {
        let (store, product) = product_of(config, &args.product).await?;
        let version =
            policies::publish(&store, &product, publication, Clock::system().now()).await?;
        let view = view(&product, &version);
        if args.json {
            serde_json::to_writer(&mut *out, &view)?;
            writeln!(out)?;
        } else {
            show(out, &view)?;
        }
        Ok(true)
    })
}

/// Documents by the name of their file.
type Named = Vec<(String, Document)>;

/// Reads the files. What cannot be parsed is told as findings.
fn parse_all(config: &Config, files: &[PathBuf]) -> anyhow::Result<(Named, Vec<Finding>)> {
    let (mut documents, mut findings) = (Vec::new(), Vec::new());
    for path in files {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let bytes = policies::filled(bytes, &config.publisher);
        match parse(&name_of(path), &bytes) {
            Ok(document) => documents.push((name_of(path), document)),
            Err(more) => findings.extend(more),
        }
    }
    Ok((documents, findings))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read_facts(toml: &str) -> anyhow::Result<Facts> {
    Facts::parse(toml)
        .map_err(|faults| anyhow::anyhow!("the facts cannot be used: {}", faults.join("; ")))
}

async fn product_of(config: &Config, code: &str) -> anyhow::Result<(Store, Product)> {
    let code = ProductCode::parse(code)?;
    let store = open(config, &Clock::system()).await?;
    let product = store::products::find(&store, &code).await?;
    let product = product.with_context(|| format!("there is no product {code}"))?;
    Ok((store, product))
}

async fn find(config: &Config, which: &Which) -> anyhow::Result<(Store, Product, Version, String)> {
    let (store, product) = product_of(config, &which.product).await?;
    let version = match which.number {
        Some(number) => store::policies::find(&store, product.id, number).await?,
        None => store::policies::in_force(&store, product.id).await?,
    };
    let version = version.context("there is no such version")?;
    let lang = match &which.lang {
        Some(lang) => version
            .text(lang)
            .with_context(|| format!("version {} has no text in {lang}", version.number))?,
        None => version
            .text(&version.prevailing)
            .context("the version has no text")?,
    };
    let lang = lang.lang.clone();
    Ok((store, product, version, lang))
}

fn view(product: &Product, version: &Version) -> Published {
    Published {
        product: product.code.to_string(),
        number: version.number,
        level: level_text(version.level),
        posted_at: version.posted_at,
        texts: version
            .texts
            .iter()
            .map(|t| PublishedText {
                lang: t.lang.clone(),
                hash: t.hash.clone(),
            })
            .collect(),
    }
}

fn show(out: &mut dyn Write, version: &Published) -> anyhow::Result<()> {
    writeln!(
        out,
        "{} #{}  {}  posted {}",
        version.product, version.number, version.level, version.posted_at
    )?;
    for text in &version.texts {
        writeln!(out, "  {}  {}", text.lang, text.hash)?;
    }
    Ok(())
}
