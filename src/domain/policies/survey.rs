//! A first look over the whole file: how its sections are marked, where its next clause is, and
//! whether its lines were wrapped by a machine. What a single line means depends on that.

mod headings;
mod marks;
mod wrapping;

use std::collections::HashSet;

use super::LangTag;
use super::lines::{Line, Mark};
use super::number::{End, Style};
pub use marks::{is_title, opens_by_label};
pub use wrapping::ends_sentence;

/// So many lines below a list's item its number is looked for again: nobody has a longer list.
const FARTHEST: usize = 200;

/// How sections are marked in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// By Markdown headings with numbers; the level and the style of the first.
    Headings(usize, Style),
    /// By words: `Article 1`, `§ 1`.
    Labels,
    /// By numbers of this style.
    Numbers(Style),
    /// By headings without numbers, of this level or above.
    Unnumbered(usize),
    /// By nothing we know.
    Nothing,
}

/// Whether a line goes on with the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// It begins something.
    No,
    /// It may.
    Weak,
    /// It does: the sentence before has no end.
    Strong,
}

/// What is known of the file before it is read.
#[derive(Debug)]
pub struct Survey {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Which of them stand in a fenced block of code.
    pub fenced: Vec<bool>,
    /// Lines that belong to the one before: underlines of headings.
    pub skipped: HashSet<usize>,
    /// How sections are marked.
    pub marks: Marks,
    /// Single numbers count through all sections: they are clauses.
    pub counted: bool,
    /// The heading that is the title.
    pub title: Option<usize>,
    joints: Vec<Joint>,
    next_clause: Vec<Option<usize>>,
    /// Where the last `II` and the last `B` stand.
    last_second: [usize; 2],
    connectives: &'static [&'static str],
}

impl Survey {
    /// Looks over the lines of a text in `lang`. `titled`: the front matter has said the title.
    #[must_use]
    pub fn new(text: &[&str], lang: &LangTag, markdown: bool, titled: Option<&str>) -> Self {
        let mut survey = Self {
            lines: text.iter().map(|line| Line::read(line, markdown)).collect(),
            fenced: headings::fences(text, markdown),
            skipped: HashSet::new(),
            marks: Marks::Nothing,
            counted: false,
            title: None,
            joints: Vec::new(),
            next_clause: Vec::new(),
            last_second: [0; 2],
            connectives: wrapping::connectives(lang.primary()),
        };
        if markdown {
            survey.underlined();
        }
        let width = survey.width().filter(|_| !markdown);
        survey.joints = (0..survey.lines.len())
            .map(|at| survey.joint(at, width, markdown))
            .collect();
        survey.next_clause = survey.next_clauses();
        survey.last_second = [Style::Roman, Style::Letter].map(|style| survey.last_second(style));
        if !markdown {
            survey.plain_headings();
        }
        survey.title = survey.title_heading(titled);
        survey.marks = survey.find_marks();
        survey.counted = survey.is_counted();
        survey
    }

    /// Whether a line goes on with the one before it.
    #[must_use]
    pub fn joins(&self, at: usize) -> Joint {
        self.joints[at]
    }

    /// The number of the next clause below a line.
    #[must_use]
    pub fn clause_below(&self, at: usize) -> Option<&[u16]> {
        let next = self.next_clause[at]?;
        Some(&self.lines[next].mark.as_ref()?.parts)
    }

    /// Whether the same section's number stands once more before the next clause below.
    #[must_use]
    pub fn comes_again(&self, at: usize, value: u16) -> bool {
        let end = self.next_clause[at].unwrap_or(self.lines.len());
        (at + 1..end.min(at + FARTHEST)).any(|at| {
            self.single(at).is_some_and(|mark| mark.parts == [value]) && self.joins(at) == Joint::No
        })
    }

    /// The mark of a line with one number only.
    fn single(&self, at: usize) -> Option<&Mark> {
        let mark = self.lines[at].mark.as_ref()?;
        (mark.parts.len() == 1 && !mark.too_long && !self.fenced[at]).then_some(mark)
    }

    fn next_clauses(&self) -> Vec<Option<usize>> {
        let mut next = vec![None; self.lines.len()];
        let mut below = None;
        for at in (0..self.lines.len()).rev() {
            next[at] = below;
            let clause = self.lines[at].mark.as_ref().filter(|mark| {
                let upper = mark.words.starts_with(|c: char| !c.is_lowercase());
                mark.parts.len() > 1
                    && !mark.too_long
                    && (mark.end != End::Nothing
                        || (mark.apart && (upper || mark.parts.ends_with(&[1]))))
            });
            if clause.is_some() && !self.fenced[at] && self.joins(at) != Joint::Strong {
                below = Some(at);
            }
        }
        next
    }
}
