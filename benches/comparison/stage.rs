//! What a run needs around the contestants: the emulated amoCRM, and databases that were filled once
//! and are copied for every run, so that each begins with the same rows.

use std::collections::HashMap;

use amocrm_emulator::{Emulator, Options};

use crate::cells::{Cell, Contestant, Kind, Workload};
use crate::crowd;
use crate::databases::{Home, Server};
use crate::ours::Ours;
use crate::process::Watch;
use crate::requests::{self, Maker};
use crate::services::CONTROLS;

/// What a database holds before a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rows {
    /// Ours: one account that consented. A control's: nothing.
    Few,
    /// Besides, so many accounts that granted access.
    Granted(u64),
    /// Besides, so many in which a person consented.
    Consented(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kept {
    ours: bool,
    kind: Kind,
    rows: Rows,
}

/// Many Installs are not copied: they are only read.
const TOO_MANY_TO_COPY: u64 = 100_000;

pub struct Stage {
    pub ours: Ours,
    pub server: Option<Server>,
    folder: tempfile::TempDir,
    emulator: Emulator,
    policy_hash: String,
    kept: HashMap<Kept, Home>,
    runs: u32,
}

impl Stage {
    pub async fn new(postgres: bool) -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let server = if postgres { Server::find().await } else { None };
        assert!(
            !postgres || server.is_some(),
            "run it under FSYNC=on scripts/postgres"
        );
        let mut stage = Self {
            ours: Ours::new(port, emulator.port()),
            server,
            folder: tempfile::TempDir::new().unwrap(),
            emulator,
            policy_hash: String::new(),
            kept: HashMap::new(),
            runs: 0,
        };
        // Its Policy's hash is in every consent that is sent.
        stage.fill(true, Kind::Sqlite, Rows::Few).await;
        stage
    }

    pub fn maker(&self) -> Maker {
        Maker {
            port: self.ours.port,
            amocrm: self.ours.amocrm,
            policy_hash: self.policy_hash.clone(),
        }
    }

    pub fn watch(&self, contestant: Contestant) -> Watch {
        let server = self.server.as_ref();
        let used = server.filter(|_| contestant.kind() == Some(Kind::Postgres));
        Watch {
            postmaster: used.map(|server| server.postmaster),
        }
    }

    /// Fills what a contestant begins with, where that was not done yet.
    pub async fn prepare(&mut self, cell: &Cell, contestant: Contestant, seconds: f64) {
        if let Some(kept) = wanted(cell, contestant, seconds) {
            self.fill(kept.ours, kept.kind, kept.rows).await;
        }
    }

    /// The database of one run.
    pub async fn enter(
        &mut self,
        cell: &Cell,
        contestant: Contestant,
        seconds: f64,
    ) -> Option<Home> {
        let home = self.kept.get(&wanted(cell, contestant, seconds)?)?;
        if is_only_read(cell) {
            return Some(home.clone());
        }
        self.runs += 1;
        let name = format!("run{}", self.runs);
        Some(home.copy(&name, self.server.as_ref()).await)
    }

    pub async fn leave(&self, cell: &Cell, home: Home) {
        if !is_only_read(cell) {
            home.remove(self.server.as_ref()).await;
        }
    }

    pub async fn end(self) {
        for home in self.kept.into_values() {
            home.remove(self.server.as_ref()).await;
        }
    }

    async fn fill(&mut self, ours: bool, kind: Kind, rows: Rows) {
        let kept = Kept { ours, kind, rows };
        if self.kept.contains_key(&kept) {
            return;
        }
        eprintln!("filling {kept:?}");
        let home = match rows {
            Rows::Few => self.few(ours, kind).await,
            Rows::Granted(count) | Rows::Consented(count) => {
                let few = Kept {
                    rows: Rows::Few,
                    ..kept
                };
                Box::pin(self.fill(ours, kind, Rows::Few)).await;
                let name = format!("filled{}", self.kept.len());
                let home = self.kept[&few].copy(&name, self.server.as_ref()).await;
                let service = &self.ours;
                match (ours, rows) {
                    (false, _) => crowd::of_control(&home, count).await,
                    (true, Rows::Granted(_)) => {
                        crowd::repeat(&home, &crowd::GRANTED, count, service).await;
                    }
                    (true, _) => crowd::repeat(&home, &crowd::EVERYTHING, count, service).await,
                }
                home
            }
        };
        self.kept.insert(kept, home);
    }

    async fn few(&mut self, ours: bool, kind: Kind) -> Home {
        let name = format!("few{}", self.kept.len());
        let server = self.server.as_ref();
        let home = Home::make(kind, self.folder.path(), &name, server).await;
        if ours {
            self.policy_hash = self.ours.begin(&home, &self.emulator, server).await;
        } else {
            let schema = std::fs::read_to_string(format!("{CONTROLS}/schema.sql")).unwrap();
            let mut db = home.open().await;
            db.run(&schema).await;
            db.close().await;
        }
        home
    }
}

fn wanted(cell: &Cell, contestant: Contestant, seconds: f64) -> Option<Kept> {
    let rows = match (cell.workload, cell.installs) {
        (Workload::Standing, Some((count, _))) => Rows::Consented(count),
        (Workload::Disconnect, _) if contestant.has_our_schema() => {
            Rows::Granted(requests::disconnects(seconds))
        }
        _ => Rows::Few,
    };
    Some(Kept {
        ours: contestant.has_our_schema(),
        kind: contestant.kind()?,
        rows,
    })
}

fn is_only_read(cell: &Cell) -> bool {
    cell.workload == Workload::Standing
        && cell
            .installs
            .is_some_and(|(count, _)| count > TOO_MANY_TO_COPY)
}
