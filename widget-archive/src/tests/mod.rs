//! One good widget, and for each rule a test that breaks exactly that rule.

mod budget;
mod consent;
mod files;
mod i18n;
mod images;
mod manifest;
mod moderation;
mod pack;
mod page;
mod scripts;
mod styles;

use proptest::prelude::*;

use super::reference::LOGOS;
use super::{Audience, Finding, Folder, Severity};

const MANIFEST: &str = r#"{
  "widget": {
    "name": "widget.name",
    "description": "widget.description",
    "short_description": "widget.short_description",
    "version": "1.0.0",
    "interface_version": 2,
    "init_once": false,
    "locale": ["en", "ru"],
    "installation": true,
    "support": {
      "link": "https://shop.example/help",
      "email": "help@shop.example"
    }
  },
  "locations": [
    "settings",
    "advanced_settings",
    "lcard-1"
  ],
  "tour": {
    "is_tour": true,
    "tour_images": {
      "en": ["/images/tour_en.png"],
      "ru": ["/images/tour_ru.jpg"]
    },
    "tour_description": "widget.tour_description"
  },
  "settings": {
    "key": {
      "name": "settings.key",
      "type": "text",
      "required": true
    },
    "consent": {
      "name": "settings.consent",
      "type": "custom",
      "required": true
    }
  },
  "advanced": {
    "title": "advanced.title"
  }
}
"#;

const ENGLISH: &str = r#"{
  "widget": {
    "name": "Parcels",
    "description": "Shows where a parcel is.",
    "short_description": "Parcels in cards",
    "tour_description": "Open a card and see the parcel."
  },
  "settings": {
    "key": "Key",
    "consent": "Consent"
  },
  "advanced": {
    "title": "Parcels"
  }
}
"#;

const SCRIPT: &str = r"define(['jquery', './config.js', './lib/parcels.js'], function ($, config, parcels) {
  return function () {
    var self = this;
    this.callbacks = {
      render: function () { parcels.show(self, config, 'style.css'); return true; },
      init: function () { return true; },
      bind_actions: function () { return true; },
      onSave: function () { return true; }
    };
    return this;
  };
});
";

const MODULE: &str = r"define(function () {
  // A comment may say alert() and eval().
  return {
    show: function (self, config, style) {
      $('.shop-parcels').attr('data-from', config.backend + style);
    }
  };
});
";

const STYLE: &str = r#":root[data-color-scheme="dark"] {
  --shop-ink: #ffffff;
}

.shop-parcels,
#shop-panel > p {
  color: var(--shop-ink, var(--palette-text-primary));
}

@media (max-width: 600px) {
  .shop-parcels .button-input:hover {
    background: url(images/logo.png);
  }
}
"#;

fn check(folder: &Folder) -> Vec<Finding> {
    super::check(folder, Audience::Marketplace)
}

/// A widget to which nobody objects.
fn good() -> Folder {
    let mut folder = Folder::default()
        .with("manifest.json", MANIFEST)
        .with("i18n/en.json", ENGLISH)
        .with("i18n/ru.json", ENGLISH.replace("Parcels", "Посылки"))
        .with("script.js", SCRIPT)
        .with(
            "config.js",
            "define({ backend: 'https://shop.example', product: 'parcels' });\n",
        )
        .with("lib/parcels.js", MODULE)
        .with("style.css", STYLE)
        .with("images/tour_en.png", png(1188, 616))
        .with("images/tour_ru.jpg", jpeg(1188, 616));
    for logo in LOGOS.iter().filter(|logo| !logo.pipeline_only) {
        folder = folder.with(logo.path, png(logo.width, logo.height));
    }
    folder
}

/// The beginning of a PNG, which is all that is looked at.
fn png(width: usize, height: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    for side in [width, height] {
        bytes.extend(u32::try_from(side).unwrap().to_be_bytes());
    }
    bytes.extend(b"\x08\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00IDAT");
    bytes
}

