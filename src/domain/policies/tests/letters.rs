//! No word is lost, whatever it stands in: every letter of a file is in the HTML that is shown
//! and in the text that is hashed.

use proptest::prelude::*;

use super::*;

/// Letters in their order of the alphabet, each as often as it is there.
///
/// The name of a definition is no word: what it defines is shown where it is referred to.
fn letters_of_source(text: &str) -> Vec<char> {
    let mut all = String::new();
    for line in text.lines() {
        let named = line
            .trim_start()
            .strip_prefix('[')
            .and_then(|line| line.split_once("]:"));
        all.push_str(match named {
            Some((name, rest)) if !name.starts_with('^') => rest,
            _ => line,
        });
        all.push('\n');
    }
    letters(&all)
}

fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    letters.sort_unstable();
    letters
}

/// Whether `all` has every letter of `some`, as often.
fn has_all(all: &[char], some: &[char]) -> bool {
    let mut rest = all.iter();
    some.iter().all(|letter| rest.any(|other| other == letter))
}

/// The words of HTML with what stands in its links.
fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').unwrap();
        words.push_str(before);
        words.extend(tag.split('"').skip(1).step_by(2));
        rest = after;
    }
    words.push_str(rest);
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ] {
        words = words.replace(entity, sign);
    }
    words
}

/// All that is shown of a document as HTML: the page puts it together like this.
fn page(document: &Document) -> String {
    let mut page = words_of(&document.title.replace('<', "&lt;"));
    for section in &document.sections {
        page.push_str(&section.heading());
        page.push_str(&words_of(&section.preamble_html()));
        for clause in &section.clauses {
            page.push_str(clause.label.as_deref().unwrap_or(&clause.no));
            page.push_str(&words_of(&clause.html()));
        }
    }
    page
}

fn lost(file: &str, source: &str) -> Option<String> {
    let Ok(document) = parse(file, source.as_bytes()) else {
        return None;
    };
    let all = letters_of_source(source);
    let page = page(&document);
    let shown = String::from_utf8(document.into_text(false).shown).unwrap();
    if !has_all(&letters(&shown), &all) {
        return Some(format!("{file}: {source:?} is hashed as {shown:?}"));
    }
    (!has_all(&letters(&page), &all)).then(|| format!("{file}: {source:?} is shown as {page:?}"))
}

#[test]
fn no_letter_of_a_usual_text_is_lost() {
    for (name, text) in crate::domain::starter::FILES {
        let body = text.splitn(3, "---\n").nth(2).unwrap();
        let title = text
            .lines()
            .find_map(|line| line.strip_prefix("title: "))
            .unwrap();
        assert_eq!(lost(name, &format!("# {title}\n{body}")), None);
    }
    for text in [
        "# Политика / Policy\n\n## 1. Общие положения / General\n\n1.1. Одно. / One.\n\n1.2. Two.\n",
        "Политика\n1 Общие положения\n1.1 Одно.\n1.2 Два.\n2 Права\n2.1 Три.\n",
        "1.Общие положения\n1.1.Одно.\n2.Права\n2.1.Два.\n",
        "Статья 1. Общее\n1.1. Одно.\nСтатья 2. Права\n2.1. Два.\n",
        "Title\n=====\n\nIntro\n\nSection\n-------\n\ntext[^n] and ![pic](https://a.example/p.png \"a title\")\n\n[^n]: note\n[^m]: unused\n",
        "## 1. A\n\n1.1. x\n\n```rust\nfn a() {}\n```\n\n<div>\nraw <b>html</b>\n</div>\n\n1.2. y <!-- gone? -->\n",
        "## 1. A\n\n1.1. [b] [c]\n\n[b]: https://b.example 'why'\n[c]: </nowhere>\n[d]: https://d.example\n",
        "| a | b |\n|---|---|\n| c | d | e |\n\n1. x\n1.1. y\n",
        "## 1. A\n\n[b]: https://b.example\n\n1.1. [b] | x\n\n| a | b |\n|---|---|\n| c | d | lost |\n",
        "# Twice\n\n# Twice\n\n## 1. A\n\n1.1. x\n",
        "1. A\n1.1. x\n\n    indented code\n\n        more\n1.2. y",
    ] {
        for file in ["p.en.md", "p.en.txt"] {
            assert_eq!(lost(file, text), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_letter_is_lost_in_markdown_or_plain_text(
        lines in proptest::collection::vec(
            "( {0,5})(|[0-9]\\. |[0-9]\\.[0-9]\\. |[0-9]\\) |• |- |\\* |– |# |## [0-9]\\. |### |> |\\| |Article [0-9]: |I+\\. |\\[[X-Z]\\]: |\\[\\^[X-Z]\\]: |```|---|===|a\\) |<[a-z]{1,6}>)\
             (|[a-zа-я]{1,8}|\\*[a-z]{1,5}\\*|\\*\\*[a-z]{1,5}|\\[[X-Z]{1,2}\\]|\\[\\^[X-Z]\\]|\\[[a-f]{2}\\]\\([m-z:/]{0,9}\\)|!\\[[a-f]\\]\\([m-z]{1,4}\\)|<[a-z/]{1,6}>|`[a-z]{1,3}`|https://[a-z]{2}\\.example|\\\\[a-z*]|_[a-z]{1,3}_|<!-- [a-z]{2} -->)\
             ( [a-zA-Z|*_`<>\\[\\]()!~.;:-]{1,12}){0,4}( {2})?",
            0..25),
        name in "p\\.en\\.(md|txt)",
    ) {
        // No front matter: what it says is not all shown.
        prop_assert_eq!(lost(&name, &format!("Begin\n{}", lines.join("\n"))), None);
    }
}
