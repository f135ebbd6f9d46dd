//! Ours beside what else a publisher could have, in one run: the same requests from the same load,
//! the contestants in turn, on the same machine. `scripts/bench` runs it and puts what it prints into
//! docs/performance.md; nothing is asserted but that every contestant does its work.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its result"
)]

mod aims;
mod cells;
mod checks;
mod crowd;
mod databases;
mod limits;
mod load;
mod ours;
mod process;
mod report;
mod requests;
#[path = "../service/mod.rs"]
mod service;
mod services;
mod stage;

use std::sync::Arc;

use cells::{Cell, Contestant, Options};
use clap::Parser as _;
use load::Outcome;
use report::Run;
use requests::Plan;
use stage::Stage;

/// How long a contestant is warmed up, in seconds.
const WARM: f64 = 0.7;

#[tokio::main]
async fn main() {
    let options = Options::parse();
    rlimit::increase_nofile_limit(65_536).unwrap();
    let cells = cells::chosen(&options);
    let needs = |kind| {
        cells
            .iter()
            .flat_map(|c| &c.contestants)
            .any(|c| c.kind() == Some(kind))
    };
    let mut stage = Stage::new(needs(cells::Kind::Postgres)).await;
    let mut runs = Vec::new();
    for cell in &cells {
        let seconds = WARM + options.seconds() + 0.3;
        let plan = Arc::new(stage.maker().plan(cell, seconds));
        for contestant in &cell.contestants {
            stage.prepare(cell, *contestant, seconds).await;
        }
        for repeat in 0..options.repeats() {
            for contestant in &cell.contestants {
                let run = measure(&mut stage, cell, *contestant, plan.clone(), &options).await;
                eprintln!("{repeat} {run}");
                runs.push(run);
            }
        }
    }
    println!("{}", aims::table(&runs));
    println!("{}", report::tables(&runs).trim_end());
    stage.end().await;
}

/// One contestant in one cell: a database of its own, the refusals, the load, the rows.
async fn measure(
    stage: &mut Stage,
    cell: &Cell,
    contestant: Contestant,
    plan: Arc<Plan>,
    options: &Options,
) -> Run {
    let home = stage
        .enter(cell, contestant, WARM + options.seconds() + 0.3)
        .await;
    let statements = checks::counts(contestant, cell.workload);
    let server = stage.server.as_ref();
    let before = match &home {
        Some(home) => home.numbers(statements, server).await,
        None => Vec::new(),
    };
    let watch = stage.watch(contestant);
    let mut idle = 0.0;
    let service = services::start(&stage.ours, contestant, home.as_ref()).await;
    let outcome = match (service, &home) {
        (Some(service), _) => {
            idle = service.resident();
            let checked = checks::refusals(&stage.maker(), contestant, cell).await;
            let (port, connections) = (stage.ours.port, cell.connections);
            let seconds = options.seconds();
            let load = move || load::run(&plan, port, connections, (WARM, seconds), service, watch);
            let outcome = tokio::task::spawn_blocking(load).await.unwrap();
            Outcome {
                acknowledged: outcome.acknowledged + checked,
                ..outcome
            }
        }
        (None, Some(home)) => limit(stage, cell, contestant, home, options.seconds()).await,
        (None, None) => unreachable!("neither a service nor a database"),
    };
    let mut kept = Vec::new();
    if let Some(home) = home {
        let after = home.numbers(statements, server).await;
        kept = after.iter().zip(&before).map(|(a, b)| a - b).collect();
        stage.leave(cell, home).await;
    }
    Run::new(cell.clone(), contestant, outcome, idle, kept)
}

async fn limit(
    stage: &Stage,
    cell: &Cell,
    contestant: Contestant,
    home: &databases::Home,
    seconds: f64,
) -> Outcome {
    let watch = stage.watch(contestant);
    match (contestant, &stage.server) {
        (Contestant::SqliteCommits, _) => limits::sqlite(home, 1, seconds, &watch).await,
        (Contestant::SqliteCommitsGrouped, _) => {
            limits::sqlite(home, cell.connections, seconds, &watch).await
        }
        (_, Some(server)) => {
            limits::pgbench(home, contestant, cell.connections, seconds, server).await
        }
        _ => unreachable!("a limit of a database that is not there"),
    }
}
