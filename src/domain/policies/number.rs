//! Numbers of sections and clauses as publishers write them: `5`, `5.2.8`, `5)`, `V.`, `B.`.

use super::chars;

/// More levels than this is no policy but an attack, or a broken export.
const DEEPEST: usize = 8;

/// How the first part of a number is written; the others are figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `5`
    Arabic,
    /// `V`
    Roman,
    /// `B`
    Letter,
}

/// What ends a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `5.` and `5.2.`
    Dot,
    /// `5)` and `5.2)`
    Bracket,
    /// `5` and `5.2`
    Nothing,
}

/// A number at the beginning of a line, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<'a> {
    /// The number without what ends it.
    pub no: String,
    /// Its components: 2 for `B` and `II`.
    pub parts: Vec<u16>,
    /// How its first component is written.
    pub style: Style,
    /// What ends it.
    pub end: End,
    /// The rest of the line, as it is written.
    pub rest: &'a str,
}

impl Numbered<'_> {
    /// Whether it has too many levels, or too many digits on one, to be a clause's number.
    pub fn is_too_long(&self) -> bool {
        self.parts.len() > DEEPEST || self.parts.contains(&u16::MAX)
    }

    /// Whether the number stands apart from the words behind it.
    pub fn is_apart(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(chars::is_space)
    }
}

/// Reads a number at the beginning of a line. Four digits are a year, and no number. A dot or a
/// bracket may be escaped, as Markdown's writers do to keep a number from becoming a list.
#[must_use]
pub fn leading(line: &str) -> Option<Numbered<'_>> {
    let read = bare(line)?;
    // A letter alone is a word: "I agree", "A person".
    let is_number = read.style == Style::Arabic || read.end != End::Nothing || read.parts.len() > 1;
    is_number.then_some(read)
}

/// As [`leading`], where something else says that a number is due: `V` in "Section V".
#[must_use]
pub fn bare(line: &str) -> Option<Numbered<'_>> {
    let (mut no, mut parts, style, mut rest) = first(line)?;
    let mut end = End::Nothing;
    loop {
        let next = rest.strip_prefix('\\').unwrap_or(rest);
        if let Some(after) = next.strip_prefix(')') {
            (end, rest) = (End::Bracket, after);
            break;
        }
        let Some(after) = next.strip_prefix('.') else {
            break;
        };
        (end, rest) = (End::Dot, after);
        match figures(after) {
            Some((digits, value, after)) => {
                no.push('.');
                no.push_str(digits);
                parts.push(value?);
                (end, rest) = (End::Nothing, after);
            }
            None => {
                rest = rest.strip_prefix(')').unwrap_or(rest);
                break;
            }
        }
    }
    Some(Numbered {
        no,
        parts,
        style,
        end,
        rest,
    })
}

type First<'a> = (String, Vec<u16>, Style, &'a str);

fn first(line: &str) -> Option<First<'_>> {
    if let Some((digits, value, rest)) = figures(line) {
        return Some((digits.to_owned(), vec![value?], Style::Arabic, rest));
    }
    let end = line.find(|c: char| !c.is_alphabetic());
    let (word, rest) = line.split_at(end.unwrap_or(line.len()));
    let (value, style) = match roman(word) {
        Some(value) => (value, Style::Roman),
        None => (letter(word)?, Style::Letter),
    };
    Some((word.to_owned(), vec![value], style, rest))
}

/// Digits at the beginning: as written, their value (`None`: a year), and the rest. More than
/// four are too many for a number and are told as such.
fn figures(text: &str) -> Option<(&str, Option<u16>, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(count);
    match count {
        0 => None,
        1..=3 => Some((digits, digits.parse().ok(), rest)),
        4 => Some((digits, None, rest)),
        _ => Some((digits, Some(u16::MAX), rest)),
    }
}

/// The value of a Roman numeral in capitals, up to 89: no policy has more sections.
#[must_use]
pub fn roman(word: &str) -> Option<u16> {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    const TENS: [&str; 9] = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"];
    if word.is_empty() || word.len() > 10 {
        return None;
    }
    (0..9u16).zip(TENS).find_map(|(ten, tens)| {
        let rest = word.strip_prefix(tens)?;
        let one = ONES.iter().position(|ones| *ones == rest)?;
        Some(ten * 10 + u16::try_from(one).ok()?)
    })
}

