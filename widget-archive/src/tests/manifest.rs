//! Rules of `manifest.json`.

use super::*;

const FILE: &str = "manifest.json";

fn line_of(text: &str) -> usize {
    1 + MANIFEST
        .lines()
        .position(|line| line.contains(text))
        .unwrap()
}

#[test]
fn json_is_strict() {
    only_error(
        &with(FILE, "\"widget\": {", "// basics\n  \"widget\": {"),
        FILE,
        2,
        "manifest-json",
    );
    only_error(
        &with(FILE, "\"init_once\": false,", "\"version\": \"1.0.1\","),
        FILE,
        8,
        "manifest-json",
    );
    only_error(
        &with(
            FILE,
            "\"title\": \"advanced.title\"",
            "\"title\": \"advanced.title\",",
        ),
        FILE,
        line_of("advanced.title") + 1,
        "manifest-json",
    );
}

#[test]
fn required_fields_are_there_and_of_the_right_type() {
    for (from, to, line) in [
        ("    \"name\": \"widget.name\",\n", "", 2),
        ("\"widget.description\"", "\"Shows where a parcel is\"", 4),
        ("\"interface_version\": 2", "\"interface_version\": 1", 7),
        ("\"locale\": [\"en\", \"ru\"]", "\"locale\": \"en\"", 9),
        ("\"installation\": true", "\"installation\": \"yes\"", 10),
        ("    \"is_tour\": true,\n", "", line_of("\"tour\"")),
        (
            "\"is_tour\": true",
            "\"is_tour\": false",
            line_of("is_tour"),
        ),
        ("\"init_once\": false", "\"is_showcase\": true", 8),
        (
            "\"required\": true",
            "\"required\": 1",
            line_of("\"required\""),
        ),
        (
            "\"name\": \"settings.key\"",
            "\"name\": \"Your key\"",
            line_of("settings.key"),
        ),
    ] {
        let findings = found(&with(FILE, from, to));
        let expected = (FILE.to_owned(), line, "manifest-field", Severity::Error);
        assert!(findings.contains(&expected), "{from} -> {to}: {findings:?}");
    }
    only_error(
        &with(FILE, "\"interface_version\": 2", "\"interface_version\": 1"),
        FILE,
        7,
        "manifest-field",
    );
}

#[test]
fn a_missing_part_is_reported_once() {
    let start = MANIFEST.find("  \"tour\"").unwrap();
    let end = MANIFEST.find("  \"settings\": {").unwrap();
    let folder = good().with(FILE, [&MANIFEST[..start], &MANIFEST[end..]].concat());
    let findings = check(&folder);
    let fields: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.rule == "manifest-field")
        .collect();
    assert_eq!(fields.len(), 1, "{findings:#?}");
    assert!(fields[0].message.contains("\"tour\""));
    assert_eq!(
        fields[0].severity,
        Severity::Warning,
        "the vendors' pages differ"
    );
}

#[test]
fn an_installable_widget_has_settings() {
    let folder = with(FILE, "\"settings\": {", "\"fields\": {");
    only_error(&folder, FILE, 1, "manifest-field");
}

#[test]
fn the_version_is_three_numbers() {
    for bad in ["1.0", "v1.0.0", "1.0.0-rc1", "1..0", ""] {
        only_error(
            &with(FILE, "\"1.0.0\"", &format!("\"{bad}\"")),
            FILE,
            6,
            "manifest-version",
        );
    }
    only_warning(
        &with(FILE, "    \"version\": \"1.0.0\",\n", ""),
        FILE,
        2,
        "manifest-version",
    );
}

#[test]
fn languages_are_known_and_listed_once() {
    let french = with(FILE, "\"en\", \"ru\"]", "\"en\", \"ru\",\n \"fr\"]");
    assert!(found(&french).contains(&(FILE.to_owned(), 10, "manifest-locale", Severity::Error)));
    only_error(
        &with(FILE, "\"en\", \"ru\"]", "\"en\", \"ru\", \"en\"]"),
        FILE,
        9,
        "manifest-locale",
    );
}

