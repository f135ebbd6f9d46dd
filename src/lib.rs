//! Accord: the back end that a publisher of amoCRM and Kommo widgets runs.
//!
//! Two doors, one house: `web` (HTTP) and `jobs` (time) call `actions`, which
//! decide with `domain` and keep in `store`. Who may import whom is a table in
//! `ARCHITECTURE.md`, and a test reads the sources to see that it holds.

pub mod actions;
pub mod amocrm;
pub mod app;
pub mod batch;
pub mod cache;
pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod error;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod outbound;
pub mod private;
pub mod store;
pub mod tasks;
pub mod texts;
pub mod web;
pub mod webhook;
