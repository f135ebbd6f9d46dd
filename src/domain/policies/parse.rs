//! From a file to sections and clauses: Markdown with numbered clauses, or plain
//! text as publishers keep it on their sites.

use super::front::Front;
use super::lines::{self, Form, Opening};
use super::{Block, Clause, Document, Finding, LangTag, Rule, Section, marks, number};

/// The largest file we read: the real ones are below 30 KiB.
const LARGEST: usize = 1 << 20;
/// The longest paragraph or item, in bytes. Nobody reads a longer one, and the sanitiser's work
/// grows with the square of it.
const LONGEST: usize = 16 << 10;

/// Reads a file. What can be read but is wrong in its form is in the document's findings.
///
/// # Errors
/// Findings that leave no document: too large, no UTF-8, no language, no section, a paragraph
/// without an end.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Document, Vec<Finding>> {
    let refuse =
        |rule, message: &str, advice: &str| Err(vec![Finding::new(rule, file, message, advice)]);
    if bytes.len() > LARGEST {
        return refuse(
            Rule::Markup,
            "the file is larger than 1 MiB",
            "A policy is text: take out what is not.",
        );
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let line = bytes[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1;
            let finding = Finding::new(
                Rule::Markup,
                file,
                "the file is not UTF-8",
                "Save it as UTF-8 and try again.",
            );
            return Err(vec![finding.at(line)]);
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Old editors end lines with a carriage return alone; the source keeps its own line ends.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let front = Front::read(file, &text);
    let named = front.lang.as_deref();
    let Some(lang) = named.map_or_else(|| LangTag::from_file_name(file), LangTag::parse) else {
        return refuse(
            Rule::Language,
            "the file does not say its language",
            "Write it into the name (policy.ru.md) or into the front matter (lang: ru).",
        );
    };
    let skipped = front.lines;
    let headings = text.lines().skip(skipped).any(lines::is_section_heading);
    let mut reader = Reader::new(file, front, headings);
    for (index, line) in text.lines().enumerate().skip(skipped) {
        reader.line(line.trim(), index + 1);
    }
    if reader.sections.is_empty() {
        return refuse(
            Rule::ClauseNumber,
            "no section was found",
            "A section begins with a line of its own: a number, a dot, a title (1. Terms).",
        );
    }
    let document = reader.end(lang, bytes);
    match endless(&document) {
        Some(clause) => {
            let message = format!(
                "a paragraph of {} is longer than {LONGEST} bytes",
                clause.no
            );
            let advice = "Nobody can be expected to read it: divide it into paragraphs or clauses.";
            let finding = Finding::new(Rule::Markup, file, message, advice);
            Err(vec![finding.at(clause.line).in_clause(&clause.no)])
        }
        None => Ok(document),
    }
}

/// The first clause with a paragraph or item that is too long.
fn endless(document: &Document) -> Option<&Clause> {
    let is_endless = |block: &Block| match block {
        Block::Paragraph(words) => words.len() > LONGEST,
        Block::List(items) => items.iter().any(|item| item.len() > LONGEST),
    };
    document
        .clauses()
        .find(|clause| clause.blocks.iter().any(is_endless))
}

struct Reader<'a> {
    file: &'a str,
    form: Form,
    broken: bool,
    front: Front,
    /// Words between the title and the first section.
    opening: Vec<Block>,
    sections: Vec<Section>,
    last: Vec<u16>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, mut front: Front, headings: bool) -> Self {
        let name = file.to_lowercase();
        let named = name.ends_with(".md") || name.ends_with(".markdown");
        let markdown = front.lines > 0 || headings || named;
        Self {
            file,
            form: Form { markdown, headings },
            broken: true,
            findings: std::mem::take(&mut front.findings),
            front,
            opening: Vec::new(),
            sections: Vec::new(),
            last: Vec::new(),
        }
    }

    fn line(&mut self, line: &str, at: usize) {
        if line.is_empty() {
            self.broken = true;
            return;
        }
        match lines::opening(line, self.form, &self.last) {
            Some(Opening::Section { no, title }) => self.section(no, title, at),
            Some(Opening::Clause { no, parts, words }) => self.clause(no, parts, &words, at),
            Some(Opening::TooLong { no }) => {
                let message = format!("{no:.40} is too long a number for a clause");
                self.misnumbered(&no, at, message);
                self.words(line, at);
            }
            None if self.sections.is_empty() => self.preface(line, at),
            None => self.unnumbered(line, at),
        }
    }

    /// The lines above the first section: the version line, the title, an introduction.
    fn preface(&mut self, line: &str, at: usize) {
        let heading = lines::heading(line);
        let words = heading.unwrap_or(line);
        if self.front.take_update(self.file, words, at) {
            self.findings.append(&mut self.front.findings);
        } else if self.front.title.is_none() {
            self.front.title = Some(words.to_owned());
        } else if heading.is_none() || heading != self.front.title.as_deref() {
            self.unnumbered(line, at);
        }
    }

    /// Words, or a heading that opens nothing.
    fn unnumbered(&mut self, line: &str, at: usize) {
        let Some(words) = lines::heading(line).filter(|_| self.form.markdown) else {
            return self.words(line, at);
        };
        self.broken = true;
        self.words(words, at);
        self.broken = true;
        let message = "a heading without a number is no section";
        let advice = "Only numbered sections can be referred to: number it, or make it words.";
        let finding = Finding::new(Rule::Markup, self.file, message, advice);
        self.findings.push(finding.at(at));
    }

    fn section(&mut self, no: u16, title: String, at: usize) {
        let before = self
            .sections
            .last()
            .map_or(0, |s| s.no.parse::<u16>().unwrap_or_default());
        if no != before + 1 {
            let message = format!("section {no} stands where {} is due", before + 1);
            self.misnumbered(&no.to_string(), at, message);
        }
        self.marks(&title, None, at);
        self.last = vec![no];
        self.broken = true;
        self.sections.push(Section {
            no: no.to_string(),
            title,
            // An introduction has no place of its own in what is shown, and must not get lost.
            preamble: std::mem::take(&mut self.opening),
            clauses: Vec::new(),
        });
    }

    fn clause(&mut self, no: String, parts: Vec<u16>, words: &str, at: usize) {
        let Some(section) = self.sections.last() else {
            self.misnumbered(
                &no,
                at,
                format!("clause {no} stands before the first section"),
            );
            return self.words(&format!("{no}. {words}"), at);
        };
        if number::parts(&section.no) != parts[..1] {
            let message = format!("clause {no} stands in section {}", section.no);
            self.misnumbered(&no, at, message);
        } else if parts <= self.last {
            self.misnumbered(&no, at, format!("clause {no} stands twice or out of order"));
        } else {
            self.last = parts;
        }
        self.broken = true;
        if let Some(section) = self.sections.last_mut() {
            section.clauses.push(Clause {
                no,
                blocks: Vec::new(),
                line: at,
            });
        }
        if !words.is_empty() {
            self.words(words, at);
        }
    }

    fn words(&mut self, line: &str, at: usize) {
        let joins = self.form.markdown && !std::mem::replace(&mut self.broken, false);
        let (no, blocks) = match self.sections.last_mut() {
            Some(section) => match section.clauses.last_mut() {
                Some(clause) => (Some(clause.no.clone()), &mut clause.blocks),
                None => (None, &mut section.preamble),
            },
            None => (None, &mut self.opening),
        };
        let item = lines::item(line);
        let words = item.unwrap_or(line);
        let words = if self.form.markdown {
            words.to_owned()
        } else {
            marks::escaped(words)
        };
        match (item, blocks.last_mut()) {
            (Some(_), Some(Block::List(items))) => items.push(words),
            (Some(_), _) => blocks.push(Block::List(vec![words])),
            (None, Some(Block::Paragraph(before))) if joins => {
                before.push(' ');
                before.push_str(&words);
            }
            (None, Some(Block::List(items)))
                if joins || items.last().is_some_and(String::is_empty) =>
            {
                if let Some(before) = items.last_mut() {
                    if !before.is_empty() {
                        before.push(' ');
                    }
                    before.push_str(&words);
                }
            }
            (None, _) => blocks.push(Block::Paragraph(words)),
        }
        self.marks(line, no.as_deref(), at);
    }

    /// Finds what is neither words nor inline Markdown.
    fn marks(&mut self, line: &str, clause: Option<&str>, at: usize) {
        let Some((message, advice)) = marks::fault(line) else {
            return;
        };
        let finding = Finding::new(Rule::Markup, self.file, message, advice).at(at);
        self.findings.push(match clause {
            Some(no) => finding.in_clause(no),
            None => finding,
        });
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

    fn end(mut self, lang: LangTag, source: &[u8]) -> Document {
        if self
            .sections
            .iter()
            .all(|section| section.clauses.is_empty())
        {
            let advice = "A clause begins with its number at the beginning of a line (1.1. Words).";
            let finding = Finding::new(
                Rule::ClauseNumber,
                self.file,
                "no numbered clause was found",
                advice,
            );
            self.findings.push(finding);
        }
        for section in &self.sections {
            for (at, clause) in section.clauses.iter().enumerate() {
                let parent = format!("{}.", clause.no);
                let next = section.clauses.get(at + 1);
                if !clause.blocks.is_empty() || next.is_some_and(|c| c.no.starts_with(&parent)) {
                    continue;
                }
                let message = format!("clause {} has a number and no words", clause.no);
                let advice =
                    "Nobody can agree to nothing: write the clause, or take its number out.";
                self.findings.push(
                    Finding::new(Rule::EmptyClause, self.file, message, advice)
                        .at(clause.line)
                        .in_clause(&clause.no),
                );
            }
        }
        Document {
            lang,
            number: self.front.number,
            dated: self.front.dated,
            title: self.front.title.unwrap_or_default(),
            sections: self.sections,
            source: source.to_vec(),
            findings: self.findings,
        }
    }
}
