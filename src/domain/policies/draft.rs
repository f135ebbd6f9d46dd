//! Line by line from the outline to sections and clauses whose words are still to be read.

use super::front::Front;
use super::lines::{self, Line, Mark, SourceLine};
use super::number;
use super::outline::{Place, Role};
use super::survey::{Joint, Survey, ends_sentence, is_title};
use super::{Finding, Rule};

/// A file in parts.
pub struct Draft {
    /// As in the front.
    pub number: Option<u32>,
    /// As in the front.
    pub dated: Option<String>,
    /// The title, and the line it stands on where that is not the front matter.
    pub title: String,
    /// See `title`.
    pub titled: Option<usize>,
    /// The sections.
    pub sections: Vec<DraftSection>,
    /// What is wrong with the numbers and the front.
    pub findings: Vec<Finding>,
}

/// A section whose words are still lines.
pub struct DraftSection {
    /// Empty when it has none.
    pub no: String,
    /// As it is written, where a word belongs to the number.
    pub label: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it begins.
    pub line: usize,
    /// What stands before its first clause.
    pub preamble: Chunk,
    /// Its clauses.
    pub clauses: Vec<DraftClause>,
}

/// A clause whose words are still lines.
pub struct DraftClause {
    /// Its number.
    pub no: String,
    /// As it is written, where a word belongs to the number.
    pub label: Option<String>,
    /// Where it begins.
    pub line: usize,
    /// Its words.
    pub body: Chunk,
}

/// Lines under one number.
#[derive(Default)]
pub struct Chunk {
    /// The lines.
    pub lines: Vec<SourceLine>,
    /// The first one stands behind the number.
    pub guarded: bool,
    /// How far the line with the number was set in.
    indent: usize,
}

