//! The Policy as a text: sections, numbered clauses, and the exact bytes people agree to.
//!
//! `parse` reads a Publisher's file, `lint` says what is wrong with it, and a [`Text`] is
//! what is shown and hashed.

mod body;
mod chars;
pub mod compare;
mod document;
mod draft;
mod finding;
mod front;
pub mod history;
mod html;
mod lang;
mod lines;
pub mod lint;
mod markdown;
mod marks;
mod number;
mod outline;
mod parse;
mod plain;
mod survey;
pub mod versions;

pub use body::{Block, Span};
pub use document::{Clause, Document, Section, Text, hash_of};
pub use finding::{Finding, Rule, Severity};
pub use lang::{LangTag, Script, best};
pub use parse::parse;

#[cfg(test)]
mod tests;
