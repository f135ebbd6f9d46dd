//! Files that publishers really send, and files that nobody sends by accident.

use proptest::prelude::*;

use super::*;

fn htmls(document: &Document) -> Vec<String> {
    document.clauses().map(Clause::html).collect()
}

#[test]
fn words_that_look_like_blocks_stay_words() {
    for (words, html) in [
        ("3.4. words", "<p>3.4. words</p>"),
        ("# no heading", "<p># no heading</p>"),
        ("> no quotation", "<p>&gt; no quotation</p>"),
        ("[x]: y", "<p>[x]: y</p>"),
        ("*", "<p>*</p>"),
        ("***", "<p>***</p>"),
    ] {
        for file in ["p.en.txt", "p.en.md"] {
            let document = read(file, &format!("1. A\n1.1. {words}"));
            assert_eq!(htmls(&document), [html], "{file}");
            assert_eq!(document.clauses().next().unwrap().text(), words, "{file}");
        }
    }
}

#[test]
fn in_plain_text_a_sign_is_a_sign() {
    let words = "2 * 3 *4*, snake_case, `tick`, [a](b), &lt; and a back\\slash";
    let plain = read("p.en.txt", &format!("1. A\n1.1. {words}"));
    assert_eq!(plain.clauses().next().unwrap().text(), words);
    let markdown = read("p.en.md", "1. A\n1.1. *four* and `tick`");
    assert_eq!(markdown.clauses().next().unwrap().text(), "four and tick");
}

#[test]
fn where_a_link_leads_is_hashed() {
    let to = |address: &str| {
        let text = format!("1. A\n1.1. Read [this]({address}), [b.example](https://b.example).");
        read("p.en.md", &text).into_text(false)
    };
    let shown = String::from_utf8(to("https://a.example").shown).unwrap();
    assert!(
        shown.contains("Read this (https://a.example), b.example."),
        "{shown}"
    );
    assert_ne!(to("https://a.example").hash, to("https://c.example").hash);
}

#[test]
fn an_introduction_is_not_lost() {
    let text = "---\ntitle: T\n---\n# T\n\nRead *this*\nfirst.\n\n## 1. A\n\nAnd this.\n\n1.1. x";
    let document = read("p.en.md", text);
    let preamble = document.sections[0].preamble_html();
    assert_eq!(preamble, "<p>Read <em>this</em> first.</p><p>And this.</p>");
    let shown = String::from_utf8(document.into_text(false).shown).unwrap();
    assert_eq!(
        shown,
        "T\n\n1. A\n\nRead this first.\n\nAnd this.\n\n1.1. x\n"
    );
}

#[test]
fn clause_numbers_may_be_headings_or_bold() {
    let document = read(
        "p.en.md",
        "## 1. A\n\n### 1.1. Head\n\nwords\n\n**1.2.** bold",
    );
    let texts: Vec<String> = document.clauses().map(Clause::text).collect();
    assert_eq!(texts, ["Head\n\nwords", "bold"]);
}

