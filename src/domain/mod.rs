//! Values, rules, decisions. No clock, no network, no database: a lawyer could read it.

pub mod time;
