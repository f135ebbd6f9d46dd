//! Words whose letters are of two alphabets, or of the wrong one: `Пользоваtель`, or "c" in Latin
//! where «с» was meant. People see no difference; a search, a comparison and a court do.

use icu_properties::props::Script as Alphabet;

use super::super::{Document, Finding, Rule, Script, chars};
use super::{found, found_in_section};

/// Letters of the Latin alphabet that look like Cyrillic or Greek ones.
const LATIN_ALIKE: &str = "aAcCeEoOpPxXyYkKMHBTiIëËïÏ";
/// Letters of the Cyrillic alphabet that look like Latin ones.
const CYRILLIC_ALIKE: &str = "аАсСеЕоОрРхХуУүҮкКМНВТіІјЈѕЅһԁԛԝѵёЁїЇ";
const GREEK_ALIKE: &str = "οΟαΑΒΕΖΗΙιΚκΜΝνΡρΤΥυΧχγ";
/// Cyrillic words that can be typed in Latin letters without anybody seeing it, with what they
/// look like there. Words that mean something in Latin letters too (BOT, TOM, MAX) are left out.
const WORDS: [&str; 34] = [
    "OOO", "OAO", "TOO", "OcOO", "OCOO", "HE", "HA", "HO", "OT", "KAK", "TAK", "BAC", "HAC", "HET",
    "BCE", "BCEX", "KTO", "AKT", "CPOK", "Cpok", "cpok", "cpoka", "Cpoka", "TEKCT", "TOBAP",
    "ABTOP", "CEPBEP", "KAPTA", "co", "Co", "ee", "Ee", "kypc", "ckopo",
];
/// Cyrillic words of one letter.
const SMALL_WORDS: &str = "acoyk";
const SMALL_AT_THE_BEGINNING: &str = "ABCOKY";
/// So many words are named in one finding.
const MOST: usize = 5;

const ADVICE: &str = "Letters that only look alike make a text that cannot be searched or compared: type the word anew in one alphabet.";

/// One finding for each clause, heading or preamble with such words.
pub fn check(file: &str, document: &Document) -> Vec<Finding> {
    let script = document.lang.script();
    let mut findings = Vec::new();
    if let Some(message) = told(&document.title, script) {
        findings.push(Finding::new(Rule::Language, file, message, ADVICE));
    }
    for section in &document.sections {
        let text = format!("{}\n{}", section.heading(), section.preamble_text());
        if let Some(message) = told(&text, script) {
            findings.push(found_in_section(
                Rule::Language,
                file,
                section,
                message,
                ADVICE,
            ));
        }
        findings.extend(section.clauses.iter().filter_map(|clause| {
            let message = told(&clause.text(), script)?;
            Some(found(Rule::Language, file, clause, message, ADVICE))
        }));
    }
    findings
}

fn told(text: &str, script: Option<Script>) -> Option<String> {
    let mut words = suspects(text, script);
    words.dedup();
    let more = if words.len() > MOST { ", …" } else { "" };
    words.truncate(MOST);
    let named: Vec<String> = words.iter().map(|word| spelled(word)).collect();
    (!named.is_empty()).then(|| {
        format!(
            "letters of another alphabet look like this one's: {}{more}",
            named.join(", ")
        )
    })
}

/// `"Пользоваtель" (Latin t)`
fn spelled(word: &str) -> String {
    let alphabets = [
        (Alphabet::Latin, "Latin"),
        (Alphabet::Cyrillic, "Cyrillic"),
        (Alphabet::Greek, "Greek"),
    ];
    let of = |alphabet| word.chars().filter(move |c| chars::script(*c) == alphabet);
    let fewest = alphabets
        .into_iter()
        .filter(|(alphabet, _)| of(*alphabet).count() > 0)
        .min_by_key(|(alphabet, _)| of(*alphabet).count());
    match fewest {
        Some((alphabet, name)) => format!("{word:?} ({name} {})", of(alphabet).collect::<String>()),
        None => format!("{word:?}"),
    }
}

