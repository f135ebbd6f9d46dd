//! The commands as somebody types them.

use clap::Parser;
use serde_json::Value;

use super::*;

const WIDGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/widget");

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    widget: WidgetArgs,
}

fn accord_widget(words: &[&str]) -> anyhow::Result<(bool, String)> {
    accord_widget_with_remarks(words).map(|(accepted, out, _)| (accepted, out))
}

fn accord_widget_with_remarks(words: &[&str]) -> anyhow::Result<(bool, String, String)> {
    let line = Line::try_parse_from(["widget"].iter().chain(words))?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let accepted = run(line.widget, &mut out, &mut err)?;
    Ok((accepted, String::from_utf8(out)?, String::from_utf8(err)?))
}

#[test]
fn our_own_widget_is_packed_for_another_publisher_and_checked_again() {
    let target = std::env::temp_dir().join(format!("accord-widget-{}.zip", std::process::id()));
    let archive = target.to_str().unwrap();
    let words = [
        "pack",
        WIDGET,
        "--out",
        archive,
        "--backend",
        "https://w.example/",
        "--product",
        "parcels",
        "--json",
    ];

    let (accepted, packed) = accord_widget(&words).unwrap();
    let (good, checked) = accord_widget(&["check", archive, "--json"]).unwrap();
    let folder = open(&target).unwrap();
    fs::remove_file(&target).unwrap();

    assert!(accepted && good);
    assert_eq!(
        serde_json::from_str::<Value>(&packed).unwrap()["archive"],
        archive
    );
    assert_eq!(
        serde_json::from_str::<Value>(&checked).unwrap(),
        json!({ "findings": [] })
    );
    let configured = Backend::configured(&folder).unwrap();
    assert_eq!(
        (configured.url.as_str(), configured.product.as_str()),
        ("https://w.example", "parcels")
    );
}

/// A folder of its own with the files of a widget.
fn folder_of(files: &Folder) -> tempfile::TempDir {
    let place = tempfile::TempDir::new().unwrap();
    for (path, bytes) in files.iter() {
        let file = place.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    place
}

/// A widget that somebody has already, in spite of what moderators would say.
fn foreign() -> Folder {
    let own = widget_archive::own_widget();
    let logos = own
        .iter()
        .filter(|(path, _)| path.starts_with("images/logo"));
    let folder = logos.fold(Folder::default(), |folder, (path, bytes)| {
        folder.with(path, bytes)
    });
    folder
        .with("manifest.json", r#"{
  "widget": {
    "name": "widget.name", "description": "widget.name", "short_description": "widget.name",
    "version": "1.0.0", "interface_version": 2, "locale": ["en"], "installation": true
  },
  "locations": ["lcard-1"],
  "settings": { "key": { "name": "widget.name", "type": "text", "required": true } }
}
"#)
        .with("i18n/en.json", "{ \"widget\": { \"name\": \"Parcels\" } }\n")
        .with("script.js", "define(['jquery'], function ($) {\n  return function () { this.callbacks = { onSave() { console.log(1); return true; } }; };\n});\n")
}

#[test]
fn a_bad_folder_is_told_in_text_and_in_json() {
    let place = folder_of(&Folder::default().with("script.js", "define(eval('1'));\n"));
    let dir = place.path().to_str().unwrap();
    let archive = place.path().join("never.zip");
    let (accepted, text) = accord_widget(&["check", dir]).unwrap();
    assert!(!accepted);
    assert!(
        text.contains("manifest.json:1: file-missing: ") && text.contains("script.js:1: js-eval: "),
        "{text}"
    );
    let (accepted, json) = accord_widget(&["check", dir, "--json"]).unwrap();
    assert!(!accepted);
    let told: Value = serde_json::from_str(&json).unwrap();
    let first = told["findings"][0].as_object().unwrap();
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(keys, ["file", "line", "message", "rule", "severity"]);
    assert_eq!(
        (&first["line"], &first["severity"]),
        (&json!(1), &json!("error"))
    );
    let (accepted, packed) =
        accord_widget(&["pack", dir, "--out", archive.to_str().unwrap()]).unwrap();
    assert!(!accepted && packed == text && !archive.exists(), "{packed}");
}

#[test]
fn pack_says_what_it_leaves_out_and_what_it_overrides() {
    let place = folder_of(&foreign().with(".git/HEAD", "x").with("README.md", "x"));
    let dir = place.path().to_str().unwrap();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let archive = elsewhere.path().join("widget.zip");
    let words = ["pack", dir, "--out", archive.to_str().unwrap()];

    let (refused, _, _) = accord_widget_with_remarks(&words).unwrap();
    assert!(!refused && !archive.exists());

    let forced = [&words[..], &["--force"]].concat();
    let (packed, out, remarks) = accord_widget_with_remarks(&forced).unwrap();
    assert!(packed && out.lines().count() == 1, "{out}");
    for line in [
        "left out .git: hidden files are made by tools, not for the widget",
        "left out README.md: documents of the repository are for developers",
        "packed in spite of script.js:2: js-console: ",
    ] {
        assert!(remarks.contains(line), "{remarks}");
    }
    let first = fs::read(&archive).unwrap();
    let folder = open(&archive).unwrap();
    assert!(
        folder.iter().eq(foreign().iter()),
        "the widget and nothing else"
    );

    let private = [&words[..], &["--private", "--json"]].concat();
    let (packed, out, remarks) = accord_widget_with_remarks(&private).unwrap();
    assert!(packed && !remarks.contains("in spite of"), "{remarks}");
    assert_eq!(
        fs::read(&archive).unwrap(),
        first,
        "the same folder, the same bytes"
    );
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["left_out"], json!([".git", "README.md"]));
    assert!(accord_widget(&["check", dir, "--private"]).unwrap().0);
}

