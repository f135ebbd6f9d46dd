//! How a file marks its sections: its first section shows it.

use super::super::lines::Mark;
use super::super::number::{End, Style};
use super::{Joint, Marks, Survey};

impl Survey {
    pub(super) fn find_marks(&self) -> Marks {
        let all = 0..self.lines.len();
        let heads = |at: &usize| {
            let line = &self.lines[*at];
            line.heading.is_some() && !self.fenced[*at] && Some(*at) != self.title
        };
        let numbered = all.clone().filter(heads).find_map(|at| {
            let mark = self.single(at)?;
            let opens = mark.end != End::Nothing
                || mark.label.is_some()
                || (mark.apart && mark.parts == [1]);
            opens.then_some((self.lines[at].heading?, mark.style))
        });
        if let Some((level, style)) = numbered {
            return Marks::Headings(level, style);
        }
        let level = all
            .clone()
            .filter(heads)
            .filter_map(|at| self.lines[at].heading)
            .min();
        for at in all {
            let Some(mark) = self.single(at).filter(|_| self.joins(at) == Joint::No) else {
                continue;
            };
            if mark.label.is_some() && mark.parts == [1] && opens_by_label(mark) {
                return Marks::Labels;
            }
            if self.begins_numbers(at, mark, level.is_some()) {
                return Marks::Numbers(mark.style);
            }
        }
        level.map_or(Marks::Nothing, Marks::Unnumbered)
    }

    pub(super) fn last_second(&self, style: Style) -> usize {
        let is_second = |at: &usize| {
            self.single(*at).is_some_and(|mark| {
                mark.style == style && mark.parts == [2] && mark.label.is_none()
            })
        };
        (0..self.lines.len()).rev().find(is_second).unwrap_or(0)
    }

    /// Whether a single number is the first of the file's sections.
    pub(super) fn begins_numbers(&self, at: usize, mark: &Mark, headed: bool) -> bool {
        let value = mark.parts[0];
        let below = self.clause_below(at);
        let parent = below.is_some_and(|below| below[0] == value);
        if mark.label.is_some() || self.lines[at].heading.is_some() {
            return false;
        }
        match mark.style {
            Style::Arabic if mark.end == End::Nothing => mark.apart && below == Some(&[value, 1]),
            Style::Arabic if parent => true,
            // In a file without clauses each number is a section, unless headings are.
            Style::Arabic if headed || value != 1 => false,
            Style::Arabic if below.is_none() => starts_upper(&mark.words),
            Style::Arabic => is_title(&mark.words),
            Style::Roman => {
                value == 1 && mark.apart && (self.last_second[0] > at || below == Some(&[1, 1]))
            }
            Style::Letter => {
                value == 1 && mark.apart && self.last_second[1] > at && is_title(&mark.words)
            }
        }
    }

    /// `1.`, `2.` below the first heading and `3.` below the next.
    pub(super) fn is_counted(&self) -> bool {
        if matches!(self.marks, Marks::Nothing | Marks::Numbers(Style::Arabic)) {
            return false;
        }
        let (mut due, mut sections, mut inside) = (1, 0, false);
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            let marked = self.single(at).filter(|_| self.joins(at) == Joint::No);
            let opens = match self.marks {
                Marks::Headings(..) | Marks::Unnumbered(_) => {
                    line.heading.is_some() && Some(at) != self.title
                }
                Marks::Labels => marked.is_some_and(|mark| mark.label.is_some()),
                Marks::Numbers(style) => marked.is_some_and(|mark| mark.style == style),
                Marks::Nothing => false,
            };
            if opens {
                inside = false;
                continue;
            }
            if line
                .mark
                .as_ref()
                .is_some_and(|mark| mark.parts.len() > 1 && mark.end != End::Nothing)
            {
                return false;
            }
            let counts = marked
                .filter(|m| m.style == Style::Arabic && m.end == End::Dot && m.label.is_none());
            if let Some(mark) = counts {
                if mark.parts != [due] {
                    return false;
                }
                due += 1;
                sections += usize::from(!std::mem::replace(&mut inside, true));
            }
        }
        sections > 1
    }
}

/// Whether a label with its number opens a section, and is no beginning of a sentence ("Section 1
/// applies to…").
#[must_use]
pub fn opens_by_label(mark: &Mark) -> bool {
    let title = mark.words.trim_start_matches(['*', '_']);
    mark.apart && (mark.end != End::Nothing || title.is_empty() || starts_upper(title))
}

/// Whether words can be a heading: short, and not the end of a sentence.
#[must_use]
pub fn is_title(words: &str) -> bool {
    let words = words.trim_matches(['*', '_', ' ']);
    let short = words.chars().count() <= 100 && words.split_whitespace().count() <= 14;
    let whole = !words.ends_with([';', ',', ':'])
        && (!words.ends_with('.') || words.split_whitespace().count() <= 5);
    short && whole && starts_upper(words)
}

fn starts_upper(words: &str) -> bool {
    let first = words.chars().find(|c| c.is_alphanumeric());
    first.is_some_and(|c| !c.is_lowercase())
}