/// The words of a text that are not what they look like.
fn suspects(text: &str, script: Option<Script>) -> Vec<String> {
    let words = Word::all(text);
    let none = None;
    let suspect = |at: usize| {
        let word = &words[at];
        let before = at.checked_sub(1).map_or(&none, |at| &words[at].alphabet);
        let after = words.get(at + 1).map_or(&none, |word| &word.alphabet);
        match (word.alphabet, script) {
            (None, _) => is_mixed(&word.letters),
            (Some(Alphabet::Latin), Some(Script::Cyrillic)) => {
                let among = *after == Some(Alphabet::Cyrillic)
                    && before.is_none_or(|a| a == Alphabet::Cyrillic);
                among && word.alone && poses_as_cyrillic(word)
            }
            (Some(Alphabet::Cyrillic), Some(Script::Latin)) => {
                let among =
                    *after == Some(Alphabet::Latin) && before.is_none_or(|a| a == Alphabet::Latin);
                let small = word.letters.chars().count() == 1;
                let capitals = !small && word.letters.chars().all(char::is_uppercase);
                among
                    && word.alone
                    && !capitals
                    && word.letters.chars().all(|c| CYRILLIC_ALIKE.contains(c))
            }
            _ => false,
        }
    };
    (0..words.len())
        .filter(|at| suspect(*at))
        .map(|at| words[at].letters.clone())
        .collect()
}

fn poses_as_cyrillic(word: &Word) -> bool {
    let letters = word.letters.as_str();
    match letters.chars().count() {
        1 => {
            SMALL_WORDS.contains(letters)
                || (word.begins && SMALL_AT_THE_BEGINNING.contains(letters))
        }
        _ => WORDS.contains(&letters),
    }
}

/// Whether letters of two alphabets stand in one word such that one of them poses as the other:
/// all its letters look alike, or it stands inside the other. `СберID` and `CRMсистема` are
/// names and compounds that anybody can see.
fn is_mixed(word: &str) -> bool {
    let letters: Vec<(char, Alphabet)> = word.chars().map(|c| (c, chars::script(c))).collect();
    let of = |alphabet: Alphabet| letters.iter().filter(move |l| l.1 == alphabet).map(|l| l.0);
    let alike = |alphabet: Alphabet, signs: &str| {
        of(alphabet).count() > 0 && of(alphabet).all(|c| signs.contains(c))
    };
    let poses = alike(Alphabet::Latin, LATIN_ALIKE) || alike(Alphabet::Cyrillic, CYRILLIC_ALIKE);
    let greek = alike(Alphabet::Greek, GREEK_ALIKE);
    let changes = letters
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .count();
    // An ending of a Cyrillic language behind an acronym: "CRMе".
    let ending = letters
        .iter()
        .rev()
        .take_while(|l| l.1 == Alphabet::Cyrillic && l.0.is_lowercase())
        .count();
    let acronym = letters[..letters.len() - ending].iter().rev().take(2);
    if (1..=2).contains(&ending)
        && letters.len() > ending + 1
        && acronym
            .clone()
            .all(|l| l.1 == Alphabet::Latin && l.0.is_uppercase())
        && changes == 1
    {
        return false;
    }
    // "kΩ" and "αx" are units and formulas.
    let formula = of(Alphabet::Greek).count() > 0 && letters.len() < 3;
    !formula && (poses || greek || changes > 1)
}

/// A word with what is around it.
struct Word {
    letters: String,
    /// Its alphabet; none when it has letters of two.
    alphabet: Option<Alphabet>,
    /// There is space on both sides.
    alone: bool,
    /// It begins a sentence.
    begins: bool,
}

impl Word {
    fn all(text: &str) -> Vec<Self> {
        let mut words = Vec::new();
        let mut rest = 0;
        let is_letter = |c: char| c.is_alphabetic();
        while let Some(from) = text[rest..].find(is_letter).map(|at| rest + at) {
            let end = text[from..]
                .find(|c| !is_letter(c))
                .map_or(text.len(), |at| from + at);
            rest = end;
            let letters = text[from..end].to_owned();
            let (before, after) = (&text[..from], &text[end..]);
            let space = |c: Option<char>| c.is_none_or(chars::is_space);
            words.push(Self {
                alphabet: one_alphabet(&letters),
                alone: space(before.chars().next_back()) && space(after.chars().next()),
                begins: before.trim_end().is_empty()
                    || before
                        .trim_end_matches(' ')
                        .ends_with(['.', '!', '?', '\n', '•']),
                letters,
            });
        }
        words
    }
}

