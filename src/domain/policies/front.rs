//! What stands above the first section: front matter between lines of `---`, the line
//! `Last updated #NUMBER dated DATE`, and the title (spec, section 9).

use super::{Finding, Rule};

/// What a file says about itself; what it does not say is `None`.
#[derive(Debug, Default)]
pub struct Front {
    /// The language, as written.
    pub lang: Option<String>,
    /// The version's number.
    pub number: Option<u32>,
    /// The date an editor gave it.
    pub dated: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// How many lines belong to the front matter; 0 when there is none.
    pub lines: usize,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Front {
    /// Reads the front matter, if the text begins with one. Keys we do not know are left to
    /// whoever wrote them there.
    pub fn read(file: &str, text: &str) -> Self {
        let mut front = Self::default();
        let mut lines = text.lines();
        if lines.next().map(str::trim_end) != Some("---") {
            return front;
        }
        let Some(end) = lines.position(|line| line.trim_end() == "---") else {
            let advice = "Close it with a line of its own: ---";
            front.findings.push(
                Finding::new(Rule::Markup, file, "the front matter has no end", advice).at(1),
            );
            return front;
        };
        front.lines = end + 2;
        for (index, line) in text.lines().enumerate().skip(1).take(end) {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim().trim_matches(['"', '\'']);
            if value.is_empty() {
                continue;
            }
            match key.trim() {
                "lang" => front.lang = Some(value.to_owned()),
                "number" => front.set_number(file, value, index + 1),
                "date" => front.dated = Some(value.to_owned()),
                "title" => front.title = Some(value.to_owned()),
                _ => {}
            }
        }
        front
    }

    /// Takes the line `Last updated #1 dated August 18, 2023`; `false` for any other line. What
    /// the front matter says goes before it.
    pub fn take_update(&mut self, file: &str, line: &str, at: usize) -> bool {
        let Some(rest) = line.strip_prefix("Last updated #") else {
            return false;
        };
        let (number, date) = rest.split_once(" dated ").unwrap_or((rest, ""));
        if self.number.is_none() {
            self.set_number(file, number.trim(), at);
        }
        let date = date.trim();
        if self.dated.is_none() && !date.is_empty() {
            self.dated = Some(date.to_owned());
        }
        true
    }

    fn set_number(&mut self, file: &str, text: &str, at: usize) {
        self.number = text.parse().ok().filter(|number| *number > 0);
        if self.number.is_none() {
            let message = format!("{text:?} is no version number");
            let advice = "Versions are numbered 1, 2, 3: correct it, or leave it out to get the next number.";
            self.findings
                .push(Finding::new(Rule::ClauseNumber, file, message, advice).at(at));
        }
    }
}
