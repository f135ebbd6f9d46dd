//! Phone numbers as people write them, kept as E.164.
//!
//! A number without its country's code is read only where the country is sure. Everything else
//! is refused with the form that is wanted.

use super::Read;
use super::name::is_unseen;

/// Languages of countries that share the code 7 and dial 8 before a long-distance number: Russia
/// and Kazakhstan. Others who speak them dial other prefixes, so that the digits decide, too.
const SAYS_EIGHT: [&str; 2] = ["ru", "kk"];

/// Whether a language (BCP 47) is of those countries.
pub(super) fn says_eight(language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    SAYS_EIGHT.iter().any(|l| primary.eq_ignore_ascii_case(l))
}

/// Reads a number. `eight_is_seven` when the person is where 8 stands for +7.
pub(super) fn read(value: &str, eight_is_seven: bool) -> Read {
    let dialled: String = value
        .chars()
        .filter(|c| !is_separator(*c) && !is_unseen(*c))
        .map(|c| if c == '\u{ff0b}' { '+' } else { c })
        .collect();
    // "+44 (0)20 …": the zero is for callers within the country.
    let trunk = dialled.replace("(0)", "");
    let dialled = if trunk.starts_with(['+', '(']) || trunk.starts_with("00") {
        trunk
    } else {
        dialled
    };
    let digits: String = dialled
        .chars()
        .filter(|c| !matches!(c, '(' | ')'))
        .collect();
    let number = match digits
        .strip_prefix('+')
        .or_else(|| digits.strip_prefix("00"))
    {
        Some(number) => number.to_owned(),
        None if eight_is_seven && is_long_distance(&digits) => format!("7{}", &digits[1..]),
        None => String::new(),
    };
    let e164 = (7..=15).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.starts_with('0');
    if e164 {
        Ok(format!("+{number}"))
    } else {
        Err("a number with the country's code, like +996 555 123456: 7 to 15 digits after the +")
    }
}

/// `8 800 555-35-35` or `7 495 …`: eleven digits, and an area code that Russia or Kazakhstan has
/// (others who dial 8 first go on with 0, 1 or 2).
fn is_long_distance(digits: &str) -> bool {
    let mut bytes = digits.bytes();
    digits.len() == 11
        && bytes.all(|b| b.is_ascii_digit())
        && digits.starts_with(['7', '8'])
        && !digits[1..].starts_with(['0', '1', '2'])
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (given, kept) in [
            ("+996 (700) 12-34-56", "+996700123456"),
            ("(+996) 700 123456", "+996700123456"),
            ("00996 700 12 34 56", "+996700123456"),
            ("+7 (495) 123–45–67", "+74951234567"),
            ("+44 (0)20 7946 0000", "+442079460000"),
            ("0044 (0)20/7946.0000", "+442079460000"),
            (
                "\u{202a}+996\u{a0}700\u{2009}123456\u{202c}",
                "+996700123456",
            ),
            ("＋996 700 123456", "+996700123456"),
            ("+1 (212) 555-0100", "+12125550100"),
        ] {
            for somewhere in [true, false] {
                assert_eq!(read(given, somewhere).as_deref(), Ok(kept), "{given}");
            }
        }
    }

    #[test]
    fn eight_is_seven_only_where_that_is_sure() {
        for (given, kept) in [
            ("8 800 555-35-35", "+78005553535"),
            ("8 (495) 123-45-67", "+74951234567"),
            ("8-701-123-45-67", "+77011234567"),
            ("7 495 123 45 67", "+74951234567"),
        ] {
            assert_eq!(read(given, true).as_deref(), Ok(kept), "{given}");
            assert!(read(given, false).is_err(), "{given}");
        }
        // Belarus and Ukraine dialled 8 and then 0.
        for unsure in [
            "8 029 123-45-67",
            "8 067 123-45-67",
            "8 999",
            "0700 123456",
            "996700123456",
        ] {
            assert!(read(unsure, true).is_err(), "{unsure}");
        }
        for (language, says) in [
            ("ru", true),
            ("RU-kg", true),
            ("kk", true),
            ("ru_RU", true),
            ("ky", false),
            ("", false),
        ] {
            assert_eq!(says_eight(language), says, "{language}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_form_that_is_wanted() {
        for bad in [
            "+0123456789",
            "+12",
            "+1234567890123456",
            "+12345abc",
            "+7 495 123-45-67 доб. 12",
            "++996700123456",
            "+996+700123456",
            "+٩٩٦٧٠٠١٢٣٤٥٦",
            "00",
            "+",
            "call me",
        ] {
            let told = read(bad, true).unwrap_err();
            assert!(told.contains("+996 555 123456"), "{bad}: {told}");
        }
    }
}