/// The alphabet of all letters; another one than these three has no look-alikes here.
fn one_alphabet(letters: &str) -> Option<Alphabet> {
    let ours = [Alphabet::Latin, Alphabet::Cyrillic, Alphabet::Greek];
    let mut found = letters
        .chars()
        .map(chars::script)
        .filter(|script| ours.contains(script));
    let first = found.next();
    match first {
        Some(first) => found.all(|script| script == first).then_some(first),
        None => Some(Alphabet::Common),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_that_looks_alike_is_enough() {
        for (script, text) in [
            (Script::Cyrillic, "Пользоваtель"),
            (Script::Cyrillic, "Персональныe данные"),
            (Script::Cyrillic, "соглашениe"),
            (Script::Cyrillic, "нa сайте"),
            (Script::Cyrillic, "ещë"),
            (Script::Cyrillic, "amoСRM"),
            (Script::Cyrillic, "IТ-компания"),
            (Script::Cyrillic, "CRM-системa"),
            (Script::Cyrillic, "пользоvатель"),
            (Script::Cyrillic, "данные c сайта"),
            (Script::Cyrillic, "B соответствии с законом"),
            (
                Script::Cyrillic,
                "между OOO «Роза» и Пользователем, а OOO Роза отвечает",
            ),
            (Script::Cyrillic, "данные HE передаются"),
            (Script::Cyrillic, "көрсeтүү"),
            (Script::Cyrillic, "сaқталады"),
            (Script::Cyrillic, "письмо на suppоrt@rose.example"),
            (Script::Latin, "Persоnal data"),
            (Script::Latin, "the Usеr"),
            (Script::Latin, "copy of а person"),
            (Script::Latin, "make a сору of it"),
            (Script::Latin, "los datоs"),
            (Script::Latin, "the Ρublisher"),
            (Script::Latin, "pοlicy"),
        ] {
            assert!(!suspects(text, Some(script)).is_empty(), "{text}");
        }
    }

    #[test]
    fn names_brands_addresses_and_numerals_are_left_alone() {
        for (script, text) in [
            (
                Script::Cyrillic,
                "amoCRM, Kommo, IP-адрес, web-сайт, SMS-уведомление, cookie-файлы",
            ),
            (
                Script::Cyrillic,
                "СберID, ЯндексGPT, CRMсистема, SMSками, e-mailы, в CRMе, amoCRMа",
            ),
            (
                Script::Cyrillic,
                "витамин C, раздел I, глава II и XIV, п. 4 ст. 9, № 58-ФЗ",
            ),
            (
                Script::Cyrillic,
                "BOT, TOM, MAX, HTTP, TCP, MAC, POST, X и Y, параметр x или y",
            ),
            (
                Script::Cyrillic,
                "support@rose.example, https://shop.example/cop, файл config.toml, a.b.c",
            ),
            (Script::Cyrillic, "а) первое; б) второе; a) третье"),
            (
                Script::Cyrillic,
                "ОсОО «Роза», ООО, АО, ТОО, 1С, 3D-модель, 10 Мб, 5 кΩ",
            ),
            (
                Script::Cyrillic,
                "Жеке маалыматтар: өзгөртүү, үчүн, ң; құқықтар, ғылым, һәм, іс",
            ),
            (
                Script::Cyrillic,
                "команда cp -a cop; OAuth 2.0, Open API, Wi-Fi",
            ),
            (
                Script::Latin,
                "The seller is ООО «Ромашка» (АО «Роза»), Иванов И. И.",
            ),
            (
                Script::Latin,
                "Mark it «Отзыв согласия», or in Russian: сор",
            ),
            (
                Script::Latin,
                "año, são, é, naïve, Łódź, İstanbul, 10 µs, Δt, 5 kΩ, α and β",
            ),
            (Script::Latin, "version A of class B, clause I"),
        ] {
            assert_eq!(suspects(text, Some(script)), [] as [&str; 0], "{text}");
        }
    }
}
