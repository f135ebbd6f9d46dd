//! A text in sentences, such as each can be in a language of its own.

/// A sentence, or what stands in brackets or behind a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// As it is written, without what stands in quotation marks: that is somebody else's.
    pub text: String,
    /// Its words, without addresses and what is no word.
    pub words: Vec<String>,
    /// It stood in brackets.
    pub bracketed: bool,
}

const QUOTES: [(char, char); 4] = [('«', '»'), ('“', '”'), ('„', '“'), ('"', '"')];
/// What is quoted at a greater length is a text of its own.
const LONGEST_QUOTE: usize = 200;

/// The sentences of a text.
#[must_use]
pub fn of(text: &str) -> Vec<Fragment> {
    let text = unquoted(text);
    let mut parts: Vec<(String, bool)> = vec![(String::new(), false)];
    let mut inside = 0usize;
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        let ends_word = signs.peek().is_none_or(|next| next.is_whitespace());
        let spaced = parts
            .last()
            .is_some_and(|(part, _)| part.ends_with(char::is_whitespace));
        match c {
            '(' | '[' => {
                inside += 1;
                parts.push((String::new(), true));
            }
            ')' | ']' => {
                inside = inside.saturating_sub(1);
                parts.push((String::new(), inside > 0));
            }
            '\n' => parts.push((String::new(), inside > 0)),
            '.' | '!' | '?' | ';' | '…' if ends_word => {
                if let Some((part, _)) = parts.last_mut() {
                    part.push(c);
                }
                parts.push((String::new(), inside > 0));
            }
            '/' | '|' if ends_word && spaced => parts.push((String::new(), inside > 0)),
            _ => {
                if let Some((part, _)) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    let fragments = parts.into_iter().map(|(text, bracketed)| Fragment {
        words: words(&text),
        text: text.trim().to_owned(),
        bracketed,
    });
    fragments
        .filter(|fragment| !fragment.words.is_empty())
        .collect()
}

/// The text without what stands in quotation marks.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = rest
        .char_indices()
        .find(|(_, c)| QUOTES.iter().any(|q| q.0 == *c))
    {
        let after = &rest[at + open.len_utf8()..];
        let closes = |c: char| QUOTES.iter().any(|q| q.0 == open && q.1 == c);
        let end = after
            .find(closes)
            .filter(|end| *end <= LONGEST_QUOTE * 2 && !after[..*end].contains('\n'));
        out.push_str(&rest[..at]);
        // What stands on both sides does not stand together.
        out.push(',');
        rest = match end {
            Some(end) => {
                let close = after[end..].chars().next().map_or(0, char::len_utf8);
                &after[end + close..]
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

/// Words of letters only: addresses, names of files, and figures are none.
fn words(text: &str) -> Vec<String> {
    let of_letters = |word: &&str| {
        !word.contains("://")
            && !word.contains('@')
            && !word.contains('_')
            && !word.contains('/')
            && !word
                .trim_matches(|c: char| !c.is_alphanumeric())
                .contains('.')
            && !word.starts_with(['-', '`'])
    };
    text.split_whitespace()
        .filter(of_letters)
        .flat_map(|word| word.split(|c: char| !c.is_alphabetic() && c != '\u{301}'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_brackets_and_slashes_part_a_text() {
        let texts: Vec<String> = of("One is v1.2. Two (in brackets) / three «quoted words»; four")
            .into_iter()
            .map(|fragment| fragment.text)
            .collect();
        assert_eq!(
            texts,
            ["One is v1.2.", "Two", "in brackets", "three ,;", "four"]
        );
        assert_eq!(
            of("see https://a.example and b.toml")[0].words,
            ["see", "and"]
        );
    }
}
