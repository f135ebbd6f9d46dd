//! What stands above the first section: front matter between lines of `---`, the line
//! `Last updated #NUMBER dated DATE`, and the title.

use super::{Finding, Rule};

/// How the line with the version's number begins, in the languages of the starter.
const UPDATED: [&str; 6] = [
    "last updated",
    "version",
    "последнее обновление",
    "обновлено",
    "версия",
    "редакция",
];
/// What stands between the number and the date.
const DATED: [&str; 3] = ["dated ", "of ", "от "];

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

    /// Takes a line such as `Last updated #1 dated August 18, 2023`; `false` for any other line.
    /// What the front matter says goes before it.
    pub fn take_update(&mut self, file: &str, line: &str, at: usize) -> bool {
        let lower = line.to_lowercase();
        let Some((before, after)) = line.split_once(['#', '№']) else {
            return false;
        };
        // A title may have a number too: "Updated rules under Law No. #58".
        if !UPDATED.iter().any(|words| lower.starts_with(words))
            || before.split_whitespace().count() > 3
        {
            return false;
        }
        let after = after.trim_start();
        let (number, date) = after.split_at(after.find([' ', ',']).unwrap_or(after.len()));
        if self.number.is_none() {
            self.set_number(file, number, at);
        }
        let date = date.trim_start_matches([' ', ',']);
        let date = DATED
            .iter()
            .find_map(|word| date.strip_prefix(word))
            .unwrap_or(date)
            .trim();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_line_has_a_number_and_a_date() {
        for (line, number, date) in [
            (
                "Last updated #1 dated August 18, 2023",
                1,
                Some("August 18, 2023"),
            ),
            (
                "Последнее обновление #12 от 1 мая 2026 г.",
                12,
                Some("1 мая 2026 г."),
            ),
            ("Версия № 3", 3, None),
        ] {
            let mut front = Front::default();
            assert!(front.take_update("p.txt", line, 1), "{line}");
            assert_eq!(
                (front.number, front.dated.as_deref()),
                (Some(number), date),
                "{line}"
            );
        }
        for line in [
            "Privacy policy",
            "Version two",
            "#1 dated May",
            "Version for people who asked under law #58",
        ] {
            assert!(!Front::default().take_update("p.txt", line, 1), "{line}");
        }
    }
}
