//! What was measured, as tables.

use std::fmt::{self, Write as _};

use crate::cells::{Cell, Contestant, Reads, Workload};
use crate::checks;
use crate::load::Outcome;

/// One contestant in one cell, once.
pub struct Run {
    pub cell: Cell,
    pub contestant: Contestant,
    /// Answers a second.
    pub rate: f64,
    /// Resident before the load, in MB.
    pub idle: f64,
    pub outcome: Outcome,
    /// What came into the tables that are counted.
    kept: Vec<i64>,
}

impl Run {
    pub fn new(
        cell: Cell,
        contestant: Contestant,
        outcome: Outcome,
        idle: f64,
        kept: Vec<i64>,
    ) -> Self {
        Self {
            rate: outcome.times.len() as f64 / outcome.seconds,
            cell,
            contestant,
            idle,
            outcome,
            kept,
        }
    }

    fn agrees(&self) -> bool {
        checks::agree(&self.kept, self.outcome.acknowledged, self.cell.connections)
    }

    /// Seconds of the server's and of the database's CPU for ten thousand answers.
    pub fn cpu(&self) -> (f64, f64) {
        let each = 10_000.0 / self.outcome.times.len().max(1) as f64;
        (
            self.outcome.cpu.server * each,
            self.outcome.cpu.database * each,
        )
    }

    /// What others took of the machine meanwhile, in percent.
    fn others(&self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        let cpu = self.outcome.cpu;
        let others = cpu.all - cpu.server - cpu.database - cpu.load;
        others.max(0.0) / (self.outcome.seconds * cores) * 100.0
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cell {
            workload,
            installs,
            connections,
            ..
        } = &self.cell;
        let (name, rate, kept) = (self.contestant.name(), self.rate, &self.kept);
        write!(
            f,
            "{workload:?} {installs:?} {connections} {name}: {rate:.0}/s, "
        )?;
        let (refused, acknowledged) = (self.outcome.refused, self.outcome.acknowledged);
        write!(
            f,
            "{refused} refused, {acknowledged} acknowledged, rows {kept:?}"
        )
    }
}

/// A table for each workload and number of Installs, in the order of the runs.
pub fn tables(runs: &[Run]) -> String {
    let mut text = String::new();
    let mut titles: Vec<String> = runs.iter().map(|run| title(&run.cell)).collect();
    titles.dedup();
    for wanted in titles {
        writeln!(text, "### {wanted}\n").unwrap();
        text.push_str("| contestant | connections | requests/s | p50 ms | p99 ms | memory MB | server CPU s/10,000 | database CPU s/10,000 | not 2xx | rows / acknowledged | others' CPU |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        let mut seen = Vec::new();
        for run in runs.iter().filter(|run| title(&run.cell) == wanted) {
            let key = (run.cell.connections, run.contestant);
            if !seen.contains(&key) {
                seen.push(key);
                let same = |r: &&Run| r.cell == run.cell && r.contestant == run.contestant;
                line(&mut text, &runs.iter().filter(same).collect::<Vec<_>>());
            }
        }
        text.push('\n');
    }
    text
}

fn title(cell: &Cell) -> String {
    match (cell.workload, cell.installs) {
        (Workload::Standing, Some((count, Reads::Hot))) => {
            format!("*standing*, {} Installs", grouped(count as f64))
        }
        (Workload::Standing, Some((count, Reads::Once))) => {
            format!(
                "*standing*, {} Installs, no account twice",
                grouped(count as f64)
            )
        }
        (workload, _) => format!("*{}*", format!("{workload:?}").to_lowercase()),
    }
}

/// All repeats of one contestant in one cell.
fn line(text: &mut String, repeats: &[&Run]) {
    let mean = |of: &dyn Fn(&Run) -> f64| {
        repeats.iter().map(|run| of(run)).sum::<f64>() / repeats.len() as f64
    };
    let rates = repeats.iter().map(|run| run.rate);
    let (least, most) = (
        rates.clone().fold(f64::MAX, f64::min),
        rates.fold(0.0, f64::max),
    );
    let mut times: Vec<u32> = repeats
        .iter()
        .flat_map(|run| run.outcome.times.iter().copied())
        .collect();
    times.sort_unstable();
    let at = |q: f64| {
        let n = (times.len().saturating_sub(1) as f64 * q) as usize;
        times.get(n).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    };
    let first = repeats[0];
    let is_service = first.idle > 0.0;
    let shown = |wanted: bool, value: String| if wanted { value } else { "–".to_owned() };
    let rows = match first.kept.first() {
        None => "no write".to_owned(),
        Some(_) => {
            let kept: i64 = repeats.iter().map(|run| run.kept[0]).sum();
            let acknowledged: i64 = repeats.iter().map(|run| run.outcome.acknowledged).sum();
            let sign = if repeats.iter().all(|run| run.agrees()) {
                '✔'
            } else {
                '✘'
            };
            format!(
                "{} / {} {sign}",
                grouped(kept as f64),
                grouped(acknowledged as f64)
            )
        }
    };
    writeln!(
        text,
        "| {} | {} | {} ({}–{}) | {:.2} | {:.2} | {} | {} | {} | {} | {rows} | {} |",
        first.contestant.name(),
        first.cell.connections,
        grouped(mean(&|run| run.rate)),
        grouped(least),
        grouped(most),
        at(0.5),
        at(0.99),
        shown(
            is_service,
            format!("{:.0}", mean(&|run| run.outcome.memory))
        ),
        shown(
            first.outcome.cpu.server > 0.0,
            format!("{:.2}", mean(&|run| run.cpu().0))
        ),
        shown(
            first.outcome.cpu.database > 0.0,
            format!("{:.2}", mean(&|run| run.cpu().1))
        ),
        repeats.iter().map(|run| run.outcome.refused).sum::<u64>(),
        shown(is_service, format!("{:.0} %", mean(&|run| run.others()))),
    )
    .unwrap();
}

/// A whole number, its thousands apart.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
