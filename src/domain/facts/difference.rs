//! What two versions' facts differ in, in plain sentences, and which of it asks for
//! more than people agreed to.
//!
//! Wider is: another holder; another place where data is collected; a new purpose that is not
//! optional, or one that no longer is; a new category, recipient or processor; a longer
//! term, or one that is counted from another event.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Facts, Purpose, parts_of};

/// A purpose by its code and its title in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled {
    /// The clause that names it.
    pub code: String,
    titles: BTreeMap<String, String>,
}

impl Titled {
    fn of(purpose: &Purpose) -> Self {
        Self {
            code: purpose.code.clone(),
            titles: purpose.title.clone(),
        }
    }

    /// The title in a language, else in English, else any, else the code.
    #[must_use]
    pub fn title(&self, lang: &str) -> &str {
        let primary = lang.split('-').next().unwrap_or_default();
        let title = [lang, primary, "en"]
            .iter()
            .find_map(|lang| self.titles.get(*lang));
        title
            .or_else(|| self.titles.values().next())
            .unwrap_or(&self.code)
    }
}

/// Between the period and the event of a [`Retention`](super::Retention) as text.
const AFTER: &str = " after ";

/// What kind of a difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody else answers for the data.
    Holder,
    /// Data is collected in one more place.
    PlaceAdded,
    /// Data is no longer collected there.
    PlaceRemoved,
    /// A purpose that everybody agrees to.
    PurposeAdded,
    /// A purpose that is off until somebody ticks it.
    OptionalPurposeAdded,
    /// A purpose that is gone.
    PurposeRemoved,
    /// A purpose that was optional and is not.
    Required,
    /// A purpose that may be declined from now on.
    Optional,
    /// It is allowed for another reason.
    Basis,
    /// It is called otherwise.
    Title,
    /// It uses more data.
    CategoryAdded,
    /// It uses less.
    CategoryRemoved,
    /// Somebody else gets the data.
    RecipientAdded,
    /// Somebody no longer gets it.
    RecipientRemoved,
    /// Data is kept longer, or the term is counted from another event.
    KeptLonger,
    /// Data is kept for a shorter time.
    KeptShorter,
    /// Somebody else processes data for the holder.
    ProcessorAdded,
    /// Somebody who processed data does so for one more purpose.
    ProcessorExtended,
    /// Somebody no longer processes data for this purpose, or at all.
    ProcessorRemoved,
}

impl Kind {
    /// Key of the sentence in the texts for pages and letters.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Holder => "fact-holder",
            Self::PlaceAdded => "fact-place-added",
            Self::PlaceRemoved => "fact-place-removed",
            Self::PurposeAdded => "fact-purpose-added",
            Self::OptionalPurposeAdded => "fact-optional-purpose-added",
            Self::PurposeRemoved => "fact-purpose-removed",
            Self::Required => "fact-required",
            Self::Optional => "fact-optional",
            Self::Basis => "fact-basis",
            Self::Title => "fact-title",
            Self::CategoryAdded => "fact-category-added",
            Self::CategoryRemoved => "fact-category-removed",
            Self::RecipientAdded => "fact-recipient-added",
            Self::RecipientRemoved => "fact-recipient-removed",
            Self::KeptLonger => "fact-kept-longer",
            Self::KeptShorter => "fact-kept-shorter",
            Self::ProcessorAdded => "fact-processor-added",
            Self::ProcessorExtended => "fact-processor-extended",
            Self::ProcessorRemoved => "fact-processor-removed",
        }
    }
}

/// One difference. As text it is a plain English sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of what kind.
    pub kind: Kind,
    /// The purpose it is about, if it is about one.
    pub purpose: Option<Titled>,
    /// What it was; empty where nothing was.
    pub from: String,
    /// What it is; empty where nothing is.
    pub to: String,
}

impl Change {
    /// Of a change of terms: the term before, without the event where that is still the same.
    #[must_use]
    pub fn term_before(&self) -> &str {
        match (self.from.split_once(AFTER), self.to.split_once(AFTER)) {
            (Some((period, event)), Some((_, same))) if event == same => period,
            _ => &self.from,
        }
    }

