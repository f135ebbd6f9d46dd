//! `accord policy`: check a text, publish it, look it up.

mod check;
mod diff;
mod in_force;
pub mod posting;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::{block_on, clock, configured, open};
use crate::actions::policies::{filled, identity};
use crate::app::App;
use crate::config::Config;
use crate::domain::facts::{Facts, Level};
use crate::domain::policies::history::{History, Version};
use crate::domain::policies::versions::{Draft, Publication};
use crate::domain::policies::{LangTag, lint};
use crate::domain::products::{Product, ProductCode};
use crate::domain::time::Timestamp;
use crate::store::policies::level_text;
use crate::store::{self, Store};
use check::{check, parse_all, read_facts, text_of};

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
    /// What two versions differ in, clause by clause
    Diff(diff::Args),
    /// Which text bound an account then, with the proof
    InForce(in_force::Args),
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
    /// Why the level is below what the difference of facts demands; recorded
    #[arg(long)]
    reason: Option<String>,
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
struct Published {
    product: String,
    number: u32,
    level: &'static str,
    posted_at: Timestamp,
    texts: Vec<PublishedText>,
}

/// One version with what was recorded when it was published.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    version: Published,
    /// Why the level is below what the facts ask for, if it is.
    reason: Option<String>,
    /// What `policy check` found.
    findings: serde_json::Value,
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
            let history = store.history(product.id).await?;
            if json {
                let versions = history.versions().iter();
                let views: Vec<Published> = versions.map(|v| view(&product, v)).collect();
                serde_json::to_writer(&mut *out, &views)?;
                writeln!(out)?;
            } else {
                show_history(out, &product, &history)?;
            }
            Ok(true)
        }),
        Command::Show(which) => block_on(async {
            let (_, product, version, _) = find(&config, &which).await?;
            let shown = Shown {
                version: view(&product, &version),
                reason: version.reason,
                findings: version.findings,
            };
            if which.json {
                serde_json::to_writer(&mut *out, &shown)?;
                writeln!(out)?;
            } else {
                show_one(out, &shown)?;
            }
            Ok(true)
        }),
        Command::Diff(args) => diff::run(&config, &args, out),
        Command::InForce(args) => in_force::run(&config, &args, out),
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

fn publish(config: &Config, args: Publish, out: &mut dyn Write) -> anyhow::Result<bool> {
    block_on(async {
        let (store, product) = product_of(config, &args.product).await?;
        let clock = clock(config)?;
        let history = store.history(product.id).await?;
        let publication = publication(config, &args, history.in_force())?;
        let app = Arc::new(App::new(config.clone(), store, clock)?);
        let version = posting::publish(&app, &product, publication).await?;
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

/// What is to be published, with what was found in it.
fn publication(
    config: &Config,
    args: &Publish,
    before: Option<&Version>,
) -> anyhow::Result<Publication> {
    // A file that is published byte for byte keeps its placeholders too.
    let (documents, mut findings) = if args.verbatim {
        parse_all(&args.files, |bytes| bytes)?
    } else {
        parse_all(&args.files, |bytes| filled(bytes, &config.publisher))?
    };
    let given = args.facts.as_deref().map(text_of).transpose()?;
    let inherited = before.map_or(Facts::STARTER, |version| version.facts_toml.as_str());
    let facts = read_facts(given.as_deref().unwrap_or(inherited))?;
    findings.extend(lint::check(&documents));
    findings.extend(lint::check_against(
        &documents,
        &facts,
        &identity(&config.publisher),
    ));
    for finding in &findings {
        tracing::warn!("{finding}");
    }
    let errors = findings.iter().filter(|f| f.is_error()).count();
    let unread = documents.len() < args.files.len();
    if unread || (errors > 0 && !args.verbatim) {
        // What cannot be read at all, or is no version together, does not become one by it.
        let one_version = !unread && Draft::could_be(&documents).is_ok();
        let advice = if one_version && !args.verbatim {
            "; an existing text as it stands: --verbatim"
        } else {
            ""
        };
        anyhow::bail!("{errors} error(s) were found, nothing was published{advice}");
    }
    Ok(Publication {
        documents,
        facts: given,
        level: match args.level {
            Wanted::Auto => None,
            Wanted::Notice => Some(Level::Notice),
            Wanted::Reconsent => Some(Level::Reconsent),
        },
        reason: args.reason.clone(),
        verbatim: args.verbatim,
        findings,
    })
}

async fn product_of(config: &Config, code: &str) -> anyhow::Result<(Store, Product)> {
    let code = ProductCode::parse(code)?;
    let store = open(config, &clock(config)?).await?;
    let product = store::products::find(&store, &code).await?;
    let product = product.with_context(|| format!("there is no product {code}"))?;
    Ok((store, product))
}

async fn find(config: &Config, which: &Which) -> anyhow::Result<(Store, Product, Version, String)> {
    let (store, product) = product_of(config, &which.product).await?;
    let history = store.history(product.id).await?;
    let version = match which.number {
        Some(number) => history.get(number),
        None => history.in_force(),
    };
    let version = version.cloned().context("there is no such version")?;
    let lang = match &which.lang {
        Some(lang) => version
            .text(LangTag::parse(lang).as_ref().map_or(lang, LangTag::as_str))
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

/// Each version with the time until the next one was posted.
fn show_history(out: &mut dyn Write, product: &Product, history: &History) -> anyhow::Result<()> {
    let versions = history.versions();
    let next = versions.iter().skip(1).map(Some).chain([None]);
    for (version, next) in versions.iter().zip(next) {
        show(out, &view(product, version))?;
        if let Some(next) = next {
            writeln!(out, "  superseded {}", next.posted_at)?;
        }
    }
    Ok(())
}

fn show_one(out: &mut dyn Write, shown: &Shown) -> anyhow::Result<()> {
    show(out, &shown.version)?;
    if let Some(reason) = &shown.reason {
        writeln!(out, "  the level was lowered: {reason}")?;
    }
    for finding in shown.findings.as_array().into_iter().flatten() {
        let text = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
        writeln!(
            out,
            "  found: {} {}: {}",
            text("rule"),
            text("clause"),
            text("message")
        )?;
    }
    Ok(())
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
