//! The switches as a form: a box for yes and no, a list where the positions have names, a field for the rest.
//!
//! The form is made of the switches themselves, so that a new switch appears without a line here; only one
//! with named positions is listed in [`POSITIONS`].

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::page::escape;
use crate::switches::Switches;
use crate::world::World;

/// Switches whose positions have names.
const POSITIONS: [(&str, &[&str]); 6] = [
    ("rotation", &["strict", "grace"]),
    ("install_hook", &["normal", "lost", "duplicated"]),
    ("disconnect_hook", &["normal", "lost", "duplicated"]),
    ("referer", &["subdomain", "address"]),
    ("install_mode", &["legacy", "two_step"]),
    ("callback_order", &["random", "init_first", "bind_first"]),
];

fn by_name(switches: &Switches) -> Map<String, Value> {
    match json!(switches) {
        Value::Object(by_name) => by_name,
        _ => Map::new(),
    }
}

/// The inside of the form.
pub fn fields(switches: &Switches) -> String {
    let fields: String = by_name(switches)
        .iter()
        .map(|(name, value)| {
            let label = name.replace('_', " ");
            format!("<label>{label} {}</label>", field(name, value))
        })
        .collect();
    format!("<div class=\"switches\">{fields}</div><p><button>Save switches</button></p>")
}

fn field(name: &str, value: &Value) -> String {
    if let Some((_, positions)) = POSITIONS.iter().find(|(known, _)| *known == name) {
        let options: String = positions
            .iter()
            .map(|position| {
                let chosen = if *value == **position {
                    " selected"
                } else {
                    ""
                };
                format!("<option{chosen}>{position}</option>")
            })
            .collect();
        return format!("<select name=\"{name}\">{options}</select>");
    }
    match value {
        Value::Bool(on) => {
            let checked = if *on { " checked" } else { "" };
            format!("<input type=\"checkbox\" name=\"{name}\"{checked}>")
        }
        Value::Number(number) => {
            format!("<input type=\"number\" name=\"{name}\" value=\"{number}\">")
        }
        _ => {
            let text = escape(value.as_str().unwrap_or_default());
            format!("<input name=\"{name}\" value=\"{text}\">")
        }
    }
}

/// Turns the switches as the form says; false, and nothing turned, when a value does not fit. A box that is
/// missing is unticked, as browsers send it.
pub fn turn(world: &World, form: &HashMap<String, String>) -> bool {
    world.change(|state| {
        let mut switches = by_name(&state.switches);
        for (name, value) in &mut switches {
            let sent = form.get(name);
            *value = match value {
                Value::Bool(_) => json!(sent.is_some()),
                Value::Number(_) => json!(sent.and_then(|text| text.trim().parse::<i64>().ok())),
                _ => json!(sent),
            };
        }
        let turned = serde_json::from_value(Value::Object(switches));
        turned.map(|turned| state.switches = turned).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_with_named_positions_offers_the_one_it_stands_at() {
        for (name, value) in by_name(&Switches::default()) {
            let free = matches!(value, Value::Bool(_) | Value::Number(_)) || name == "from_widget";
            assert!(free || field(&name, &value).contains(" selected"), "{name}");
        }
    }
}
