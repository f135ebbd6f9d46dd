//! From a file to sections and clauses: Markdown with numbered clauses, or plain
//! text as publishers keep it on their sites (spec, section 9).

use super::front::Front;
use super::{Block, Clause, Document, Finding, LangTag, Rule, Section, marks};

/// The largest file we read: the real ones are below 30 KiB.
const LARGEST: usize = 1 << 20;
/// A clause number has at most so many parts.
const DEEPEST: usize = 8;

/// Reads a file. What can be read but is wrong in its form is in the document's findings.
///
/// # Errors
/// Findings that leave no document: too large, no UTF-8, no language, no section.
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
    let mut reader = Reader::new(file, front);
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
    Ok(reader.end(lang, bytes))
}

struct Reader<'a> {
    file: &'a str,
    /// Markdown: lines of one paragraph are joined, and marks mean something.
    markdown: bool,
    broken: bool,
    front: Front,
    /// Words between the title and the first section.
    opening: Vec<Block>,
    sections: Vec<Section>,
    last: Vec<u32>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, mut front: Front) -> Self {
        let name = file.to_lowercase();
        Self {
            file,
            markdown: front.lines > 0 || name.ends_with(".md") || name.ends_with(".markdown"),
            broken: true,
            findings: std::mem::take(&mut front.findings),
            front,
            opening: Vec::new(),
            sections: Vec::new(),
            last: Vec::new(),
        }
    }

    fn line(&mut self, line: &str, at: usize) {
        let heading = line.trim_start_matches('#').trim_start();
        if line.is_empty() {
            self.broken = true;
        } else if let Some((no, words)) = clause_head(heading) {
            match numbers(no) {
                Some(parts) => self.clause(parts, words, at),
                None => {
                    let message = format!("{no:.40} is too long a number for a clause");
                    self.misnumbered(no, at, message);
                    self.words(line, at);
                }
            }
        } else if let Some((no, title)) = section_head(heading) {
            self.section(no, title, at);
        } else if self.sections.is_empty() {
            self.preface(line, heading, at);
        } else {
            self.words(line, at);
        }
    }

    /// The lines above the first section: the version line, the title, an introduction.
    fn preface(&mut self, line: &str, heading: &str, at: usize) {
        let is_heading = heading.len() < line.len();
        if self.front.take_update(self.file, heading, at) {
            self.findings.append(&mut self.front.findings);
        } else if self.front.title.is_none() {
            self.front.title = Some(heading.to_owned());
        } else if !is_heading {
            self.words(line, at);
        }
    }

    fn section(&mut self, no: u32, title: &str, at: usize) {
        let expected = self.sections.len() + 1;
        if usize::try_from(no) != Ok(expected) {
            self.misnumbered(
                &no.to_string(),
                at,
                format!("section {no} stands where {expected} is due"),
            );
        }
        self.marks(title, None, at);
        self.last = vec![no];
        self.broken = true;
        let title = title.to_owned();
        self.sections.push(Section {
            no: no.to_string(),
            title,
            // An introduction has no place of its own in what is shown, and must not get lost.
            preamble: std::mem::take(&mut self.opening),
            clauses: Vec::new(),
        });
    }

    fn clause(&mut self, parts: Vec<u32>, words: &str, at: usize) {
        let no = parts
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(".");
        let Some(section) = self.sections.last() else {
            return self.misnumbered(
                &no,
                at,
                format!("clause {no} stands before the first section"),
            );
        };
        if section.no != parts[0].to_string() {
            self.misnumbered(
                &no,
                at,
                format!("clause {no} stands in section {}", section.no),
            );
        } else if parts <= self.last {
            self.misnumbered(&no, at, format!("clause {no} stands twice or out of order"));
        }
        self.last = parts;
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
        let joins = self.markdown && !std::mem::replace(&mut self.broken, false);
        let (no, blocks) = match self.sections.last_mut() {
            Some(section) => match section.clauses.last_mut() {
                Some(clause) => (Some(clause.no.clone()), &mut clause.blocks),
                None => (None, &mut section.preamble),
            },
            None => (None, &mut self.opening),
        };
        let item = list_item(line);
        let words = item.unwrap_or(line);
        let words = if self.markdown {
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
            (None, Some(Block::List(items))) if joins => {
                if let Some(before) = items.last_mut() {
                    before.push(' ');
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

/// `3.1.4.` alone or followed by words, also in bold: two or more numbers, each with its dot.
fn clause_head(line: &str) -> Option<(&str, &str)> {
    let bold = line.strip_prefix("**");
    let line = bold.unwrap_or(line);
    let end = line
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(line.len());
    let (number, words) = line.split_at(end);
    let words = if bold.is_some() {
        words.strip_prefix("**")?
    } else {
        words
    };
    let number = number.strip_suffix('.')?;
    let follows = words.is_empty() || words.starts_with(char::is_whitespace);
    let numbered = number.contains('.') && number.split('.').all(|part| !part.is_empty());
    (follows && numbered).then(|| (number, words.trim()))
}

/// The numbers of `3.1.4`; `None` when there are too many, or one is too large.
fn numbers(no: &str) -> Option<Vec<u32>> {
    let parts: Vec<u32> = no
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    (parts.len() <= DEEPEST).then_some(parts)
}

/// `3. Title`.
fn section_head(line: &str) -> Option<(u32, &str)> {
    let (number, title) = line.split_once(". ")?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    Some((number.parse().ok().filter(|_| digits)?, title.trim()))
        .filter(|(_, title)| !title.is_empty())
}

fn list_item(line: &str) -> Option<&str> {
    ["• ", "– ", "- ", "* ", "•\u{a0}", "–\u{a0}", "•\t", "–\t"]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .map(str::trim)
}
