//! Definitions that stand apart from where they are used: addresses of links, and footnotes.
//! Both belong to the whole file, while clauses are read one by one.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::{Fault, SourceLine};

/// Where a label leads.
#[derive(Debug)]
struct Link {
    to: String,
    title: String,
    /// The definition as it is typed.
    line: SourceLine,
    /// Something was linked by it.
    used: Cell<bool>,
}

/// What a file defines.
#[derive(Debug, Default)]
pub struct Refs {
    links: HashMap<String, Link>,
    /// Footnotes that nothing referred to yet; then they are shown there.
    notes: HashMap<String, Vec<SourceLine>>,
    known: HashSet<String>,
}

impl Refs {
    /// Takes the definitions out of a file's lines: what is used is shown where it is used. One
    /// that nothing uses stays where it is, with its signs as words, and is told.
    pub fn take(lines: &mut [SourceLine], fenced: &[bool]) -> (Self, HashSet<usize>, Vec<Fault>) {
        let used: HashSet<String> = lines.iter().flat_map(|line| labels(&line.words)).collect();
        let (mut refs, mut taken, mut faults) = (Self::default(), HashSet::new(), Vec::new());
        let mut at = 0;
        while at < lines.len() {
            let typed = lines[at].words.clone();
            let Some((label, rest)) = definition(&typed).filter(|_| !fenced[at]) else {
                at += 1;
                continue;
            };
            let (note, link, key) = (label.starts_with('^'), link(rest), folded(label));
            if !note && link.is_none() {
                at += 1;
                continue;
            }
            let end = ends(lines, at, note);
            if used.contains(&key) && refs.known.insert(key.clone()) {
                if note {
                    refs.notes.insert(key, lines[at..end].to_vec());
                } else {
                    refs.links.extend(link.map(|(to, title)| {
                        let line = SourceLine::new(lines[at].at, &escaped(&typed));
                        let used = Cell::new(false);
                        (
                            key,
                            Link {
                                to,
                                title,
                                line,
                                used,
                            },
                        )
                    }));
                }
                taken.extend(at..end);
            } else {
                faults.push(Fault {
                    at: lines[at].at,
                    message: format!(
                        "{:.80} is shown as it is typed: nothing refers to it",
                        typed.trim()
                    ),
                    advice: "Refer to it from the words, or take it out.",
                });
                lines[at].words = escaped(&typed);
            }
            at = end;
        }
        (refs, taken, faults)
    }

    /// Where a label leads, and its title.
    pub fn link(&self, label: &str) -> Option<(&str, &str)> {
        let link = self.links.get(&folded(label))?;
        Some((&link.to, &link.title))
    }

    /// What was linked by these labels is shown: their definitions are done with.
    pub fn were_used(&self, labels: &[String]) {
        for link in labels
            .iter()
            .filter_map(|label| self.links.get(&folded(label)))
        {
            link.used.set(true);
        }
    }

    /// Puts below the lines the footnotes that they are the first to refer to, and those that
    /// these refer to.
    pub fn append_notes(&mut self, lines: &mut Vec<SourceLine>) {
        let mut read = 0;
        while read < lines.len() && !self.notes.is_empty() {
            let used: Vec<String> = labels(&lines[read].words);
            read += 1;
            for note in used.iter().filter_map(|label| self.notes.remove(label)) {
                let at = note.first().map_or(0, |line| line.at);
                lines.push(SourceLine::new(at, ""));
                lines.extend(note);
            }
        }
    }

    /// What nothing referred to after all, in the order of the file: footnotes that refer to each
    /// other, labels that stand in code only.
    pub fn take_left_over(&mut self) -> Vec<SourceLine> {
        let mut notes: Vec<Vec<SourceLine>> = self.notes.drain().map(|(_, note)| note).collect();
        let unused = self
            .links
            .drain()
            .map(|(_, link)| link)
            .filter(|link| !link.used.get());
        notes.extend(unused.map(|link| vec![link.line]));
        notes.sort_by_key(|note| note.first().map(|line| line.at));
        let apart = notes
            .into_iter()
            .flat_map(|note| note.into_iter().chain([SourceLine::new(0, "")]));
        apart.collect()
    }
}

/// What stands in square brackets, folded, without what is defined there.
fn labels(line: &str) -> Vec<String> {
    let opens = line.match_indices('[').map(|(at, _)| at + 1);
    opens
        .filter_map(|from| {
            let length = line[from..].find(['[', ']'])?;
            let (label, rest) = line[from..].split_at(length);
            let defines = rest.starts_with("]:") && line[..from].trim() == "[";
            let refers = rest.starts_with(']') && !defines;
            refers.then(|| folded(label))
        })
        .collect()
}

/// The label of a definition, and what follows its colon.
fn definition(line: &str) -> Option<(&str, &str)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (label, rest) = line
        .trim_start_matches(' ')
        .strip_prefix('[')?
        .split_once("]:")?;
    let real = indent < 4 && !label.trim().is_empty() && !label.contains(['[', ']']);
    real.then_some((label, rest.trim()))
}

/// Address and title of a link's definition; anything else is words.
fn link(rest: &str) -> Option<(String, String)> {
    let (to, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let title = title.trim();
    let inside = |open: char, close: char| title.strip_prefix(open)?.strip_suffix(close);
    let title = match title {
        "" => "",
        _ => inside('"', '"')
            .or_else(|| inside('\'', '\''))
            .or_else(|| inside('(', ')'))?,
    };
    let to = to
        .strip_prefix('<')
        .and_then(|to| to.strip_suffix('>'))
        .unwrap_or(to);
    (!to.is_empty()).then(|| (to.to_owned(), title.to_owned()))
}

/// Where a definition ends: a footnote goes on until a blank line or the next definition.
fn ends(lines: &[SourceLine], from: usize, note: bool) -> usize {
    let goes_on = |line: &SourceLine| {
        note && !line.words.trim().is_empty()
            && definition(&line.words).is_none()
            && super::super::number::leading(line.words.trim()).is_none()
            && !line.words.trim_start().starts_with('#')
    };
    let more = lines[from + 1..]
        .iter()
        .take_while(|line| goes_on(line))
        .count();
    from + 1 + more
}

/// The definition as words.
fn escaped(typed: &str) -> String {
    typed.replacen('[', "\\[", 1)
}

fn folded(label: &str) -> String {
    label.trim().to_lowercase()
}
