//! Tables and properties of parsing, showing, and linting.

use proptest::prelude::*;

use super::*;

mod forms;
mod hard_files;
mod letters;
mod rules;
mod shown;

const PLAIN: &str = "Last updated #7 dated May 3, 2026\n\
    A policy for a test\n\
    1. Words\n\
    1.1.\n\
    A person – somebody who reads this.\n\
    \n\
    A second paragraph.\n\
    1.2.\n\
    \n\
      • one thing;\n\
      • another thing.\n\
    2. Duties\n\
    This stands before the first clause.\n\
    2.1.\n\
    The holder does what clause 2.1.1 says:\n\
    2.1.1.\n\
    – at once;\n\
    – and in writing.";

fn read(file: &str, text: &str) -> Document {
    parse(file, text.as_bytes()).unwrap()
}

fn rules(findings: &[Finding]) -> Vec<(Rule, Option<&str>, Option<usize>)> {
    findings
        .iter()
        .map(|f| (f.rule, f.clause.as_deref(), f.line))
        .collect()
}

#[test]
fn plain_text_as_publishers_keep_it() {
    let document = read("policy-7.en.txt", PLAIN);
    assert_eq!(
        (document.number, document.dated.as_deref()),
        (Some(7), Some("May 3, 2026"))
    );
    assert_eq!(
        (document.title.as_str(), document.lang.as_str()),
        ("A policy for a test", "en")
    );
    assert_eq!(document.sections.len(), 2);
    let numbers: Vec<&str> = document.clauses().map(|c| c.no.as_str()).collect();
    assert_eq!(numbers, ["1.1", "1.2", "2.1", "2.1.1"]);
    let first = &document.sections[0].clauses[0];
    assert_eq!(
        first.text(),
        "A person – somebody who reads this.\n\nA second paragraph."
    );
    assert_eq!(
        document.sections[0].clauses[1].html(),
        "<ul><li>one thing;</li><li>another thing.</li></ul>"
    );
    assert_eq!(
        document.sections[1].preamble_html(),
        "<p>This stands before the first clause.</p>"
    );
    assert!(document.findings.is_empty());
}

#[test]
fn markdown_with_front_matter() {
    let text = "---\nlang: ru\nnumber: 3\ntitle: \"Политика\"\ndate: 1 мая 2026\n---\n\n## 1. Слова\n\n**1.1.** Первая\nстрока и *вторая*.\n\n1.2. См. [сайт](https://a.example).\n\n- раз\n- два\n";
    let document = read("policy.md", text);
    assert_eq!(
        (
            document.lang.as_str(),
            document.number,
            document.title.as_str()
        ),
        ("ru", Some(3), "Политика")
    );
    let clauses: Vec<&Clause> = document.clauses().collect();
    assert_eq!(clauses[0].text(), "Первая строка и вторая.");
    assert_eq!(clauses[0].html(), "<p>Первая строка и <em>вторая</em>.</p>");
    assert_eq!(clauses[0].line, 10);
    assert_eq!(
        clauses[1].html(),
        "<p>См. <a href=\"https://a.example\" rel=\"noopener noreferrer\">сайт</a>.</p><ul><li>раз</li><li>два</li></ul>"
    );
}

#[test]
fn verbatim_keeps_every_byte_and_the_hash_is_of_what_is_shown() {
    let source = "\u{feff}1. A\r\n1.1. Words.\r\n";
    let document = read("p.en.txt", source);
    assert_eq!(document.clause_count(), 1);
    let verbatim = document.clone().into_text(true);
    assert_eq!(verbatim.shown, source.as_bytes());
    let canonical = document.into_text(false);
    assert_eq!(canonical.shown, b"\n\n1. A\n\n1.1. Words.\n");
    assert_ne!(verbatim.hash, canonical.hash);
    assert!(canonical.hash.starts_with("sha256:") && canonical.hash.len() == 71);
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let huge = vec![b'a'; (1 << 20) + 1];
    for (file, bytes, rule, line) in [
        ("p.en.txt", huge.as_slice(), Rule::Markup, None),
        ("p.en.txt", b"1. A\n\xff".as_slice(), Rule::Markup, Some(2)),
        ("p.txt", b"1. A\n1.1. B".as_slice(), Rule::Language, None),
        ("p.xx.txt", b"1. A\n1.1. B".as_slice(), Rule::Language, None),
        (
            "p.english.txt",
            b"1. A\n1.1. B".as_slice(),
            Rule::Language,
            None,
        ),
        (
            "p.txt",
            b"---\nlang: klingon\n---\n## 1. A".as_slice(),
            Rule::Language,
            None,
        ),
        ("p.en.txt", b"".as_slice(), Rule::ClauseNumber, None),
    ] {
        assert_eq!(
            rules(&parse(file, bytes).unwrap_err()),
            [(rule, None, line)],
            "{file}"
        );
    }
}

