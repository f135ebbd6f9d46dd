//! `accord keys`: which keys there are, a change of master keys, the end of a signing key.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;

use super::{block_on, clock, configured, open};
use crate::actions::keys::{self, AT_ONCE, Count, Resealing};
use crate::domain::signing::PublishedKey;
use crate::store::{self, Store};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Master keys with what each has sealed, and signing keys with their times
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Seal everything with the first master key, so that the others can be taken out
    Reseal {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Believe nothing more that a signing key signs; a new one takes its place
    Revoke {
        /// As `list` and /.well-known/accord-keys.json show it
        id: String,
    },
}

#[derive(Serialize)]
struct Master {
    id: String,
    /// `seals`, `opens`, or `missing`: not in the configuration.
    role: &'static str,
    values: u64,
}

#[derive(Serialize)]
struct Listed {
    master: Vec<Master>,
    signing: Vec<PublishedKey>,
}

#[derive(Serialize)]
struct Resealed {
    key: String,
    resealed: u64,
    /// What another key still seals, by why.
    left: Vec<String>,
}

pub(super) fn run(command: Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = configured()?;
    let clock = clock(&config)?;
    block_on(async {
        let store = open(&config, &clock).await?;
        match command {
            Command::List { json } => list(&store, json, out).await,
            Command::Reseal { json } => {
                if store::lack_first_key(&store, &config.database).await? {
                    bail!(
                        "a service runs that does not hold the first key, so that it could not open what is sealed anew: \
                         start it again with this ACCORD_MASTER_KEY, then repeat this (nothing was changed)"
                    );
                }
                reseal(&store, json, out).await
            }
            Command::Revoke { id } => {
                if !keys::revoke(&store, &id, clock.now()).await? {
                    bail!("there is no signing key {id}: accord keys list");
                }
                writeln!(
                    out,
                    "{id} is revoked: nothing that it signs from now on is believed, and what it signed"
                )?;
                writeln!(
                    out,
                    "before only beside a checkpoint kept elsewhere (docs/keys.md)"
                )?;
                Ok(true)
            }
        }
    })
}

async fn list(store: &Store, json: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
    let listed = Listed {
        master: keys::census(store).await?.iter().map(master).collect(),
        signing: store::signing_keys::published(store).await?.keys,
    };
    if json {
        serde_json::to_writer(&mut *out, &listed)?;
        writeln!(out)?;
        return Ok(true);
    }
    for key in &listed.master {
        writeln!(
            out,
            "master   {}  {:<8}{} value(s)",
            key.id, key.role, key.values
        )?;
    }
    for key in &listed.signing {
        let end = match (key.revoked_at, key.until) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(until)) => format!("until {until}"),
            (None, None) => "signs".to_owned(),
        };
        writeln!(out, "signing  {}  from {}, {end}", key.id, key.from)?;
    }
    Ok(true)
}

fn master(count: &Count) -> Master {
    Master {
        id: count.id.to_string(),
        role: match count {
            Count { held: false, .. } => "missing",
            Count { first: true, .. } => "seals",
            Count { .. } => "opens",
        },
        values: count.values,
    }
}

async fn reseal(store: &Store, json: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut work = Resealing::new(store, AT_ONCE);
    while work.next_page().await? {
        // Another process waits for SQLite's writer by looking again ever more seldom: it gets
        // more of the time than we do.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let report = Resealed {
        key: store.first_key().to_string(),
        resealed: work.sealed,
        left: left(store, &work).await?,
    };
    if json {
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        writeln!(
            out,
            "{} value(s) were sealed anew with {}",
            report.resealed, report.key
        )?;
        for line in &report.left {
            writeln!(out, "left: {line}")?;
        }
        if report.left.is_empty() {
            writeln!(
                out,
                "all are sealed with it: the other master keys can be taken out"
            )?;
        }
    }
    Ok(report.left.is_empty())
}

/// What another key than the first still seals.
async fn left(store: &Store, work: &Resealing<'_>) -> anyhow::Result<Vec<String>> {
    let mut closed: BTreeMap<String, u64> = BTreeMap::new();
    for (column, id) in &work.closed {
        let what = format!("{}.{} sealed with {id}", column.table, column.name);
        *closed.entry(what).or_default() += 1;
    }
    let mut left: Vec<String> = closed
        .into_iter()
        .map(|(what, n)| format!("{n} value(s) of {what} do not open"))
        .collect();
    let other: u64 = keys::census(store)
        .await?
        .iter()
        .filter(|count| !count.first)
        .map(|count| count.values)
        .sum();
    let others = other.saturating_sub(work.closed.len() as u64);
    if others > 0 {
        left.push(format!(
            "{others} value(s) were sealed with another key meanwhile: an instance that runs has another first key"
        ));
    }
    Ok(left)
}
