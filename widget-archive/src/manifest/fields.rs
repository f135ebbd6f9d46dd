//! The fields a person fills in when installing.

use super::{FILE, Manifest};
use crate::Report;
use crate::json::Node;
use crate::reference::{FIELD_TYPES, Shape};

/// Checks the type and the name of each field, and that one at most is drawn by the widget.
pub fn check(manifest: &Manifest, report: &mut Report) {
    let mut custom = 0;
    let has_settings = manifest.has_location("settings");
    for (code, field) in manifest.fields() {
        let kind = field.get("type");
        let Some(name) = kind
            .and_then(Node::text)
            .filter(|name| FIELD_TYPES.contains(name))
        else {
            let line = kind.map_or(field.line, |node| node.line);
            let message = format!(
                "the field \"{code}\" must have one of the types {}; the platform draws no other",
                FIELD_TYPES.join(", ")
            );
            report.error("manifest-field-type", FILE, line, message);
            continue;
        };
        if field.get("name").is_none_or(|name| !Shape::Key.fits(name)) {
            let line = field.get("name").map_or(field.line, |node| node.line);
            report.error(
                "manifest-field",
                FILE,
                line,
                format!("the field \"{code}\" needs a \"name\" that is a path into i18n"),
            );
        }
        if let Some(required) = field.get("required").filter(|node| !Shape::Bool.fits(node)) {
            report.error(
                "manifest-field",
                FILE,
                required.line,
                format!("\"required\" of the field \"{code}\" must be true or false"),
            );
        }
        if name == "custom" {
            custom += 1;
            if custom == 2 {
                report.error("manifest-custom", FILE, field.line, "a widget may have one field of the type custom, because the platform keeps one");
            }
            if !has_settings {
                report.error("manifest-custom", FILE, field.line, "a field of the type custom needs the location \"settings\", where the widget draws it");
            }
        }
    }
}
