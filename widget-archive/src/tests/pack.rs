//! The archive: complete, at the root, the same bytes every time, and nothing the vendors refuse.

use std::io::Cursor;

use zip::{CompressionMethod, DateTime, ZipArchive};

use super::super::{Backend, Packed, Refused};
use super::*;

fn packed(folder: &Folder, backend: Option<&Backend>) -> Result<Packed, Refused> {
    super::super::pack(folder, backend, Audience::Marketplace, false)
}

fn pack(folder: &Folder, backend: Option<&Backend>) -> Result<Vec<u8>, Refused> {
    packed(folder, backend).map(|packed| packed.bytes)
}

#[test]
fn the_same_folder_gives_the_same_bytes() {
    let again = {
        let mut folder = Folder::default();
        let whole = good();
        let mut files: Vec<(&str, &[u8])> = whole.iter().collect();
        files.reverse();
        for (path, bytes) in files {
            folder = folder.with(path, bytes);
        }
        folder
    };
    assert_eq!(pack(&good(), None).unwrap(), pack(&again, None).unwrap());
}

#[test]
fn entries_are_sorted_files_at_the_root_without_a_date_of_their_own() {
    let bytes = pack(&good(), None).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).unwrap();
        assert_eq!(entry.last_modified(), Some(DateTime::default()));
        assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o664));
        assert_eq!(entry.compression(), CompressionMethod::Deflated);
        assert!(!entry.is_dir());
        names.push(entry.name().unwrap().into_owned());
    }
    assert!(names.is_sorted());
    assert!(names.iter().any(|name| name == "manifest.json"));
    assert_eq!(names.len(), good().iter().count());
}

#[test]
fn unpacked_it_is_the_folder_again() {
    let unpacked = Folder::unzip(&pack(&good(), None).unwrap()).unwrap();
    assert_eq!(unpacked, good());
    assert!(Folder::unzip(b"no archive").is_err());
}

#[test]
fn what_check_refuses_is_not_packed() {
    let bad = good().with(
        "script.js",
        SCRIPT.replace("return this", "eval(1); return this"),
    );
    assert_eq!(pack(&bad, None), Err(Refused::Findings(check(&bad))));
    let forced = super::super::pack(&bad, None, Audience::Marketplace, true).unwrap();
    assert_eq!(Folder::unzip(&forced.bytes).unwrap(), bad);
    assert_eq!(forced.findings, check(&bad), "what is overridden is told");
    let private = super::super::pack(&bad, None, Audience::Private, false).unwrap();
    assert_eq!(private.bytes, forced.bytes);
    let warned = with(
        "i18n/en.json",
        "\"name\": \"Parcels\"",
        "\"name\": \"Parcelsandlettersandmore\"",
    );
    assert!(
        pack(&warned, None).is_ok(),
        "a warning does not stop the archive"
    );
}

#[test]
fn what_does_not_belong_there_is_left_out_and_told() {
    let working = good()
        .with(".git/HEAD", "x")
        .with(".DS_Store", "x")
        .with("README.md", "x")
        .with("LICENSE", "x")
        .with("node_modules/a/b.js", "x")
        .with("node_modules/c.js", "x")
        .with("lib/parcels.js.map", "{}")
        .with("lib/parcels.js~", "x");
    let packed = packed(&working, None).unwrap();
    assert_eq!(
        packed.bytes,
        pack(&good(), None).unwrap(),
        "the same archive"
    );
    let left_out: Vec<&str> = packed
        .left_out
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        left_out,
        [
            ".DS_Store",
            ".git",
            "LICENSE",
            "README.md",
            "lib/parcels.js.map",
            "lib/parcels.js~",
            "node_modules"
        ]
    );
    assert_eq!(packed.findings, []);
}

#[test]
fn only_the_configuration_is_written_anew() {
    let backend = Backend {
        url: "https://other.example/accord".to_owned(),
        product: "letters".to_owned(),
    };
    let packed = Folder::unzip(&pack(&good(), Some(&backend)).unwrap()).unwrap();
    let changed: Vec<&str> = packed
        .iter()
        .filter(|(path, bytes)| good().get(path) != Some(*bytes))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["config.js"]);
    assert_eq!(Backend::configured(&packed), Some(backend));
}

#[test]
fn no_value_becomes_code() {
    let backend = Backend {
        url: "https://x.example/\"});alert('x');//\\".to_owned(),
        product: "a\nb".to_owned(),
    };
    assert!(
        pack(&good(), Some(&backend)).is_ok(),
        "inside a text nothing is called"
    );
}

#[test]
fn the_present_configuration_is_known() {
    let configured = Backend::configured(&good()).unwrap();
    assert_eq!(
        (configured.url.as_str(), configured.product.as_str()),
        ("https://shop.example", "parcels")
    );
    assert_eq!(
        Backend::configured(&good().with("config.js", "define({ backend: where() });\n")),
        None
    );
    assert_eq!(Backend::configured(&good().without("config.js")), None);
}

#[test]
fn a_widget_without_a_configuration_cannot_be_given_one() {
    let backend = Backend {
        url: "https://x.example".to_owned(),
        product: "a1".to_owned(),
    };
    let folder = with("script.js", "'jquery', './config.js', ", "'jquery', ").without("config.js");
    let Err(Refused::Findings(findings)) = pack(&folder, Some(&backend)) else {
        panic!("packed");
    };
    assert_eq!(
        (findings[0].file.as_str(), findings[0].rule),
        ("config.js", "file-unused")
    );
    let foreign = good().with("config.js", "define({ colour: 'red' });\n");
    assert_eq!(
        pack(&foreign, Some(&backend)),
        Err(Refused::ForeignConfig("config.js"))
    );
}

#[test]
fn the_rest_of_the_configuration_stays() {
    let config =
        "define({\n  product: `a`, // ours\n  backend: \"https://x\",\n  field: null,\n});\n";
    let backend = Backend {
        url: "https://y.example".to_owned(),
        product: "b".to_owned(),
    };
    let bytes = pack(&good().with("config.js", config), Some(&backend)).unwrap();
    assert_eq!(
        Folder::unzip(&bytes).unwrap().text("config.js").unwrap(),
        "define({\n  product: \"b\", // ours\n  backend: \"https://y.example\",\n  field: null,\n});\n"
    );
    let elsewhere = good()
        .with("config.js", "define({ colour: 'red' });\n")
        .with("consent/config.js", config)
        .with(
            "script.js",
            SCRIPT.replace("'./config.js'", "'./config.js', './consent/config.js'"),
        );
    let unpacked = Folder::unzip(&pack(&elsewhere, Some(&backend)).unwrap()).unwrap();
    assert_eq!(Backend::configured(&unpacked), Some(backend));
    assert_eq!(unpacked.get("config.js"), elsewhere.get("config.js"));
}
