//! The consent part in widgets of other shapes: it gets in, nothing gets worse, and a second
//! time there is nothing to do.

use super::super::{Audience, Backend, Plan, Refusal, add_consent, own_widget};
use super::*;

fn backend() -> Backend {
    Backend {
        url: "https://accord.example".to_owned(),
        product: "parcels".to_owned(),
    }
}

fn add(folder: &Folder) -> Result<Plan, Refusal> {
    add_consent(folder, Some(&backend()), None)
}

/// The good widget as somebody else would have it: without a page in Settings and without our field.
fn foreign() -> Folder {
    let start = MANIFEST.find(",\n    \"consent\": {").unwrap();
    let end = MANIFEST.find("\n  },\n  \"advanced\"").unwrap();
    let manifest = [&MANIFEST[..start], &MANIFEST[end..]].concat();
    let manifest = manifest
        .replace("    \"advanced_settings\",\n", "")
        .replace(
            ",\n  \"advanced\": {\n    \"title\": \"advanced.title\"\n  }",
            "",
        );
    let english = ENGLISH
        .replace(",\n    \"consent\": \"Consent\"", "")
        .replace(",\n  \"advanced\": {\n    \"title\": \"Parcels\"\n  }", "");
    good()
        .without("config.js")
        .with("manifest.json", manifest)
        .with("i18n/en.json", english.clone())
        .with("i18n/ru.json", english.replace("Parcels", "Посылки"))
        .with("script.js", SCRIPT.replace("'./config.js', ", ""))
}

/// Everything that has to be true of a widget with the consent part.
fn holds(folder: &Folder) -> (Folder, Plan) {
    let plan = add(folder).unwrap();
    let with_consent = plan.applied(folder.clone());
    let before = check(folder);
    let new: Vec<Finding> = check(&with_consent)
        .into_iter()
        .filter(|f| f.severity == Severity::Error)
        .filter(|f| {
            !before
                .iter()
                .any(|b| (&b.file, b.rule) == (&f.file, f.rule))
        })
        .collect();
    assert_eq!(new, [], "no new errors");
    let again = add(&with_consent).unwrap();
    assert_eq!(again.changes, [], "a second time there is nothing to do");
    for (path, bytes) in folder.iter() {
        let kept = with_consent.get(path).unwrap();
        let is_ours = ["manifest.json", "script.js"].contains(&path) || path.starts_with("i18n/");
        assert!(is_ours || kept == bytes, "{path} is not ours to change");
    }
    (with_consent, plan)
}

#[test]
fn a_widget_gets_all_it_needs() {
    assert_eq!(check(&foreign()), []);
    let (folder, plan) = holds(&foreign());
    assert_eq!(check(&folder), [], "not even a warning");
    assert_eq!(plan.notes, [] as [String; 0]);
    assert_eq!(Backend::configured(&folder), Some(backend()));
    for text in [
        "\"advanced_settings\"",
        "\"consent\": {",
        "\"required\": true",
        "\"advanced\": {",
    ] {
        assert!(
            folder.text("manifest.json").unwrap().contains(text),
            "{text}"
        );
    }
    for (language, title) in [("en", "Personal data"), ("ru", "Персональные данные")]
    {
        let texts = folder.text(&format!("i18n/{language}.json")).unwrap();
        assert!(
            texts.contains(title) && texts.contains("\"standing\": {"),
            "{texts}"
        );
    }
    assert!(folder.contains("consent/style.css") && folder.contains("consent/consent.js"));
    assert_eq!(folder.text("style.css"), Some(STYLE), "styles side by side");
}

#[test]
fn scripts_of_every_shape_are_taken() {
    for script in [
        "define(['jquery', './lib/parcels.js'], function ($, p) {\n  var CustomWidget = function () {\n    this.callbacks = { onSave: function () {} };\n    return this;\n  };\n  return CustomWidget;\n});\n",
        "define(['./lib/parcels.js'], (p) => class {\n  constructor() { this.callbacks = { onSave() {} }; }\n});\n",
        "define(['./lib/parcels.js'], function (p) { return function () { const self = this; self.callbacks = { 'onSave': () => true }; }; });",
        "(function (factory) {\n  define(['./lib/parcels.js'], factory);\n})(function (p) { return function () { this.callbacks = { onSave: f }; }; });\n",
        "window.Own = window.Own || {};\ndefine([\n  \"./lib/parcels.js\",\n], function (p) {\n  return function () { this.callbacks = { onSave: f }; };\n});\n",
    ] {
        let (folder, plan) = holds(&foreign().with("script.js", script));
        let changed = folder.text("script.js").unwrap();
        assert!(changed.contains("accord.pop().wrap("), "{changed}");
        assert_eq!(plan.notes, [] as [String; 0]);
    }
}

