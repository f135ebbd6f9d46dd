//! Headings and numbers in the forms that publishers use.

use super::*;

/// Sections as `number: title`, and the numbers of the clauses.
fn outline(document: &Document) -> (Vec<String>, Vec<&str>) {
    let sections = document.sections.iter();
    (
        sections.map(|s| format!("{}: {}", s.no, s.title)).collect(),
        document.clauses().map(|c| c.no.as_str()).collect(),
    )
}

#[test]
fn the_forms_of_numbers_that_publishers_use() {
    // Heading 1, clauses 1.1 and 1.2, heading 2, clause 2.1, as they are written.
    let forms: [(&str, [&str; 5]); 23] = [
        (
            "en",
            [
                "1. Data",
                "1.1. One.",
                "1.2. Two.",
                "2. Rights",
                "2.1. Three.",
            ],
        ),
        (
            "ru",
            ["1.Данные", "1.1.Одно.", "1.2.Два.", "2.Права", "2.1.Три."],
        ),
        (
            "ru",
            ["1 Данные", "1.1 Одно.", "1.2 Два.", "2 Права", "2.1 Три."],
        ),
        (
            "en",
            [
                "1) Data",
                "1.1) One.",
                "1.2) Two.",
                "2) Rights",
                "2.1) Three.",
            ],
        ),
        (
            "en",
            [
                "I. Data",
                "1.1. One.",
                "1.2. Two.",
                "II. Rights",
                "2.1. Three.",
            ],
        ),
        (
            "ru",
            [
                "I. ДАННЫЕ",
                "1.1 Одно.",
                "1.2 Два.",
                "II. ПРАВА",
                "2.1 Три.",
            ],
        ),
        (
            "en",
            [
                "A. Data",
                "A.1. One.",
                "A.2. Two.",
                "B. Rights",
                "B.1. Three.",
            ],
        ),
        (
            "ru",
            [
                "§ 1. Данные",
                "1.1. Одно.",
                "1.2. Два.",
                "§ 2. Права",
                "2.1. Три.",
            ],
        ),
        (
            "ru",
            [
                "Статья 1. Данные",
                "1.1. Одно.",
                "1.2. Два.",
                "Статья 2. Права",
                "2.1. Три.",
            ],
        ),
        (
            "ru",
            [
                "РАЗДЕЛ 1. ДАННЫЕ",
                "1.1. Одно.",
                "1.2. Два.",
                "РАЗДЕЛ 2. ПРАВА",
                "2.1. Три.",
            ],
        ),
        (
            "ru",
            [
                "Раздел I. Данные",
                "1.1. Одно.",
                "1.2. Два.",
                "Раздел II. Права",
                "2.1. Три.",
            ],
        ),
        (
            "ru",
            ["Глава 1", "1.1. Одно.", "1.2. Два.", "Глава 2", "2.1. Три."],
        ),
        (
            "en",
            [
                "Article 1: Data",
                "1.1 One.",
                "1.2 Two.",
                "Article 2: Rights",
                "2.1 Three.",
            ],
        ),
        (
            "en",
            [
                "Article 1 – Data",
                "1.1. One.",
                "1.2. Two.",
                "Article 2 – Rights",
                "2.1. Three.",
            ],
        ),
        (
            "en",
            [
                "Section 1 Data",
                "1.1. One.",
                "1.2. Two.",
                "Section 2 Rights",
                "2.1. Three.",
            ],
        ),
        (
            "en",
            [
                "SECTION 1. DATA",
                "Section 1.1. One.",
                "Section 1.2. Two.",
                "SECTION 2. RIGHTS",
                "Section 2.1. Three.",
            ],
        ),
        (
            "es",
            [
                "Artículo 1. Datos",
                "1.1. Uno.",
                "1.2. Dos.",
                "Artículo 2. Derechos",
                "2.1. Tres.",
            ],
        ),
        (
            "pt",
            [
                "Artigo 1º Dados",
                "1.1. Um.",
                "1.2. Dois.",
                "Artigo 2º Direitos",
                "2.1. Três.",
            ],
        ),
        (
            "ky",
            [
                "1-берене. Маалымат",
                "1.1. Бир.",
                "1.2. Эки.",
                "2-берене. Укуктар",
                "2.1. Үч.",
            ],
        ),
        (
            "kk",
            [
                "1-бап. Деректер",
                "1.1. Бір.",
                "1.2. Екі.",
                "2-бап. Құқықтар",
                "2.1. Үш.",
            ],
        ),
        (
            "en",
            [
                "**1. Data**",
                "**1.1.** One.",
                "**1.2** Two.",
                "**2. Rights**",
                "**2.1.** Three.",
            ],
        ),
        (
            "en",
            [
                r"1\. Data",
                r"1\.1\. One.",
                r"1\.2\. Two.",
                r"2\. Rights",
                r"2\.1\. Three.",
            ],
        ),
        (
            "ru",
            [
                "1.\u{a0}Данные",
                "1.1.\u{2003}Одно.",
                "1.2.\u{3000}Два.",
                "2.\u{202f}Права",
                "2.1.\u{2009}Три.",
            ],
        ),
    ];
    for (lang, lines) in forms {
        for (extension, prefix, apart) in [
            ("txt", "", "\n"),
            ("txt", "", "\n\n"),
            ("md", "", "\n\n"),
            ("md", "## ", "\n\n"),
        ] {
            let text: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(at, line)| format!("{}{line}", if at % 3 == 0 { prefix } else { "" }))
                .collect();
            let text = format!("{prefix}Title{apart}{}\n", text.join(apart));
            let document = read(&format!("p.{lang}.{extension}"), &text);
            let (sections, clauses) = outline(&document);
            assert_eq!(
                (sections.len(), clauses.len()),
                (2, 3),
                "{text}: {sections:?} {clauses:?}"
            );
            assert!(
                clauses[0].ends_with(".1") && clauses[1].ends_with(".2"),
                "{text}"
            );
            assert!(
                document.clauses().all(|c| c.text().chars().count() <= 6),
                "{text}"
            );
            assert_eq!(document.findings, [], "{text}");
            let shown = String::from_utf8(document.into_text(false).shown).unwrap();
            for word in text.split(|c: char| !c.is_alphabetic()) {
                assert!(shown.contains(word), "{word} is lost: {shown}");
            }
        }
    }
}