#[test]
fn users_can_reach_somebody() {
    let line = line_of("\"link\"");
    only_error(
        &with(FILE, "https://shop.example/help", "shop.example"),
        FILE,
        line,
        "manifest-support",
    );
    only_error(
        &with(FILE, "help@shop.example", "help at shop"),
        FILE,
        line + 1,
        "manifest-support",
    );
    let nobody = with(FILE, "\"link\"", "\"phone\"");
    let nobody = nobody.clone().with(
        FILE,
        nobody.text(FILE).unwrap().replace("\"email\"", "\"fax\""),
    );
    only_error(&nobody, FILE, line - 1, "manifest-support");
}

#[test]
fn no_secret_is_in_the_archive() {
    only_error(
        &with(FILE, "\"init_once\": false", "\"secret_key\": \"s\""),
        FILE,
        8,
        "manifest-secret",
    );
    only_warning(
        &with(FILE, "\"init_once\": false", "\"code\": \"shop\""),
        FILE,
        8,
        "manifest-secret",
    );
}

#[test]
fn locations_are_known_and_exclude_each_other() {
    let line = line_of("lcard-1");
    for (to, line) in [
        ("\"lcard-2\"", line),
        ("\"board\"", line),
        ("\"everywhere-0\"", line),
        ("\"lcard-1\",\n    \"lcard-0\"", line + 1),
        ("\"lcard-1\",\n    \"lcard\"", line + 1),
    ] {
        only_error(
            &with(FILE, "\"lcard-1\"", to),
            FILE,
            line,
            "manifest-location",
        );
    }
    assert_eq!(
        check(&with(
            FILE,
            "\"lcard-1\"",
            "\"lcard\", \"ccard-0\", \"everywhere\", \"tline\""
        )),
        []
    );
}

#[test]
fn a_location_brings_its_part() {
    let line = line_of("lcard-1");
    for location in [
        "sms",
        "salesbot_designer",
        "widget_page",
        "amoforms",
        "card_sdk",
    ] {
        only_error(
            &with(FILE, "\"lcard-1\"", &format!("\"{location}\"")),
            FILE,
            line,
            "manifest-block",
        );
    }
    let findings = found(&with(FILE, "\"lcard-1\"", "\"mobile_card\""));
    assert_eq!(findings.len(), 2, "{findings:?}");
    let title = with(FILE, "\"title\"", "\"heading\"");
    only_error(
        &title,
        FILE,
        line_of("\"advanced_settings\""),
        "manifest-block",
    );
}

#[test]
fn a_part_without_its_location_is_left_over() {
    let folder = with(FILE, "    \"advanced_settings\",\n", "");
    only_warning(&folder, FILE, line_of("\"advanced\"") - 1, "manifest-block");
}

#[test]
fn a_pipeline_needs_its_fields_and_its_logo() {
    let folder = with(FILE, "\"lcard-1\"", "\"digital_pipeline\"");
    let rules: Vec<&str> = check(&folder).iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["logo-missing", "manifest-block", "manifest-block"]);
}

#[test]
fn field_types_are_those_the_platform_draws() {
    only_error(
        &with(FILE, "\"type\": \"text\"", "\"type\": \"checkbox\""),
        FILE,
        line_of("\"type\": \"text\""),
        "manifest-field-type",
    );
    only_error(
        &with(FILE, "      \"type\": \"text\",\n", ""),
        FILE,
        line_of("\"key\": {"),
        "manifest-field-type",
    );
}

#[test]
fn one_field_is_drawn_by_the_widget() {
    only_error(
        &with(FILE, "\"type\": \"text\"", "\"type\": \"custom\""),
        FILE,
        line_of("\"consent\""),
        "manifest-custom",
    );
    only_error(
        &with(FILE, "    \"settings\",\n", ""),
        FILE,
        line_of("\"consent\"") - 1,
        "manifest-custom",
    );
}
