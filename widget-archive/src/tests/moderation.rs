//! What only moderators ask for, for a widget that nobody moderates.

use super::super::{Audience, check, refused};
use super::*;

#[test]
fn a_private_widget_is_held_to_what_works() {
    let sins = good()
        .with(
            "script.js",
            SCRIPT.replace("return this", "console.log(1); return this"),
        )
        .with("style.css", format!("p {{ margin: 0 }}\n{STYLE}"))
        .with("notes.txt", "later\n")
        .with(".DS_Store", "x")
        .with("i18n/ru.json", ENGLISH.replace('\n', "\r\n"));
    let public = check(&sins, Audience::Marketplace);
    let private = check(&sins, Audience::Private);
    assert!(refused(&public) && !refused(&private), "{private:#?}");
    let words = |findings: &[Finding]| -> Vec<(String, String)> {
        let mut words: Vec<_> = findings
            .iter()
            .map(|f| (f.file.clone(), f.message.clone()))
            .collect();
        words.sort();
        words
    };
    assert_eq!(words(&public), words(&private), "only the severity differs");
}

#[test]
fn what_does_not_work_is_an_error_for_everybody() {
    for folder in [
        with("manifest.json", "\"interface_version\": 2,", ""),
        with("manifest.json", "\"lcard-1\"", "\"board\""),
        with("script.js", "'./config.js'", "'./config'"),
        with("script.js", "return this", "return (this"),
        with("i18n/en.json", "\"key\": \"Key\",", ""),
        with(
            "manifest.json",
            "\"init_once\": false",
            "\"secret_key\": \"s\"",
        ),
        good().without("images/logo.png").with("style.css", "\n"),
        good().without("manifest.json"),
    ] {
        let findings = check(&folder, Audience::Private);
        assert!(refused(&findings), "{findings:#?}");
    }
}