#[test]
fn the_word_before_a_number_belongs_to_the_number() {
    let document = read(
        "p.ru.txt",
        "Политика\nСтатья 1. Общие положения\n1.1. Одно.\nСтатья 2. Права\n2.1. Два.",
    );
    assert_eq!(outline(&document).0, ["1: Общие положения", "2: Права"]);
    let shown = String::from_utf8(document.into_text(false).shown).unwrap();
    assert!(
        shown.contains("\n\nСтатья 1. Общие положения\n\n1.1. Одно.\n\nСтатья 2. Права\n\n"),
        "{shown}"
    );
}

#[test]
fn a_title_may_stand_below_its_number() {
    let document = read(
        "p.ru.txt",
        "Политика\nРАЗДЕЛ 1\nОБЩИЕ ПОЛОЖЕНИЯ\n1.1. Одно.\nРАЗДЕЛ 2\nПРАВА\n2.1. Два.",
    );
    assert_eq!(outline(&document).0, ["1: ОБЩИЕ ПОЛОЖЕНИЯ", "2: ПРАВА"]);
}

#[test]
fn headings_without_numbers_are_sections_without_numbers() {
    let markdown = "# Privacy policy\n\nWho we are.\n\n## What we collect\n\nYour name.\n\n- and\n- more\n\n## Your rights\n\n### Access\n\nAsk us.\n";
    let setext = "Privacy policy\n==============\n\nWho we are.\n\nWhat we collect\n---------------\n\nYour name.\n\n- and\n- more\n\nYour rights\n-----------\n\n### Access\n\nAsk us.\n";
    for text in [markdown, setext] {
        let document = read("p.en.md", text);
        assert_eq!(document.title, "Privacy policy");
        assert_eq!(outline(&document).0, [": What we collect", ": Your rights"]);
        assert_eq!(document.findings, []);
        assert_eq!(
            String::from_utf8(document.into_text(false).shown).unwrap(),
            "Privacy policy\n\nWhat we collect\n\nWho we are.\n\nYour name.\n\n• and\n• more\n\nYour rights\n\nAccess\n\nAsk us.\n"
        );
    }
    let plain = "Privacy policy\n\nWhat we collect\n\nWe collect your name.\n\nWhy we do so\n\nWe answer you with it.\n\nYour rights\n\nYou may ask us.\n";
    let document = read("p.en.txt", plain);
    assert_eq!(
        outline(&document).0,
        [": What we collect", ": Why we do so", ": Your rights"]
    );
}

#[test]
fn headings_without_numbers_may_have_numbered_clauses() {
    let document = read(
        "p.ru.md",
        "# Политика\n\n## Общее\n\n1.1. Одно.\n\n1.2. Два.\n\n## Права\n\n2.1. Три.\n",
    );
    assert_eq!(
        outline(&document),
        (
            vec![": Общее".to_owned(), ": Права".to_owned()],
            vec!["1.1", "1.2", "2.1"]
        )
    );
    assert_eq!(document.findings, []);
}

