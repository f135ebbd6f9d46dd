//! Rules of `i18n/*.json`.

use super::*;

const EN: &str = "i18n/en.json";
const RU: &str = "i18n/ru.json";

#[test]
fn every_promised_language_is_there() {
    only_error(&good().without(RU), "manifest.json", 9, "i18n-missing");
}

#[test]
fn no_other_language_is() {
    only_error(
        &good().with("i18n/es.json", ENGLISH),
        "i18n/es.json",
        1,
        "i18n-extra",
    );
}

#[test]
fn texts_are_strict_json() {
    only_error(
        &with(EN, "\"key\": \"Key\",", "\"key\": \"Key\""),
        EN,
        10,
        "i18n-json",
    );
    only_error(&good().with(RU, "[]\n"), RU, 1, "i18n-json");
}

#[test]
fn all_languages_have_the_same_keys() {
    let finding = only_error(
        &with(
            RU,
            "\"key\": \"Key\",",
            "\"key\": \"Key\", \"more\": \"x\",",
        ),
        EN,
        8,
        "i18n-keys",
    );
    assert!(finding.message.contains("settings.more") && finding.message.contains(RU));
}

#[test]
fn what_stands_under_a_key_is_the_widgets_business() {
    let both = |en: &str, ru: &str| {
        with(RU, "\"advanced\": {", &format!("{ru},\n  \"advanced\": {{")).with(
            EN,
            ENGLISH.replace("\"advanced\": {", &format!("{en},\n  \"advanced\": {{")),
        )
    };
    for (en, ru) in [
        ("\"count\": \"one\"", "\"count\": 1"),
        ("\"months\": [\"Jan\", \"Feb\"]", "\"months\": [\"янв\"]"),
        ("\"none\": null", "\"none\": false"),
    ] {
        assert_eq!(check(&both(en, ru)), [], "{en} {ru}");
    }
    let list = with(EN, "\"name\": \"Parcels\"", "\"name\": [\"Parcels\"]");
    only_error(&list, "manifest.json", 3, "i18n-unresolved");
}

#[test]
fn a_group_in_one_language_is_no_text_in_another() {
    let folder = with(RU, "\"key\": \"Key\"", "\"key\": { \"a\": \"b\" }");
    let rules: Vec<&str> = check(&folder).iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["i18n-keys", "i18n-keys", "i18n-unresolved"]);
}

#[test]
fn what_the_manifest_names_exists_in_every_language() {
    let folder = with("manifest.json", "\"settings.key\"", "\"settings.password\"");
    let findings = found(&folder);
    let expected = (
        "manifest.json".to_owned(),
        31,
        "i18n-unresolved",
        Severity::Error,
    );
    assert_eq!(findings, [expected.clone(), expected]);
    only_error(
        &with(EN, "\"title\": \"Parcels\"", "\"title\": \" \""),
        "manifest.json",
        42,
        "i18n-unresolved",
    );
}

#[test]
fn russian_stays_in_the_russian_file() {
    only_error(
        &with(EN, "\"key\": \"Key\"", "\"key\": \"Ключ\""),
        EN,
        9,
        "i18n-russian",
    );
    only_error(
        &with(EN, "\"key\": \"Key\"", "\"key\": \"See docs.shop.ru/key\""),
        EN,
        9,
        "i18n-ru-link",
    );
    assert_eq!(
        check(&with(
            EN,
            "\"key\": \"Key\"",
            "\"key\": \"The .ru zone, www.ruby.org, a.run\""
        )),
        []
    );
    assert_eq!(
        check(&with(RU, "\"key\": \"Key\"", "\"key\": \"Ключ: shop.ru\"")),
        []
    );
}

#[test]
fn texts_fit_the_marketplace() {
    for (from, to, line) in [
        (
            "\"name\": \"Parcels\"",
            "\"name\": \"Parcels and letters and all the rest\"",
            3,
        ),
        (
            "\"name\": \"Parcels\"",
            "\"name\": \"Parcelsandlettersandmore\"",
            3,
        ),
        ("Parcels in cards", &"many words ".repeat(5), 5),
        ("Shows where", &"very ".repeat(80), 4),
    ] {
        only_warning(&with(EN, from, to), EN, line, "i18n-length");
    }
}

#[test]
fn kommos_limits_are_for_kommos_languages() {
    let long = "\"name\": \"Посылки и письма и вообще всё остальное\"";
    assert_eq!(check(&with(RU, "\"name\": \"Посылки\"", long)), []);
    let russian = with("manifest.json", "\"en\", \"ru\"]", "\"ru\"]");
    let manifest = russian
        .text("manifest.json")
        .unwrap()
        .replace("\"en\": [\"/images/tour_en.png\"],\n", "");
    let russian = russian
        .clone()
        .with("manifest.json", manifest)
        .with(
            RU,
            good()
                .text(RU)
                .unwrap()
                .replace("\"name\": \"Посылки\"", long),
        )
        .without(EN)
        .without("images/tour_en.png");
    assert_eq!(check(&russian), []);
    let script = russian
        .text("script.js")
        .unwrap()
        .replace("return this;", "console.debug(1); return this;");
    assert_eq!(
        check(&russian.with("script.js", script)),
        [],
        "amoCRM allows it"
    );
}

#[test]
fn the_name_is_not_the_vendors() {
    only_error(
        &with(
            EN,
            "\"name\": \"Parcels\"",
            "\"name\": \"Parcels for Kommo\"",
        ),
        EN,
        3,
        "i18n-vendor-name",
    );
    only_error(
        &with(RU, "\"name\": \"Посылки\"", "\"name\": \"Посылки amoCRM\""),
        RU,
        3,
        "i18n-vendor-name",
    );
}
