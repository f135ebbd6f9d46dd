//! What a Policy's text means for the software: purposes, data, recipients, terms.
//!
//! Beside the text stands a small TOML file (spec, section 11). From it follows
//! which purposes a consent grants, and whether a new version asks for more than
//! the one before, so that people must agree again (clauses 3.1, 7.2.1).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::time::period;

/// The purpose of advertising: always a consent of its own (clause 5.2.8).
pub const ADVERTISING: &str = "5.2.8";

/// Whether a version asks for more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// People are told.
    Notice,
    /// People must agree again.
    Reconsent,
}

/// The facts of one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Who answers for the data.
    pub holder: Holder,
    /// Where data is collected.
    #[serde(default)]
    pub scope: Scope,
    /// What data is used for.
    #[serde(default, rename = "purpose")]
    pub purposes: Vec<Purpose>,
    /// Who processes it on the holder's behalf.
    #[serde(default, rename = "processor")]
    pub processors: Vec<Processor>,
}

/// Who answers for the data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Name.
    pub name: String,
    /// For instance "individual entrepreneur".
    pub legal_form: String,
}

/// Where data is collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// `site`, `product`.
    #[serde(default)]
    pub collection: BTreeSet<String>,
}

/// Why data may be processed at all (clause 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The person agreed.
    Consent,
    /// A contract with the person needs it.
    Contract,
    /// The law demands it.
    Law,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The clause that names it.
    pub code: String,
    /// Its name by language.
    pub title: BTreeMap<String, String>,
    /// Why it is allowed.
    pub basis: Basis,
    /// Which data it uses.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Who else gets it.
    #[serde(default)]
    pub recipients: BTreeSet<String>,
    /// Granted only when somebody ticks it.
    #[serde(default)]
    pub optional: bool,
    /// How long.
    pub retention: Retention,
}

/// How long data is kept; always finite.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Counted from this.
    pub event: Event,
    /// ISO 8601.
    pub period: Period,
}

/// What a period is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The Product left the account.
    Uninstall,
    /// Consent was withdrawn.
    Withdrawal,
    /// The contract ended.
    ContractEnd,
    /// The account last did anything.
    LastActivity,
    /// The data was collected.
    Collected,
}

/// A finite period, comparable in days: a month counts 31, a year 366, so that a longer period
/// is never taken for a shorter one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Period {
    days: i64,
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("{text:?} is no finite period like P30D, P6M or P3Y");
        if let Some(time) = period(&text) {
            return Ok(Self {
                days: time.num_days(),
            });
        }
        let mut rest = text.strip_prefix('P').ok_or_else(bad)?;
        let mut days = 0;
        for (unit, length) in [('Y', 366), ('M', 31), ('W', 7), ('D', 1)] {
            if let Some((count, after)) = rest.split_once(unit) {
                let digits =
                    (1..=4).contains(&count.len()) && count.bytes().all(|b| b.is_ascii_digit());
                days += count
                    .parse::<i64>()
                    .ok()
                    .filter(|_| digits)
                    .ok_or_else(bad)?
                    * length;
                rest = after;
            }
        }
        if rest.is_empty() && text.len() > 1 {
            Ok(Self { days })
        } else {
            Err(bad())
        }
    }
}

/// Somebody who processes data on the holder's behalf (clause 1.5).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processor {
    /// Name.
    pub name: String,
    /// For which purposes.
    #[serde(default)]
    pub purposes: BTreeSet<String>,
}

impl Facts {
    /// The facts of the starter Policy, as TOML.
    pub const STARTER: &str = include_str!("../../assets/policy/facts.toml");

    /// Reads a facts file.
    ///
    /// # Errors
    /// What is wrong, in words for whoever wrote the file.
    pub fn parse(toml: &str) -> Result<Self, Vec<String>> {
        let facts: Self =
            toml::from_str(toml).map_err(|e| vec![e.to_string().trim().to_owned()])?;
        let mut codes = BTreeSet::new();
        let mut faults: Vec<String> = facts
            .purposes
            .iter()
            .filter(|p| !codes.insert(p.code.as_str()))
            .map(|p| format!("purpose {} stands twice", p.code))
            .collect();
        if facts.purposes.is_empty() {
            faults.push(
                "there is no purpose: data without a purpose may not be processed".to_owned(),
            );
        }
        if facts
            .purposes
            .iter()
            .any(|p| p.code == ADVERTISING && !p.optional)
        {
            faults.push(format!(
                "purpose {ADVERTISING} is advertising and has to be optional"
            ));
        }
        for processor in &facts.processors {
            faults.extend(
                processor
                    .purposes
                    .iter()
                    .filter(|code| !codes.contains(code.as_str()))
                    .map(|code| {
                        format!("processor {}: there is no purpose {code}", processor.name)
                    }),
            );
        }
        if faults.is_empty() {
            Ok(facts)
        } else {
            Err(faults)
        }
    }

    /// Codes of the purposes that a consent grants: all that are not optional, and advertising
    /// when it was ticked.
    #[must_use]
    pub fn granted(&self, advertising: bool) -> Vec<String> {
        self.purposes
            .iter()
            .filter(|p| !p.optional || (advertising && p.code == ADVERTISING))
            .map(|p| p.code.clone())
            .collect()
    }

