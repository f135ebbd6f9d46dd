//! Processes that are measured: what they use, by /proc.

use std::ops::Sub;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// Linux tells times in hundredths of a second.
const TICKS: f64 = 100.0;

/// A process and its children, killed when this is dropped.
pub struct Group(Child);

impl Group {
    pub fn start(command: &mut Command) -> Self {
        let command = command.process_group(0).stdin(Stdio::null());
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    fn members(&self) -> impl Iterator<Item = Stat> {
        let id = self.0.id();
        processes().filter(move |process| process.group == id)
    }

    /// Resident memory of all of them, in MB.
    pub fn resident(&self) -> f64 {
        self.members().map(|process| resident(process.id)).sum()
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = Pid::from_raw(i32::try_from(self.0.id()).unwrap()) {
            let _ = kill_process_group(id, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// Seconds of CPU.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    pub server: f64,
    pub database: f64,
    /// Of the load itself.
    pub load: f64,
    /// Of the whole machine.
    pub all: f64,
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            server: self.server - before.server,
            database: self.database - before.database,
            load: self.load - before.load,
            all: self.all - before.all,
        }
    }
}

/// Whose CPU is read beside the service's.
#[derive(Clone, Copy)]
pub struct Watch {
    /// The server of PostgreSQL.
    pub postmaster: Option<u32>,
}

impl Watch {
    pub fn cpu(&self, service: &Group) -> Cpu {
        Cpu {
            server: service.members().map(|process| process.cpu).sum(),
            ..self.around()
        }
    }

    /// Without a service.
    pub fn around(&self) -> Cpu {
        let own = std::process::id();
        let database = |process: &Stat| match self.postmaster {
            Some(id) if process.id == id => process.cpu + process.ended_children,
            Some(id) if process.parent == id => process.cpu,
            _ => 0.0,
        };
        let (mut load, mut databases) = (0.0, 0.0);
        for process in processes() {
            databases += database(&process);
            if process.id == own {
                load = process.cpu;
            }
        }
        Cpu {
            server: 0.0,
            database: databases,
            load,
            all: machine(),
        }
    }
}

struct Stat {
    id: u32,
    parent: u32,
    group: u32,
    cpu: f64,
    ended_children: f64,
}

/// All processes there are, see proc_pid_stat(5).
fn processes() -> impl Iterator<Item = Stat> {
    let entries = std::fs::read_dir("/proc").unwrap();
    entries.filter_map(|entry| {
        let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before the last parenthesis may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |n: usize| fields.get(n)?.parse::<u32>().ok();
        let seconds = |n: usize| Some(f64::from(number(n)?) / TICKS);
        Some(Stat {
            id,
            parent: number(1)?,
            group: number(2)?,
            cpu: seconds(11)? + seconds(12)?,
            ended_children: seconds(13)? + seconds(14)?,
        })
    })
}

/// Who started a process.
pub fn parent(id: u32) -> Option<u32> {
    let found = processes().find(|process| process.id == id);
    found.map(|process| process.parent)
}

fn machine() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let fields = stat.lines().next().unwrap().split_whitespace().skip(1);
    let ticks: Vec<f64> = fields.map(|field| field.parse().unwrap()).collect();
    // user, nice, system; idle, iowait; irq, softirq.
    (ticks[..3].iter().sum::<f64>() + ticks[5..7].iter().sum::<f64>()) / TICKS
}

fn resident(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    kb.map_or(0.0, |kb| kb.parse::<f64>().unwrap() / 1024.0)
}