/// The place of a capital in its alphabet, Latin or Cyrillic (`Б` is 2; `Ё` and `Й` are not used
/// to number).
#[must_use]
pub fn letter(word: &str) -> Option<u16> {
    const CYRILLIC: &str = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ";
    let mut letters = word.chars();
    let (letter, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    let place = if letter.is_ascii_uppercase() {
        usize::from(u8::try_from(letter).ok()? - b'A')
    } else {
        CYRILLIC.chars().position(|c| c == letter)?
    };
    u16::try_from(place + 1).ok()
}

/// Whether `number` may directly follow `last`: its first child, or the next sibling of it or
/// of one of its parents below the section. Some begin to count with 0.
#[must_use]
pub fn is_next(last: &[u16], number: &[u16]) -> bool {
    let child = number.len() == last.len() + 1
        && number.starts_with(last)
        && matches!(number.last(), Some(0 | 1));
    let sibling = (2..=last.len()).contains(&number.len()) && {
        let (parent, own) = number.split_at(number.len() - 1);
        last.starts_with(parent) && own[0] == last[parent.len()].saturating_add(1)
    };
    child || sibling
}

/// The number that is due where a greater one stands: `1.2` between `1.1` and `1.3`.
#[must_use]
pub fn due(last: &[u16], number: &[u16]) -> Vec<u16> {
    let common = last.iter().zip(number).take_while(|(a, b)| a == b).count();
    let mut due = number[..(common + 1).min(number.len())].to_vec();
    if let Some(own) = due.last_mut() {
        *own = last
            .get(common)
            .map_or(1, |before| before.saturating_add(1));
    }
    due
}

/// `1.2` for its components.
#[must_use]
pub fn joined(parts: &[u16]) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(no: &str) -> Vec<u16> {
        no.split('.').map(|part| part.parse().unwrap()).collect()
    }

    #[test]
    fn a_number_is_read_with_its_end_and_its_rest() {
        for (line, no, end, rest) in [
            ("1. Terms", "1", End::Dot, " Terms"),
            ("11.11.2.", "11.11.2", End::Dot, ""),
            ("1.1 Text", "1.1", End::Nothing, " Text"),
            ("1.1.Text", "1.1", End::Dot, "Text"),
            ("1) Terms", "1", End::Bracket, " Terms"),
            ("1.1) Text", "1.1", End::Bracket, " Text"),
            ("1.1.) Text", "1.1", End::Dot, " Text"),
            (r"1\. Terms", "1", End::Dot, " Terms"),
            (r"1\.1\. Text", "1.1", End::Dot, " Text"),
            (r"2\) Text", "2", End::Bracket, " Text"),
            ("10", "10", End::Nothing, ""),
            ("IV. Rights", "IV", End::Dot, " Rights"),
            ("II) Rights", "II", End::Bracket, " Rights"),
            ("B. Rights", "B", End::Dot, " Rights"),
            ("B.2. Text", "B.2", End::Dot, " Text"),
            ("Б. Права", "Б", End::Dot, " Права"),
        ] {
            let read = leading(line).unwrap();
            assert_eq!(
                (read.no.as_str(), read.end, read.rest),
                (no, end, rest),
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
            "I agree",
            "A person",
            "Words. More",
            "MIX",
            "e.g. this",
        ] {
            assert_eq!(leading(line), None, "{line}");
        }
    }

    #[test]
    fn roman_numerals_and_letters_have_values() {
        for (word, value) in [
            ("I", 1),
            ("IV", 4),
            ("IX", 9),
            ("XIV", 14),
            ("XL", 40),
            ("LXXXIX", 89),
        ] {
            assert_eq!(roman(word), Some(value), "{word}");
        }
        for word in ["", "IIII", "VX", "ABC", "iv"] {
            assert_eq!(roman(word), None, "{word}");
        }
        assert_eq!(
            (letter("B"), letter("Б"), letter("b"), letter("BB")),
            (Some(2), Some(2), None, None)
        );
    }

    #[test]
    fn what_may_follow() {
        for (last, number) in [
            ("1", "1.1"),
            ("1", "1.0"),
            ("1.1", "1.2"),
            ("1.1", "1.1.1"),
            ("3.1.4", "3.2"),
            ("3.1.4", "3.1.5"),
        ] {
            assert!(is_next(&parts(last), &parts(number)), "{last} {number}");
        }
        for (last, number, expected) in [
            ("1", "1.2", "1.1"),
            ("1.1", "1.3", "1.2"),
            ("1.1", "1.1.2", "1.1.1"),
            ("1.1", "1.1.1.1", "1.1.1"),
            ("3.1.4", "3.3", "3.2"),
            ("3.1", "3.3.1", "3.2"),
        ] {
            assert!(!is_next(&parts(last), &parts(number)), "{last} {number}");
            assert_eq!(
                joined(&due(&parts(last), &parts(number))),
                expected,
                "{last} {number}"
            );
        }
        for (last, number) in [("1", "2"), ("1.1", "1.1"), ("1.2", "1.1"), ("1.1", "2.1")] {
            assert!(!is_next(&parts(last), &parts(number)), "{last} {number}");
        }
    }
}
