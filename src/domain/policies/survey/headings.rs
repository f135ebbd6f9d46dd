//! Headings that no sign of their own marks, the one that is the title, and the code in which
//! nothing is one.

use super::super::lines::Line;
use super::super::number::End;
use super::Survey;
use super::marks::is_title;
use super::wrapping::ends_sentence;

impl Survey {
    /// Setext headings: a line of words above one of `===` or `---`.
    pub(super) fn underlined(&mut self) {
        for at in 1..self.lines.len() {
            let under = self.lines[at].raw.trim();
            let level = match under {
                _ if under.is_empty() || self.lines[at].indent > 3 => continue,
                _ if under.bytes().all(|b| b == b'=') => 1,
                _ if under.len() > 1 && under.bytes().all(|b| b == b'-') => 2,
                _ => continue,
            };
            let above_blank =
                at < 2 || self.lines[at - 2].is_blank() || self.skipped.contains(&(at - 2));
            let above = &self.lines[at - 1];
            let numbered = above.mark.is_some();
            let words = !above.is_blank()
                && above.heading.is_none()
                && (numbered || !above.is_item())
                && !above.words.starts_with(['>', '|', '`', '~'])
                && !self.fenced[at]
                && !self.fenced[at - 1]
                && !self.skipped.contains(&(at - 1));
            if words && (above_blank || numbered) {
                self.lines[at - 1].heading = Some(level);
                self.skipped.insert(at);
            }
        }
    }

    /// The heading that is the title: the first one, where others follow, or one that says what
    /// the front matter says.
    pub(super) fn title_heading(&self, titled: Option<&str>) -> Option<usize> {
        let mut headings = (0..self.lines.len())
            .filter(|at| self.lines[*at].heading.is_some() && !self.fenced[*at]);
        let first = headings.next()?;
        let line = &self.lines[first];
        if self.single(first).is_some() {
            return None;
        }
        match titled {
            Some(title) => (title == line.words || line.heading == Some(1)).then_some(first),
            None => {
                let above = self.lines[..first].iter().filter(|line| !line.is_blank());
                let others: Vec<usize> = headings.collect();
                let topmost = line.heading == Some(1)
                    || others.iter().any(|at| self.single(*at).is_some())
                    || others
                        .iter()
                        .all(|at| self.lines[*at].heading > line.heading);
                (topmost && above.count() <= 1).then_some(first)
            }
        }
    }

    /// In a plain text that numbers nothing: short lines of their own, each above a paragraph.
    pub(super) fn plain_headings(&mut self) {
        if self.lines.iter().any(|line| {
            line.mark
                .as_ref()
                .is_some_and(|m| m.end != End::Nothing || m.label.is_some())
        }) {
            return;
        }
        let blank =
            |at: Option<usize>| at.is_none_or(|at| self.lines.get(at).is_none_or(Line::is_blank));
        let heads = |at: usize| {
            let line = &self.lines[at];
            !line.is_blank()
                && blank(at.checked_sub(1))
                && !line.is_item()
                && is_title(&line.words)
                && !line.words.ends_with('.')
                && (blank(Some(at + 1)) || self.lines[at + 1].words.ends_with(['.', ':', ';']))
        };
        let found: Vec<usize> = (0..self.lines.len()).filter(|at| heads(*at)).collect();
        let paragraphs = self
            .lines
            .iter()
            .filter(|line| ends_sentence(&line.words))
            .count();
        // Fewer are a title and a signature; more headings than sentences are none.
        if found.len() < 3 || paragraphs < found.len() - 1 {
            return;
        }
        for at in found {
            self.lines[at].heading = Some(1);
        }
    }
}

/// Which lines stand in fenced code. A fence that nothing closes is no fence: it would swallow
/// all clauses below.
pub(super) fn fences(text: &[&str], markdown: bool) -> Vec<bool> {
    let mut fenced = vec![false; text.len()];
    let fence = |line: &str| {
        let line = line.trim_start();
        let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = line.chars().take_while(|c| *c == sign).count();
        let info = &line[length..];
        let code_among_words = sign == '`' && info.contains('`');
        (length >= 3 && !code_among_words).then(|| (sign, length, info.trim().is_empty()))
    };
    // Where nothing closes a fence, nothing closes a longer one below.
    let mut endless = [('`', usize::MAX), ('~', usize::MAX)];
    let mut at = 0;
    while markdown && at < text.len() {
        let Some((sign, length, _)) = fence(text[at]) else {
            at += 1;
            continue;
        };
        if endless
            .iter()
            .any(|(s, shortest)| *s == sign && length >= *shortest)
        {
            at += 1;
            continue;
        }
        let closes =
            |line: &&str| fence(line).is_some_and(|(s, l, bare)| s == sign && l >= length && bare);
        match text[at + 1..].iter().position(closes) {
            Some(lines) => {
                let end = at + 1 + lines;
                fenced[at..=end].fill(true);
                at = end + 1;
            }
            None => {
                for (_, shortest) in endless.iter_mut().filter(|(s, _)| *s == sign) {
                    *shortest = length;
                }
                at += 1;
            }
        }
    }
    fenced
}