/// The beginning of a JPEG: start of image, start of frame.
fn jpeg(width: usize, height: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xc0\x00\x11\x08".to_vec();
    for side in [height, width] {
        bytes.extend(u16::try_from(side).unwrap().to_be_bytes());
    }
    bytes.extend([3; 16]);
    bytes
}

/// The good widget with one passage of one file written differently.
fn with(path: &str, from: &str, to: &str) -> Folder {
    let folder = good();
    let text = folder.text(path).unwrap();
    assert!(text.contains(from), "{path} has no {from:?}");
    let changed = text.replacen(from, to, 1);
    folder.with(path, changed)
}

/// The file, line, rule and severity of what is found, without the words.
fn found(folder: &Folder) -> Vec<(String, usize, &'static str, Severity)> {
    check(folder)
        .into_iter()
        .map(|f| (f.file, f.line, f.rule, f.severity))
        .collect()
}

/// Asserts that there is exactly one finding, an error, and gives it back.
fn only_error(folder: &Folder, file: &str, line: usize, rule: &str) -> Finding {
    only(folder, file, line, rule, Severity::Error)
}

/// Asserts that there is exactly one finding, a warning, and gives it back.
fn only_warning(folder: &Folder, file: &str, line: usize, rule: &str) -> Finding {
    only(folder, file, line, rule, Severity::Warning)
}

fn only(folder: &Folder, file: &str, line: usize, rule: &str, severity: Severity) -> Finding {
    let mut findings = check(folder);
    assert_eq!(
        findings.len(),
        1,
        "expected {rule} at {file}:{line}, found {findings:#?}"
    );
    let finding = findings.remove(0);
    assert_eq!(
        (
            finding.file.as_str(),
            finding.line,
            finding.rule,
            finding.severity
        ),
        (file, line, rule, severity),
        "{finding}"
    );
    assert!(!finding.message.is_empty() && !finding.message.ends_with('.'));
    finding
}

#[test]
fn a_good_widget_has_no_findings() {
    assert_eq!(check(&good()), []);
}

#[test]
fn our_own_widget_has_no_findings() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../widget");
    let folder = Folder::read(std::path::Path::new(directory)).unwrap();
    assert_eq!(check(&folder), []);
}

#[test]
fn a_finding_reads_like_a_line_of_a_compiler() {
    let finding = only_error(
        &with("manifest.json", "\"1.0.0\"", "\"1.0\""),
        "manifest.json",
        6,
        "manifest-version",
    );
    assert!(
        finding
            .to_string()
            .starts_with("manifest.json:6: manifest-version: \"widget.version\" must be")
    );
}

#[test]
fn findings_come_by_file_and_line() {
    let folder = with(
        "script.js",
        "return true; },\n      bind",
        "alert(1); return confirm(2); },\n      bind",
    )
    .with("config.js", "define(eval('{}'));\n");
    let lines: Vec<(String, usize)> = check(&folder)
        .into_iter()
        .map(|f| (f.file, f.line))
        .collect();
    assert_eq!(
        lines,
        [
            ("config.js".into(), 1),
            ("script.js".into(), 6),
            ("script.js".into(), 6)
        ]
    );
}

proptest! {
    #[test]
    fn nothing_that_is_written_stops_the_check(
        script in "[a-z'\"`${}()\\[\\]/\\\\\n*. =;<ж]{0,80}",
        style in "[a-z'\"{}()\\[\\]/\\\\\n*.#:;@,>ж-]{0,80}",
        json in "[a-z\"{}\\[\\]\\\\\n:,0-9ж ]{0,40}",
        cut in 0..MANIFEST.len(),
    ) {
        let folder = good()
            .with("lib/parcels.js", script)
            .with("style.css", style)
            .with("i18n/en.json", json)
            .with("manifest.json", [&MANIFEST[..cut], &MANIFEST[(cut + 1).min(MANIFEST.len())..]].concat());
        prop_assert!(check(&folder).len() < 10_000);
    }
}
