//! Files for the browser: the emulator's own scripts, the libraries it offers, and the widgets.
//!
//! A widget comes from its archive, or, while somebody works on it, from a folder that is read anew each time.

use std::io::{Cursor, Read};
use std::path::{Component, Path};

use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;
use zip::ZipArchive;

use crate::host::problem;
use crate::model::Integration;
use crate::world::World;

/// Larger files are not part of any widget; a small archive must not unpack into a large memory.
const FILE_LIMIT: u64 = 16 * 1024 * 1024;

#[derive(RustEmbed)]
#[folder = "web/host"]
struct Host;

/// Name and bytes; `None` when the library was not there at the time of the build.
const LIBRARIES: &[(&str, Option<&[u8]>)] = include!(concat!(env!("OUT_DIR"), "/libraries.rs"));

/// The libraries that this build is without.
pub fn missing_libraries() -> Vec<&'static str> {
    let missing = LIBRARIES.iter().filter(|(_, bytes)| bytes.is_none());
    missing.map(|(name, _)| *name).collect()
}

/// What to say of these missing libraries, in one line; nothing when none is missing.
pub fn missing_note(missing: &[&str]) -> Option<String> {
    (!missing.is_empty()).then(|| {
        format!(
            "Built without {}: the account has no pages and no widget runs. \
             Run `npm ci --omit=dev --prefix emulator/web` in the repository and build again.",
            missing.join(", ")
        )
    })
}

/// Modules that amoCRM gives to widgets (RU:web_sdk/system_modules, KO:modules) and the emulator does not have.
/// Its own parts, `lib/…` and `vendor/…`, are not documented; widgets name them all the same.
const NOT_EMULATED: [&str; 21] = [
    "FileAPI",
    "accounting",
    "browser-detect",
    "chartjs",
    "clipboard",
    "cocktail",
    "colorpicker",
    "cropperjs",
    "device",
    "enquire",
    "fullcalendar",
    "google-libphonenumber",
    "intl_tel_input",
    "jplayer",
    "js-uuid",
    "pubsub",
    "quill",
    "rangeslider",
    "steady",
    "store",
    "virtualized-list",
];

/// The script that stands in for such a module and says so when it is used.
fn stand_in(file: &str) -> Option<String> {
    let id = file.strip_suffix(".js")?;
    let theirs = NOT_EMULATED.contains(&id) || id.starts_with("lib/") || id.starts_with("vendor/");
    let name = serde_json::Value::from(id);
    theirs.then(|| {
        format!("define(['not_emulated'], function (standIn) {{ return standIn({name}); }});\n")
    })
}

/// `GET /host/{file}`
pub async fn host(file: web::Path<String>) -> HttpResponse {
    let own = Host::get(&file).map(|found| found.data.into_owned());
    own.or_else(|| stand_in(&file).map(String::into_bytes))
        .map_or_else(not_found, |bytes| send(&file, bytes))
}

/// `GET /lib/{file}`
pub async fn library(file: web::Path<String>) -> HttpResponse {
    LIBRARIES
        .iter()
        .find(|(name, _)| *name == file.as_str())
        .and_then(|(_, bytes)| *bytes)
        .map_or_else(not_found, |bytes| send(&file, bytes.to_vec()))
}

/// `GET /widgets/{code}/{file}` and `GET /upl/{code}/widget/{file}`
pub async fn widget(world: web::Data<World>, path: web::Path<(String, String)>) -> HttpResponse {
    let (code, file) = path.into_inner();
    let integration = world.read(|state| state.integration_by_code(&code).cloned());
    integration
        .and_then(|integration| read(&integration, &file))
        .map_or_else(not_found, |bytes| send(&file, bytes))
}

/// One file of a widget by its path inside the archive; `None` when there is none.
pub fn read(integration: &Integration, file: &str) -> Option<Vec<u8>> {
    let plain = Path::new(file)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain {
        return None;
    }
    if let Some(folder) = &integration.folder {
        return std::fs::read(folder.join(file)).ok();
    }
    let archive = integration.archive.as_deref()?;
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    let mut bytes = Vec::new();
    let found = archive.by_name(file).ok()?;
    found.take(FILE_LIMIT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn send(file: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type(file))
        .insert_header(("Cache-Control", "no-cache"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(bytes)
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

fn not_found() -> HttpResponse {
    problem(404, "There is no such file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_from_the_root_of_the_archive() -> zip::result::ZipResult<()> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("i18n/en.json", zip::write::SimpleFileOptions::default())?;
        std::io::Write::write_all(&mut archive, b"{}")?;
        let archive = Some(archive.finish()?.into_inner());
        let integration = Integration {
            archive,
            ..Integration::default()
        };

        assert_eq!(
            read(&integration, "i18n/en.json").as_deref(),
            Some(&b"{}"[..])
        );
        assert_eq!(read(&integration, "en.json"), None);
        Ok(())
    }

    #[test]
    fn only_what_amocrm_gives_has_a_stand_in() {
        for theirs in ["chartjs.js", "FileAPI.js", "lib/components/base/confirm.js"] {
            let name = theirs.trim_end_matches(".js");
            let script = stand_in(theirs).unwrap_or_default();
            assert!(script.contains(&format!("standIn(\"{name}\")")), "{script}");
        }
        for other in ["mistyped.js", "chartjs", "widget/own.js"] {
            assert_eq!(stand_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_build_without_libraries_names_them_and_what_to_do() {
        assert_eq!(missing_note(&[]), None);
        let note = missing_note(&["jquery.js", "twig.js"]).unwrap_or_default();
        assert!(note.contains("jquery.js, twig.js") && note.contains("npm ci"));
        assert!(!note.contains('\n'));
    }

    #[test]
    fn a_path_out_of_the_folder_is_refused() {
        let folder = Some(env!("CARGO_MANIFEST_DIR").into());
        let integration = Integration {
            folder,
            ..Integration::default()
        };

        assert!(read(&integration, "Cargo.toml").is_some());
        assert!(read(&integration, "../Cargo.toml").is_none());
        assert!(read(&integration, "/etc/hostname").is_none());
    }
}
