//! What Markdown means is shown as that; what it would hide is shown as it is typed, and told.

use super::*;

fn clause(words: &str) -> (String, String, Vec<Finding>) {
    let document = read("p.en.md", &format!("## 1. A\n\n1.1. {words}\n"));
    let clause = document.clauses().next().unwrap();
    let preamble = document.sections[0].preamble.is_empty();
    assert!(preamble, "{words}");
    (clause.html(), clause.text(), document.findings.clone())
}

#[test]
fn what_markdown_means_is_shown_as_that() {
    for (words, html, text) in [
        (
            "The terms:\n\n| Data | Term |\n|---|---|\n| Name | 30 days |\n| E-mail | 3 years |",
            "<p>The terms:</p><table><thead><tr><th>Data</th><th>Term</th></tr></thead><tbody><tr><td>Name</td><td>30 days</td></tr><tr><td>E-mail</td><td>3 years</td></tr></tbody></table>",
            "The terms:\n\n| Data | Term |\n| Name | 30 days |\n| E-mail | 3 years |",
        ),
        (
            "We use it to:\n\n- answer you:\n  - by e-mail;\n  - by phone;\n- keep the books.",
            "<p>We use it to:</p><ul><li>answer you:<ul><li>by e-mail;</li><li>by phone;</li></ul></li><li>keep the books.</li></ul>",
            "We use it to:\n\n• answer you:\n  • by e-mail;\n  • by phone;\n• keep the books.",
        ),
        (
            "Steps:\n\n3. ask\n4. wait\n   1. a day\n   2. a week",
            "<p>Steps:</p><ol start=\"3\"><li>ask</li><li>wait<ol><li>a day</li><li>a week</li></ol></li></ol>",
            "Steps:\n\n3. ask\n4. wait\n   1. a day\n   2. a week",
        ),
        (
            "one  \ntwo\\\nthree\nfour",
            "<p>one<br>two<br>three four</p>",
            "one\ntwo\nthree four",
        ),
        (
            "one\n\n---\n\ntwo",
            "<p>one</p><hr><p>two</p>",
            "one\n\n* * *\n\ntwo",
        ),
        (
            "one\n\n> said\n> so",
            "<p>one</p><blockquote><p>said so</p></blockquote>",
            "one\n\n> said so",
        ),
        (
            "see <https://a.example/x> or <a@b.example>",
            "<p>see <a href=\"https://a.example/x\" rel=\"noopener noreferrer\">https://a.example/x</a> or <a href=\"mailto:a@b.example\" rel=\"noopener noreferrer\">a@b.example</a></p>",
            "see https://a.example/x or a@b.example",
        ),
        (
            "see https://a.example/x.",
            "<p>see <a href=\"https://a.example/x\" rel=\"noopener noreferrer\">https://a.example/x</a>.</p>",
            "see https://a.example/x.",
        ),
        (
            "call [us](tel:+996312) at 9&nbsp;o&#39;clock",
            "<p>call <a href=\"tel:+996312\" rel=\"noopener noreferrer\">us</a> at 9&nbsp;o'clock</p>",
            "call us (tel:+996312) at 9\u{a0}o'clock",
        ),
        (
            "run `a*b*c`:\n\n```\nx < y\n```",
            "<p>run <code>a*b*c</code>:</p><pre><code>x &lt; y\n</code></pre>",
            "run a*b*c:\n\n    x < y",
        ),
        (
            "see [the site][s]\n\n[s]: https://a.example",
            "<p>see <a href=\"https://a.example\" rel=\"noopener noreferrer\">the site</a></p>",
            "see the site (https://a.example)",
        ),
        (
            "so[^1] it is\n\n[^1]: as the law says",
            "<p>so<sup>[1]</sup> it is</p><p>[1] as the law says</p>",
            "so[1] it is\n\n[1] as the law says",
        ),
        (
            "a) one;\nb) two",
            "<p>a) one;<br>b) two</p>",
            "a) one;\nb) two",
        ),
        (
            "list:\n\n• one\n• two\n– three",
            "<p>list:</p><ul><li>one</li><li>two</li><li>three</li></ul>",
            "list:\n\n• one\n• two\n• three",
        ),
        ("-\u{a0}one", "<p>- one</p>", "- one"),
        (
            "list:\n\n-\u{a0}one\n-\u{2003}two",
            "<p>list:</p><ul><li>one</li><li>two</li></ul>",
            "list:\n\n• one\n• two",
        ),
        (
            "It is 2\\*3\\*4 and 5 * 6 * 7",
            "<p>It is 2*3*4 and 5 * 6 * 7</p>",
            "It is 2*3*4 and 5 * 6 * 7",
        ),
    ] {
        let (shown, plain, findings) = clause(words);
        assert_eq!((shown.as_str(), plain.as_str()), (html, text), "{words}");
        assert_eq!(findings, [], "{words}");
    }
}

