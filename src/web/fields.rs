//! Reading a JSON object field by field, so that every fault is told at once.
//!
//! What nobody asked for is a fault too: a field outside the list is refused,
//! not dropped (Policy, clause 4.2).

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, FieldError};

/// How many faults are told: who made more will ask again, and a body of nothing but strangers
/// gets no answer that is longer than itself.
const MOST_FAULTS: usize = 20;

/// Any JSON value in which no object names a field twice.
pub struct Strict(pub Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(object.into())
    }
}

/// The fields of one object, with the faults found so far.
pub struct Fields {
    pointer: String,
    fields: Map<String, Value>,
    faults: Vec<FieldError>,
}

impl Fields {
    /// The fields of a whole body.
    #[must_use]
    pub fn of(fields: Map<String, Value>) -> Self {
        Self {
            pointer: String::new(),
            fields,
            faults: Vec::new(),
        }
    }

    /// Notes a fault of a field.
    pub fn fault(&mut self, field: &str, message: &str) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(FieldError {
                pointer: format!("{}/{}", self.pointer, escape(field)),
                message: message.to_owned(),
            });
        }
    }

    /// Takes over faults that were found elsewhere.
    pub fn faults(&mut self, more: Vec<FieldError>) {
        let room = MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(more.into_iter().take(room));
    }

    /// A text that has to be there; a fault and an empty text when it is not.
    pub fn text(&mut self, field: &str) -> String {
        match self.fields.remove(field) {
            Some(Value::String(text)) => text,
            Some(_) => {
                self.fault(field, "has to be text");
                String::new()
            }
            None => {
                self.fault(field, "this field is needed");
                String::new()
            }
        }
    }

    /// A text, null, or nothing: `None` is absent, `Some(None)` is null.
    pub fn nullable(&mut self, field: &str) -> Option<Option<String>> {
        match self.fields.remove(field)? {
            Value::String(text) => Some(Some(text)),
            Value::Null => Some(None),
            _ => {
                self.fault(field, "has to be text or null");
                None
            }
        }
    }

    /// Yes or no; `None` when it is absent.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        match self.fields.remove(field)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.fault(field, "has to be true or false");
                None
            }
        }
    }

    /// A yes that has to be there: `message` says what is missing without it.
    pub fn yes(&mut self, field: &str, message: &str) {
        if self.fields.remove(field) != Some(Value::Bool(true)) {
            self.fault(field, message);
        }
    }

    /// An object within; empty when it is absent and need not be there.
    pub fn object(&mut self, field: &str, needed: bool) -> Self {
        let fields = match self.fields.remove(field) {
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                self.fault(field, "has to be an object");
                Map::new()
            }
            None => {
                if needed {
                    self.fault(field, "this field is needed");
                }
                Map::new()
            }
        };
        Self {
            pointer: format!("{}/{field}", self.pointer),
            fields,
            faults: Vec::new(),
        }
    }

    /// Everything was read: what is left was not asked for. Returns all faults.
    #[must_use]
    pub fn end(mut self) -> Vec<FieldError> {
        let strangers: Vec<String> = self.fields.keys().take(MOST_FAULTS).cloned().collect();
        for name in strangers {
            self.fault(&name, "is not on the list of fields");
        }
        self.faults
    }

    /// As [`Fields::end`], for the whole body.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault.
    pub fn finish(self) -> Result<(), Error> {
        let faults = self.end();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }
}

/// RFC 6901, section 3; and no stranger's text longer than a field's name may be.
fn escape(field: &str) -> String {
    field
        .chars()
        .take(64)
        .collect::<String>()
        .replace('~', "~0")
        .replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_may_stand_once() {
        let Strict(value) = serde_json::from_str(r#"{"a":[1,{"b":null}],"c":-1.5e3}"#).unwrap();
        assert_eq!(value, json!({"a": [1, {"b": null}], "c": -1500.0}));
        assert!(serde_json::from_str::<Strict>(r#"{"a":1,"a":1}"#).is_err());
        assert!(serde_json::from_str::<Strict>(r#"{"x":{"a":1,"a":2}}"#).is_err());
        assert!(serde_json::from_str::<Strict>(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn no_more_is_told_than_twenty_faults() {
        let many = || (0..1000).map(|n| (format!("x{n}"), Value::Null)).collect();
        let mut fields = Fields::of(many());
        let inner = Fields::of(many());
        fields.faults(inner.end());
        assert_eq!(fields.end().len(), MOST_FAULTS);
        let mut fields = Fields::of(many());
        fields.text("lang");
        let faults = fields.end();
        assert_eq!(
            (faults.len(), faults[0].pointer.as_str()),
            (MOST_FAULTS, "/lang")
        );
    }

    #[test]
    fn every_fault_has_its_pointer() {
        let Value::Object(body) =
            json!({"lang": 5, "declares": {"read": "yes", "a/b": 1}, "extra": 1})
        else {
            panic!()
        };
        let mut fields = Fields::of(body);
        fields.text("lang");
        fields.text("policy_hash");
        let mut declares = fields.object("declares", true);
        declares.flag("read");
        fields.faults(declares.end());
        let pointers: Vec<String> = fields.end().into_iter().map(|f| f.pointer).collect();
        assert_eq!(
            pointers,
            [
                "/lang",
                "/policy_hash",
                "/declares/read",
                "/declares/a~1b",
                "/extra"
            ]
        );
    }
}
