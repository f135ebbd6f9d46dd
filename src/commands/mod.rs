//! The commands. Results go to standard output and nothing else does; logs go to
//! standard error. A command returns whether its task succeeded.

mod audit;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod endpoint;
mod keys;
mod log;
pub mod policy;
mod product;
mod receipt;
mod serve;
pub mod widget;

use std::io::Write;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::clock::Clock;
use crate::config::Config;
use crate::store::{self, Store};
use crate::{keys as master_keys, web};

/// Accord: the back end of amoCRM and Kommo widgets.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything on this machine: an emulated amoCRM, the service, a product with a policy
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    /// Run the service; migrates the database first
    Serve(serve::Args),
    /// Bring the database up to date
    Migrate,
    /// Products: one amoCRM integration each
    #[command(subcommand)]
    Product(product::Command),
    /// Policies: check, publish, look up
    #[command(subcommand)]
    Policy(policy::Command),
    /// The consent ledger: prove it, sign what it holds, derive again what follows
    #[command(subcommand)]
    Audit(audit::Command),
    /// Receipts of consents and withdrawals
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Keys: count what they sealed, change the master key, revoke a signing key
    #[command(subcommand)]
    Keys(keys::Command),
    /// Where the publisher's own back ends listen for events
    #[command(subcommand)]
    Endpoint(endpoint::Command),
    /// The amoCRM archive: check it, pack it, put the consent part into it
    Widget(widget::WidgetArgs),
    /// Check configuration, database, keys, hosts; say what to do
    Doctor,
    /// The API description as JSON
    Openapi,
}

/// Runs a command; `false` means that its task failed and it has said why.
///
/// # Errors
/// What kept the command from its task.
pub fn run(cli: Cli) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => {
            drop(out);
            demo::run(args)
        }
        Command::Serve(args) => {
            drop(out);
            serve::run(&args)
        }
        Command::Migrate => {
            let config = configured()?;
            block_on(async {
                store::migrate(&config.database)
                    .await
                    .context("the database was not migrated")
            })?;
            Ok(true)
        }
        Command::Product(command) => product::run(command, &mut out),
        Command::Policy(command) => policy::run(command, &mut out),
        Command::Audit(command) => audit::run(command, &mut out),
        Command::Receipt(command) => receipt::run(command, &mut out),
        Command::Keys(command) => keys::run(command, &mut out),
        Command::Endpoint(command) => endpoint::run(command, &mut out),
        Command::Widget(args) => widget::run(args, &mut out, &mut std::io::stderr().lock()),
        Command::Doctor => doctor::run(&mut out),
        Command::Openapi => {
            serde_json::to_writer_pretty(&mut out, web::openapi())?;
            writeln!(out)?;
            Ok(true)
        }
    }
}

/// The configuration, with the log set up as it says.
fn configured() -> anyhow::Result<Config> {
    let config = Config::from_env()?;
    log::init(&config)?;
    Ok(config)
}

/// The time for a command: the machine's, or, in the data directory of a demo, that of the demo's
/// world, whose clock people move.
///
/// # Errors
/// When there is such a world and it cannot be read.
fn clock(config: &Config) -> anyhow::Result<Clock> {
    #[cfg(feature = "demo")]
    if let Some(clock) = demo::world_clock::beside(config)? {
        return Ok(clock);
    }
    #[cfg(not(feature = "demo"))]
    let _ = config;
    Ok(Clock::system())
}

/// Opens the database for a command that runs beside a service: migrated, as `serve` does.
async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Store> {
    store::migrate(&config.database)
        .await
        .context("the database was not migrated")?;
    let keys = master_keys::load(config)?;
    Store::open(&config.database, &keys, clock.now())
        .await
        .context("the database was not opened")
}

/// Runs a command's future to its end.
fn block_on<T>(task: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(task)
}
