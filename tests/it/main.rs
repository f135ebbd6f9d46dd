//! The tests that go through the doors: real HTTP, a real database (SQLite, and
//! PostgreSQL when `TEST_DATABASE_URL` names a server), the emulated amoCRM.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, in its helpers too"
)]

mod addresses;
mod answers;
mod back_ends;
mod bounds;
mod consents;
mod demo;
mod documents;
mod evidence;
mod faults;
mod forms;
mod grants;
mod hooks;
mod keys;
mod killed;
mod layers;
mod ledger;
mod ledger_times;
mod letters;
mod machine;
mod memory;
mod migrations;
mod notices;
mod policies;
mod postgres;
mod postings;
mod process;
mod races;
mod resets;
mod shown;
mod smtp;
mod strangers;
mod support;
mod token_lives;
mod tokens;
mod uninstalls;
mod urls;
mod withdrawals;
