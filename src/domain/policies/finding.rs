//! What `accord policy check` has to say about a text.
//!
//! A finding names a rule, the place, what is wrong, and, because the reader is
//! usually not a programmer, why it matters and what to do about it.

use std::fmt;

use serde::Serialize;

/// A rule of `policy check`. The names are part of the contract and are never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A text is in the language it says it is in, throughout.
    Language,
    /// All languages of a version have the same clauses.
    ClauseTrees,
    /// Clauses are numbered in order, once each, within their section.
    ClauseNumber,
    /// A clause that is referred to exists.
    Reference,
    /// No number stands without words.
    EmptyClause,
    /// The text does not claim a narrower scope than data is collected in.
    Scope,
    /// Personal data is not kept for ever.
    Unlimited,
    /// A duty towards the User says by when.
    Deadline,
    /// The definition of who answers for the data includes the one who does.
    Holder,
    /// The facts and the text speak of the same things.
    Facts,
    /// The text consists of words, paragraphs and lists only.
    Markup,
}

/// Whether a finding stops a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The text cannot be shown or compared as it stands.
    Error,
    /// The text can be shown, but promises too much, too little, or contradicts itself.
    Warning,
}

/// One thing found in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that is not kept.
    pub rule: Rule,
    /// The severity of the rule.
    pub severity: Severity,
    /// The clause it is about, without a trailing dot; `None` when it is about the file.
    pub clause: Option<String>,
    /// The file, as it was named to the parser. Not serialised: answers group findings by file.
    #[serde(skip)]
    pub file: String,
    /// The line in the file, from 1; `None` when it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// Why it matters and what to do.
    pub advice: String,
}

impl Rule {
    /// The name as the contract has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::ClauseTrees => "clause-trees",
            Self::ClauseNumber => "clause-number",
            Self::Reference => "reference",
            Self::EmptyClause => "empty-clause",
            Self::Scope => "scope",
            Self::Unlimited => "unlimited",
            Self::Deadline => "deadline",
            Self::Holder => "holder",
            Self::Facts => "facts",
            Self::Markup => "markup",
        }
    }

    /// Errors are what makes a text impossible to show or to compare; the rest are warnings.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Language
            | Self::ClauseTrees
            | Self::ClauseNumber
            | Self::EmptyClause
            | Self::Markup => Severity::Error,
            Self::Reference
            | Self::Scope
            | Self::Unlimited
            | Self::Deadline
            | Self::Holder
            | Self::Facts => Severity::Warning,
        }
    }
}

impl Finding {
    /// A finding about a whole file; `at` and `in_clause` narrow it down.
    #[must_use]
    pub fn new(
        rule: Rule,
        file: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            clause: None,
            file: file.to_owned(),
            line: None,
            message: message.into(),
            advice: advice.into(),
        }
    }

    /// The same finding, at a line (from 1).
    #[must_use]
    pub fn at(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// The same finding, in a clause.
    #[must_use]
    pub fn in_clause(self, no: impl fmt::Display) -> Self {
        Self {
            clause: Some(no.to_string()),
            ..self
        }
    }

    /// Whether it stops a publication.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Finding {
    /// `file:line: rule: message`, the form editors can jump from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}: {}", self.rule, self.message)
    }
}
