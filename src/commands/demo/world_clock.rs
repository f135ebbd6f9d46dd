//! One clock for the demo's world: the emulator's, which people move. The service follows it as
//! it runs; a command beside the demo reads how it stands in the saved world.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amocrm_emulator::clock::Clock as WorldClock;
use amocrm_emulator::world::World;
use anyhow::Context as _;
use serde::Deserialize;

use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::domain::time::Timestamp;

/// Where the emulated amoCRM keeps its world.
pub(super) fn state_file(data_dir: &Path) -> PathBuf {
    data_dir.join("amocrm.json")
}

/// When somebody moves the emulator's clock, the service's moves along.
pub(super) fn follow(world: Arc<World>) -> Clock {
    moved(move || world.now_secs())
}

/// The clock of the demo in whose data directory a command works; `None` when there is no demo.
/// The emulator saves a moved clock before it answers whoever moved it.
///
/// # Errors
/// When the saved world cannot be read.
pub(in crate::commands) fn beside(config: &Config) -> anyhow::Result<Option<Clock>> {
    // Another database is another world, wherever its other files are.
    let Database::Sqlite(file) = &config.database else {
        return Ok(None);
    };
    if file.parent() != Some(&config.data_dir) {
        return Ok(None);
    }
    let path = state_file(&config.data_dir);
    let saved = match std::fs::read(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| path.display().to_string())?,
    };
    let saved: Saved = serde_json::from_slice(&saved)
        .with_context(|| format!("{} is no saved world", path.display()))?;
    Ok(Some(moved(move || saved.clock.now())))
}

/// The part of the saved world that matters here.
#[derive(Deserialize)]
struct Saved {
    #[serde(default)]
    clock: WorldClock,
}

/// The machine's clock, as far away as the world's seconds are: between them it goes on to the
/// millisecond.
fn moved(world_secs: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
    let system = Clock::system();
    Clock::new(move || {
        let now = system.now();
        Timestamp::from_secs(world_secs()) + (now - Timestamp::from_secs(now.secs()))
    })
}
