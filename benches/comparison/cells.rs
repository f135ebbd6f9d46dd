//! What is compared with what: the workloads, the contestants, and the cells of the table.

use clap::{Parser, ValueEnum};

/// `scripts/bench` passes these on.
#[derive(Parser)]
pub struct Options {
    /// Only these workloads
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Workload>,
    /// Only these contestants
    #[arg(long, value_enum, value_delimiter = ',')]
    contestants: Vec<Contestant>,
    /// How many connections send at once
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64])]
    pub connections: Vec<usize>,
    /// How many Installs there are while standings are read, the fewest first
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    installs: Vec<u64>,
    /// How long a cell is measured
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// How often
    #[arg(long, default_value_t = 2)]
    repeats: usize,
    /// One second, once, with the fewest Installs: says whether all contestants work
    #[arg(long)]
    pub quick: bool,
    /// From cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    pub fn seconds(&self) -> f64 {
        if self.quick { 1.0 } else { self.seconds }
    }

    pub fn repeats(&self) -> usize {
        if self.quick { 1 } else { self.repeats }
    }

    pub fn installs(&self) -> &[u64] {
        let most = if self.quick { 1 } else { self.installs.len() };
        &self.installs[..most]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    Standing,
    Consent,
    Disconnect,
    Install,
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Contestant {
    /// actix-web with a fixed answer.
    Actix,
    /// The same behind an HS256 token.
    ActixToken,
    AccordSqlite,
    AccordPostgres,
    /// Two rows or one, a commit each; a process a core.
    FastifySqlite,
    /// The same rows in one process that shares commits.
    FastifySqliteGrouped,
    FastifyPostgres,
    /// One row a commit in this process, without HTTP.
    SqliteCommits,
    /// As many rows a commit as there are connections.
    SqliteCommitsGrouped,
    /// The statements of our disconnect hook.
    Pgbench,
    /// One row a transaction.
    PgbenchOneRow,
}

impl Contestant {
    pub fn name(self) -> String {
        let name = self.to_possible_value();
        name.map_or_else(String::new, |v| v.get_name().to_owned())
    }

    /// Where it keeps its rows.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Actix | Self::ActixToken => None,
            Self::AccordSqlite
            | Self::FastifySqlite
            | Self::FastifySqliteGrouped
            | Self::SqliteCommits
            | Self::SqliteCommitsGrouped => Some(Kind::Sqlite),
            Self::AccordPostgres | Self::FastifyPostgres | Self::Pgbench | Self::PgbenchOneRow => {
                Some(Kind::Postgres)
            }
        }
    }

    pub fn is_ours(self) -> bool {
        matches!(self, Self::AccordSqlite | Self::AccordPostgres)
    }

    /// Whether it works on our tables.
    pub fn has_our_schema(self) -> bool {
        self.is_ours() || self == Self::Pgbench
    }
}

/// How often the same account is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Ten thousand accounts, again and again.
    Hot,
    /// Every request another account, after a start: nothing was read before.
    Once,
}

/// One line of questions: every contestant is asked the same, in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub workload: Workload,
    /// Of which standings are read.
    pub installs: Option<(u64, Reads)>,
    pub connections: usize,
    pub contestants: Vec<Contestant>,
}

pub fn chosen(options: &Options) -> Vec<Cell> {
    let mut cells = Vec::new();
    for workload in Workload::value_variants() {
        if !options.only.is_empty() && !options.only.contains(workload) {
            continue;
        }
        for (installs, contestants) in lines(*workload, options.installs()) {
            for connections in &options.connections {
                let wanted = |c: &&Contestant| {
                    options.contestants.is_empty() || options.contestants.contains(c)
                };
                cells.push(Cell {
                    workload: *workload,
                    installs,
                    connections: *connections,
                    contestants: contestants.iter().filter(wanted).copied().collect(),
                });
            }
        }
    }
    cells.retain(|cell| !cell.contestants.is_empty());
    cells
}

type Line = (Option<(u64, Reads)>, Vec<Contestant>);

fn lines(workload: Workload, installs: &[u64]) -> Vec<Line> {
    use Contestant as C;
    let ours = [C::AccordSqlite, C::AccordPostgres];
    let databases = [C::FastifySqlite, C::FastifyPostgres];
    let writers = [
        &ours[..],
        &[
            C::FastifySqlite,
            C::FastifySqliteGrouped,
            C::FastifyPostgres,
        ],
    ]
    .concat();
    match workload {
        Workload::Standing => {
            let mut lines: Vec<Line> = Vec::new();
            for (n, count) in installs.iter().enumerate() {
                let limits = [C::Actix, C::ActixToken];
                // The controls keep nothing in memory: many Installs change little for them.
                let contestants = match n {
                    0 => [&limits[..], &ours, &databases].concat(),
                    _ => ours.to_vec(),
                };
                lines.push((Some((*count, Reads::Hot)), contestants));
            }
            let most = installs.last().map(|count| (*count, Reads::Once));
            lines.push((most, [ours, databases].concat()));
            lines
        }
        Workload::Consent | Workload::Install => vec![(None, writers)],
        Workload::Disconnect => {
            let limits = [
                C::SqliteCommits,
                C::SqliteCommitsGrouped,
                C::Pgbench,
                C::PgbenchOneRow,
            ];
            vec![(None, [&writers[..], &limits].concat())]
        }
    }
}
