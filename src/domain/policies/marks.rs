//! Signs that are not words: Markdown's own, HTML, and characters nobody can see.

/// The words such that Markdown takes every sign in them as it is written. For plain text, where
/// an asterisk is an asterisk.
pub fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '!' | '~'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What a line has that a policy may not have, and what to do about it.
pub fn fault(line: &str) -> Option<(&'static str, &'static str)> {
    if has_tag(line) {
        return Some((
            "HTML would be shown as it is written, not as markup",
            "Take the tags out: clauses are words, paragraphs and lists.",
        ));
    }
    line.contains(is_unseen).then_some((
        "a character that cannot be seen stands in the text",
        "It can make a text read otherwise than it is stored: type the line anew.",
    ))
}

/// `<b>`, `</p>`, `<!-- -->`; an address in angle brackets is none, nor is `a < b`.
fn has_tag(line: &str) -> bool {
    let Some(last) = line.rfind('>') else {
        return false;
    };
    line[..last].match_indices('<').any(|(at, _)| {
        let inside = &line[at + 1..];
        let opens =
            inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let address = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| inside.starts_with(scheme));
        opens && !address
    })
}

/// Control characters, and those that turn the direction of writing.
fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_unseen_characters_are_faults() {
        for (line, faulty) in [
            ("words, 2 < 3 and a<b", false),
            ("see <https://a.example> or <mailto:a@b.example>", false),
            ("\ta tab", false),
            ("<b>bold</b>", true),
            ("text <!-- hidden -->", true),
            ("<https://a.example> <script>alert(1)</script>", true),
            ("a\u{0}b", true),
            ("a\u{202e}b", true),
        ] {
            assert_eq!(fault(line).is_some(), faulty, "{line:?}");
        }
    }
}
