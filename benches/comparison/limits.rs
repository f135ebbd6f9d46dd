//! The databases' own limits, without a service in front: commits of SQLite, and pgbench.

use std::process::Command;
use std::time::Instant;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::cells::Contestant;
use crate::databases::{Home, Server};
use crate::load::Outcome;
use crate::process::Watch;
use crate::requests::BEFORE_FIRST;
use crate::services::CONTROLS;

/// Commits `group` rows at a time, as one statement, one commit after the other.
pub async fn sqlite(home: &Home, group: usize, seconds: f64, watch: &Watch) -> Outcome {
    let mut db = SqliteConnectOptions::new()
        .filename(home.folder.join("data/accord.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    let mut outcome = Outcome::default();
    let before = watch.around();
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < seconds {
        let from = outcome.acknowledged + 1;
        let to = outcome.acknowledged + i64::try_from(group).unwrap();
        let accounts: Vec<i64> = (from..=to).collect();
        let sent = Instant::now();
        sqlx::query("INSERT INTO disconnect SELECT value, 0 FROM json_each(?)")
            .bind(serde_json::to_string(&accounts).unwrap())
            .execute(&mut db)
            .await
            .unwrap();
        let micros = u32::try_from(sent.elapsed().as_micros()).unwrap();
        outcome.times.extend(std::iter::repeat_n(micros, group));
        outcome.acknowledged = to;
    }
    outcome.seconds = begun.elapsed().as_secs_f64();
    outcome.cpu = watch.around() - before;
    // Load and database are one process here.
    outcome.cpu.server = std::mem::take(&mut outcome.cpu.load);
    outcome.times.sort_unstable();
    db.close().await.unwrap();
    outcome
}

/// Runs a script of pgbench with so many clients.
pub async fn pgbench(
    home: &Home,
    contestant: Contestant,
    connections: usize,
    seconds: f64,
    server: &Server,
) -> Outcome {
    let script = match contestant {
        Contestant::Pgbench => "pgbench-disconnect.sql",
        _ => "pgbench-one-row.sql",
    };
    let mut command = Command::new(binary());
    if contestant == Contestant::Pgbench {
        let mut db = home.open().await;
        let product = db.texts("SELECT id::text FROM product").await;
        db.close().await;
        command.arg("-D").arg(format!("product={}", product[0]));
    }
    let clients = connections as u64;
    command
        .current_dir(&home.folder)
        .args(["-n", "-M", "prepared", "-l", "--log-prefix=log", "-j", "1"])
        .args(["-D", "n=0", "-D", &format!("clients={clients}")])
        .args(["-D", &format!("first={}", BEFORE_FIRST + 1 - clients)])
        .args(["-c", &clients.to_string()])
        .args(["-T", &(seconds.ceil() as u64).to_string()])
        .args(["-f", &format!("{CONTROLS}/{script}"), &home.address]);
    let watch = Watch {
        postmaster: Some(server.postmaster),
    };
    let before = watch.around();
    let begun = Instant::now();
    let done = tokio::task::spawn_blocking(move || command.output().unwrap());
    let done = done.await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && !said.contains("aborted"), "{said}");
    let mut times = times(home);
    times.sort_unstable();
    Outcome {
        seconds: rate(&String::from_utf8_lossy(&done.stdout))
            .map_or(took, |r| times.len() as f64 / r),
        acknowledged: i64::try_from(times.len()).unwrap(),
        times,
        cpu: watch.around() - before,
        ..Outcome::default()
    }
}

/// Debian keeps it beside the server.
fn binary() -> std::path::PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let found = versions.filter_map(|v| Some(v.ok()?.path().join("bin/pgbench")));
    found
        .filter(|path| path.exists())
        .max()
        .unwrap_or_else(|| "pgbench".into())
}

/// Transactions a second, without the time that connecting took.
fn rate(report: &str) -> Option<f64> {
    let line = report.lines().find(|line| line.starts_with("tps = "))?;
    line.split_whitespace().nth(2)?.parse().ok()
}

/// The third field of each line of pgbench's log: how long a transaction took, in microseconds.
fn times(home: &Home) -> Vec<u32> {
    let files = std::fs::read_dir(&home.folder).unwrap();
    let logs = files
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().starts_with("log."));
    let texts: Vec<String> = logs
        .map(|file| std::fs::read_to_string(file.path()).unwrap())
        .collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .filter_map(|line| line.split_whitespace().nth(2)?.parse().ok())
        .collect()
}