#[test]
fn a_script_that_is_not_understood_is_left_alone_and_the_lines_are_shown() {
    let script = "define(function (require) {\n  var p = require('./lib/parcels.js');\n  return function () { this.callbacks = { onSave: f }; };\n});\n";
    let (folder, plan) = holds_without_script(&foreign().with("script.js", script));
    assert_eq!(folder.text("script.js"), Some(script));
    let note = plan.notes.last().unwrap();
    for text in [
        "require()",
        "'./config.js', './consent/consent.js'",
        "accordConsent.around(",
    ] {
        assert!(note.contains(text), "{note}");
    }
}

/// As long as the lines are not put in by hand, nothing refers to the new modules.
fn holds_without_script(folder: &Folder) -> (Folder, Plan) {
    let plan = add(folder).unwrap();
    let with_consent = plan.applied(folder.clone());
    let new: Vec<Finding> = check(&with_consent)
        .into_iter()
        .filter(|f| f.severity == Severity::Error && f.rule != "file-unused")
        .collect();
    assert_eq!(new, []);
    assert!(add(&with_consent).unwrap().is_done());
    (with_consent, plan)
}

#[test]
fn line_ends_tabs_and_marks_stay() {
    let rough = |text: &str| text.replace("  ", "\t").replace('\n', "\r\n");
    let mut folder = foreign();
    for path in ["manifest.json", "i18n/en.json", "i18n/ru.json", "script.js"] {
        let text = rough(folder.text(path).unwrap());
        folder = folder.clone().with(path, text);
    }
    let marked = format!("\u{feff}{}", folder.text("i18n/en.json").unwrap());
    folder = folder.with("i18n/en.json", marked);
    let (changed, _) = holds(&folder);
    for path in ["manifest.json", "i18n/en.json", "script.js"] {
        let text = std::str::from_utf8(changed.get(path).unwrap()).unwrap();
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{path}"
        );
        assert!(!text.contains("\n  "), "{path} is indented by tabs");
    }
    assert!(
        changed
            .get("i18n/en.json")
            .unwrap()
            .starts_with("\u{feff}".as_bytes())
    );
}

#[test]
fn languages_without_our_words_get_the_english_ones_and_that_is_said() {
    let manifest = foreign()
        .text("manifest.json")
        .unwrap()
        .replace("\"ru\"]", "\"tr\", \"pt\"]");
    let english = foreign().text("i18n/en.json").unwrap().to_owned();
    let folder = foreign()
        .without("i18n/ru.json")
        .with("manifest.json", manifest)
        .with("i18n/tr.json", english.clone())
        .with("i18n/pt.json", english.clone())
        .with("i18n/es.json", english);
    let (changed, plan) = holds(&folder);
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
    assert!(plan.notes[0].contains("i18n/tr.json"), "{}", plan.notes[0]);
    let words = |language: &str| {
        changed
            .text(&format!("i18n/{language}.json"))
            .unwrap()
            .to_owned()
    };
    assert!(words("tr").contains("One moment") && !words("pt").contains("One moment"));
    assert!(
        words("es").contains("\"accord\""),
        "also where the manifest does not promise it"
    );
}

#[test]
fn what_the_widget_has_stays_the_widgets() {
    let (folder, _) = holds(
        &foreign()
            .with("config.js", "define({ colour: 'red' });\n")
            .with("script.js", SCRIPT),
    );
    assert_eq!(
        folder.text("config.js"),
        Some("define({ colour: 'red' });\n")
    );
    assert!(
        folder
            .text("script.js")
            .unwrap()
            .contains("'./consent/config.js'")
    );
    assert_eq!(Backend::configured(&folder), Some(backend()));

    let manifest = foreign().text("manifest.json").unwrap().replace(
        "\"settings\": {",
        "\"settings\": {\n    \"data\": { \"name\": \"settings.key\", \"type\": \"custom\" },",
    );
    let (folder, plan) = holds(&foreign().with("manifest.json", manifest));
    assert!(folder.text("config.js").unwrap().contains("field: null,"));
    assert!(
        !folder
            .text("manifest.json")
            .unwrap()
            .contains("\"consent\"")
    );
    assert!(
        plan.notes[0].contains("amoCRM keeps only one"),
        "{:?}",
        plan.notes
    );

    let own_words = foreign().text("i18n/en.json").unwrap().replace(
        "\"settings\": {",
        "\"accord\": { \"common\": { \"retry\": \"Once more\" } },\n  \"settings\": {\n    \"consent\": \"Mine\",",
    );
    let (folder, _) = holds(&foreign().with("i18n/en.json", own_words));
    let texts = folder.text("i18n/en.json").unwrap();
    assert!(
        texts.contains("Once more") && texts.contains("Mine") && texts.contains("\"checkAgain\"")
    );
}

