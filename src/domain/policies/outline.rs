//! What a line opens: a section, a clause, an item of a list, or nothing.
//!
//! People number in many ways and quote numbers in their sentences. What stands at the beginning
//! of a line opens something where it is the next number of its kind; numbers that go back or
//! jump inside a clause are that clause's list.

use super::lines::{Line, Mark};
use super::number::{self, End, Style};
use super::survey::{Joint, Marks, Survey, ends_sentence, is_title, opens_by_label};

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The beginning of a section; with its value when it has a number.
    Section(Option<u16>),
    /// The beginning of a clause.
    Clause,
    /// An item of a numbered list.
    Item(u64),
    /// Words. `stray`: they begin with a number that should have opened a clause.
    Words {
        /// Whether that is to be told.
        stray: bool,
    },
}

const WORDS: Role = Role::Words { stray: false };

/// Where the reader stands.
#[derive(Debug, Default)]
pub struct Place {
    /// The value of the last numbered section; 0 before the first.
    pub section: u16,
    /// Whether there is a section, numbered or not.
    pub begun: bool,
    /// The number that was opened last.
    pub last: Vec<u16>,
    /// The last number of a list that is open.
    pub list: Option<u16>,
    /// The last clause of a file that counts them through.
    pub counted: u16,
}

impl Place {
    /// What the line at `at` is.
    #[must_use]
    pub fn role(&self, survey: &Survey, at: usize) -> Role {
        let line = &survey.lines[at];
        if survey.fenced[at] || Some(at) == survey.title {
            return WORDS;
        }
        let Some(mark) = &line.mark else {
            return self.unnumbered(survey, line);
        };
        if mark.too_long || survey.joins(at) == Joint::Strong {
            return WORDS;
        }
        if mark.parts.len() > 1 {
            return self.clause(survey, at, mark);
        }
        match survey.marks {
            Marks::Headings(level, style) => match line.heading {
                Some(own) if own <= level && mark.style == style => {
                    Role::Section(Some(mark.parts[0]))
                }
                Some(_) if mark.style == style && mark.parts[0] == self.section + 1 => {
                    Role::Section(Some(mark.parts[0]))
                }
                Some(_) => self.unnumbered(survey, line),
                None => self.counted_or_item(survey, at, mark),
            },
            Marks::Labels if mark.label.is_some() => self.label(survey, at, mark),
            Marks::Numbers(Style::Arabic)
                if mark.style == Style::Arabic && mark.label.is_none() =>
            {
                self.section(survey, at, mark)
            }
            Marks::Numbers(style) if style != Style::Arabic && mark.style == style => {
                self.other_style(survey, at, mark)
            }
            // The ninth letter is a numeral too.
            Marks::Numbers(Style::Letter)
                if number::letter(&mark.no) == Some(self.section + 1) && mark.apart =>
            {
                Role::Section(number::letter(&mark.no))
            }
            Marks::Unnumbered(_) if line.heading.is_some() => self.unnumbered(survey, line),
            _ => self.counted_or_item(survey, at, mark),
        }
    }

    /// A heading without a number opens a section where sections are headings.
    fn unnumbered(&self, survey: &Survey, line: &Line) -> Role {
        let Some(own) = line.heading else {
            return WORDS;
        };
        let opens = match survey.marks {
            // Above the sections' level and before them stands the title once more.
            Marks::Headings(level, _) => own == level || (own < level && self.begun),
            Marks::Unnumbered(level) => own <= level,
            Marks::Labels | Marks::Numbers(_) | Marks::Nothing => false,
        };
        if opens { Role::Section(None) } else { WORDS }
    }

    fn clause(&self, survey: &Survey, at: usize, mark: &Mark) -> Role {
        let next = self.is_next(&mark.parts);
        let typo = mark.words.starts_with(char::is_alphabetic);
        let ended = mark.end != End::Nothing;
        let opens = match survey.joins(at) {
            Joint::No => (ended && (mark.apart || typo)) || (mark.apart && next),
            Joint::Weak | Joint::Strong => next && (mark.apart || (ended && typo)),
        };
        // A word before a number of two levels begins a sentence as often as a clause.
        let opens = opens && (mark.label.is_none() || (next && opens_by_label(mark)));
        let opens = opens && (next || !mark.listed);
        if opens {
            return Role::Clause;
        }
        let forward = mark.parts.len() == self.last.len()
            && mark.parts.len() > 1
            && mark.parts[..mark.parts.len() - 1] == self.last[..self.last.len() - 1]
            && mark.parts > self.last;
        let upper = mark
            .words
            .trim_start_matches(['*', '_'])
            .starts_with(char::is_uppercase);
        let likely = (next || forward) && mark.label.is_none() && (ended || upper);
        Role::Words { stray: likely }
    }

