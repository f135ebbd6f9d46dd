//! The aims, as ratios of one run: what was measured, and whether that is enough.

use std::fmt::Write as _;

use crate::cells::{Contestant as C, Reads, Workload as W};
use crate::report::{Run, grouped};

/// Which runs of a contestant.
#[derive(Clone, Copy)]
struct Of(W, Option<(u64, Reads)>, C);

/// What has to be reached.
#[derive(Clone, Copy)]
enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

struct Table<'a> {
    runs: &'a [Run],
    connections: Vec<usize>,
    text: String,
}

/// The worst of the numbers of connections decides. What was not measured is left out.
pub fn table(runs: &[Run]) -> String {
    let mut connections: Vec<usize> = runs.iter().map(|run| run.cell.connections).collect();
    connections.sort_unstable();
    connections.dedup();
    let mut table = Table {
        runs,
        connections,
        text: "| figure | aim | measured | |\n| --- | --- | --- | --- |\n".to_owned(),
    };
    standing(&mut table);
    writes(&mut table);
    table.text
}

fn standing(table: &mut Table<'_>) {
    let counts = |reads| {
        let of = move |run: &Run| {
            run.cell
                .installs
                .filter(|(_, r)| *r == reads)
                .map(|(n, _)| n)
        };
        let mut counts: Vec<u64> = table.runs.iter().filter_map(of).collect();
        counts.sort_unstable();
        (
            counts.first().copied().unwrap_or(0),
            counts.last().copied().unwrap_or(0),
        )
    };
    let ((few, many), (_, all)) = (counts(Reads::Hot), counts(Reads::Once));
    let hot = |count, contestant| Of(W::Standing, Some((count, Reads::Hot)), contestant);
    let once = |contestant| Of(W::Standing, Some((all, Reads::Once)), contestant);
    for (ours, database, control) in [
        (C::AccordSqlite, "SQLite", C::FastifySqlite),
        (C::AccordPostgres, "PostgreSQL", C::FastifyPostgres),
    ] {
        let ours_hot = hot(few, ours);
        let name = format!("*standing*, {database}");
        table.ratio(
            &format!("{name}, of actix-web with token verification"),
            Aim::AtLeast(0.6),
            ours_hot,
            hot(few, C::ActixToken),
        );
        table.ratio(
            &format!("{name}, of Fastify with SQLite"),
            Aim::AtLeast(2.5),
            ours_hot,
            hot(few, C::FastifySqlite),
        );
        if many > few {
            let what = format!(
                "{name}, {} Installs, of {}",
                grouped(many as f64),
                grouped(few as f64)
            );
            table.ratio(&what, Aim::AtLeast(0.9), hot(many, ours), ours_hot);
        }
        let what = format!("{name}, no account twice, of Fastify with {database}");
        table.ratio(&what, Aim::AtLeast(1.0), once(ours), once(control));
        let cpu = |run: &Run| run.cpu().0;
        table.value(
            &format!("{name}, CPU of 10,000, in s"),
            Aim::AtMost(0.3),
            ours_hot,
            &cpu,
        );
        table.value(
            &format!("memory idle, {database}, in MB"),
            Aim::AtMost(60.0),
            ours_hot,
            &|run| run.idle,
        );
        let what = format!(
            "memory under load with {} Installs, {database}, in MB",
            grouped(many as f64)
        );
        table.value(&what, Aim::AtMost(200.0), hot(many, ours), &|run| {
            run.outcome.memory
        });
        let what = format!("the same, no account twice, {database}, in MB");
        table.value(&what, Aim::AtMost(200.0), once(ours), &|run| {
            run.outcome.memory
        });
    }
}

fn writes(table: &mut Table<'_>) {
    let (disconnect, consent) = (|c| Of(W::Disconnect, None, c), |c| Of(W::Consent, None, c));
    let name = "*disconnect*, SQLite, of Fastify that groups its commits";
    let ours = disconnect(C::AccordSqlite);
    table.ratio(
        name,
        Aim::AtLeast(1.2),
        ours,
        disconnect(C::FastifySqliteGrouped),
    );
    let name = "*disconnect*, PostgreSQL, of pgbench with the same statements";
    let ours = disconnect(C::AccordPostgres);
    table.ratio(name, Aim::AtLeast(0.8), ours, disconnect(C::Pgbench));
    let name = "*consent*, SQLite, of Fastify that commits two rows alone";
    let ours = consent(C::AccordSqlite);
    table.ratio(name, Aim::AtLeast(1.0), ours, consent(C::FastifySqlite));
    let name = "*consent*, PostgreSQL, of Fastify with two rows";
    let ours = consent(C::AccordPostgres);
    table.ratio(name, Aim::AtLeast(0.5), ours, consent(C::FastifyPostgres));
    for (ours, database) in [
        (C::AccordSqlite, "SQLite"),
        (C::AccordPostgres, "PostgreSQL"),
    ] {
        // Seconds for ten thousand, as milliseconds each.
        let each = |run: &Run| run.cpu().0 / 10.0;
        let name = format!("*consent*, {database}, CPU each, in ms");
        table.value(&name, Aim::AtMost(0.6), consent(ours), &each);
    }
}

impl Table<'_> {
    fn ratio(&mut self, name: &str, aim: Aim, ours: Of, theirs: Of) {
        let rate = |run: &Run| run.rate;
        let found = |connections: &usize| {
            let ours = self.mean(ours, *connections, &rate)?;
            Some((*connections, ours / self.mean(theirs, *connections, &rate)?))
        };
        let values = self.connections.iter().filter_map(found).collect();
        self.line(name, aim, values);
    }

    fn value(&mut self, name: &str, aim: Aim, ours: Of, of: &dyn Fn(&Run) -> f64) {
        let found = |connections: &usize| Some((*connections, self.mean(ours, *connections, of)?));
        let values = self.connections.iter().filter_map(found).collect();
        self.line(name, aim, values);
    }

    fn mean(
        &self,
        Of(workload, installs, contestant): Of,
        connections: usize,
        of: &dyn Fn(&Run) -> f64,
    ) -> Option<f64> {
        let same = |run: &&Run| {
            run.cell.workload == workload
                && run.cell.installs == installs
                && run.cell.connections == connections
                && run.contestant == contestant
        };
        let values: Vec<f64> = self.runs.iter().filter(same).map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn line(&mut self, name: &str, aim: Aim, values: Vec<(usize, f64)>) {
        if values.is_empty() {
            return;
        }
        let shown = |value: f64| {
            if value < 10.0 {
                format!("{value:.2}")
            } else {
                format!("{value:.0}")
            }
        };
        let all: Vec<String> = values
            .iter()
            .map(|(at, value)| format!("{} at {at}", shown(*value)))
            .collect();
        let numbers = values.iter().map(|(_, value)| *value);
        let (sign, goal, missed) = match aim {
            Aim::AtLeast(goal) => ("≥", goal, 1.0 - numbers.fold(f64::MAX, f64::min) / goal),
            Aim::AtMost(goal) => ("≤", goal, numbers.fold(0.0, f64::max) / goal - 1.0),
        };
        let outcome = if missed > 0.0 {
            format!("missed by {:.0} %", (missed * 100.0).ceil())
        } else {
            "met".to_owned()
        };
        writeln!(
            self.text,
            "| {name} | {sign} {goal} | {} | {outcome} |",
            all.join(", ")
        )
        .unwrap();
    }
}
