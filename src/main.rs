//! The command: reads its arguments and calls the house.

use std::io;
use std::process::ExitCode;

use accord::commands::{self, Cli};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) if reader_left(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("accord: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nobody reads on, as `head` does once it has enough: no failure of ours.
fn reader_left(e: &anyhow::Error) -> bool {
    let io = |e: &(dyn std::error::Error + 'static)| match e.downcast_ref::<serde_json::Error>() {
        Some(json) => json.io_error_kind(),
        None => e.downcast_ref::<io::Error>().map(io::Error::kind),
    };
    e.chain()
        .filter_map(io)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}
