//! Forms: JSON objects that people and programs send.
//!
//! A form is declared once, by `form!`: the types of its fields say how each is
//! read ([`Field`]), and the same struct describes it in the API. A field that is
//! wrong is noted and read as if it were empty, so that every fault is told at once.
//! What nobody asked for is a fault too: a field outside the list is refused, not
//! dropped (Policy, clause 4.2).

use serde_json::{Map, Value};

/// How many faults are told: who made more will ask again, and a body of nothing but unknown
/// fields gets no answer that is longer than itself.
const MOST_ERRORS: usize = 20;

/// What is said of a field that is missing.
pub const NEEDED: &str = "this field is needed";

/// One field of a form and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer to the field (RFC 6901).
    pub pointer: String,
    /// What is wrong and what would be right, in words for the person who filled it in.
    pub message: &'static str,
}

impl FieldError {
    /// What is wrong with a field of an object.
    #[must_use]
    pub fn new(field: &str, message: &'static str) -> Self {
        let pointer = format!("/{}", escape(field));
        Self { pointer, message }
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

/// An object that is being read: the fields that are left, and what was wrong so far.
pub struct Object {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Object {
    /// Begins to read an object.
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Self {
        let errors = Vec::new();
        Self { fields, errors }
    }

    /// Reads a form. What else is to be checked is checked after this, and [`Object::finish`]
    /// tells the faults of both.
    pub fn read<F: Form>(&mut self) -> F {
        F::read_fields(self)
    }

    /// Reads a form of which nothing else is to be checked.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn into_form<F: Form>(mut self) -> Result<F, Vec<FieldError>> {
        let form = self.read();
        self.finish(Some(form))
    }

    /// Takes what was sent as a field; `None` when nothing was.
    pub fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field)
    }

    /// Notes what is wrong with a field.
    pub fn wrong(&mut self, field: &str, message: &'static str) {
        self.note([FieldError::new(field, message)]);
    }

    /// Gives the value of a field, or notes what is wrong within it.
    pub fn checked<T>(&mut self, field: &str, value: Result<T, Vec<FieldError>>) -> Option<T> {
        let within = |error: FieldError| FieldError {
            pointer: format!("/{field}{}", error.pointer),
            ..error
        };
        value
            .map_err(|errors| self.note(errors.into_iter().map(within)))
            .ok()
    }

    fn note(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        let room = MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
    }

    /// Everything was read, so that what is left was not asked for. Gives what was made of the
    /// object, if all of it is right; `None` is what could not be made.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn finish<T>(mut self, made: Option<T>) -> Result<T, Vec<FieldError>> {
        let unknown = std::mem::take(&mut self.fields);
        let unknown = unknown.keys();
        self.note(unknown.map(|name| FieldError::new(name, "is not on the list of fields")));
        match made {
            Some(made) if self.errors.is_empty() => Ok(made),
            _ => Err(self.errors),
        }
    }

    /// Reads an object within, which is empty when it is wrong.
    fn within<F: Form>(&mut self, field: &str, sent: Value) -> F {
        let mut inner = Self::new(match sent {
            Value::Object(fields) => fields,
            _ => {
                self.wrong(field, "has to be an object");
                Map::new()
            }
        });
        let form = inner.read();
        self.checked(field, inner.finish(Some(())));
        form
    }
}

/// A form: an object whose fields are listed. Declared by `form!`.
pub trait Form: Sized {
    /// The names of its fields.
    const FIELDS: &'static [&'static str];

    /// Reads its fields, in the order of the list.
    fn read_fields(object: &mut Object) -> Self;
}

/// A type that says how a field is read.
pub trait Field: Sized {
    /// Takes the field from the object, or notes there what is wrong with it.
    fn read(object: &mut Object, field: &str) -> Self;
}

/// Text that has to be there.
impl Field for String {
    fn read(object: &mut Object, field: &str) -> Self {
        match object.take(field) {
            Some(Value::String(text)) => return text,
            Some(_) => object.wrong(field, "has to be text"),
            None => object.wrong(field, NEEDED),
        }
        Self::new()
    }
}

/// Text, null or nothing: `None` is absent, `Some(None)` is null.
impl Field for Option<Option<String>> {
    fn read(object: &mut Object, field: &str) -> Self {
        match object.take(field)? {
            Value::String(text) => Some(Some(text)),
            Value::Null => Some(None),
            _ => {
                object.wrong(field, "has to be text or null");
                None
            }
        }
    }
}

/// Text, where null says no more than nothing.
impl Field for Option<String> {
    fn read(object: &mut Object, field: &str) -> Self {
        Option::<Self>::read(object, field).flatten()
    }
}

/// Yes, no, or nothing.
impl Field for Option<bool> {
    fn read(object: &mut Object, field: &str) -> Self {
        match object.take(field)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                object.wrong(field, "has to be true or false");
                None
            }
        }
    }
}

/// A form that has to be there.
impl<F: Form> Field for F {
    fn read(object: &mut Object, field: &str) -> Self {
        let sent = object.take(field).unwrap_or_else(|| {
            object.wrong(field, NEEDED);
            Value::Object(Map::new())
        });
        object.within(field, sent)
    }
}

/// A form that need not be there.
impl<F: Form> Field for Option<F> {
    fn read(object: &mut Object, field: &str) -> Self {
        let sent = object.take(field)?;
        Some(object.within(field, sent))
    }
}

/// Declares a form: a struct each of whose fields is a [`Field`].
macro_rules! form {
    ($(#[$about:meta])* $seen:vis struct $name:ident {
        $($(#[$field_about:meta])* $field_seen:vis $field:ident: $type:ty,)+
    }) => {
        $(#[$about])*
        #[derive(utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $seen struct $name {
            $($(#[$field_about])* $field_seen $field: $type,)+
        }

        impl $crate::domain::forms::Form for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read_fields(object: &mut $crate::domain::forms::Object) -> Self {
                Self {
                    $($field: $crate::domain::forms::Field::read(object, stringify!($field)),)+
                }
            }
        }
    };
}

pub(crate) use form;

#[cfg(test)]
mod tests;