    /// Whether these facts are wider than `old`, and in what.
    #[must_use]
    pub fn level_from(&self, old: &Self) -> (Level, Vec<String>) {
        let mut wider = Vec::new();
        if self.holder != old.holder {
            wider.push(format!("another holder: {}", self.holder.name));
        }
        for place in self.scope.collection.difference(&old.scope.collection) {
            wider.push(format!("data is collected in a new place: {place}"));
        }
        for purpose in &self.purposes {
            match old.purposes.iter().find(|p| p.code == purpose.code) {
                Some(before) => purpose.widened(before, &mut wider),
                None if !purpose.optional => wider.push(format!("new purpose: {}", purpose.code)),
                None => {}
            }
        }
        for processor in &self.processors {
            match old.processors.iter().find(|p| p.name == processor.name) {
                Some(before) if processor.purposes.is_subset(&before.purposes) => {}
                _ => wider.push(format!("new processor: {}", processor.name)),
            }
        }
        (
            if wider.is_empty() {
                Level::Notice
            } else {
                Level::Reconsent
            },
            wider,
        )
    }
}

impl Purpose {
    fn widened(&self, before: &Self, wider: &mut Vec<String>) {
        let code = &self.code;
        if before.optional && !self.optional {
            wider.push(format!("{code}: no longer optional"));
        }
        for category in self.categories.difference(&before.categories) {
            wider.push(format!("{code}: new data: {category}"));
        }
        for recipient in self.recipients.difference(&before.recipients) {
            wider.push(format!("{code}: new recipient: {recipient}"));
        }
        if self.retention.period.days > before.retention.period.days
            || self.retention.event != before.retention.event
        {
            wider.push(format!(
                "{code}: kept longer, or counted from another event"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starter() -> Facts {
        Facts::parse(Facts::STARTER).unwrap()
    }

    #[test]
    fn the_starter_grants_everything_but_advertising() {
        assert_eq!(
            starter().granted(false),
            ["5.2.1", "5.2.2", "5.2.3", "5.2.5", "5.2.6", "5.2.7"]
        );
        assert_eq!(starter().granted(true).last().unwrap(), ADVERTISING);
    }

    #[test]
    fn anything_wider_asks_again_and_anything_else_is_told() {
        let old = starter();
        assert_eq!(old.level_from(&old), (Level::Notice, vec![]));
        type Widen = fn(&mut Facts);
        let widened: [(&str, Widen); 7] = [
            ("another holder: Somebody", |f| {
                f.holder.name = "Somebody".into()
            }),
            ("data is collected in a new place: telephone", |f| {
                f.scope.collection.insert("telephone".into());
            }),
            ("5.2.1: new data: location", |f| {
                f.purposes[0].categories.insert("location".into());
            }),
            ("5.2.1: new recipient: a bank", |f| {
                f.purposes[0].recipients.insert("a bank".into());
            }),
            ("5.2.1: kept longer, or counted from another event", |f| {
                f.purposes[0].retention.period.days += 1
            }),
            ("new purpose: 5.2.4", |f| {
                let purpose = Purpose {
                    code: "5.2.4".into(),
                    ..f.purposes[0].clone()
                };
                f.purposes.push(purpose);
            }),
            ("new processor: A host", |f| {
                f.processors.push(Processor {
                    name: "A host".into(),
                    purposes: BTreeSet::new(),
                });
            }),
        ];
        for (reason, widen) in widened {
            let mut new = old.clone();
            widen(&mut new);
            assert_eq!(
                new.level_from(&old),
                (Level::Reconsent, vec![reason.to_owned()])
            );
            assert_eq!(
                old.level_from(&new).0,
                if reason.starts_with("another") {
                    Level::Reconsent
                } else {
                    Level::Notice
                }
            );
        }
    }

    #[test]
    fn a_term_is_finite_or_it_is_refused() {
        let parse = |text: &str| Period::try_from(text.to_owned()).map(|p| p.days).ok();
        for (text, days) in [
            ("P30D", 30),
            ("P2W", 14),
            ("P6M", 186),
            ("P3Y", 1098),
            ("P1Y6M", 552),
            ("P0D", 0),
        ] {
            assert_eq!(parse(text), Some(days), "{text}");
        }
        for text in ["unlimited", "", "P", "P-1D", "PY", "P1D1Y", "P99999Y", "3Y"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let endless = Facts::STARTER.replacen("P30D", "unlimited", 1);
        assert!(Facts::parse(&endless).unwrap_err()[0].contains("finite period"));
    }

    #[test]
    fn faults_of_a_file_are_named() {
        let twice = format!(
            "{}\n{}",
            Facts::STARTER,
            "[[processor]]\nname = \"A host\"\npurposes = [\"9.9\"]\n"
        );
        assert_eq!(
            Facts::parse(&twice).unwrap_err(),
            ["processor A host: there is no purpose 9.9"]
        );
        assert!(
            Facts::parse("[holder]\nname=\"a\"\nlegal_form=\"b\"\n").unwrap_err()[0]
                .contains("no purpose")
        );
        assert!(Facts::parse("nonsense").is_err());
    }
}