#[test]
fn headings_may_be_underlined() {
    for text in [
        "Policy\n======\n\n1. Data\n-------\n\n1.1. Words.\n\n2. Rights\n---------\n\n2.1. More.\n",
        "# Policy\n\n## 1. Data\n\n1.1. Words.\n\n## 2. Rights\n\n2.1. More.\n",
    ] {
        let document = read("p.en.md", text);
        let shown = String::from_utf8(document.clone().into_text(false).shown).unwrap();
        assert_eq!(
            shown,
            "Policy\n\n1. Data\n\n1.1. Words.\n\n2. Rights\n\n2.1. More.\n"
        );
        assert_eq!(document.findings, []);
    }
}

#[test]
fn what_people_will_see_is_told() {
    for (words, shown, told) in [
        ("It is 2*3*4.", "It is 234.", "2*3*4 is shown as 234"),
        (
            "see [^1] there",
            "see [^1] there",
            "[^1] is shown as it is typed",
        ),
        (
            "see [x](javascript:alert(1))",
            "see x (javascript:alert(1))",
            "is shown as words",
        ),
        (
            "see [terms](/terms)",
            "see terms (/terms)",
            "is shown as words",
        ),
        (
            "see [file](ftp://a.example/x)",
            "see file (ftp://a.example/x)",
            "is shown as words",
        ),
        (
            "see ![a map](https://a.example/m.png)",
            "see a map (https://a.example/m.png)",
            "a picture is shown as a link",
        ),
        ("**Note: words", "**Note: words", "the signs ** are shown"),
        ("~~gone~~ words", "~~gone~~ words", "the signs ~~ are shown"),
        (
            "<b>bold</b> words",
            "<b>bold</b> words",
            "HTML would be shown",
        ),
        ("zero&#8203;width", "zero\u{200b}width", "cannot be seen"),
        (
            "soft\u{ad}hyphen",
            "soft\u{ad}hyphen",
            "U+00AD, soft hyphen",
        ),
        (
            "tag\u{e0041} and \u{e000} and \u{7}",
            "tag\u{e0041} and \u{e000} and \u{7}",
            "U+E0041, tag; U+E000, private use; U+0007, control",
        ),
        ("inner\u{feff}mark", "inner\u{feff}mark", "U+FEFF"),
        (
            "Steps:\n\n1. one\n2. two\n7. seven",
            "Steps:\n\n1. one\n2. two\n3. seven",
            "the item 7. will be shown as 3.",
        ),
        (
            "words\n\n[unused]: https://a.example",
            "words\n\n[unused]: https://a.example",
            "nothing refers to it",
        ),
        (
            "| a | b |\n\n| x | y |\n|---|---|\n| 1 | 2 | lost |",
            "| a | b |\n\n| x | y |\n|---|---|\n| 1 | 2 | lost |",
            "would not show \"lost\"",
        ),
    ] {
        let (_, text, findings) = clause(words);
        assert_eq!(text, shown, "{words}");
        let messages: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert!(
            findings.len() == 1 && messages[0].contains(told),
            "{words}: {messages:?}"
        );
        let found = &findings[0];
        assert_eq!(
            (found.rule, found.clause.as_deref()),
            (Rule::Markup, Some("1.1")),
            "{words}"
        );
        assert!(
            found.is_error() && found.line.is_some_and(|line| line >= 3),
            "{words}"
        );
    }
}

#[test]
fn in_plain_text_an_entity_is_told() {
    let document = read("p.en.txt", "T\n1. A\n1.1. a&nbsp;b");
    assert_eq!(
        rules(&document.findings),
        [(Rule::Markup, Some("1.1"), Some(3))]
    );
}

#[test]
fn footnotes_stand_where_they_are_referred_to() {
    let text = "## 1. A\n\n1.1. One[^law].\n\n1.2. Two.\n\n[^law]: Law No. 58\nof 2008.\n";
    let document = read("p.en.md", text);
    let texts: Vec<String> = document.clauses().map(Clause::text).collect();
    assert_eq!(texts, ["One[law].\n\n[law] Law No. 58 of 2008.", "Two."]);
    assert_eq!(document.findings, []);
}

#[test]
fn lists_in_plain_text_stand_in_each_other() {
    let text = "T\n1. A\n1.1. We:\n  • answer:\n      – by e-mail;\n      – by phone;\n  • keep.\n";
    let document = read("p.en.txt", text);
    assert_eq!(
        document.clauses().next().unwrap().text(),
        "We:\n\n• answer:\n  • by e-mail;\n  • by phone;\n• keep."
    );
}

#[test]
fn a_fence_without_an_end_swallows_no_clause() {
    let document = read("p.en.md", "## 1. A\n\n1.1. x\n\n```\ncode\n\n1.2. y\n");
    assert_eq!(document.clause_count(), 2);
    assert!(
        document
            .findings
            .iter()
            .any(|f| f.message.contains("has no end"))
    );
}

#[test]
fn a_title_is_words() {
    let document = read(
        "p.en.md",
        "# *Our* policy &amp; consent\n\n## 1. **Data** & [rights](https://a.example)\n\n1.1. x\n",
    );
    assert_eq!(document.title, "Our policy & consent");
    assert_eq!(
        document.sections[0].title,
        "Data & rights (https://a.example)"
    );
}
