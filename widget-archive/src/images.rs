//! Pictures: the logos the platform looks for by name, and the tour of each language.

use super::json::Node;
use super::manifest::{FILE as MANIFEST, Manifest};
use super::reference::{LOGOS, Logo, PICTURE_BYTES, TOUR_COUNT, TOUR_SIZE};
use super::{Folder, Report};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Checks every logo and every picture of the tour.
pub fn check(folder: &Folder, manifest: &Manifest, report: &mut Report) {
    let has_pipeline = manifest.has_location("digital_pipeline");
    for logo in LOGOS
        .iter()
        .filter(|logo| has_pipeline || !logo.pipeline_only)
    {
        check_logo(folder, logo, report);
    }
    tour(folder, manifest, report);
}

fn check_logo(folder: &Folder, logo: &Logo, report: &mut Report) {
    let Some(bytes) = folder.get(logo.path) else {
        let message = format!(
            "this logo of {}×{} pixels is missing, and the platform asks for it by this name",
            logo.width, logo.height
        );
        return report.error("logo-missing", logo.path, None, message);
    };
    if !bytes.starts_with(PNG) {
        return report.error(
            "picture-format",
            logo.path,
            None,
            "this is not a PNG, the one format both vendors accept for logos",
        );
    }
    if is_animated(bytes) {
        report.error(
            "picture-format",
            logo.path,
            None,
            "this picture is animated, which the vendors do not accept",
        );
    }
    if let Some((rule, message)) = wrong_size(bytes, (logo.width, logo.height), "as a logo") {
        report.error(rule, logo.path, None, message);
    }
    if bytes.len() > PICTURE_BYTES {
        let message = format!(
            "this logo has {} KB and the vendors accept {} KB",
            kilobytes(bytes.len()),
            kilobytes(PICTURE_BYTES)
        );
        report.error("picture-weight", logo.path, None, message);
    }
}

fn tour(folder: &Folder, manifest: &Manifest, report: &mut Report) {
    let Some(images) = manifest.at("tour.tour_images") else {
        return;
    };
    for (locale, _) in manifest.locales() {
        let count = images.get(locale).map_or(0, |list| list.items().len());
        if !TOUR_COUNT.contains(&count) {
            let line = images.get(locale).unwrap_or(images).line;
            let message = format!(
                "the tour has {count} pictures for \"{locale}\", and each language needs {} to {}",
                TOUR_COUNT.start(),
                TOUR_COUNT.end()
            );
            report.moderation("tour-pictures", MANIFEST, line, message);
        }
    }
    for (locale, list) in images.members() {
        if manifest.locales().all(|(promised, _)| promised != locale) {
            let message = format!(
                "the tour has pictures for \"{locale}\", which is not in \"widget.locale\""
            );
            report.moderation("tour-pictures", MANIFEST, list.line, message);
        }
    }
    for (locale, _) in manifest.locales() {
        let list = images.get(locale).map(Node::items).unwrap_or_default();
        for item in list.iter().take(*TOUR_COUNT.end()) {
            tour_picture(folder, item, report);
        }
    }
}

fn tour_picture(folder: &Folder, item: &Node, report: &mut Report) {
    let Some(path) = item
        .text()
        .and_then(|text| text.strip_prefix('/'))
        .filter(|path| path.starts_with("images/"))
    else {
        let message = "a picture of the tour is named by a path that begins with \"/images/\"";
        return report.moderation("tour-pictures", MANIFEST, item.line, message);
    };
    let Some(bytes) = folder.get(path) else {
        let message =
            format!("the picture {path} is not in the archive, so the tour would show a gap");
        return report.moderation("tour-pictures", MANIFEST, item.line, message);
    };
    let signature = match path.rsplit_once('.') {
        Some((_, "png")) => Some(PNG),
        Some((_, "jpg" | "jpeg")) => Some(JPEG),
        _ => None,
    };
    if !signature.is_some_and(|signature| bytes.starts_with(signature)) {
        return report.moderation(
            "picture-format",
            path,
            None,
            "a picture of the tour must be a PNG or a JPEG, and its name must say which",
        );
    }
    let role = if LOGOS.iter().any(|logo| logo.path == path) {
        "as a picture of the tour, which therefore cannot be the logo,"
    } else {
        "as a picture of the tour"
    };
    if let Some((rule, message)) = wrong_size(bytes, TOUR_SIZE, role) {
        report.moderation(rule, path, None, message);
    }
    if bytes.len() > PICTURE_BYTES {
        let message = format!(
            "this picture has {} KB, more than the {} KB the vendors accept for logos",
            kilobytes(bytes.len()),
            kilobytes(PICTURE_BYTES)
        );
        report.warning("picture-weight", path, None, message);
    }
}

/// The rule that the size of a picture breaks, and how; `role` says what it has to be that size as.
fn wrong_size(bytes: &[u8], wanted: (usize, usize), role: &str) -> Option<(&'static str, String)> {
    let (width, height) = wanted;
    match imagesize::blob_size(bytes) {
        Ok(found) if (found.width, found.height) == wanted => None,
        Ok(found) => {
            let message = format!(
                "this picture has {}×{} pixels and {role} must have exactly {width}×{height}",
                found.width, found.height
            );
            Some(("picture-size", message))
        }
        Err(_) => {
            let message = "the size of this picture cannot be read: the file is damaged";
            Some(("picture-format", message.to_owned()))
        }
    }
}

/// Whether a PNG says, before its first pixel, that it has several frames.
fn is_animated(png: &[u8]) -> bool {
    let header = png
        .windows(4)
        .position(|chunk| chunk == b"IDAT")
        .map_or(png, |end| &png[..end]);
    header.windows(4).any(|chunk| chunk == b"acTL")
}

fn kilobytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}
