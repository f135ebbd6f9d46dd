//! `accord product`: what the Publisher offers.

use std::io::{Read as _, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::Url;

use super::{block_on, clock, configured, open};
use crate::actions::products::{self, NewProduct};
use crate::config::Config;
use crate::domain::guessable;
use crate::domain::products::{Product, SecretTerm, secret};
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

/// What can be done with Products.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a product; its secret is read from standard input or a file, never from an argument
    Add(Add),
    /// All products, with the addresses for their cards
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say where a product's accounts live: its secret is sent nowhere else
    SetHosts {
        /// The product's code
        code: String,
        /// Entries of AMOCRM_HOSTS, comma separated: amocrm.ru,amocrm.com
        #[arg(long)]
        hosts: String,
    },
    /// Put a new secret in force; the one before it is accepted for an hour more
    RotateSecret {
        /// The product's code
        code: String,
        /// After a leak: every other secret ends now
        #[arg(long)]
        at_once: bool,
        /// Read the secret from this file
        #[arg(long)]
        secret_file: Option<PathBuf>,
    },
}

/// What `accord product add` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// 2 to 32 characters of a-z, 0-9 and -, beginning with a letter
    #[arg(long)]
    code: String,
    /// The integration's UUID
    #[arg(long)]
    client_id: String,
    /// For people
    #[arg(long)]
    name: Option<String>,
    /// As on the integration's card, to the letter; its path is /amocrm/CODE/install, with or
    /// without a slash behind it [default: {public url}/amocrm/CODE/install]
    #[arg(long)]
    redirect_uri: Option<String>,
    /// Webhooks that point below this address are the product's (may be repeated)
    #[arg(long)]
    hook_prefix: Vec<String>,
    /// Where its accounts live, of AMOCRM_HOSTS, comma separated; its secret is sent nowhere else
    /// [default: all of them]
    #[arg(long, visible_alias = "host")]
    hosts: Option<String>,
    /// Read the secret from this file instead of standard input
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Card {
    code: String,
    name: String,
    client_id: String,
    redirect_uri: String,
    disconnect_uri: String,
    hosts: Vec<String>,
    secrets: Vec<SecretTerm>,
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = configured()?;
    let clock = clock(&config)?;
    block_on(async {
        match command {
            Command::Add(add) => {
                let new = NewProduct {
                    secret: read_secret(add.secret_file)?,
                    code: add.code,
                    client_id: add.client_id,
                    name: add.name,
                    redirect_uri: add.redirect_uri,
                    hook_prefixes: add.hook_prefix,
                    hosts: add.hosts,
                };
                warn_of_weak(&new.secret);
                let store = open(&config, &clock).await?;
                let now = clock.now();
                let (base, hosts) = (&config.public_url, &config.hosts);
                let product = products::add(&store, base, hosts, new, now).await?;
                elsewhere(&config, &product);
                if product.hosts_among(hosts).span_platforms() {
                    tracing::warn!(
                        "an integration lives on one platform, amoCRM or Kommo: accord product set-hosts sends its secret nowhere else"
                    );
                }
                let card = card(&store, &config, &product, now).await?;
                show(out, &[card], add.json, true)
            }
            Command::List { json } => {
                let store = open(&config, &clock).await?;
                let mut cards = Vec::new();
                for product in store::products::list(&store).await? {
                    cards.push(card(&store, &config, &product, clock.now()).await?);
                }
                show(out, &cards, json, false)
            }
            Command::SetHosts { code, hosts } => {
                let store = open(&config, &clock).await?;
                let product = products::set_hosts(&store, &config.hosts, &code, &hosts).await?;
                let card = card(&store, &config, &product, clock.now()).await?;
                show(out, &[card], false, true)
            }
            Command::RotateSecret {
                code,
                at_once,
                secret_file,
            } => {
                let secret = read_secret(secret_file)?;
                warn_of_weak(&secret);
                let (store, now) = (open(&config, &clock).await?, clock.now());
                let product = products::rotate_secret(&store, &code, &secret, at_once, now).await?;
                let card = card(&store, &config, &product, now).await?;
                show(out, &[card], false, true)
            }
        }
    })
}

/// amoCRM gives secrets of 64 random characters; whoever types another one should know.
fn warn_of_weak(secret: &SecretString) {
    if let Some(weakness) = guessable::of_text(secret.expose_secret()) {
        eprintln!(
            "accord: warning: the secret {weakness}: whoever guesses it speaks for every person and account"
        );
    }
}

/// Which hosts lead here is the proxy's business, but not everybody's.
fn elsewhere(config: &Config, product: &Product) {
    let origin = Url::parse(&product.redirect_uri).map(|url| url.origin().ascii_serialization());
    if origin.as_ref() != Ok(&config.public_url) {
        tracing::warn!(
            "the redirect URI is not below ACCORD_PUBLIC_URL: make sure that it leads here (accord doctor asks it)"
        );
    }
}

async fn card(
    store: &Store,
    config: &Config,
    product: &Product,
    now: Timestamp,
) -> anyhow::Result<Card> {
    Ok(Card {
        code: product.code.to_string(),
        name: product.name.clone(),
        client_id: product.client_id.to_string(),
        redirect_uri: product.redirect_uri.clone(),
        disconnect_uri: products::disconnect_uri(&config.public_url, &product.code),
        hosts: product.hosts_among(&config.hosts).origins(),
        secrets: store::products::secret_terms(store, product.id, now).await?,
    })
}

fn show(out: &mut dyn Write, cards: &[Card], json: bool, single: bool) -> anyhow::Result<bool> {
    if json {
        match cards {
            [card] if single => serde_json::to_writer(&mut *out, card)?,
            cards => serde_json::to_writer(&mut *out, cards)?,
        }
        writeln!(out)?;
        return Ok(true);
    }
    for card in cards {
        writeln!(out, "{}  {}", card.code, card.name)?;
        writeln!(out, "  client id        {}", card.client_id)?;
        writeln!(out, "  redirect URI     {}", card.redirect_uri)?;
        writeln!(out, "  disconnect hook  {}", card.disconnect_uri)?;
        writeln!(out, "  accounts at      {}", card.hosts.join(", "))?;
        for secret in &card.secrets {
            let term = match secret.accepted_until {
                None => "in force".to_owned(),
                Some(until) => format!("accepted until {until}"),
            };
            writeln!(out, "  secret           {}  {term}", secret.id)?;
        }
    }
    Ok(true)
}

fn read_secret(file: Option<PathBuf>) -> anyhow::Result<SecretString> {
    let text: SecretString = match file {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .into(),
        None => {
            let mut text = String::new();
            std::io::stdin()
                .take(1024)
                .read_to_string(&mut text)
                .context("cannot read the secret")?;
            text.into()
        }
    };
    Ok(secret(text.expose_secret())?.to_owned().into())
}
