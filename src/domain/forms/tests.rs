//! How a form is read, and what is told of one that is wrong.

use super::*;
use serde_json::json;

form! {
    struct Whole {
        lang: String,
        hash: String,
        note: Option<String>,
        inner: Inner,
        more: Option<Inner>,
    }
}

form! {
    #[derive(Debug, PartialEq)]
    struct Inner {
        name: Option<Option<String>>,
        flag: Option<bool>,
    }
}

fn object(value: Value) -> Object {
    let Value::Object(fields) = value else {
        panic!("{value} is no object")
    };
    Object::new(fields)
}

fn errors(value: Value) -> Vec<(String, &'static str)> {
    let read = object(value).into_form::<Whole>();
    let errors = read.err().unwrap_or_default().into_iter();
    errors.map(|e| (e.pointer, e.message)).collect()
}

#[test]
fn absent_null_and_text_are_told_apart_where_it_matters() {
    for (sent, name) in [
        (json!({}), None),
        (json!({"name": null}), Some(None)),
        (json!({"name": ""}), Some(Some(String::new()))),
    ] {
        let form: Inner = object(sent).into_form().unwrap();
        assert_eq!(form, Inner { name, flag: None });
    }
    let whole = json!({"lang": "en", "hash": "", "note": null, "inner": {"flag": true}});
    let form: Whole = object(whole).into_form().unwrap();
    assert_eq!(
        (form.lang.as_str(), form.hash, form.note),
        ("en", String::new(), None)
    );
    assert_eq!((form.inner.flag, form.more), (Some(true), None));
}

#[test]
fn every_fault_is_told_with_its_pointer_in_the_order_of_the_list() {
    let wrong =
        json!({"lang": 5, "a/b~": 1, "inner": {"flag": null, "a/b": 1, "name": []}, "more": 7});
    assert_eq!(
        errors(wrong),
        [
            ("/lang", "has to be text"),
            ("/hash", NEEDED),
            ("/inner/name", "has to be text or null"),
            ("/inner/flag", "has to be true or false"),
            ("/inner/a~1b", "is not on the list of fields"),
            ("/more", "has to be an object"),
            ("/a~1b~0", "is not on the list of fields"),
        ]
        .map(|(pointer, message)| (pointer.to_owned(), message))
    );
    assert_eq!(Whole::FIELDS, ["lang", "hash", "note", "inner", "more"]);
}

#[test]
fn no_more_is_told_than_twenty_faults() {
    let many =
        || -> Map<String, Value> { (0..1000).map(|n| (format!("x{n}"), Value::Null)).collect() };
    let mut whole = many();
    whole.insert("inner".into(), Value::Object(many()));
    let told = errors(Value::Object(whole));
    assert_eq!((told.len(), told[0].0.as_str()), (MOST_ERRORS, "/lang"));
    let name = errors(json!({"ü".repeat(100): 1})).pop().unwrap().0;
    assert_eq!(name.chars().count(), 1 + 64);
}
