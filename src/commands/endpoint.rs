//! `accord endpoint`: where the Publisher's back ends listen for events.

use std::io::Write;

use anyhow::{Context as _, anyhow, bail};
use clap::Subcommand;
use serde::Serialize;
use uuid::Uuid;

use super::{block_on, clock, configured, open};
use crate::actions::events;
use crate::domain::addresses::endpoint;
use crate::domain::ids::EndpointId;
use crate::domain::products::ProductCode;
use crate::domain::time::Timestamp;
use crate::store::endpoints::{Endpoint, SecretTerm};
use crate::store::{self, Store};

mod place;

/// What can be done with endpoints.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tell a product's events to an address; prints the signing secret, once
    Add {
        /// The product's code
        #[arg(long)]
        product: String,
        /// Where to: https, or http on this machine
        #[arg(long)]
        url: String,
        /// An address of this very machine is meant, though the service is reached from elsewhere
        #[arg(long)]
        loopback: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// All endpoints, with what waits there and what was given up
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell an address nothing more; what was still to be told is dropped
    Remove {
        /// As `list` shows it
        id: Uuid,
    },
    /// Sign with a new secret, which is printed, once; the one before signs beside it for a day
    RotateSecret {
        /// As `list` shows it
        id: Uuid,
        /// After a leak: the one before signs nothing more
        #[arg(long)]
        at_once: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Begin anew with the events that were given up after three days
    Retry {
        /// As `list` shows it
        id: Uuid,
    },
}

#[derive(Serialize)]
struct Line {
    id: EndpointId,
    product: String,
    url: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    secrets: Vec<SecretTerm>,
    waiting: u64,
    failed: u64,
    last_fault: Option<String>,
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = configured()?;
    let clock = clock(&config)?;
    block_on(async {
        let store = open(&config, &clock).await?;
        match command {
            Command::Add {
                product,
                url,
                loopback,
                json,
            } => {
                let url = endpoint(&url).map_err(|fault| anyhow!("--url {fault}"))?;
                place::check(&url, loopback || config.on_loopback()).await?;
                let code = ProductCode::parse(&product)?;
                let product = store::products::find(&store, &code)
                    .await?
                    .with_context(|| format!("there is no product {code}"))?;
                let (endpoint, secret) =
                    events::add_endpoint(&store, &product, &url, clock.now()).await?;
                let mut line = line(&store, endpoint, clock.now()).await?;
                line.secret = Some(secret);
                show(out, &[line], json, true)
            }
            Command::List { json } => {
                let mut lines = Vec::new();
                for endpoint in store::endpoints::list(&store, None).await? {
                    lines.push(line(&store, endpoint, clock.now()).await?);
                }
                show(out, &lines, json, false)
            }
            Command::Remove { id } => {
                if !events::remove_endpoint(&store, EndpointId(id)).await? {
                    bail!("there is no endpoint {id}");
                }
                Ok(true)
            }
            Command::RotateSecret { id, at_once, json } => {
                let now = clock.now();
                let (endpoint, secret) =
                    events::rotate_secret(&store, EndpointId(id), at_once, now)
                        .await?
                        .with_context(|| format!("there is no endpoint {id}"))?;
                let mut line = line(&store, endpoint, now).await?;
                line.secret = Some(secret);
                show(out, &[line], json, true)
            }
            Command::Retry { id } => {
                if store::endpoints::find(&store, EndpointId(id))
                    .await?
                    .is_none()
                {
                    bail!("there is no endpoint {id}");
                }
                let again = events::retry_endpoint(&store, EndpointId(id), clock.now()).await?;
                writeln!(out, "{again} event(s) are told again")?;
                Ok(true)
            }
        }
    })
}

async fn line(store: &Store, endpoint: Endpoint, now: Timestamp) -> anyhow::Result<Line> {
    let product = store::products::get(store, endpoint.product).await?;
    let count = store::events::count(store, Some(endpoint.id)).await?;
    Ok(Line {
        id: endpoint.id,
        product: product.code.to_string(),
        secrets: store::endpoints::secret_terms(store, endpoint.id, now).await?,
        url: endpoint.url.to_string(),
        created_at: endpoint.created_at,
        secret: None,
        waiting: count.waiting,
        failed: count.failed,
        last_fault: endpoint.last_fault.or(count.last_fault),
    })
}

fn show(out: &mut dyn Write, lines: &[Line], json: bool, single: bool) -> anyhow::Result<bool> {
    if json {
        match lines {
            [line] if single => serde_json::to_writer(&mut *out, line)?,
            lines => serde_json::to_writer(&mut *out, lines)?,
        }
        writeln!(out)?;
        return Ok(true);
    }
    for line in lines {
        writeln!(out, "{}  {}  {}", line.id, line.product, line.url)?;
        if let Some(secret) = &line.secret {
            writeln!(out, "  secret      {secret}  (it is not shown again)")?;
        }
        for term in &line.secrets {
            if let Some(until) = term.signs_until {
                writeln!(out, "  old secret  {}  signs until {until}", term.id)?;
            }
        }
        writeln!(out, "  waiting     {}", line.waiting)?;
        writeln!(out, "  given up    {}", line.failed)?;
        if let Some(fault) = &line.last_fault {
            writeln!(out, "  last fault  {fault}")?;
        }
    }
    Ok(true)
}