#[test]
fn a_page_of_its_own_keeps_its_title() {
    let manifest = foreign()
        .text("manifest.json")
        .unwrap()
        .replace("\"lcard-1\"", "\"lcard-1\", \"advanced_settings\"")
        .replace(
            "\"tour\": {",
            "\"advanced\": { \"title\": \"widget.name\" },\n  \"tour\": {",
        );
    let (folder, plan) = holds(&foreign().with("manifest.json", manifest));
    assert!(
        folder
            .text("manifest.json")
            .unwrap()
            .contains("\"title\": \"widget.name\"")
    );
    assert!(
        !folder
            .text("i18n/en.json")
            .unwrap()
            .contains("\"advanced\"")
    );
    assert!(plan.notes[0].contains("below it"), "{:?}", plan.notes);
}

#[test]
fn support_is_asked_for_where_there_is_none() {
    let start = MANIFEST.find(",\n    \"support\"").unwrap();
    let end = start + MANIFEST[start..].find("}\n  },").unwrap() + 1;
    let support = &MANIFEST[start..end];
    let folder = foreign().with(
        "manifest.json",
        foreign()
            .text("manifest.json")
            .unwrap()
            .replace(support, ""),
    );
    let (_, plan) = holds(&folder);
    assert!(plan.notes[0].contains("--support"), "{:?}", plan.notes);
    let plan = add_consent(&folder, None, Some("help@shop.example")).unwrap();
    assert!(plan.notes[0].contains("--backend"), "{:?}", plan.notes);
    let manifest = plan.applied(folder);
    assert!(
        manifest
            .text("manifest.json")
            .unwrap()
            .contains("\"email\": \"help@shop.example\"")
    );
}

#[test]
fn what_cannot_be_done_is_refused_with_file_and_line() {
    let commented = foreign()
        .text("manifest.json")
        .unwrap()
        .replacen('\n', "\n  // basics\n", 1);
    for (folder, file, line, word) in [
        (
            foreign().with("manifest.json", commented),
            "manifest.json",
            2,
            "strict JSON",
        ),
        (
            foreign().without("manifest.json"),
            "manifest.json",
            1,
            "no such file",
        ),
        (
            foreign().with("i18n/en.json", "{"),
            "i18n/en.json",
            1,
            "strict JSON",
        ),
        (
            foreign().with("manifest.json", "{\n\"locations\": {}\n}"),
            "manifest.json",
            2,
            "\"locations\" is in the way",
        ),
        (
            foreign().with("i18n/ru.json", "{\n\"settings\": \"x\"\n}"),
            "i18n/ru.json",
            2,
            "\"settings\"",
        ),
        (
            foreign().with("consent/form.js", "x"),
            "consent/form.js",
            1,
            "own",
        ),
    ] {
        let refusal = add(&folder).unwrap_err();
        assert_eq!(
            (refusal.file.as_str(), refusal.line),
            (file, line),
            "{refusal:?}"
        );
        assert!(refusal.message.contains(word), "{refusal:?}");
    }
}

#[test]
fn an_older_copy_is_brought_up_to_date() {
    let (folder, _) = holds(&foreign());
    let older = folder
        .clone()
        .with("consent/dom.js", "define({});\n")
        .without("consent/keep.js");
    let plan = add(&older).unwrap();
    let paths: Vec<&str> = plan
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(paths, ["consent/dom.js", "consent/keep.js"]);
    assert_eq!(plan.applied(older), folder);
}

#[test]
fn our_own_widget_has_it() {
    let folder = own_widget();
    assert!(super::super::check(&folder, Audience::Marketplace).is_empty());
    assert!(add_consent(&folder, None, None).unwrap().is_done());
}