    /// Whether it asks for more than people agreed to.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        use Kind::{
            CategoryAdded, Holder, KeptLonger, PlaceAdded, ProcessorAdded, ProcessorExtended,
            PurposeAdded, RecipientAdded, Required,
        };
        matches!(
            self.kind,
            Holder
                | PlaceAdded
                | PurposeAdded
                | Required
                | CategoryAdded
                | RecipientAdded
                | KeptLonger
                | ProcessorAdded
                | ProcessorExtended
        )
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            purpose,
            from,
            to,
        } = self;
        let title = purpose.as_ref().map_or("", |p| p.title("en"));
        match kind {
            Kind::Holder => write!(f, "another holder: {to} instead of {from}"),
            Kind::PlaceAdded => write!(f, "data is also collected here: {to}"),
            Kind::PlaceRemoved => write!(f, "data is no longer collected here: {from}"),
            Kind::PurposeAdded => write!(f, "new purpose: {title}"),
            Kind::OptionalPurposeAdded => write!(f, "new purpose, off until you agree: {title}"),
            Kind::PurposeRemoved => write!(f, "purpose removed: {title}"),
            Kind::Required => write!(f, "{title}: no longer optional"),
            Kind::Optional => write!(f, "{title}: optional from now on"),
            Kind::Basis => write!(f, "{title}: on the basis of {to} instead of {from}"),
            Kind::Title => write!(f, "{from} is now called {title}"),
            Kind::CategoryAdded => write!(f, "{title}: new data: {to}"),
            Kind::CategoryRemoved => write!(f, "{title}: data no longer used: {from}"),
            Kind::RecipientAdded => write!(f, "{title}: new recipient: {to}"),
            Kind::RecipientRemoved => write!(f, "{title}: no longer given to {from}"),
            Kind::KeptLonger | Kind::KeptShorter => {
                let only = if *kind == Kind::KeptShorter {
                    "only "
                } else {
                    ""
                };
                let (to, from) = (plain(to), plain(self.term_before()));
                write!(f, "{title}: kept {only}{to}, before {from}")
            }
            Kind::ProcessorAdded => write!(f, "new processor: {to}"),
            Kind::ProcessorExtended => write!(f, "{to} also processes data for: {title}"),
            Kind::ProcessorRemoved => write!(f, "no longer a processor: {from}"),
        }
    }
}

/// `P30D after uninstall`, or `P30D` alone, as people say it.
fn plain(retention: &str) -> String {
    let (period, event) = retention.split_once(AFTER).unwrap_or((retention, ""));
    let parts: Vec<String> = parts_of(period)
        .into_iter()
        .map(|(count, unit)| {
            let unit = unit.name();
            let unit = unit
                .strip_suffix('s')
                .filter(|_| count == 1)
                .unwrap_or(unit);
            format!("{count} {unit}")
        })
        .collect();
    let event = match event {
        "uninstall" => "the product is removed",
        "withdrawal" => "the consent is withdrawn",
        "contract-end" => "the contract ends",
        "last-activity" => "the account was last active",
        "collected" => "it was collected",
        other => other,
    };
    let period = parts.join(" ");
    match event {
        "" => format!("for {period}"),
        event => format!("for {period} after {event}"),
    }
}

impl Facts {
    /// What these facts differ in from `old`, the holder first, then purpose by purpose.
    #[must_use]
    pub fn difference(&self, old: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.holder != old.holder {
            let named = |f: &Self| format!("{} ({})", f.holder.name, f.holder.legal_form);
            changes.push(change(Kind::Holder, None, &named(old), &named(self)));
        }
        let (places, before) = (&self.scope.collection, &old.scope.collection);
        sets(
            &mut changes,
            None,
            before,
            places,
            [Kind::PlaceAdded, Kind::PlaceRemoved],
        );
        for purpose in &self.purposes {
            match old.purpose(&purpose.code) {
                Some(before) => purpose.changed(before, &mut changes),
                None if purpose.optional => {
                    changes.push(change(Kind::OptionalPurposeAdded, Some(purpose), "", ""));
                }
                None => changes.push(change(Kind::PurposeAdded, Some(purpose), "", "")),
            }
        }
        for gone in old
            .purposes
            .iter()
            .filter(|p| self.purpose(&p.code).is_none())
        {
            changes.push(change(Kind::PurposeRemoved, Some(gone), "", ""));
        }
        self.processors_changed(old, &mut changes);
        changes
    }

    fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|p| p.code == code)
    }

    fn processors_changed(&self, old: &Self, changes: &mut Vec<Change>) {
        for processor in &self.processors {
            let name = &processor.name;
            let Some(before) = old.processors.iter().find(|p| p.name == *name) else {
                changes.push(change(Kind::ProcessorAdded, None, "", name));
                continue;
            };
            for code in processor.purposes.difference(&before.purposes) {
                let purpose = self.purpose(code);
                changes.push(change(Kind::ProcessorExtended, purpose, "", name));
            }
        }
        for before in &old.processors {
            if !self.processors.iter().any(|p| p.name == before.name) {
                changes.push(change(Kind::ProcessorRemoved, None, &before.name, ""));
            }
        }
    }

    /// Codes of the purposes that ask for more here than in `old`: new data, a new recipient or
    /// processor, a longer term. What people agreed to in `old` does not reach them.
    #[must_use]
    pub fn widened_since(&self, old: &Self) -> BTreeSet<String> {
        let mut widened: BTreeSet<String> = self
            .difference(old)
            .into_iter()
            .filter(Change::is_wider)
            .filter_map(|change| change.purpose.map(|p| p.code))
            .collect();
        for processor in &self.processors {
            if !old.processors.iter().any(|p| p.name == processor.name) {
                widened.extend(processor.purposes.iter().cloned());
            }
        }
        widened
    }
}

