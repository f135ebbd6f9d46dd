//! The control API and page (`/_emulator/`): what amoCRM's back office would do, done by a person or a test.
//!
//! Everything a handler here does is one call on [`crate::World`]. `docs/emulator.md` lists the calls.

mod acts;
mod forms;
mod looks;
mod panel;
mod registry;
mod switchboard;

use actix_web::web;
use serde_json::{Map, Value};

/// Mounts the addresses of this module.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/_emulator")
            .configure(looks::configure)
            .configure(acts::configure)
            .configure(registry::configure)
            .configure(panel::configure)
            .configure(forms::configure),
    );
}

/// Lays the named parts over a JSON object.
fn merge(whole: &mut Value, part: Map<String, Value>) {
    for (name, value) in part {
        whole[name] = value;
    }
}