#[test]
fn clauses_that_count_through_all_sections_are_clauses() {
    let document = read(
        "p.ru.txt",
        "Политика\nI. Общие положения\n1. Одно.\n2. Два.\nII. Права\n3. Три.",
    );
    assert_eq!(outline(&document).1, ["1", "2", "3"]);
    let lists = read(
        "p.ru.txt",
        "Политика\nI. Общие положения\n1. Одно.\n2. Два.\nII. Права\n1. Три.",
    );
    assert_eq!(
        outline(&lists),
        (
            vec!["I: Общие положения".to_owned(), "II: Права".to_owned()],
            vec![]
        )
    );
    assert_eq!(
        lists.sections[0].preamble_html(),
        "<ol><li>Одно.</li><li>Два.</li></ol>"
    );
}

#[test]
fn numbers_that_go_back_or_jump_inside_a_clause_are_its_list() {
    let plain = "Privacy policy\n1. Data\n1.1. The User may:\n1. ask for access;\n2. ask for erasure;\n3. withdraw consent.\n1.2. The Publisher answers within 10 days.\n2. Contacts\n2.1. Write to us:\n3. by mail;\n4. by phone.\n2.2. Or call.\n";
    for (file, text) in [
        ("p.en.txt", plain.to_owned()),
        ("p.en.md", plain.replace('\n', "\n\n")),
    ] {
        let document = read(file, &text);
        assert_eq!(
            outline(&document),
            (
                vec!["1: Data".to_owned(), "2: Contacts".to_owned()],
                vec!["1.1", "1.2", "2.1", "2.2"]
            ),
            "{file}"
        );
        let clauses: Vec<&Clause> = document.clauses().collect();
        assert_eq!(
            clauses[0].html(),
            "<p>The User may:</p><ol><li>ask for access;</li><li>ask for erasure;</li><li>withdraw consent.</li></ol>"
        );
        assert_eq!(
            clauses[0].text(),
            "The User may:\n\n1. ask for access;\n2. ask for erasure;\n3. withdraw consent."
        );
        assert_eq!(
            clauses[2].text(),
            "Write to us:\n\n3. by mail;\n4. by phone."
        );
        assert_eq!(document.findings, [], "{file}");
    }
}

#[test]
fn a_list_may_reach_the_number_of_the_next_section() {
    let text = "T\n1. Data\n1.1. The User may:\n1. ask;\n2. withdraw.\n2. Contacts\n2.1. The Publisher may:\n1. ask;\n2. answer;\n3. refuse.\n3. Rights\n3.1. x";
    let document = read("p.en.txt", text);
    assert_eq!(
        outline(&document),
        (
            vec![
                "1: Data".to_owned(),
                "2: Contacts".to_owned(),
                "3: Rights".to_owned()
            ],
            vec!["1.1", "2.1", "3.1"]
        )
    );
}

#[test]
fn a_wrapped_text_is_one_paragraph() {
    let text = "Privacy policy\n\n1. Data\n\n1.1. The Publisher keeps the data of the account for the term named in clause\n2.1. of this Policy and destroys it afterwards.\n\n1.2. The User may withdraw consent in the settings of the widget, or as said in\n2. Rights, by letter.\n\n2. Rights\n\n2.1. The term is 30 days, as long as nothing else is agreed upon in writing with\nthe User, whose consent to it may be given by letter to the mailbox of the\nPublisher or to the address of its office. A letter is answered within\n10 days.\n";
    for file in ["p.en.txt", "p.en.md"] {
        let document = read(file, text);
        assert_eq!(
            outline(&document),
            (
                vec!["1: Data".to_owned(), "2: Rights".to_owned()],
                vec!["1.1", "1.2", "2.1"]
            ),
            "{file}"
        );
        let texts: Vec<String> = document.clauses().map(Clause::text).collect();
        assert!(
            texts.iter().all(|text| !text.contains('\n')),
            "{file}: {texts:?}"
        );
        assert!(
            texts[0].contains("named in clause 2.1. of this Policy"),
            "{file}"
        );
        assert!(
            texts[1].ends_with("or as said in 2. Rights, by letter."),
            "{file}"
        );
        assert!(
            texts[2].ends_with("is answered within 10 days."),
            "{file}: {}",
            texts[2]
        );
        assert_eq!(document.findings, [], "{file}");
    }
}