#[test]
fn every_line_end_is_a_line_end() {
    let text = "T\n1. A\n1.1. x\n1.2.\ny";
    let expected = read("p.en.txt", text).into_text(false).hash;
    for end in ["\r\n", "\r"] {
        let document = read("p.en.txt", &text.replace('\n', end));
        assert_eq!(document.into_text(false).hash, expected, "{end:?}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let long = format!("1. A\n1.1. x\n{}2. y", "1.".repeat(1000));
    for (text, rule, line) in [
        (long.as_str(), Rule::ClauseNumber, 3),
        ("1. A\n1.1. x\n1.99999. y", Rule::ClauseNumber, 3),
        (
            "Last updated #none dated May 3\n1. A\n1.1. x",
            Rule::ClauseNumber,
            1,
        ),
        (
            "---\ntitle: T\nnumber: 0\n---\n1. A\n1.1. x",
            Rule::ClauseNumber,
            3,
        ),
        ("---\nlang: en\n1. A\n1.1. x", Rule::Markup, 1),
        ("1. A\n1.1. x\u{202e}y", Rule::Markup, 2),
        (
            "1. A\n1.1. <https://a.example> <script>x</script>",
            Rule::Markup,
            2,
        ),
    ] {
        let findings = read("p.en.txt", text).findings;
        let found: Vec<(Rule, Option<usize>)> = findings.iter().map(|f| (f.rule, f.line)).collect();
        assert_eq!(found, [(rule, Some(line))], "{text:.60}");
    }
}

#[test]
fn a_number_needs_no_dot_where_it_is_the_next_one() {
    let text = "1. A\n1.1 one\n1.2 two\n1.2.1 below\n1.3 three\n1.5 million people\n2.4 is no clause here\n1.4.four";
    for file in ["p.en.txt", "p.en.md"] {
        let document = read(file, text);
        let numbers: Vec<&str> = document.clauses().map(|c| c.no.as_str()).collect();
        assert_eq!(numbers, ["1.1", "1.2", "1.2.1", "1.3", "1.4"], "{file}");
        let shown = document.into_text(false).shown;
        assert!(String::from_utf8(shown).unwrap().contains("million people"));
    }
}

#[test]
fn where_sections_are_headings_a_bare_number_is_words() {
    let document = read(
        "p.en.md",
        "## 1. A\n1.1. Steps:\n\n1. this\n\n2. that\n\n## 2. B\n**2.1. Title.** x",
    );
    assert_eq!(document.sections.len(), 2);
    assert_eq!(
        htmls(&document),
        [
            "<p>Steps:</p><ol><li>this</li><li>that</li></ol>",
            "<p><strong>Title.</strong> x</p>"
        ]
    );
    assert_eq!(document.findings, []);
}

#[test]
fn a_heading_below_those_of_sections_is_shown_as_one() {
    let document = read("p.en.md", "# T\n## 1. A\n### Below\nwords\n1.1. x");
    assert_eq!(
        document.sections[0].preamble_html(),
        "<p><strong>Below</strong></p><p>words</p>"
    );
    assert_eq!(document.findings, []);
}

#[test]
fn a_gap_between_sections_is_told_once() {
    let found = read("p.en.txt", "1. A\n1.1. x\n3. C\n3.1. y\n4. D\n4.1. z").findings;
    assert_eq!(rules(&found), [(Rule::ClauseNumber, Some("3"), Some(3))]);
}

#[test]
fn an_endless_paragraph_is_told_and_shown() {
    for file in ["p.en.txt", "p.en.md"] {
        let endless = format!("1. A\n1.1. x\n1.2. {}", "*word* ".repeat(4000));
        let document = read(file, &endless);
        assert_eq!(
            rules(&document.findings),
            [(Rule::Markup, Some("1.2"), Some(3))],
            "{file}"
        );
        assert!(document.clauses().nth(1).unwrap().html().len() > 28_000);
    }
}

#[test]
fn an_item_may_have_its_mark_on_a_line_of_its_own() {
    let document = read("p.en.txt", "1. A\n1.1.\n•\none\n•\ntwo\n1.2. x");
    assert_eq!(htmls(&document)[0], "<ul><li>one</li><li>two</li></ul>");
}

#[test]
fn many_duties_are_looked_through_in_time() {
    let duties: String = (1..=300)
        .flat_map(|i| {
            (1..=9).map(move |j| {
                format!("1.{i}.{j}. If lost, the holder informs the user of data kept forever.\n")
            })
        })
        .collect();
    let files = [(
        "p.en.md".to_owned(),
        read("p.en.md", &format!("1. A\n{duties}")),
    )];
    let found = lint::check(&files);
    let count = |rule| found.iter().filter(|f| f.rule == rule).count();
    assert_eq!(
        (count(Rule::Deadline), count(Rule::Unlimited)),
        (2700, 2700)
    );
}

#[test]
fn a_hostile_file_is_read_to_its_end() {
    for part in [
        "1.1.\n", "[", "*a _b", "> ", "- ", "<b", "**", "![", "\\", "&a", "[a](b)", "`a ",
    ] {
        let text = format!("1. A\n1.1. {}", part.repeat(15_000 / part.len()));
        let document = read("p.en.md", &text);
        let size: usize = document
            .clauses()
            .map(|c| c.html().len() + c.text().len())
            .sum();
        assert!(size < 600_000, "{part}");
    }
}

proptest! {
    #[test]
    fn in_plain_text_no_word_is_lost(words in proptest::collection::vec("[!-~]{1,8}", 1..9)) {
        let line = words.join(" ");
        let document = read("p.en.txt", &format!("1. A\n1.1. begin {line}"));
        prop_assert_eq!(document.clauses().next().unwrap().text(), format!("begin {line}"));
    }

    #[test]
    fn what_is_shown_reads_back_as_it_was(
        lines in proptest::collection::vec("(• |– |1\\.[1-9]\\. |)[a-z*_<>&\\[\\]]{1,9}( [a-z*_`]{1,9}){0,3}", 1..20)
    ) {
        let first = read("p.en.txt", &format!("Title\n1. A\n{}", lines.join("\n")));
        let shown = first.clone().into_text(false);
        let again = parse("p.en.txt", &shown.shown).unwrap();
        for (one, other) in first.sections.iter().zip(&again.sections) {
            prop_assert_eq!(&one.preamble, &other.preamble);
            let blocks = |s: &Section| s.clauses.iter().map(|c| (c.no.clone(), c.blocks.clone())).collect::<Vec<_>>();
            prop_assert_eq!(blocks(one), blocks(other));
        }
        prop_assert_eq!(again.into_text(false).hash, shown.hash);
    }

    #[test]
    fn no_word_is_lost_wherever_it_stands(
        lines in proptest::collection::vec("(|[0-9]\\. |[0-9]\\.[0-9]\\. |• |- |# |## [0-9]\\. |> |\\*\\*)[a-z]{3}[0-9]{6}( [a-z]{4})?|", 0..40),
        name in "p\\.en\\.(md|txt)",
    ) {
        if let Ok(document) = parse(&name, lines.join("\n").as_bytes()) {
            let shown = String::from_utf8(document.into_text(false).shown).unwrap();
            let words = lines.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
            for word in words.filter(|word| word.len() == 9) {
                prop_assert!(shown.contains(word), "{word} is not in {shown}");
            }
        }
    }
}