impl Purpose {
    fn changed(&self, before: &Self, changes: &mut Vec<Change>) {
        let mut add = |kind, from: &str, to: &str| {
            changes.push(change(kind, Some(self), from, to));
        };
        match (before.optional, self.optional) {
            (true, false) => add(Kind::Required, "", ""),
            (false, true) => add(Kind::Optional, "", ""),
            _ => {}
        }
        if self.basis != before.basis {
            add(Kind::Basis, before.basis.name(), self.basis.name());
        }
        if self.title != before.title {
            add(Kind::Title, Titled::of(before).title("en"), "");
        }
        let (from, to) = (&before.retention, &self.retention);
        if to.event != from.event || to.period.minutes > from.period.minutes {
            add(Kind::KeptLonger, &from.to_string(), &to.to_string());
        } else if to.period.minutes < from.period.minutes {
            add(Kind::KeptShorter, &from.to_string(), &to.to_string());
        }
        let categories = [Kind::CategoryAdded, Kind::CategoryRemoved];
        sets(
            changes,
            Some(self),
            &before.categories,
            &self.categories,
            categories,
        );
        let recipients = [Kind::RecipientAdded, Kind::RecipientRemoved];
        sets(
            changes,
            Some(self),
            &before.recipients,
            &self.recipients,
            recipients,
        );
    }
}

fn change(kind: Kind, purpose: Option<&Purpose>, from: &str, to: &str) -> Change {
    Change {
        kind,
        purpose: purpose.map(Titled::of),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

/// What came to a set and what left it.
fn sets(
    changes: &mut Vec<Change>,
    purpose: Option<&Purpose>,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    [added, removed]: [Kind; 2],
) {
    for to in after.difference(before) {
        changes.push(change(added, purpose, "", to));
    }
    for from in before.difference(after) {
        changes.push(change(removed, purpose, from, ""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starter() -> Facts {
        Facts::parse(Facts::STARTER).unwrap()
    }

    fn said(change: impl FnOnce(&mut Facts)) -> (Vec<String>, Vec<String>) {
        let (old, mut new) = (starter(), starter());
        change(&mut new);
        let said = |a: &Facts, b: &Facts| a.difference(b).iter().map(Change::to_string).collect();
        (said(&new, &old), said(&old, &new))
    }

    #[test]
    fn every_difference_is_a_plain_sentence_in_both_directions() {
        type Case = (fn(&mut Facts), &'static str, &'static str);
        let cases: [Case; 8] = [
            (
                |f| f.purposes[2].optional = true,
                "communication: optional from now on",
                "communication: no longer optional",
            ),
            (
                |f| f.purposes[2].basis = super::super::Basis::Contract,
                "communication: on the basis of contract instead of consent",
                "communication: on the basis of consent instead of contract",
            ),
            (
                |f| {
                    f.purposes[2].categories.insert("photo".into());
                },
                "communication: new data: photo",
                "communication: data no longer used: photo",
            ),
            (
                |f| {
                    f.purposes[2].recipients.insert("Mail Ltd".into());
                },
                "communication: new recipient: Mail Ltd",
                "communication: no longer given to Mail Ltd",
            ),
            (
                |f| f.purposes[2].retention.period = "P90D".to_owned().try_into().unwrap(),
                "communication: kept for 90 days after the product is removed, before for 30 days",
                "communication: kept only for 30 days after the product is removed, before for 90 days",
            ),
            (
                |f| {
                    f.purposes[2].retention.event = super::super::Event::LastActivity;
                    f.purposes[2].retention.period = "P1Y6M".to_owned().try_into().unwrap();
                },
                "communication: kept for 1 year 6 months after the account was last active, before for 30 days after the product is removed",
                "communication: kept for 30 days after the product is removed, before for 1 year 6 months after the account was last active",
            ),
            (
                |f| {
                    f.scope.collection.insert("telephone".into());
                },
                "data is also collected here: telephone",
                "data is no longer collected here: telephone",
            ),
            (
                |f| f.purposes.retain(|p| p.code != "5.2.8"),
                "purpose removed: advertising",
                "new purpose, off until you agree: advertising",
            ),
        ];
        for (change, forth, back) in cases {
            let (there, again) = said(change);
            assert_eq!(there, [forth]);
            assert_eq!(again, [back]);
        }
        assert_eq!(starter().difference(&starter()), []);
    }

    #[test]
    fn what_people_agreed_to_does_not_reach_a_widened_purpose() {
        let (old, mut new) = (starter(), starter());
        assert!(new.widened_since(&old).is_empty());
        new.purposes[2].recipients.insert("Mail Ltd".into());
        new.purposes[0].categories.remove("name");
        new.processors.push(super::super::Processor {
            name: "A host".into(),
            purposes: ["5.2.1".to_owned()].into(),
        });
        let widened: Vec<String> = new.widened_since(&old).into_iter().collect();
        assert_eq!(widened, ["5.2.1", "5.2.3"]);
    }
}
