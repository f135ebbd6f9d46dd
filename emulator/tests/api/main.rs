//! The emulator seen from outside: HTTP in, HTTP out, hooks received by a small integration server.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accounts;
mod control;
mod fidelity;
mod hooks;
mod oauth;
mod open_questions;
mod php_client;
mod stage;
mod tls;
mod webhooks;
mod widgets;