#[test]
fn one_option_keeps_the_other_value() {
    let folder = Folder::default().with(
        "config.js",
        "define({ backend: 'https://a.example', product: 'one' });",
    );
    let chosen = |product: Option<&str>| BackendArgs {
        backend: None,
        product: product.map(str::to_owned),
    };
    let only_product = chosen(Some("two")).chosen(&folder, None).unwrap().unwrap();
    assert_eq!(
        (only_product.url.as_str(), only_product.product.as_str()),
        ("https://a.example", "two")
    );
    assert_eq!(chosen(None).chosen(&folder, None).unwrap(), None);
    assert!(
        chosen(Some("two"))
            .chosen(&Folder::default(), None)
            .is_err()
    );
}

#[test]
fn a_new_widget_is_complete() {
    let place = tempfile::TempDir::new().unwrap();
    let dir = place.path().join("mine");
    let dir = dir.to_str().unwrap();
    let words = [
        "new",
        dir,
        "--backend",
        "https://w.example",
        "--product",
        "parcels",
    ];
    assert!(accord_widget(&words).unwrap().0);
    let (good, told) = accord_widget(&["check", dir, "--json"]).unwrap();
    assert!(good);
    assert_eq!(
        serde_json::from_str::<Value>(&told).unwrap(),
        json!({ "findings": [] })
    );
    let configured = Backend::configured(&open(Path::new(dir)).unwrap()).unwrap();
    assert_eq!(
        (configured.url.as_str(), configured.product.as_str()),
        ("https://w.example", "parcels")
    );
    let again = accord_widget(&words).unwrap_err().to_string();
    assert!(again.contains("add-consent"), "{again}");
    assert!(
        accord_widget(&["add-consent", dir])
            .unwrap()
            .1
            .contains("nothing to change")
    );
}

#[test]
fn the_consent_part_is_shown_first_and_put_in_then() {
    let place = folder_of(&foreign());
    let dir = place.path().to_str().unwrap();
    let options = [
        "--backend",
        "https://w.example",
        "--product",
        "parcels",
        "--support",
        "help@w.example",
    ];
    let add = [&["add-consent", dir][..], &options].concat();

    let (_, shown) = accord_widget(&[&add[..], &["--dry-run"]].concat()).unwrap();
    for text in [
        "new      consent/consent.js (",
        "changed  manifest.json\n",
        "-  \"locations\": [\"lcard-1\"],\n",
        "+  \"locations\": [\"lcard-1\", \"settings\", \"advanced_settings\"],\n",
        "+      \"email\": \"help@w.example\"",
        "+define(['jquery', './config.js', './consent/consent.js'], (...accord) => accord.pop().wrap(function ($) {",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    assert!(
        open(place.path()).unwrap().iter().eq(foreign().iter()),
        "a dry run writes nothing"
    );

    let (_, done) = accord_widget(&add).unwrap();
    assert!(
        done.contains("changed  script.js") && !done.contains("+define"),
        "{done}"
    );
    let after = open(place.path()).unwrap();
    assert!(after.contains("consent/consent.js"));
    assert!(accord_widget(&["check", dir, "--private"]).unwrap().0);
    assert!(accord_widget(&add).unwrap().1.contains("nothing to change"));
    assert_eq!(open(place.path()).unwrap(), after);
}

#[test]
fn a_folder_that_cannot_be_changed_stays_as_it_was() {
    let commented = foreign().with("manifest.json", "{\n// notes\n}\n");
    let place = folder_of(&commented);
    let refusal = accord_widget(&["add-consent", place.path().to_str().unwrap()]).unwrap_err();
    assert!(
        refusal
            .to_string()
            .starts_with("manifest.json:2: this is not strict JSON"),
        "{refusal}"
    );
    assert!(open(place.path()).unwrap().iter().eq(commented.iter()));
    assert!(accord_widget(&["add-consent", "/nowhere/at/all"]).is_err());
}

#[test]
fn wrong_options_are_wrong_usage() {
    for wrong in [
        "http://w.example",
        "ftp://w.example",
        "w.example",
        "https://u:p@w.example",
        "https://w.example/?a=b",
    ] {
        assert!(
            accord_widget(&["pack", WIDGET, "--out", "x.zip", "--backend", wrong]).is_err(),
            "{wrong}"
        );
    }
    assert!(service_address("http://localhost:8080").is_ok());
    assert!(accord_widget(&["pack", WIDGET, "--out", "x.zip", "--product", "A"]).is_err());
    assert!(accord_widget(&["pack", WIDGET]).is_err());
    assert!(accord_widget(&["check", "/nowhere/at/all"]).is_err());
    assert!(accord_widget(&["add-consent", "x", "--support", "nobody"]).is_err());
}
