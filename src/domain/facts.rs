//! What a Policy's text means for the software: purposes, data, recipients, terms.
//!
//! Beside the text stands a small TOML file. From it follows
//! which purposes a consent grants, and whether a new version asks for more than
//! the one before, so that people must agree again (clauses 3.1, 7.2.1).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::period;

pub mod difference;

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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Name.
    pub name: String,
    /// For instance "individual entrepreneur".
    pub legal_form: String,
}

/// Where data is collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// `site`, `product`.
    #[serde(default)]
    pub collection: BTreeSet<String>,
}

/// Why data may be processed at all (clause 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Counted from this.
    pub event: Event,
    /// ISO 8601.
    pub period: Period,
}

/// For instance `P30D after uninstall`.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = match self.event {
            Event::Uninstall => "uninstall",
            Event::Withdrawal => "withdrawal",
            Event::ContractEnd => "contract-end",
            Event::LastActivity => "last-activity",
            Event::Collected => "collected",
        };
        write!(f, "{} after {event}", self.period)
    }
}

/// What a period is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// A finite period, comparable in minutes: a month counts 31 days and a year 366, so that a
/// longer period is never taken for a shorter one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = Period::PATTERN)))]
#[serde(try_from = "String")]
pub struct Period {
    minutes: i64,
    written: String,
}

#[cfg(test)]
impl Period {
    /// What is certainly no period, for editors; `try_from` decides.
    const PATTERN: &str = "^P(?=.)([0-9]+[YMWD])*(T([0-9]+[HM])+)?$";
}

/// As it was written: `P30D`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("{text:?} is no finite period like P30D, P6M or P3Y");
        if let Some(time) = period(&text) {
            return Ok(Self {
                minutes: time.num_minutes(),
                written: text,
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
            Ok(Self {
                minutes: days * 24 * 60,
                written: text,
            })
        } else {
            Err(bad())
        }
    }
}

/// Units that a period is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 12 months.
    Years,
    /// By the calendar.
    Months,
    /// 7 days.
    Weeks,
    /// 24 hours.
    Days,
    /// 60 minutes.
    Hours,
    /// 60 seconds.
    Minutes,
}

impl Unit {
    /// The English word, and the key of the word in other languages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Years => "years",
            Self::Months => "months",
            Self::Weeks => "weeks",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
        }
    }
}

/// What `P1Y6M` is made of, for a sentence: 1 year, 6 months. Empty for what is no period.
#[must_use]
pub fn parts_of(period: &str) -> Vec<(u32, Unit)> {
    let (mut parts, mut digits, mut in_time) = (Vec::new(), String::new(), false);
    for sign in period.chars().skip(1) {
        let unit = match (sign, in_time) {
            ('0'..='9', _) => {
                digits.push(sign);
                continue;
            }
            ('T', false) => {
                in_time = true;
                continue;
            }
            ('Y', false) => Unit::Years,
            ('M', false) => Unit::Months,
            ('W', false) => Unit::Weeks,
            ('D', false) => Unit::Days,
            ('H', true) => Unit::Hours,
            ('M', true) => Unit::Minutes,
            _ => return Vec::new(),
        };
        let Ok(count) = std::mem::take(&mut digits).parse() else {
            return Vec::new();
        };
        parts.push((count, unit));
    }
    parts
}

/// Somebody who processes data on the holder's behalf (clause 1.5).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

    /// Reads a facts file: the form as TOML, then what no form can say.
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
        if facts.holder.name.trim().is_empty() {
            faults.push("the holder has no name: somebody has to answer for the data".to_owned());
        }
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

    /// Whether these facts ask for more than `old`, and by which sentences.
    #[must_use]
    pub fn level_from(&self, old: &Self) -> (Level, Vec<String>) {
        let wider: Vec<String> = self
            .difference(old)
            .iter()
            .filter(|change| change.is_wider())
            .map(ToString::to_string)
            .collect();
        let level = if wider.is_empty() {
            Level::Notice
        } else {
            Level::Reconsent
        };
        (level, wider)
    }
}

impl Basis {
    /// The word in facts and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::Law => "law",
        }
    }
}

#[cfg(test)]
mod tests;
