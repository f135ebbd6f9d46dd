//! Signs on a line that people will not see, or see otherwise than whoever wrote them.

use super::chars;

/// What is wrong with a line, and what to do about it. In Markdown, tags and entities mean
/// something and are looked for where they are read.
pub fn faults(line: &str, markdown: bool, right_to_left: bool) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    let unseen: Vec<String> = chars::unseen_in(line, right_to_left)
        .into_iter()
        .map(chars::name_of)
        .collect();
    if !unseen.is_empty() {
        faults.push((
            format!(
                "a character that cannot be seen stands in the text: {}",
                unseen.join("; ")
            ),
            "It can make a text read otherwise than it is stored: type the line anew.",
        ));
    }
    if line.contains('\u{fffd}') {
        faults.push((
            "a character was lost in a conversion: \u{fffd}".to_owned(),
            "Look it up in the original, and save the file as UTF-8.",
        ));
    }
    if markdown {
        return faults;
    }
    if has_tag(line) {
        faults.push((
            "HTML would be shown as it is written, not as markup".to_owned(),
            "Take the tags out: clauses are words, paragraphs, lists and tables.",
        ));
    }
    if let Some(entity) = entity(line) {
        faults.push((
            format!("{entity} is shown as it is written: plain text has no such signs"),
            "Type the character itself, or keep the file as Markdown (.md).",
        ));
    }
    faults
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

/// `&nbsp;`, `&#160;`: what is left when HTML becomes plain text.
fn entity(line: &str) -> Option<&str> {
    line.match_indices('&').find_map(|(at, _)| {
        let name = &line[at + 1..];
        let end = name.find(';').filter(|end| (2..=10).contains(end))?;
        let mut signs = name[..end].chars();
        let named = match signs.next()? {
            '#' => signs.all(|c| c.is_ascii_alphanumeric()),
            first => first.is_ascii_alphabetic() && signs.all(|c| c.is_ascii_alphanumeric()),
        };
        named.then(|| &line[at..at + 2 + end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_entities_and_unseen_characters_are_faults() {
        for (line, faulty) in [
            ("words, 2 < 3 and a<b", false),
            ("see <https://a.example> or <mailto:a@b.example>", false),
            ("\ta tab", false),
            ("terms & conditions; Q&A; R&D;", false),
            ("https://a.example/?a=1&b=2;", false),
            ("<b>bold</b>", true),
            ("text <!-- hidden -->", true),
            ("<https://a.example> <script>alert(1)</script>", true),
            ("a&nbsp;b", true),
            ("a&#160;b", true),
            ("a\u{0}b", true),
            ("a\u{202e}b", true),
            ("a\u{ad}b", true),
            ("a\u{fffd}b", true),
        ] {
            assert_eq!(!faults(line, false, false).is_empty(), faulty, "{line:?}");
        }
    }
}
