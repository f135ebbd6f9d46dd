//! From a file to sections and clauses: Markdown with numbered clauses, or plain
//! text as publishers keep it on their sites.

use super::body::{self, Block};
use super::document::{Clause, Document, Section};
use super::draft::{Chunk, DraftSection, Reader};
use super::front::Front;
use super::lines::{self, SourceLine};
use super::markdown::{self, Refs};
use super::survey::Survey;
use super::{Finding, LangTag, Rule, marks, plain};

/// The largest file we read: the real ones are below 30 KiB.
const LARGEST: usize = 1 << 20;

/// Reads a file. What can be read but is wrong in its form is in the document's findings; a file
/// without sections is one section without a number.
///
/// # Errors
/// Findings that leave no document: too large, empty, no UTF-8, no language.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Document, Vec<Finding>> {
    let text = text_of(file, bytes).map_err(|finding| vec![finding])?;
    let front = Front::read(file, &text);
    let lang = lang_of(file, &front).map_err(|finding| vec![finding])?;
    let markdown = is_markdown(file, &front, &text);

    let all: Vec<&str> = text.lines().collect();
    let mut source: Vec<SourceLine> = (1..)
        .zip(&all)
        .skip(front.lines)
        .map(|(at, line)| SourceLine::new(at, line))
        .collect();
    let words: Vec<&str> = source.iter().map(|line| line.words.as_str()).collect();
    let survey = Survey::new(&words, &lang, markdown, front.title.as_deref());
    let (mut refs, taken, faults) = if markdown {
        Refs::take(&mut source, &survey.fenced)
    } else {
        Default::default()
    };

    let mut reader = Reader::new(file, front, &survey, markdown);
    for at in (0..source.len()).filter(|at| !taken.contains(at) && !survey.skipped.contains(at)) {
        reader.line(at, &source[at]);
    }
    let mut draft = reader.end();
    let mut findings = std::mem::take(&mut draft.findings);
    findings.extend(
        faults.into_iter().map(|fault| {
            Finding::new(Rule::Markup, file, fault.message, fault.advice).at(fault.at)
        }),
    );
    let mut build = Build {
        file,
        markdown,
        refs: &mut refs,
        findings: &mut findings,
    };
    let title = match (draft.titled, markdown) {
        (Some(at), true) => build.words(at, &draft.title, None),
        _ => draft.title.clone(),
    };
    let mut sections: Vec<Section> = draft
        .sections
        .into_iter()
        .map(|s| build.section(s))
        .collect();
    build.left_over(&mut sections);
    let place = |at: usize| place_of(&sections, at);
    findings.extend((1..).zip(&all).flat_map(|(at, line)| {
        let faults = marks::faults(line, markdown, lang.is_right_to_left());
        faults
            .into_iter()
            .map(move |(message, advice)| Finding::new(Rule::Markup, file, message, advice).at(at))
    }));
    for finding in &mut findings {
        if finding.clause.is_none() && finding.rule == Rule::Markup {
            finding.clause = finding.line.and_then(place);
        }
    }
    findings.extend(empty_clauses(file, &sections));
    findings.sort_by_key(|finding| finding.line);
    Ok(Document {
        lang,
        number: draft.number,
        dated: draft.dated,
        title,
        sections,
        source: bytes.to_vec(),
        findings,
    })
}

/// The text without its byte order mark, with line feeds only.
fn text_of(file: &str, bytes: &[u8]) -> Result<String, Finding> {
    let refused = |message: &str, advice: &str| Finding::new(Rule::Markup, file, message, advice);
    if bytes.len() > LARGEST {
        return Err(refused(
            "the file is larger than 1 MiB",
            "A policy is text: take out what is not.",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        refused("the file is not UTF-8", "Save it as UTF-8 and try again.").at(line)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Finding::new(
            Rule::ClauseNumber,
            file,
            "the file is empty",
            "People can agree to words only: write them.",
        ));
    }
    // Old editors end lines with a carriage return alone; the source keeps its own line ends.
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn lang_of(file: &str, front: &Front) -> Result<LangTag, Finding> {
    let named = front.lang.as_deref();
    let part = LangTag::part_of_file_name(file);
    if let Some(lang) = named.or(part).and_then(LangTag::parse) {
        return Ok(lang);
    }
    // "policy.v2.txt" says nothing of a language; "policy.english.txt" does, wrongly.
    let wrong = named.or(part.filter(|part| {
        part.chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '_'))
    }));
    let message = match wrong {
        Some(wrong) => format!("{wrong:?} is no language"),
        None => "the file does not say its language".to_owned(),
    };
    let advice = "Write its code into the name (policy.ru.md) or into the front matter (lang: ru): en, ru, ky, kk, es, pt-BR.";
    Err(Finding::new(Rule::Language, file, message, advice))
}

