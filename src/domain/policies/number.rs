//! Numbers of sections and clauses: `5`, `5.2`, `5.2.8`.

/// More levels than this is no policy but an attack, or a broken export.
const DEEPEST: usize = 8;

/// A number at the beginning of a line, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<'a> {
    /// The number without a trailing dot, as it is written.
    pub no: &'a str,
    /// Its components.
    pub parts: Vec<u16>,
    /// Whether a dot ends it.
    pub dotted: bool,
    /// The rest of the line, as it is written.
    pub rest: &'a str,
}

impl Numbered<'_> {
    /// Whether it has too many levels, or too many digits on one, to be a clause's number.
    pub fn is_too_long(&self) -> bool {
        self.parts.len() > DEEPEST || self.parts.contains(&u16::MAX)
    }
}

/// Reads a number at the beginning of a line. Four digits are a year, and no number.
#[must_use]
pub fn leading(line: &str) -> Option<Numbered<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut end = 0;
    loop {
        let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            break;
        }
        match digits {
            1..=3 => parts.push(line[at..at + digits].parse().ok()?),
            4 => return None,
            _ => parts.push(u16::MAX),
        }
        end = at + digits;
        if line.as_bytes().get(end) != Some(&b'.') {
            break;
        }
        at = end + 1;
    }
    if parts.is_empty() {
        return None;
    }
    let dotted = line.as_bytes().get(end) == Some(&b'.');
    Some(Numbered {
        no: &line[..end],
        parts,
        dotted,
        rest: &line[end + usize::from(dotted)..],
    })
}

/// The components of a number; empty when it is none.
#[must_use]
pub fn parts(no: &str) -> Vec<u16> {
    no.split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .unwrap_or_default()
}

/// Whether `number` may directly follow `last`: its first child, or the next sibling of it or
/// of one of its parents below the section.
#[must_use]
pub fn is_next(last: &[u16], number: &[u16]) -> bool {
    let child =
        number.len() == last.len() + 1 && number.starts_with(last) && number.last() == Some(&1);
    let sibling = (2..=last.len()).contains(&number.len()) && {
        let (parent, own) = number.split_at(number.len() - 1);
        last.starts_with(parent) && own[0] == last[parent.len()].saturating_add(1)
    };
    child || sibling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_its_dot_and_its_rest() {
        for (line, no, dotted, rest) in [
            ("1. Terms", "1", true, " Terms"),
            ("11.11.2.", "11.11.2", true, ""),
            ("1.1 Text", "1.1", false, " Text"),
            ("1.1.Text", "1.1", true, "Text"),
            ("10", "10", false, ""),
        ] {
            let read = leading(line).unwrap();
            assert_eq!(
                (read.no, read.dotted, read.rest),
                (no, dotted, rest),
                "{line}"
            );
        }
        for line in [
            "",
            "a",
            ".1",
            "2008. A year",
            "1.2008. A year",
            "§ 1",
            "٣. Not ours",
        ] {
            assert_eq!(leading(line), None, "{line}");
        }
    }

    #[test]
    fn what_may_follow() {
        for (last, number) in [
            ("1", "1.1"),
            ("1.1", "1.2"),
            ("1.1", "1.1.1"),
            ("3.1.4", "3.2"),
            ("3.1.4", "3.1.5"),
        ] {
            assert!(is_next(&parts(last), &parts(number)), "{last} {number}");
        }
        for (last, number) in [
            ("1", "2"),
            ("1", "1.2"),
            ("1.1", "1.1"),
            ("1.2", "1.1"),
            ("1.1", "2.1"),
            ("1.1", "1.3"),
        ] {
            assert!(!is_next(&parts(last), &parts(number)), "{last} {number}");
        }
    }
}
