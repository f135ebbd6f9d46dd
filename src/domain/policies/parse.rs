//! From a file to sections and clauses: Markdown with numbered clauses, or plain
//! text as publishers keep it on their sites (spec, section 9).

use super::{Block, Clause, Document, Finding, LangTag, Rule, Section};

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
    let (front, body_line, body) = front_matter(text);
    let named = front.get("lang").map(String::as_str);
    let Some(lang) = named.map_or_else(|| LangTag::from_file_name(file), LangTag::parse) else {
        return refuse(
            Rule::Language,
            "the file does not say its language",
            "Write it into the name (policy.ru.md) or into the front matter (lang: ru).",
        );
    };
    let joins = file.ends_with(".md") || !front.is_empty();
    let mut reader = Reader::new(file, joins);
    for (index, line) in body.lines().enumerate() {
        reader.line(line.trim_end_matches('\r').trim(), body_line + index);
    }
    let mut document = reader.end(lang, bytes);
    if document.sections.is_empty() {
        return refuse(
            Rule::ClauseNumber,
            "no section was found",
            "A section begins with a line of its own: a number, a dot, a title (1. Terms).",
        );
    }
    document.number = front
        .get("number")
        .and_then(|n| n.parse().ok())
        .or(document.number);
    document.dated = front.get("date").cloned().or(document.dated);
    document.title = front.get("title").cloned().unwrap_or(document.title);
    Ok(document)
}

type FrontMatter = std::collections::BTreeMap<String, String>;

/// The front matter, the line (from 1) where the body begins, and the body.
fn front_matter(text: &str) -> (FrontMatter, usize, &str) {
    let Some((head, body)) = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"))
        .and_then(|rest| rest.split_once("\n---"))
    else {
        return (FrontMatter::new(), 1, text);
    };
    let front = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| {
            (
                key.trim().to_owned(),
                value.trim().trim_matches(['"', '\'']).to_owned(),
            )
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let rest = body.trim_start_matches(['-', '\r']);
    (front, head.lines().count() + 2, rest)
}

struct Reader<'a> {
    file: &'a str,
    /// Lines of one paragraph are joined, as Markdown does.
    joins: bool,
    broken: bool,
    number: Option<u32>,
    dated: Option<String>,
    title: String,
    sections: Vec<Section>,
    last: Vec<u32>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, joins: bool) -> Self {
        Self {
            file,
            joins,
            broken: true,
            number: None,
            dated: None,
            title: String::new(),
            sections: Vec::new(),
            last: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn line(&mut self, line: &str, at: usize) {
        let heading = line.trim_start_matches('#').trim_start();
        if line.is_empty() {
            self.broken = true;
        } else if let Some((no, words)) = clause_head(line) {
            self.clause(no, words, at);
        } else if let Some((no, title)) = section_head(heading) {
            self.section(no, title, at);
        } else if self.sections.is_empty() {
            self.preface(heading);
        } else {
            self.words(line, at);
        }
    }

    /// The lines above the first section: the version line and the title.
    fn preface(&mut self, line: &str) {
        let updated = line
            .strip_prefix("Last updated ")
            .and_then(|rest| rest.strip_prefix('#'));
        match updated.map(|rest| rest.split_once(" dated ").unwrap_or((rest, ""))) {
            Some((number, date)) => {
                self.number = number.trim().parse().ok();
                self.dated = Some(date.trim().to_owned()).filter(|d| !d.is_empty());
            }
            None if self.title.is_empty() => self.title = line.to_owned(),
            None => {}
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
        self.markup(title, None, at);
        self.last = vec![no];
        self.broken = true;
        let title = title.to_owned();
        self.sections.push(Section {
            no: no.to_string(),
            title,
            preamble: Vec::new(),
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
        let (joins, broken) = (self.joins, std::mem::replace(&mut self.broken, false));
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        let (no, blocks) = match section.clauses.last_mut() {
            Some(clause) => (Some(clause.no.clone()), &mut clause.blocks),
            None => (None, &mut section.preamble),
        };
        match (list_item(line), blocks.last_mut()) {
            (Some(item), Some(Block::List(items))) => items.push(item.to_owned()),
            (Some(item), _) => blocks.push(Block::List(vec![item.to_owned()])),
            (None, Some(Block::Paragraph(words))) if joins && !broken => {
                words.push(' ');
                words.push_str(line);
            }
            (None, Some(Block::List(items))) if joins && !broken => {
                if let Some(item) = items.last_mut() {
                    item.push(' ');
                    item.push_str(line);
                }
            }
            (None, _) => blocks.push(Block::Paragraph(line.to_owned())),
        }
        self.markup(line, no.as_deref(), at);
    }

    fn markup(&mut self, line: &str, clause: Option<&str>, at: usize) {
        let tag = line.match_indices('<').any(|(i, _)| {
            line[i + 1..]
                .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
        });
        if !tag || line.contains("<http") || line.contains("<mailto:") {
            return;
        }
        let finding = Finding::new(
            Rule::Markup,
            self.file,
            "HTML would be shown as it is written, not as markup",
            "Take the tags out: clauses are words, paragraphs and lists.",
        );
        self.findings.push(match clause {
            Some(no) => finding.at(at).in_clause(no),
            None => finding.at(at),
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
        let mut empty = Vec::new();
        for section in &self.sections {
            for clause in &section.clauses {
                let parent = format!("{}.", clause.no);
                if clause.blocks.is_empty()
                    && !section.clauses.iter().any(|c| c.no.starts_with(&parent))
                {
                    empty.push((clause.no.clone(), clause.line));
                }
            }
        }
        for (no, line) in empty {
            let message = format!("clause {no} has a number and no words");
            let advice = "Nobody can agree to nothing: write the clause, or take its number out.";
            self.findings.push(
                Finding::new(Rule::EmptyClause, self.file, message, advice)
                    .at(line)
                    .in_clause(no),
            );
        }
        Document {
            lang,
            number: self.number,
            dated: self.dated,
            title: self.title,
            sections: self.sections,
            source: source.to_vec(),
            findings: self.findings,
        }
    }
}

/// `3.1.4.` alone or followed by words, also in bold: two or more numbers, each with its dot.
fn clause_head(line: &str) -> Option<(Vec<u32>, &str)> {
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
    if !words.is_empty() && !words.starts_with(char::is_whitespace) {
        return None;
    }
    let parts: Vec<u32> = number
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    (2..=DEEPEST)
        .contains(&parts.len())
        .then(|| (parts, words.trim()))
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
