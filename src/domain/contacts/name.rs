//! A person's name as it may stand in a letter.
//!
//! What somebody typed goes out under the Publisher's name, so it must not be able to lead
//! anywhere: mail programs make links of bare domains too.

/// The longest greeting, in characters.
const LONGEST: usize = 100;

/// A name without addresses, without characters that nobody sees or that turn the direction of
/// the text, and without signs that no name has. `None` when nothing is left.
#[must_use]
pub fn for_letters(name: &str) -> Option<String> {
    let plain: String = name
        .chars()
        .filter(|c| c.is_whitespace() || !is_unseen(*c))
        .map(folded)
        .collect();
    let mut kept = String::new();
    for word in plain.split_whitespace().filter(|word| is_harmless(word)) {
        if kept.chars().count() + word.chars().count() >= LONGEST {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept.chars().any(char::is_alphabetic).then_some(kept)
}

/// Wide forms and look-alikes of the signs that addresses are made of, as those signs.
fn folded(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2024}' | '\u{3002}' | '\u{ff61}' | '\u{fe52}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{fe6b}' => '@',
        '\u{fe55}' | '\u{2236}' | '\u{a789}' => ':',
        _ => c,
    }
}

/// Letters with what names have between them, no domain and no number worth dialling.
fn is_harmless(word: &str) -> bool {
    let of_names = |c: char| {
        !c.is_ascii()
            || c.is_ascii_alphanumeric()
            || matches!(c, '-' | '\'' | '.' | ',' | '(' | ')' | '&')
    };
    let digits = word.chars().filter(|c| c.is_numeric()).count();
    word.chars().all(of_names)
        && digits <= 4
        && !has_domain(word)
        && !word.to_lowercase().starts_with("www")
}

/// Whether something follows a full stop that could be a domain's last part. `И.П.` and `J.R.R.`
/// are initials; `evil.example` and `x.co` are not, and neither is `1.2.3.4`.
fn has_domain(word: &str) -> bool {
    let mut parts = word
        .split('.')
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()));
    let begins = parts.next().is_some_and(|first| !first.is_empty());
    let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let like_a_top = |part: &&str| part.chars().count() > 1 || part.chars().all(char::is_numeric);
    begins && rest.iter().any(like_a_top)
}

/// Characters that nobody sees: controls, marks of direction, joiners, variation selectors and
/// the other default ignorable ones of Unicode.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are() {
        for name in [
            "Анна Петровна Ким",
            "Иванов И.П.",
            "J.R.R. Tolkien",
            "O'Neil-Smith, Jr.",
            "O’Neil",
            "María José Nuñez",
            "Нұрсұлтан",
            "ສົມພອນ",
            "अनिता",
            "李小龍",
            "محمد",
            "Ann (Anya) & Co",
            "Henry 8",
            "e\u{301}lise",
        ] {
            assert_eq!(for_letters(name).as_deref(), Some(name));
        }
        assert_eq!(for_letters("  Анна \t Ким ").as_deref(), Some("Анна Ким"));
    }

    #[test]
    fn names_lead_nowhere() {
        for (typed, left) in [
            (
                "You won 5000 EUR! Claim: https://evil.example/claim ***",
                Some("You won 5000"),
            ),
            ("Anna evil.example", Some("Anna")),
            ("Anna (evil.example)", Some("Anna")),
            ("Anna www.evil", Some("Anna")),
            ("Anna EVIL.example.", Some("Anna")),
            ("Anna x.co", Some("Anna")),
            ("Anna почта.рф", Some("Anna")),
            ("Anna evil。example", Some("Anna")),
            ("Anna evil．example", Some("Anna")),
            ("Anna ev\u{200b}il.exam\u{ad}ple", Some("Anna")),
            ("Anna boris@example.com", Some("Anna")),
            ("Anna boris＠example", Some("Anna")),
            ("Anna mailto:boris", Some("Anna")),
            ("Anna //evil", Some("Anna")),
            ("Anna \\\\evil", Some("Anna")),
            ("Anna 127.0.0.1", Some("Anna")),
            ("Anna +996700123456", Some("Anna")),
            ("Anna 996700123456", Some("Anna")),
            ("Anna <b>", Some("Anna")),
            ("Anna [click]", Some("Anna")),
            ("Anna\u{2028}Bcc: boris@example.com <b>", Some("Anna")),
            (
                "\u{202e}annA\u{202c} \u{2066}Kim\u{2069}\u{200f}",
                Some("annA Kim"),
            ),
            ("Anna\r\nKim", Some("Anna Kim")),
            ("https://evil.example", None),
            ("\u{202e}\u{200b}", None),
            ("1234", None),
        ] {
            assert_eq!(for_letters(typed).as_deref(), left, "{typed:?}");
        }
        assert!(for_letters(&"Анна ".repeat(40)).unwrap().chars().count() <= LONGEST);
    }
}
