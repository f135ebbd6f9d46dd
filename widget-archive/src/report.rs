//! Where the rules write down what they find.
//!
//! A list is for reading: of a fault that a file has a thousand times the first
//! hundred are named and the rest is counted.

use std::collections::BTreeMap;

use super::{Audience, Finding, Severity};

/// How many findings of one rule a file may have before the rest is only counted.
const MOST: usize = 100;

/// Longer messages quote something that is no longer readable.
const LONGEST: usize = 400;

/// The findings so far.
pub struct Report {
    audience: Audience,
    found: Vec<Finding>,
    counts: BTreeMap<(String, &'static str), (usize, Finding)>,
}

impl Report {
    /// Nothing found yet.
    pub fn new(audience: Audience) -> Self {
        Self {
            audience,
            found: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// What no platform takes, or what does not work.
    pub fn error(
        &mut self,
        rule: &'static str,
        file: &str,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, rule, file, line.into(), message.into());
    }

    /// What moderators refuse: an error for the marketplaces, a warning where nobody moderates.
    pub fn moderation(
        &mut self,
        rule: &'static str,
        file: &str,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
    ) {
        let severity = match self.audience {
            Audience::Marketplace => Severity::Error,
            Audience::Private => Severity::Warning,
        };
        self.add(severity, rule, file, line.into(), message.into());
    }

    /// What is worth a look.
    pub fn warning(
        &mut self,
        rule: &'static str,
        file: &str,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, rule, file, line.into(), message.into());
    }

    /// The findings by file and line, each once.
    pub fn sorted(mut self) -> Vec<Finding> {
        for (count, mut last) in self.counts.into_values() {
            if count > MOST {
                last.message = format!("and {} more like this", count - MOST);
                self.found.push(last);
            }
        }
        self.found.sort();
        self.found.dedup();
        self.found
    }

    fn add(
        &mut self,
        severity: Severity,
        rule: &'static str,
        file: &str,
        line: Option<usize>,
        mut message: String,
    ) {
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
            message.push('…');
        }
        let finding = Finding {
            file: file.to_owned(),
            line: line.unwrap_or(1),
            rule,
            severity,
            message,
        };
        let key = (file.to_owned(), rule);
        let (count, last) = self
            .counts
            .entry(key)
            .or_insert_with(|| (0, finding.clone()));
        *count += 1;
        if *count <= MOST {
            self.found.push(finding);
        } else if *count == MOST + 1 {
            // An error among those that are only counted still is one.
            last.line = finding.line;
            last.severity = finding.severity;
        } else {
            last.severity = last.severity.min(finding.severity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_counted_and_an_error_among_it_stays_one() {
        let mut report = Report::new(Audience::Marketplace);
        for line in 1..=MOST + 20 {
            report.warning("a-rule", "a.js", line, "x".repeat(2 * LONGEST));
        }
        report.error("a-rule", "a.js", 500, "x");
        report.error("a-rule", "b.js", 1, "x");
        let findings = report.sorted();
        assert_eq!(findings.len(), MOST + 2);
        let rest = &findings[MOST];
        assert_eq!(
            (rest.line, rest.severity, rest.message.as_str()),
            (MOST + 1, Severity::Error, "and 21 more like this")
        );
        assert_eq!(findings[0].message.chars().count(), LONGEST + 1);
    }
}
