//! The log: on standard error, as text or JSON.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Sets the log up for the rest of the process.
pub(super) fn init(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(directives(&config.log)).map_err(|_| {
        anyhow::anyhow!("ACCORD_LOG is not a filter like info or accord=debug,warn")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second command in one process (as in tests) keeps the first log.
    let _ = match config.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    Ok(())
}

/// A bare level is ours alone: at `debug` and `trace` the libraries below us would write
/// addresses with their queries, and so codes and signatures.
fn directives(wanted: &str) -> String {
    if wanted.contains(['=', ',']) {
        wanted.to_owned()
    } else {
        format!("warn,accord={wanted}")
    }
}