    /// Whether a clause's number is the next one; in a section without a number it may begin
    /// anew.
    fn is_next(&self, parts: &[u16]) -> bool {
        number::is_next(&self.last, parts)
            || (self.last.len() < 2
                && parts.len() == 2
                && parts[1] <= 1
                && self.last.first().is_none_or(|last| parts[0] > *last))
    }

    fn label(&self, survey: &Survey, at: usize, mark: &Mark) -> Role {
        let value = mark.parts[0];
        let wrapped = survey.joins(at) == Joint::Weak && value != self.section + 1;
        if opens_by_label(mark) && !wrapped {
            Role::Section(Some(value))
        } else {
            WORDS
        }
    }

    fn other_style(&self, survey: &Survey, at: usize, mark: &Mark) -> Role {
        let next = mark.parts[0] == self.section + 1;
        let starts = survey.joins(at) == Joint::No || is_title(&mark.words);
        if next && mark.apart && starts {
            Role::Section(Some(mark.parts[0]))
        } else {
            WORDS
        }
    }

    fn counted_or_item(&self, survey: &Survey, at: usize, mark: &Mark) -> Role {
        if mark.label.is_some()
            || mark.style != Style::Arabic
            || mark.end == End::Nothing
            || !mark.apart
        {
            return WORDS;
        }
        let starts = survey.joins(at) == Joint::No;
        if survey.counted && mark.parts[0] == self.counted + 1 && starts && self.begun {
            return Role::Clause;
        }
        self.item(survey, at, mark.parts[0])
    }

    fn item(&self, survey: &Survey, at: usize, value: u16) -> Role {
        let goes_on = self
            .list
            .is_some_and(|last| value == last.saturating_add(1));
        if survey.joins(at) == Joint::No || goes_on {
            Role::Item(u64::from(value))
        } else {
            WORDS
        }
    }

    /// A number of one level in a file whose sections have such numbers.
    fn section(&self, survey: &Survey, at: usize, mark: &Mark) -> Role {
        let value = mark.parts[0];
        let due = self.section + 1;
        let below = survey.clause_below(at);
        let parent = below.is_some_and(|below| below[0] == value);
        // The first clause below would not be next without this section.
        let child = below == Some(&[value, 1]) && !number::is_next(&self.last, &[value, 1]);
        let in_list = self
            .list
            .is_some_and(|last| value == last.saturating_add(1));
        let again = (in_list || survey.joins(at) == Joint::Weak) && survey.comes_again(at, value);
        let titled = mark.words.is_empty() || is_title(&mark.words);
        let opens = if again {
            false
        } else if value == due && parent {
            true
        } else if value == due
            && self.begun
            && below.is_some_and(|below| number::is_next(&self.last, below))
        {
            false
        } else if value == due && in_list {
            titled && !mark.words.ends_with('.') && above_ends(survey, at)
        } else if value == due {
            mark.end != End::Nothing && (titled || below.is_none()) && survey.joins(at) == Joint::No
        } else {
            child
                && !in_list
                && titled
                && (value > due || value == self.section || mark.end == End::Dot)
        };
        let typo = mark.words.starts_with(char::is_alphabetic) && mark.end != End::Nothing;
        match (opens && (mark.apart || typo), mark.end) {
            (true, _) => Role::Section(Some(value)),
            (false, End::Nothing) => WORDS,
            (false, End::Dot | End::Bracket) if mark.apart && self.begun => {
                self.item(survey, at, value)
            }
            (false, End::Dot | End::Bracket) => WORDS,
        }
    }
}

/// Whether the line with words above ends a sentence.
fn above_ends(survey: &Survey, at: usize) -> bool {
    let above = survey.lines[..at]
        .iter()
        .rev()
        .find(|line| !line.is_blank());
    above.is_some_and(|line| ends_sentence(&line.words))
}
