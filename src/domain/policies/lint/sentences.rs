//! Sentences of a clause in lower case, and the words in them.

/// The sentences and list items of a text, in lower case.
pub fn of(text: &str) -> Vec<String> {
    let lower = folded(text);
    let mut sentences = Vec::new();
    let mut rest = lower.as_str();
    while let Some(end) = end_of_sentence(rest) {
        sentences.push(rest[..end].trim().to_owned());
        rest = &rest[end..];
    }
    sentences.push(rest.trim().to_owned());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// The text in lower case, with plain spaces: typesetters put others between short words.
#[must_use]
pub fn folded(text: &str) -> String {
    text.to_lowercase()
        .replace(|c: char| c != '\n' && c.is_whitespace(), " ")
}

fn end_of_sentence(text: &str) -> Option<usize> {
    let breaks = |c: char| matches!(c, '.' | ';' | '!' | '?' | '\n');
    text.match_indices(breaks)
        .map(|(at, mark)| at + mark.len())
        // A dot inside a number or an address ends nothing.
        .find(|end| {
            text.as_bytes()[end - 1] == b'\n' || text[*end..].starts_with(char::is_whitespace)
        })
}

/// Whether one of the phrases is in the sentence.
pub fn has(sentence: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| sentence.contains(phrase))
}

/// Whether one of the words begins a word of the sentence: `stor` is in "we store it", not in
/// "history".
pub fn has_word(sentence: &str, beginnings: &[&str]) -> bool {
    first_word(sentence, beginnings).is_some()
}

/// Where the first such word begins, in bytes.
pub fn first_word(sentence: &str, beginnings: &[&str]) -> Option<usize> {
    placed_words(sentence)
        .find(|(_, word)| {
            beginnings
                .iter()
                .any(|beginning| word.starts_with(beginning))
        })
        .map(|(at, _)| at)
}

/// The words of a sentence, without punctuation.
pub fn words(sentence: &str) -> impl Iterator<Item = &str> {
    placed_words(sentence).map(|(_, word)| word)
}

fn placed_words(sentence: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    sentence
        .split_inclusive(|c: char| !c.is_alphanumeric() && c != '-')
        .filter_map(move |piece| {
            let from = at;
            at += piece.len();
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '-');
            (!word.is_empty()).then_some((from, word))
        })
}

/// Whether the sentence denies something before `at` (a position in bytes).
pub fn denied_before(sentence: &str, at: usize) -> bool {
    const DENIALS: [&str; 12] = [
        "not",
        "no",
        "never",
        "nothing",
        "nobody",
        "neither",
        "cannot",
        "don",
        "isn",
        "не",
        "никогда",
        "ничего",
    ];
    words(&sentence[..at]).any(|word| DENIALS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_in_a_number_ends_no_sentence() {
        assert_eq!(
            of("See clause 11.11.2. Then write to a@b.example!\n• one; two"),
            [
                "see clause 11.11.2.",
                "then write to a@b.example!",
                "• one;",
                "two"
            ]
        );
        assert_eq!(
            of("В\u{a0}установленный\u{202f}срок"),
            ["в установленный срок"]
        );
        assert!(has_word("we store it", &["stor"]) && !has_word("history", &["stor"]));
        assert!(denied_before("it is not kept forever", 17) && !denied_before("kept forever", 5));
    }
}