/// Puts the lines where they belong.
pub struct Reader<'a> {
    file: &'a str,
    survey: &'a Survey,
    markdown: bool,
    front: Front,
    titled: Option<usize>,
    place: Place,
    /// The value of the section we are in; none where it has no number.
    value: Option<u16>,
    /// A section's number stood alone: its title may be on the next line.
    untitled: bool,
    /// A sign of an item stood alone: its words are on the next line.
    lone_sign: bool,
    opening: Chunk,
    sections: Vec<DraftSection>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    /// A reader at the file's beginning.
    pub fn new(file: &'a str, mut front: Front, survey: &'a Survey, markdown: bool) -> Self {
        Self {
            file,
            survey,
            markdown,
            findings: std::mem::take(&mut front.findings),
            front,
            titled: None,
            place: Place::default(),
            value: None,
            untitled: false,
            lone_sign: false,
            opening: Chunk::default(),
            sections: Vec::new(),
        }
    }

    /// Takes the line at `at` of the survey; `source` is the line with its place in the file.
    pub fn line(&mut self, at: usize, source: &SourceLine) {
        let line = &self.survey.lines[at];
        if line.is_blank() && !self.survey.fenced[at] {
            self.push(SourceLine::new(source.at, ""));
            return;
        }
        let role = self.place.role(self.survey, at);
        let untitled = std::mem::take(&mut self.untitled);
        match (role, &line.mark) {
            (Role::Section(value), mark) => self.section(value, mark.as_ref(), line, source.at),
            (Role::Clause, Some(mark)) => self.clause(mark, line, source.at),
            (Role::Item(value), Some(mark)) => self.item(value, mark, line, source, at),
            (Role::Clause | Role::Item(_), None) => self.words(line, source, at),
            (Role::Words { stray }, mark) => {
                if let Some(mark) = mark.as_ref() {
                    self.tell_of(mark, stray, source.at);
                } else {
                    self.tell_of_hidden(line, source.at);
                }
                let titles =
                    untitled && mark.is_none() && line.heading.is_none() && !line.is_item();
                match self.sections.last_mut() {
                    Some(section) if titles && is_title(&line.words) => {
                        section.title.clone_from(&line.words)
                    }
                    None if !self.survey.fenced[at] => self.preface(line, source, at),
                    _ => self.words(line, source, at),
                }
            }
        }
    }

    /// The lines above the first section: the version line, the title, an introduction.
    fn preface(&mut self, line: &Line, source: &SourceLine, at: usize) {
        // A heading may say once more what the front matter has said.
        let again = self.titled.is_none()
            && line.heading.is_some()
            && Some(&line.words) == self.front.title.as_ref();
        if self.front.take_update(self.file, &line.words, source.at) {
            self.findings.append(&mut self.front.findings);
        } else if self.front.title.is_none() {
            self.front.title = Some(line.words.clone());
            self.titled = Some(source.at);
        } else if !again {
            self.words(line, source, at);
        }
    }

    fn section(&mut self, value: Option<u16>, mark: Option<&Mark>, line: &Line, at: usize) {
        if let Some(value) = value {
            let due = self.place.section + 1;
            if value != due {
                let no = mark.map_or("", |mark| mark.no.as_str());
                let message = format!("section {no} stands where section {due} is due");
                self.misnumbered(no, at, message);
            }
            self.place.section = value;
            self.place.last = vec![value];
        }
        let title = mark.map_or(line.words.as_str(), |mark| mark.words.as_str());
        self.untitled = mark.is_some() && title.is_empty();
        self.value = value;
        self.open_section(DraftSection {
            no: mark.map(|mark| mark.no.clone()).unwrap_or_default(),
            label: mark.and_then(|mark| mark.label.clone()),
            title: title.to_owned(),
            line: at,
            preamble: Chunk::default(),
            clauses: Vec::new(),
        });
    }

    fn open_section(&mut self, mut section: DraftSection) {
        self.place.list = None;
        self.place.begun = true;
        // An introduction has no place of its own in what is shown, and must not get lost.
        section.preamble = std::mem::take(&mut self.opening);
        section
            .preamble
            .lines
            .push(SourceLine::new(section.line, ""));
        self.sections.push(section);
    }

    fn clause(&mut self, mark: &Mark, line: &Line, at: usize) {
        let (no, parts) = (&mark.no, &mark.parts);
        if self.sections.is_empty() {
            let message = format!("clause {no} stands before the first section");
            self.misnumbered(no, at, message);
            self.value = None;
            self.open_section(DraftSection {
                no: String::new(),
                label: None,
                title: String::new(),
                line: at,
                preamble: Chunk::default(),
                clauses: Vec::new(),
            });
        }
        if parts.len() > 1 {
            self.check_number(mark, at);
        } else {
            self.place.counted = parts[0];
        }
        self.place.list = None;
        let guarded = !mark.words.is_empty();
        let mut lines = Vec::new();
        if guarded {
            // Two spaces at the end of a line are a break in Markdown.
            let breaks = if line.raw.ends_with("  ") { "  " } else { "" };
            lines.push(SourceLine::new(at, &format!("{}{breaks}", mark.words)));
        }
        if line.heading.is_some() {
            lines.push(SourceLine::new(at, ""));
        }
        if let Some(section) = self.sections.last_mut() {
            section.clauses.push(DraftClause {
                no: no.clone(),
                label: mark.label.clone(),
                line: at,
                body: Chunk {
                    lines,
                    guarded,
                    indent: line.indent + if mark.listed { 2 } else { 0 },
                },
            });
        }
    }

    /// Whether a clause's number is the one that is due in its section.
    fn check_number(&mut self, mark: &Mark, at: usize) {
        let (no, parts) = (&mark.no, &mark.parts);
        if self.value.is_none() && !number::is_next(&self.place.last, parts) {
            // The section has no number, so that its first clause says which it is.
            let begins = self
                .sections
                .last()
                .is_some_and(|section| section.clauses.is_empty());
            if begins && self.place.last.first() != Some(&parts[0]) {
                self.place.last = vec![parts[0]];
            }
        }
        let due = number::joined(&number::due(&self.place.last, parts));
        if self.value.is_some_and(|value| value != parts[0]) {
            let section = self
                .sections
                .last()
                .map_or("", |section| section.no.as_str());
            let message = format!("clause {no} stands in section {section}");
            return self.misnumbered(no, at, message);
        }
        if *parts <= self.place.last {
            let message = format!("clause {no} stands twice or out of order");
            return self.misnumbered(no, at, message);
        }
        if !number::is_next(&self.place.last, parts) {
            self.misnumbered(no, at, format!("clause {no} stands where {due} is due"));
        }
        self.place.last.clone_from(parts);
    }

    fn item(&mut self, value: u64, mark: &Mark, line: &Line, source: &SourceLine, at: usize) {
        let begins = self.place.list.is_none();
        self.place.list = u16::try_from(value).ok();
        if self.markdown {
            // Markdown lets a list interrupt a paragraph only where it begins with 1.
            if begins {
                self.push(SourceLine::new(source.at, ""));
            }
            return self.words(line, source, at);
        }
        self.push(SourceLine {
            at: source.at,
            words: format!("{}{}", " ".repeat(line.indent), mark.words),
            joins: false,
            item: Some(value),
        });
    }

    fn words(&mut self, line: &Line, source: &SourceLine, at: usize) {
        if self.survey.fenced[at] {
            return self.push(source.clone());
        }
        let joins = self.survey.joins(at) != Joint::No;
        if !self.markdown {
            return self.push(SourceLine {
                joins,
                words: line.raw.clone(),
                ..source.clone()
            });
        }
        // The reader of definitions may have put a backslash into the line.
        let raw = if source.words.trim_start().starts_with("\\[") {
            source.words.as_str()
        } else {
            line.raw.as_str()
        };
        let mut words = self.bulleted(raw, at);
        if let Some(level) = self.survey.lines[at].heading
            && !words.trim_start().starts_with('#')
        {
            words = format!("{} {}", "#".repeat(level), words.trim_start());
        }
        self.push(SourceLine::new(source.at, &words));
    }

    /// The line with a sign of an item that Markdown knows.
    fn bulleted(&mut self, raw: &str, at: usize) -> String {
        let words = raw.trim_start();
        let indent = &raw[..raw.len() - words.len()];
        if std::mem::take(&mut self.lone_sign) && lines::item(words).is_none() {
            return format!("{indent}- {words}");
        }
        let Some(sign) = lines::foreign_bullet(words) else {
            return raw.to_owned();
        };
        let above = at.checked_sub(1).map(|above| &self.survey.lines[above]);
        let in_sentence = matches!(sign, '–' | '—')
            && above.is_some_and(|above| {
                !above.is_blank() && !above.is_item() && !ends_sentence(&above.words)
            });
        if in_sentence {
            return raw.to_owned();
        }
        let rest = words[sign.len_utf8()..].trim_start();
        if rest.is_empty() {
            self.lone_sign = true;
            return String::new();
        }
        format!("{indent}- {rest}")
    }

    fn push(&mut self, line: SourceLine) {
        let chunk = match self.sections.last_mut() {
            Some(section) => match section.clauses.last_mut() {
                Some(clause) => &mut clause.body,
                None => &mut section.preamble,
            },
            None => &mut self.opening,
        };
        let set_in = line.words.len() - line.words.trim_start_matches(' ').len();
        let words = &line.words[set_in.min(chunk.indent)..];
        let words = words.to_owned();
        chunk.lines.push(SourceLine { words, ..line });
    }

    fn tell_of(&mut self, mark: &Mark, stray: bool, at: usize) {
        if mark.too_long && mark.end == number::End::Dot {
            let message = format!("{:.40} is too long a number for a clause", mark.no);
            self.misnumbered(&mark.no, at, message);
        } else if stray {
            let message = format!("the line begins with {} and opens no clause", mark.no);
            let advice = "If it is a clause, give it a line of its own with a dot behind the number; if not, let the line begin with a word.";
            self.findings.push(
                Finding::new(Rule::ClauseNumber, self.file, message, advice)
                    .at(at)
                    .in_clause(&mark.no),
            );
        }
    }

    /// A clause's number inside a quotation or a table.
    fn tell_of_hidden(&mut self, line: &Line, at: usize) {
        let Some(inside) = line
            .words
            .strip_prefix(['>', '|'])
            .filter(|_| self.markdown)
        else {
            return;
        };
        let inside = inside.trim_start_matches(['>', '|', ' ', '*']);
        let number = number::leading(inside)
            .filter(|n| n.parts.len() > 1 && number::is_next(&self.place.last, &n.parts));
        if let Some(number) = number.filter(|n| n.end != number::End::Nothing) {
            let message = format!("{} in a table or a quotation opens no clause", number.no);
            let advice = "If it is a clause, give it a line of its own.";
            self.findings.push(
                Finding::new(Rule::ClauseNumber, self.file, message, advice)
                    .at(at)
                    .in_clause(&number.no),
            );
        }
    }

    fn misnumbered(&mut self, no: &str, at: usize, message: String) {
        let advice =
            "People and other texts refer to clauses by number: number them in order, each once.";
        self.findings.push(
            Finding::new(Rule::ClauseNumber, self.file, message, advice)
                .at(at)
                .in_clause(no),
        );
    }

    /// What was read. A file without sections is one section without a number.
    pub fn end(mut self) -> Draft {
        if self.sections.is_empty() {
            let advice = "Number the sections (1. Terms) and clauses (1.1. Words), or publish an existing text as it stands with --verbatim.";
            self.findings.push(Finding::new(
                Rule::ClauseNumber,
                self.file,
                "no section was found",
                advice,
            ));
            self.open_section(DraftSection {
                no: String::new(),
                label: None,
                title: String::new(),
                line: 1,
                preamble: Chunk::default(),
                clauses: Vec::new(),
            });
        }
        Draft {
            number: self.front.number,
            dated: self.front.dated,
            title: self.front.title.unwrap_or_default(),
            titled: self.titled,
            sections: self.sections,
            findings: self.findings,
        }
    }
}