#[test]
fn faults_of_the_form_are_found_at_their_line() {
    for (text, rule, clause, line) in [
        ("1. A\n1.1. x\n1.1. y", Rule::ClauseNumber, Some("1.1"), 3),
        ("1. A\n1.2. x", Rule::ClauseNumber, Some("1.2"), 2),
        ("1. A\n1.1. x\n1.3. y", Rule::ClauseNumber, Some("1.3"), 3),
        (
            "1. A\n1.1. x\n1.1.1.1. y",
            Rule::ClauseNumber,
            Some("1.1.1.1"),
            3,
        ),
        ("1. A\n2.1. x", Rule::ClauseNumber, Some("2.1"), 2),
        (
            "1. A\n1.1. x\n3. C\n3.1. y",
            Rule::ClauseNumber,
            Some("3"),
            3,
        ),
        ("1. A\n1.1.\n1.2. y", Rule::EmptyClause, Some("1.1"), 2),
        (
            "1. A\n1.1. <script>alert(1)</script>",
            Rule::Markup,
            Some("1.1"),
            2,
        ),
        ("1. A\n1.1. <b>bold</b>", Rule::Markup, Some("1.1"), 2),
    ] {
        assert_eq!(
            rules(&read("p.en.txt", text).findings),
            [(rule, clause, Some(line))],
            "{text}"
        );
    }
    let bad = read(
        "p.en.txt",
        "1. A\n1.1. <script>alert(1)</script> [x](javascript:alert(1))",
    );
    let html = bad.clauses().next().unwrap().html();
    assert!(
        !html.contains("<script") && !html.contains("href"),
        "{html}"
    );
}

#[test]
fn the_languages_of_a_version_are_held_against_each_other() {
    let files = |en: &str, ru: &str| {
        vec![
            ("p.en.md".to_owned(), read("p.en.md", en)),
            ("p.ru.md".to_owned(), read("p.ru.md", ru)),
        ]
    };
    let clean = files(
        "1. A\n1.1. As clause 1.1 says.",
        "1. Б\n1.1. Как сказано в пункте 1.1.",
    );
    assert_eq!(lint::check(&clean), []);

    let other = files("1. A\n1.1. x\n1.1.1. y", "1. Б\n1.1. х\n1.2. у");
    let found = lint::check(&other);
    assert_eq!(
        rules(&found),
        [
            (Rule::ClauseTrees, Some("1.2"), Some(3)),
            (Rule::ClauseTrees, Some("1.1.1"), Some(3))
        ]
    );

    let strange = files(
        "1. A\n1.1. получены из открытых источников",
        "1. Б\n1.1. См. пункт 9.9.",
    );
    let found = lint::check(&strange);
    assert_eq!(
        rules(&found),
        [
            (Rule::Language, Some("1.1"), Some(2)),
            (Rule::Reference, Some("1.1"), Some(2))
        ]
    );
    assert!(found[0].is_error() && !found[1].is_error());
}

#[test]
fn the_starter_lints_clean_and_has_the_same_clauses_in_both_languages() {
    let files: Vec<(String, Document)> = crate::domain::starter::FILES
        .iter()
        .map(|(name, text)| {
            let filled =
                crate::domain::starter::fill(text, &crate::domain::starter::Identity::default());
            ((*name).to_owned(), read(name, &filled))
        })
        .collect();
    assert_eq!(lint::check(&files), []);
    assert_eq!(files[0].1.sections.len(), 12);
    for no in [
        "3.1.1", "3.1.4", "4.2", "5.2.8", "9.2", "11.4", "11.11.2", "11.11.3", "12.3",
    ] {
        assert!(files[0].1.clauses().any(|c| c.no == no), "{no} is missing");
    }
}

proptest! {
    #[test]
    fn no_file_brings_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse("p.en.txt", &bytes);
    }

    #[test]
    fn numbered_nonsense_does_not_either(lines in proptest::collection::vec("([0-9]{1,3}\\.){0,9} ?[-#*•<\\[a-zа-я \\.]{0,12}", 0..30)) {
        if let Ok(document) = parse("p.en.md", lines.join("\n").as_bytes()) {
            let _ = document.clauses().map(|c| c.html().len() + c.text().len()).sum::<usize>();
            let _ = lint::check(&[("p.en.md".to_owned(), document)]);
        }
    }

    #[test]
    fn the_canonical_text_reads_back_to_the_same_clauses(words in proptest::collection::vec("[a-z]{2,9}( [a-z]{2,9}){0,4}", 1..12)) {
        let text: String = words.iter().enumerate().map(|(i, w)| format!("1.{}. {w}\n", i + 1)).collect();
        let first = read("p.en.txt", &format!("Title\n1. Section\n{text}"));
        let shown = first.clone().into_text(false);
        let again = parse("p.en.txt", &shown.shown).unwrap();
        prop_assert_eq!(&again.title, &first.title);
        let texts = |d: &Document| d.clauses().map(|c| (c.no.clone(), c.text())).collect::<Vec<_>>();
        prop_assert_eq!(texts(&again), texts(&first));
        prop_assert_eq!(again.into_text(false).hash, shown.hash);
    }
}
