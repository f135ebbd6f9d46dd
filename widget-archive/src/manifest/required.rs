//! Fields without which nothing works, and those of a tour.

use super::{FILE, Manifest};
use crate::Report;
use crate::json::Node;
use crate::reference::{REQUIRED, Shape, TOUR};

/// Compares the manifest with the vendors' lists of fields.
pub fn check(manifest: &Manifest, report: &mut Report) {
    required(manifest, report);
    tour(manifest, report);
}

fn required(manifest: &Manifest, report: &mut Report) {
    for (path, shape) in REQUIRED {
        match manifest.at(path) {
            Some(node) if shape.fits(node) => {}
            Some(node) => {
                report.error(
                    "manifest-field",
                    FILE,
                    node.line,
                    format!(
                        "\"{path}\" must be {}, as the platform reads nothing else there",
                        shape.words()
                    ),
                );
            }
            None => {
                let missing = first_missing(manifest, path);
                report.error(
                    "manifest-field",
                    FILE,
                    manifest.line(path),
                    format!("\"{missing}\" is missing, and the platform requires it"),
                );
            }
        }
    }
    let installable = manifest
        .at("widget.installation")
        .is_some_and(Node::is_true);
    if installable
        && manifest
            .at("settings")
            .is_none_or(|settings| !Shape::Object.fits(settings))
    {
        let line = manifest.line("settings");
        report.error("manifest-field", FILE, line, "\"settings\" is missing: a widget that can be installed must say what is asked of the person");
    }
    if let Some(showcase) = manifest
        .at("widget.is_showcase")
        .filter(|node| node.is_true() && installable)
    {
        report.error("manifest-field", FILE, showcase.line, "\"is_showcase\" only works with \"installation\": false, because there is nothing to install");
    }
}

/// The vendors' pages contradict each other about the tour, and Kommo's own generator makes none:
/// it belongs to a page in the marketplace. One that is there has to be whole.
fn tour(manifest: &Manifest, report: &mut Report) {
    if manifest.at("tour").is_none() {
        let line = manifest.line("tour");
        return report.warning("manifest-field", FILE, line, "\"tour\" is missing: the marketplaces want pictures of a widget that they offer, a private one needs none");
    }
    for (path, shape) in TOUR {
        match manifest.at(path) {
            Some(node) if shape.fits(node) => {}
            found => {
                let line = found.map_or_else(|| manifest.line(path), |node| node.line);
                let message = format!(
                    "\"{path}\" must be {}, or the marketplaces cannot show the tour",
                    shape.words()
                );
                report.moderation("manifest-field", FILE, line, message);
            }
        }
    }
}

/// The beginning of a path up to the first key that does not exist.
fn first_missing(manifest: &Manifest, path: &str) -> String {
    let ends = path
        .match_indices('.')
        .map(|(at, _)| at)
        .chain([path.len()]);
    ends.map(|end| &path[..end])
        .find(|part| manifest.at(part).is_none())
        .unwrap_or(path)
        .to_owned()
}
