//! What a widget says about itself in its `manifest.json`, as far as the widgets API repeats it.

use std::io::{Cursor, Read};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::model::Integration;

/// No real manifest is larger; a small archive must not unpack into a large memory.
const LIMIT: u64 = 1024 * 1024;
const NAME: &str = "manifest.json";

/// The manifest of an integration's widget; `None` when it has no widget, or one that cannot be read.
pub fn of(integration: &Integration) -> Option<Value> {
    let mut text = Vec::new();
    if let Some(folder) = &integration.folder {
        text = std::fs::read(folder.join(NAME)).ok()?;
    } else {
        let archive = Cursor::new(integration.archive.as_deref()?);
        let mut archive = ZipArchive::new(archive).ok()?;
        let file = archive.by_name(NAME).ok()?;
        file.take(LIMIT).read_to_end(&mut text).ok()?;
    }
    serde_json::from_slice(&text).ok()
}

/// `settings` of a manifest (RU:integrations/structure) as the API's `settings_template`
/// (RU:crm_platform/widgets-api).
pub fn settings_template(manifest: &Value) -> Value {
    let fields = manifest["settings"].as_object().into_iter().flatten();
    fields
        .map(|(key, field)| {
            json!({
                "key": key,
                "name": field["name"],
                "type": field["type"],
                "is_required": field["required"] == true,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_manifest_are_the_rows_of_the_template() {
        let login = json!({"name": "settings.login", "type": "text", "required": true});
        let manifest = json!({"settings": {"login": login, "key": {"type": "pass"}}});
        assert_eq!(
            settings_template(&manifest),
            json!([
                {"key": "key", "name": null, "type": "pass", "is_required": false},
                {"key": "login", "name": "settings.login", "type": "text", "is_required": true},
            ])
        );
        assert_eq!(settings_template(&Value::Null), json!([]));
    }
}
