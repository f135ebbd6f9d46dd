//! What a widget says about itself in its `manifest.json`: read from its archive or folder, and held to the
//! shapes that the vendor's field table gives (RU:integrations/structure, KO:manifest-json).
//!
//! Only what nothing could work with is a fault: a field of another type than the table's. What the marketplace
//! asks besides is the business of a checker, and PHP writes an empty object as `[]`.

use serde_json::{Map, Value, json};

use crate::account::files;
use crate::model::Integration;

const NAME: &str = "manifest.json";

/// The types of a field of the settings window (RU:integrations/fields).
const FIELD_TYPES: [&str; 5] = ["text", "pass", "users", "users_lp", "custom"];

/// The manifest of a widget, and its text.
///
/// # Errors
/// In words for the person who uploads it: the file is missing, is not JSON, or a field has the wrong type.
pub fn read(integration: &Integration) -> Result<(Value, String), String> {
    let text = files::read(integration, NAME)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or("The archive has no manifest.json in UTF-8 at its root.")?;
    let manifest: Value = serde_json::from_str(&text)
        .map_err(|error| format!("manifest.json is not JSON: {error}"))?;
    check(&manifest)?;
    Ok((manifest, text))
}

/// The same for who only looks: `None` when there is no widget, or one that cannot be read.
pub fn of(integration: &Integration) -> Option<Value> {
    read(integration).ok().map(|(manifest, _)| manifest)
}

fn check(manifest: &Value) -> Result<(), String> {
    let root = object(manifest, "The manifest")?;
    let Some(widget) = root.get("widget") else {
        return Err(fault("widget", "is missing"));
    };
    let widget = object(widget, "widget")?;
    for name in ["name", "description", "short_description"] {
        text(widget, "widget", name)?;
    }
    if let Some(version) = widget.get("version")
        && !version.is_string()
        && !version.is_number()
    {
        return Err(fault("widget.version", "must be a text such as \"1.0.0\""));
    }
    texts(widget, "widget.locale", "locale")?;
    part(widget, "widget.support", "support")?;
    texts(root, "locations", "locations")?;
    settings(root, "settings")?;
    for name in [
        "tour",
        "advanced",
        "dp",
        "sms",
        "mobile",
        "left_menu",
        "salesbot_designer",
    ] {
        part(root, name, name)?;
    }
    if let Some(advanced) = root.get("advanced").and_then(Value::as_object) {
        text(advanced, "advanced", "title")?;
    }
    Ok(())
}

fn settings(root: &Map<String, Value>, name: &str) -> Result<(), String> {
    let Some(fields) = part(root, name, name)? else {
        return Ok(());
    };
    for (code, field) in fields {
        let path = format!("{name}.{code}");
        let field = object(field, &path)?;
        text(field, &path, "name")?;
        let kind = field
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !FIELD_TYPES.contains(&kind) {
            let known = FIELD_TYPES.join(", ");
            return Err(fault(
                &format!("{path}.type"),
                &format!("must be one of {known}"),
            ));
        }
    }
    Ok(())
}

fn fault(path: &str, rule: &str) -> String {
    format!("manifest.json: {path} {rule}.")
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| fault(path, "must be an object"))
}

/// A part that may be absent, null, or PHP's empty `[]`.
fn part<'a>(
    whole: &'a Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, String> {
    match whole.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(none)) if none.is_empty() => Ok(None),
        Some(value) => object(value, path).map(Some),
    }
}

fn text(whole: &Map<String, Value>, path: &str, name: &str) -> Result<(), String> {
    match whole.get(name) {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(_) => Err(fault(&format!("{path}.{name}"), "must be a text")),
    }
}

fn texts(whole: &Map<String, Value>, path: &str, name: &str) -> Result<(), String> {
    let fits = match whole.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::Array(rows)) => rows.iter().all(Value::is_string),
        Some(_) => false,
    };
    fits.then_some(())
        .ok_or_else(|| fault(path, "must be a list of texts"))
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

    #[test]
    fn a_field_of_another_type_is_named() {
        let with = |name: &str, value: Value| {
            let mut manifest = json!({"widget": {"name": "widget.name", "version": "1.0.0"}});
            manifest[name] = value;
            check(&manifest)
        };
        let table = [
            ("locations", json!({}), "locations"),
            ("locations", json!(["settings", 1]), "locations"),
            ("locations", json!("settings"), "locations"),
            ("settings", json!(["note"]), "settings"),
            ("settings", json!({"note": "text"}), "settings.note"),
            (
                "settings",
                json!({"note": {"type": "checkbox"}}),
                "settings.note.type",
            ),
            (
                "settings",
                json!({"note": {"type": "text", "name": {}}}),
                "settings.note.name",
            ),
            ("advanced", json!("title"), "advanced"),
            ("advanced", json!({"title": {}}), "advanced.title"),
            ("tour", json!(true), "tour"),
            ("widget", json!([]), "widget"),
            ("widget", json!({"locale": "en"}), "widget.locale"),
            (
                "widget",
                json!({"support": "help@example.com"}),
                "widget.support",
            ),
            ("widget", json!({"version": {}}), "widget.version"),
            ("widget", json!({"description": 7}), "widget.description"),
        ];
        for (name, value, path) in table {
            let fault = with(name, value.clone()).unwrap_err();
            assert!(
                fault.starts_with(&format!("manifest.json: {path} ")),
                "{value}: {fault}"
            );
        }
        assert!(check(&json!([])).is_err() && check(&json!({})).is_err());
        for (name, value) in [
            ("settings", json!([])),
            ("tour", Value::Null),
            ("locations", json!([])),
        ] {
            assert_eq!(with(name, value), Ok(()), "{name}");
        }
    }
}
