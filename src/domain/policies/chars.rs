//! Characters nobody sees, and the kinds of space that editors write.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Every kind of space counts as space: the no-break space of an office program, the wide one of
/// an Asian keyboard, the thin ones of typesetters.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// What people cannot see and programs can: zero-width characters, soft hyphens, direction marks,
/// tags, fillers, control, private and unassigned characters. Spaces are seen as gaps.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    if matches!(c, '\t' | '\n' | '\r') {
        return false;
    }
    let hidden = matches!(
        category(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    );
    // The blank of Braille and the mark of an object that was left out are symbols to Unicode.
    hidden
        || matches!(c, '\u{2800}' | '\u{fffc}')
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The characters of a text that nobody sees and that have no work to do there; each once.
/// `right_to_left`: in Arabic or Hebrew, direction marks have.
#[must_use]
pub fn unseen_in(text: &str, right_to_left: bool) -> Vec<char> {
    let mut found = Vec::new();
    let mut before = None;
    for c in text.chars() {
        if is_unseen(c) && !has_work(c, before, right_to_left) && !found.contains(&c) {
            found.push(c);
        }
        before = Some(c);
    }
    found
}

/// `U+200B, zero-width space`
#[must_use]
pub fn name_of(c: char) -> String {
    let name = match c {
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "direction mark"
        }
        '\u{e0000}'..='\u{e007f}' => "tag",
        _ if category(c) == GeneralCategory::Control => "control character",
        _ if category(c) == GeneralCategory::PrivateUse => "private use",
        _ if category(c) == GeneralCategory::Unassigned => "unassigned",
        _ => "no shape of its own",
    };
    format!("U+{:04X}, {name}", u32::from(c))
}

/// Joiners shape words in Arabic and Indic scripts and put emoji together; a selector follows a
/// symbol to give it its colours.
fn has_work(c: char, before: Option<char>, right_to_left: bool) -> bool {
    let Some(before) = before else { return false };
    let symbol = category(before) == GeneralCategory::OtherSymbol
        || matches!(before, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    match c {
        '\u{200c}' | '\u{200d}' => {
            let joined_by_none = matches!(
                script(before),
                Script::Latin
                    | Script::Cyrillic
                    | Script::Greek
                    | Script::Common
                    | Script::Inherited
            );
            symbol || !joined_by_none
        }
        '\u{fe0e}' | '\u{fe0f}' => {
            !before.is_alphabetic() && !is_space(before) && !is_unseen(before)
        }
        '\u{200e}' | '\u{200f}' | '\u{61c}' => right_to_left,
        _ => false,
    }
}

/// The script a letter is of.
#[must_use]
pub fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_known_by_its_kind() {
        for c in [
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{ad}',
            '\u{feff}',
            '\u{2060}',
            '\u{180e}',
            '\u{202e}',
            '\u{2066}',
            '\u{200e}',
            '\u{61c}',
            '\u{e0041}',
            '\u{e000}',
            '\u{f8ff}',
            '\u{0}',
            '\u{7}',
            '\u{85}',
            '\u{3164}',
            '\u{115f}',
            '\u{2800}',
            '\u{34f}',
            '\u{fffc}',
            '\u{fff9}',
            '\u{fe00}',
            '\u{206a}',
            '\u{1d173}',
        ] {
            assert!(is_unseen(c), "{c:?}");
            assert_eq!(unseen_in(&format!("a{c}b"), false), [c], "{c:?}");
        }
        for c in [
            'a', 'Я', 'ө', ' ', '\t', '\u{a0}', '\u{2009}', '\u{202f}', '\u{3000}', '–', '№', 'é',
            '\u{301}',
        ] {
            assert!(!is_unseen(c), "{c:?}");
        }
    }

    #[test]
    fn a_joiner_that_shapes_a_word_has_work() {
        for (text, right_to_left) in [
            ("می\u{200c}خواهم", true),
            ("क\u{94d}\u{200d}ष", false),
            ("👩\u{200d}💻", false),
            ("✉\u{fe0f} a@b.example", false),
            ("متن \u{200f}(A)", true),
        ] {
            assert!(unseen_in(text, right_to_left).is_empty(), "{text}");
        }
        assert_eq!(unseen_in("текст \u{200f}(A)", false), ['\u{200f}']);
        assert!(name_of('\u{200b}').starts_with("U+200B, zero-width"));
    }

    #[test]
    fn every_kind_of_space_is_space() {
        for c in "\u{20}\u{9}\u{a0}\u{1680}\u{2000}\u{2003}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}"
            .chars()
        {
            assert!(is_space(c) && !is_unseen(c), "{c:?}");
        }
    }
}