#[test]
fn a_text_that_is_set_in_and_wrapped_is_read_too() {
    let text = "Политика обработки данных\n\n1.   Общие положения\n\n     1.1.   Настоящая политика определяет порядок обработки персональных\n     данных и меры по обеспечению их безопасности, предпринимаемые\n     Оператором.\n\n     1.2.   Оператор отвечает на обращения в письменном виде не позднее\n     10 рабочих дней.\n\n2.   Права\n\n     2.1.   Пользователь вправе:\n            а) запросить данные;\n            б) отозвать согласие по основаниям, названным в пункте\n            1.2. настоящей Политики.\n";
    let document = read("p.ru.txt", text);
    assert_eq!(outline(&document).1, ["1.1", "1.2", "2.1"]);
    let texts: Vec<String> = document.clauses().map(Clause::text).collect();
    assert!(
        texts[0]
            .ends_with("данных и меры по обеспечению их безопасности, предпринимаемые Оператором.")
    );
    assert!(texts[1].ends_with("не позднее 10 рабочих дней."));
    assert_eq!(
        texts[2],
        "Пользователь вправе:\n\nа) запросить данные;\n\nб) отозвать согласие по основаниям, названным в пункте 1.2. настоящей Политики."
    );
    assert_eq!(document.findings, []);
}

#[test]
fn lines_that_were_not_wrapped_stay_paragraphs() {
    let text = "T\n1. Data\n1.1.\nThe first paragraph of this clause says something at some length, as they do.\nThe second paragraph is another one.\nThe third, too, is one of its own and says a little more than the second one.\n1.2. x";
    let document = read("p.en.txt", text);
    assert_eq!(
        document
            .clauses()
            .next()
            .unwrap()
            .html()
            .matches("<p>")
            .count(),
        3
    );
}

#[test]
fn what_hides_a_number_is_told_and_hides_none() {
    let text = "# Policy\n\n## 1. Data\n\n1.1. We keep your name.\n\n1.2.\u{200b} We keep your e-mail.\n\n1.3.\u{a0}We keep your phone.\n\n- **1.4.** We keep your position.\n\n1.5. Nothing else.\n";
    let document = read("p.en.md", text);
    assert_eq!(outline(&document).1, ["1.1", "1.2", "1.3", "1.4", "1.5"]);
    assert_eq!(
        rules(&document.findings),
        [(Rule::Markup, Some("1.2"), Some(7))]
    );
    assert!(document.findings[0].message.contains("U+200B"));
}

#[test]
fn a_number_that_opens_nothing_and_a_gap_are_told() {
    for (file, text, no, line) in [
        ("p.en.txt", "T\n1. A\n1.1. x\n1.3. y", "1.3", 4),
        (
            "p.en.txt",
            "T\n1. A\n1.1 x\n1.3 Words of a clause",
            "1.3",
            4,
        ),
        ("p.en.md", "## 1. A\n\n1.1. x\n\n> 1.2. quoted\n", "1.2", 5),
        (
            "p.en.md",
            "## 1. A\n\n1.1. x\n\n| a | b |\n|---|---|\n| 1.2. | y |\n",
            "1.2",
            7,
        ),
        (
            "p.en.md",
            "## 1. A\n\n1.1. x\n\n## 3. B\n\n3.1. y\n",
            "3",
            5,
        ),
    ] {
        let document = read(file, text);
        assert_eq!(
            rules(&document.findings),
            [(Rule::ClauseNumber, Some(no), Some(line))],
            "{text}"
        );
    }
    for text in [
        "T\n1. A\n1.1. x\n1.5 million people\n1.2. y",
        "T\n1. A\n1.1. We keep it for\n1.5 years.\n1.2. y",
    ] {
        assert_eq!(read("p.en.txt", text).findings, [], "{text}");
    }
}

#[test]
fn what_has_no_sections_is_one_without_a_number() {
    let text = "Just some words.\n\nAnd more of them.\n";
    let document = read("p.en.txt", text);
    assert_eq!(
        rules(&document.findings),
        [(Rule::ClauseNumber, None, None)]
    );
    assert_eq!(
        (document.sections.len(), document.sections[0].no.as_str()),
        (1, "")
    );
    let verbatim = document.clone().into_text(true);
    assert_eq!(verbatim.shown, text.as_bytes());
    assert_eq!(
        document.sections[0].preamble_html(),
        "<p>And more of them.</p>"
    );
}

#[test]
fn clauses_without_a_section_are_told_and_read() {
    let document = read("p.en.txt", "T\n1.1. one\n1.2. two\n2.1. three");
    assert_eq!(outline(&document).1, ["1.1", "1.2", "2.1"]);
    assert_eq!(document.findings[0].rule, Rule::ClauseNumber);
}
