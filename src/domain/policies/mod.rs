//! The Policy as a text: sections, numbered clauses, and the exact bytes people agree to.
//!
//! `parse` reads a Publisher's file, `lint` says what is wrong with it, and a [`Text`] is
//! what is shown and hashed.

pub mod compare;
mod document;
mod finding;
mod front;
mod lang;
mod lines;
pub mod lint;
mod marks;
mod number;
mod parse;
pub mod versions;

pub use document::{Block, Clause, Document, Section, Text, hash_of};
pub use finding::{Finding, Rule, Severity};
pub use lang::{LangTag, Script};
pub use parse::parse;

#[cfg(test)]
mod tests;
