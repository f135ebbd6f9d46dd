//! The text of a Policy: numbered clauses, in one language a file.
//!
//! A file is parsed into sections and clauses; what is shown as text has a hash,
//! and a consent refers to that hash. How files are written is in
//! `docs/policy-files.md`.

mod document;
mod finding;
mod lang;
pub mod lint;
mod parse;

pub use document::{Block, Clause, Document, Section, Text};
pub use finding::{Finding, Rule, Severity};
pub use lang::{LangTag, Script};
pub use parse::parse;

#[cfg(test)]
mod tests;