/// Whether the file is Markdown: by its name, by front matter, or because its headings or numbers
/// have Markdown's signs.
fn is_markdown(file: &str, front: &Front, text: &str) -> bool {
    let name = file.to_lowercase();
    let named = name.ends_with(".md") || name.ends_with(".markdown");
    let signs = || {
        let lines = text.lines().map(|line| lines::Line::read(line, true));
        let (mut headings, mut marked) = (0, false);
        for line in lines {
            headings += usize::from(line.heading.is_some());
            let begins = line.raw.trim_start();
            let before_words = begins.split(|c: char| c.is_alphabetic() || c == ' ').next();
            let escaped = before_words.is_some_and(|number| number.contains('\\'));
            let signed = begins.starts_with(['*', '_', '#']) || escaped;
            marked |= signed && line.mark.is_some_and(|mark| !mark.listed);
        }
        marked || headings > 1
    };
    front.lines > 0 || named || signs()
}

/// The clause, or else the section, in which a line stands.
fn place_of(sections: &[Section], at: usize) -> Option<String> {
    let section = sections.iter().rev().find(|section| section.line <= at)?;
    let clause = section
        .clauses
        .iter()
        .rev()
        .find(|clause| clause.line <= at);
    let no = clause.map_or(&section.no, |clause| &clause.no);
    (!no.is_empty()).then(|| no.clone())
}

fn empty_clauses(file: &str, sections: &[Section]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for section in sections {
        for (at, clause) in section.clauses.iter().enumerate() {
            let parent = format!("{}.", clause.no);
            let next = section.clauses.get(at + 1);
            if !clause.blocks.is_empty() || next.is_some_and(|c| c.no.starts_with(&parent)) {
                continue;
            }
            let message = format!("clause {} has a number and no words", clause.no);
            let advice = "Nobody can agree to nothing: write the clause, or take its number out.";
            findings.push(
                Finding::new(Rule::EmptyClause, file, message, advice)
                    .at(clause.line)
                    .in_clause(&clause.no),
            );
        }
    }
    findings
}

/// Reads the words of what the outline found.
struct Build<'a> {
    file: &'a str,
    markdown: bool,
    refs: &'a mut Refs,
    findings: &'a mut Vec<Finding>,
}

impl Build<'_> {
    fn section(&mut self, draft: DraftSection) -> Section {
        let title = if self.markdown {
            self.words(draft.line, &draft.title, Some(&draft.no))
        } else {
            draft.title
        };
        let preamble = self.blocks(&draft.preamble, &draft.no);
        let clauses = draft.clauses.into_iter().map(|clause| Clause {
            blocks: self.blocks(&clause.body, &clause.no),
            no: clause.no,
            label: clause.label,
            line: clause.line,
        });
        Section {
            title,
            preamble,
            clauses: clauses.collect(),
            no: draft.no,
            label: draft.label,
            line: draft.line,
        }
    }

    fn blocks(&mut self, chunk: &Chunk, no: &str) -> Vec<Block> {
        if !self.markdown {
            let blocks = plain::read(&chunk.lines);
            if body::text(&blocks)
                .split('\n')
                .any(|line| line.len() > markdown::LONGEST)
            {
                let at = chunk.lines.first().map_or(1, |line| line.at);
                self.tell(vec![markdown::too_long(at)], Some(no));
            }
            return blocks;
        }
        let (blocks, faults) = markdown::read(&chunk.lines, chunk.guarded, self.refs);
        self.tell(faults, Some(no));
        blocks
    }

    /// Definitions to which no clause refers after all stand at the end.
    fn left_over(&mut self, sections: &mut [Section]) {
        let left = self.refs.take_left_over();
        let Some(section) = sections.last_mut().filter(|_| !left.is_empty()) else {
            return;
        };
        let (blocks, mut faults) = markdown::read(&left, false, self.refs);
        faults.extend(left.first().map(|line| markdown::Fault {
            at: line.at,
            message: "a definition stands at the end of the text: nothing refers to it".to_owned(),
            advice: "Refer to it from the words, or take it out.",
        }));
        match section.clauses.last_mut() {
            Some(clause) => clause.blocks.extend(blocks),
            None => section.preamble.extend(blocks),
        }
        self.tell(faults, None);
    }

    fn words(&mut self, at: usize, words: &str, no: Option<&str>) -> String {
        let (words, faults) = markdown::read_words(at, words, self.refs);
        self.tell(faults, no);
        body::words_text(&words)
    }

    fn tell(&mut self, faults: Vec<markdown::Fault>, no: Option<&str>) {
        for fault in faults {
            let finding =
                Finding::new(Rule::Markup, self.file, fault.message, fault.advice).at(fault.at);
            self.findings.push(match no.filter(|no| !no.is_empty()) {
                Some(no) => finding.in_clause(no),
                None => finding,
            });
        }
    }
}
