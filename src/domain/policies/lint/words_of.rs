//! The small words by which a language is known among others of its script.

use super::super::LangTag;
use super::fragments::Fragment;

/// So many small words of another language, and none of the text's own, make a sentence foreign.
const FEWEST: usize = 3;
/// In languages that say with endings what others say with small words, two do.
const FEWEST_OF_FEW: usize = 2;
/// A sentence of fewer words may be a name.
const SHORTEST: usize = 5;

const WORDS: [(&str, &[&str]); 11] = [
    (
        "en",
        &[
            "the", "of", "and", "to", "is", "are", "was", "were", "that", "this", "these", "with",
            "for", "by", "from", "or", "we", "you", "your", "our", "will", "may", "not", "be",
            "has", "have", "which", "any", "it", "its", "in", "on", "at", "an", "if", "when",
            "who", "can", "shall", "must",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "de", "del", "que", "y", "en", "un", "una", "por", "con",
            "para", "su", "sus", "se", "es", "al", "lo", "como", "nos", "son", "este", "esta",
            "si", "cuando", "sin", "no",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "as", "da", "do", "das", "dos", "de", "que", "e", "em", "um", "uma", "por",
            "com", "para", "seu", "sua", "seus", "suas", "se", "ao", "ou", "não", "na", "nos",
            "são", "quando", "como", "este", "esta", "desta", "deste", "pela", "pelo", "sem",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "de", "des", "du", "et", "en", "un", "une", "que", "qui", "pour",
            "par", "avec", "est", "vous", "nous", "vos", "votre", "nos", "sont", "dans", "sur",
            "au", "aux", "ne", "pas",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "von", "zu", "den", "dem", "mit", "ist", "für", "wir",
            "sie", "ihre", "nicht", "oder", "auf", "werden", "wird", "ein", "eine", "des", "im",
            "zur", "sind",
        ],
    ),
    (
        "it",
        &[
            "il", "lo", "gli", "di", "del", "della", "dei", "che", "e", "un", "una", "per", "con",
            "sono", "è", "nel", "nella", "non", "dati", "suoi", "questa", "questo", "al", "alla",
        ],
    ),
    (
        "tr",
        &[
            "ve", "bir", "bu", "için", "ile", "olarak", "veya", "olan", "da", "de", "kişisel",
        ],
    ),
    (
        "ru",
        &[
            "и",
            "в",
            "на",
            "с",
            "по",
            "для",
            "от",
            "к",
            "не",
            "или",
            "что",
            "как",
            "при",
            "его",
            "их",
            "о",
            "об",
            "это",
            "является",
            "до",
            "из",
            "за",
            "если",
            "мы",
            "вы",
            "он",
            "она",
            "они",
            "также",
        ],
    ),
    (
        "uk",
        &[
            "та", "і", "й", "для", "що", "або", "це", "від", "які", "є", "не", "на", "з", "до",
            "у", "за", "цієї",
        ],
    ),
    (
        "ky",
        &[
            "жана",
            "менен",
            "үчүн",
            "же",
            "бул",
            "боюнча",
            "эмес",
            "болуп",
            "керек",
            "тарабынан",
            "болот",
            "жеке",
        ],
    ),
    (
        "kk",
        &[
            "және",
            "үшін",
            "немесе",
            "бұл",
            "бойынша",
            "емес",
            "болып",
            "осы",
            "дейін",
            "туралы",
            "жеке",
        ],
    ),
];
const CYRILLIC: [&str; 4] = ["ru", "uk", "ky", "kk"];
/// Letters that Russian has not and the languages of its neighbours have.
const TURKIC: &str = "өүңәғқұһі";

/// Whether a sentence is in another language of the same script.
pub fn foreign_by_words(fragment: &Fragment, lang: &LangTag) -> bool {
    let words: Vec<String> = fragment
        .words
        .iter()
        .map(|word| word.to_lowercase())
        .collect();
    if words.len() < SHORTEST {
        return false;
    }
    let own_name = lang.primary();
    let Some((_, own)) = WORDS.iter().find(|(name, _)| *name == own_name) else {
        return false;
    };
    // "бөлөт" is a word of no Russian text; a name may be.
    let turkic = words
        .iter()
        .filter(|word| word.contains(|c| TURKIC.contains(c)))
        .count();
    if own_name == "ru" && turkic >= FEWEST && turkic * 2 >= words.len() {
        return true;
    }
    let own_has_letters = matches!(own_name, "ky" | "kk") && turkic > 0;
    !own_has_letters
        && WORDS.iter().any(|(name, other)| {
            let same_script = CYRILLIC.contains(name) == CYRILLIC.contains(&own_name);
            let count = |these: &[&str], but: &[&str]| {
                words
                    .iter()
                    .filter(|w| these.contains(&w.as_str()) && !but.contains(&w.as_str()))
                    .count()
            };
            let (theirs, ours) = (count(other, own), count(own, other));
            let fewest = if matches!(*name, "ky" | "kk" | "tr") {
                FEWEST_OF_FEW
            } else {
                FEWEST
            };
            *name != own_name && same_script && theirs >= fewest && ours * 4 <= theirs - fewest
        })
}

/// Whether a word is a small one of a language in Latin letters.
pub fn is_small_latin(word: &str) -> bool {
    let lower = word.to_lowercase();
    let mut latin = WORDS.iter().filter(|(name, _)| !CYRILLIC.contains(name));
    lower.chars().count() > 1 && latin.any(|(_, words)| words.contains(&lower.as_str()))
}
