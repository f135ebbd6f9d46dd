//! The rules of `policy check` on whole texts: what is true is found, what is right is left alone.

use super::*;
use crate::domain::facts::Facts;
use crate::domain::starter::{self, Identity};

/// A text in our own words with one slip per rule, of the kind real texts have.
const SLIPS: &str = "A policy with slips\n\
    1. Words\n\
    1.1.\n\
    Holder – a state body or one of the legal entities that decide about personal data.\n\
    1.2.\n\
    This policy applies only to the site https://shop.example.\n\
    2. Data\n\
    2.1.\n\
    The user gives the data by filling out a form and by installing products.\n\
    2.2.\n\
    The data are processed without time limit in any lawful way.\n\
    2.3.\n\
    In case of loss of the data the holder informs the user about it.\n\
    2.4.\n\
    As clause 7.7 says.\n\
    2.5.\n\
    сведения получены из открытых источников";

const WHO: Identity<'_> = Identity {
    name: Some("Rose Widgets"),
    legal_form: Some("individual entrepreneur"),
    tax_number: Some("123"),
    address: Some("Bishkek"),
    site: Some("https://shop.example"),
    mailbox: Some("help@shop.example"),
};

fn facts() -> Facts {
    Facts::parse(Facts::STARTER).unwrap()
}

fn starter() -> Vec<(String, Document)> {
    starter::FILES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), read(name, &starter::fill(text, &WHO))))
        .collect()
}

fn sorted(findings: &[Finding]) -> Vec<(Rule, Option<&str>)> {
    let mut found: Vec<_> = findings
        .iter()
        .map(|f| (f.rule, f.clause.as_deref()))
        .collect();
    found.sort();
    found
}

#[test]
fn each_slip_is_found_once_and_nothing_else() {
    let files = [("p.en.txt".to_owned(), read("p.en.txt", SLIPS))];
    assert_eq!(
        sorted(&lint::check(&files)),
        [
            (Rule::Language, Some("2.5")),
            (Rule::Reference, Some("2.4")),
            (Rule::Scope, Some("1.2")),
            (Rule::Unlimited, Some("2.2")),
            (Rule::Deadline, Some("2.3")),
        ]
    );
    assert_eq!(
        sorted(&lint::check_against(&files, &facts(), &WHO)),
        [(Rule::Holder, Some("1.1")), (Rule::Facts, None)]
    );
}

#[test]
fn a_company_is_no_entrepreneur() {
    let files = [("p.en.txt".to_owned(), read("p.en.txt", SLIPS))];
    for (form, found) in [
        ("individual entrepreneur", true),
        ("индивидуальный предприниматель", true),
        ("limited liability company", false),
    ] {
        let who = Identity {
            legal_form: Some(form),
            ..WHO
        };
        let findings = lint::check_against(&files, &facts(), &who);
        assert_eq!(
            findings.iter().any(|f| f.rule == Rule::Holder),
            found,
            "{form}"
        );
    }
}

#[test]
fn the_starter_and_its_facts_are_right_in_every_way() {
    let files = starter();
    assert_eq!(lint::check(&files), []);
    assert_eq!(lint::check_against(&files, &facts(), &WHO), []);
}

#[test]
fn an_unknown_publisher_is_told_by_the_variables_to_set() {
    let findings = lint::check_against(&starter(), &facts(), &Identity::default());
    assert_eq!(sorted(&findings), [(Rule::Holder, None)]);
    assert!(findings[0].message.contains("ACCORD_PUBLISHER_NAME"));
    assert!(!findings[0].is_error());
}

#[test]
fn a_purpose_the_text_does_not_have_is_found() {
    let mut facts = facts();
    facts.purposes[0].code = "5.2.9".to_owned();
    let findings = lint::check_against(&starter(), &facts, &WHO);
    assert!(findings.iter().all(|f| f.rule == Rule::Facts));
    assert!(findings.iter().any(|f| f.message.contains("5.2.9")));
    let unknown = findings.iter().find(|f| f.message.contains("5.2.1"));
    let unknown = unknown.unwrap();
    assert!(unknown.clause.as_deref() == Some("5.2.1") && unknown.line.is_some());
}

#[test]
fn what_is_collected_without_a_purpose_is_found() {
    let mut facts = facts();
    for purpose in &mut facts.purposes {
        purpose.categories.remove("phone");
    }
    let findings = lint::check_against(&starter(), &facts, &WHO);
    assert_eq!(sorted(&findings), [(Rule::Facts, None)]);
    assert!(findings[0].message.ends_with("names: phone"));
    // One purpose is enough.
    facts.purposes[0].categories.insert("phone".to_owned());
    assert_eq!(lint::check_against(&starter(), &facts, &WHO), []);
}

#[test]
fn whoever_gets_data_is_named_in_the_text() {
    let mut facts = facts();
    facts.purposes[2].recipients.insert("Mail Ltd".to_owned());
    let findings = lint::check_against(&starter(), &facts, &WHO);
    assert_eq!(sorted(&findings), [(Rule::Facts, Some("5.2.3"))]);
    assert!(findings[0].line.is_some() && findings[0].message.ends_with("mention: Mail Ltd"));
    // In the letters of one language, in any case.
    let mut files = starter();
    let russian = starter::FILES[1]
        .1
        .replacen("5.2.3. ", "5.2.3. (MAIL LTD) ", 1);
    files[1].1 = read("starter.ru.md", &starter::fill(&russian, &WHO));
    assert_eq!(lint::check_against(&files, &facts, &WHO), []);
}

#[test]
fn facts_without_an_end_are_none() {
    for (end, told) in [
        (
            r#"retention = { event = "uninstall", period = "unlimited" }"#,
            "no finite period",
        ),
        ("", "retention"),
    ] {
        let limit = r#"retention = { event = "uninstall", period = "P30D" }"#;
        let faults = Facts::parse(&Facts::STARTER.replacen(limit, end, 1)).unwrap_err();
        let finding = lint::unusable_facts("p.en.md", &faults[0]);
        assert!(
            finding.is_error() && finding.message.contains(told),
            "{finding}"
        );
    }
}

#[test]
fn a_clause_taken_out_of_one_language_is_missed() {
    let mut files = starter();
    files[1].1.sections[11].clauses.pop();
    assert_eq!(
        sorted(&lint::check(&files)),
        [(Rule::ClauseTrees, Some("12.5"))]
    );
}

#[test]
fn the_examples_of_the_guide_are_right() {
    let guide = include_str!("../../../../docs/policy-files.md");
    let example = |kind: &str| {
        let (_, rest) = guide.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    let plain = read("policy.en.txt", &example("text"));
    let markdown = read("policy.md", &example("markdown"));
    assert_eq!((plain.number, plain.clause_count()), (Some(3), 3));
    assert_eq!((markdown.number, markdown.clause_count()), (Some(3), 2));
    assert_eq!(plain.title, markdown.title);
    for document in [plain, markdown] {
        assert_eq!(lint::check(&[("p".to_owned(), document)]), []);
    }
    assert_eq!(
        Facts::parse(&example("toml")).unwrap().granted(true),
        ["5.2.3"]
    );
}
