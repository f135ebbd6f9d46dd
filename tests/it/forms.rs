//! What a form is told: every fault at once, in the order of the form's fields, each by its
//! pointer. And what is described of forms and documents is what they are.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::TestApp;

const NEEDED: &str = "this field is needed";
const UNKNOWN: &str = "is not on the list of fields";
const TEXT: &str = "has to be text";
const TEXT_OR_NULL: &str = "has to be text or null";
const FLAG: &str = "has to be true or false";
const OBJECT: &str = "has to be an object";
const TRUE: &str = "has to be true: without it there is no consent";
const TAG: &str = "a language tag like en or pt-BR";

/// What somebody is told of a form, in English.
async fn told(test: &TestApp, method: Method, path: &str, form: &Value) -> Vec<(String, String)> {
    let anna = test.anna();
    let answer = anna
        .call(method, path, &anna.token(), Some(form.clone()))
        .await;
    let problem = answer.problem(422, "invalid-fields");
    let errors = problem["errors"].as_array().unwrap().iter();
    let said = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    errors
        .map(|e| (said(e, "pointer"), said(e, "detail")))
        .collect()
}

/// The same form with one field more, or another value of it.
fn with(form: &Value, pointer: &str, value: Value) -> Value {
    let mut form = form.clone();
    let (object, field) = pointer.rsplit_once('/').unwrap();
    form.pointer_mut(object).unwrap()[field] = value;
    form
}

fn without(form: &Value, pointer: &str) -> Value {
    let mut form = form.clone();
    let (object, field) = pointer.rsplit_once('/').unwrap();
    let object = form.pointer_mut(object).unwrap();
    object.as_object_mut().unwrap().remove(field);
    form
}

#[tokio::test]
async fn of_a_consent_form_everything_is_told_at_once() {
    let test = TestApp::start().await;
    let right = test.anna().form().await;
    let cases = [
        (
            with(&right, "/policy_hash", json!(1)),
            vec![("/policy_hash", TEXT)],
        ),
        (
            with(&right, "/policy_hash", Value::Null),
            vec![("/policy_hash", TEXT)],
        ),
        (without(&right, "/lang"), vec![("/lang", NEEDED)]),
        (
            with(&right, "/lang", json!("English")),
            vec![("/lang", TAG)],
        ),
        (with(&right, "/more", json!({})), vec![("/more", UNKNOWN)]),
        (
            with(&right, "/contact/birthday", json!("1990")),
            vec![("/contact/birthday", UNKNOWN)],
        ),
        // What is no text cannot be a name, and there is none.
        (
            with(&right, "/contact/name", json!(5)),
            vec![("/contact/name", TEXT_OR_NULL), ("/contact/name", NEEDED)],
        ),
        (
            with(&right, "/contact/name", json!(" ")),
            vec![("/contact/name", NEEDED)],
        ),
        (
            without(&right, "/contact/email"),
            vec![("/contact/email", NEEDED)],
        ),
        (
            with(&right, "/contact", json!("Anna")),
            vec![
                ("/contact", OBJECT),
                ("/contact/name", NEEDED),
                ("/contact/email", NEEDED),
            ],
        ),
        (
            without(&right, "/contact"),
            vec![
                ("/contact", NEEDED),
                ("/contact/name", NEEDED),
                ("/contact/email", NEEDED),
            ],
        ),
        (
            with(&right, "/purposes", Value::Null),
            vec![("/purposes", OBJECT)],
        ),
        (
            with(&right, "/purposes/advertising", Value::Null),
            vec![("/purposes/advertising", FLAG)],
        ),
        (
            with(&right, "/declares/read", json!(false)),
            vec![("/declares/read", TRUE)],
        ),
        (
            without(&right, "/declares"),
            vec![
                ("/declares", NEEDED),
                ("/declares/read", TRUE),
                ("/declares/own_data", TRUE),
            ],
        ),
        (
            json!({
                "zz": 1, "lang": "?", "declares": {"read": "yes", "a/b": 1},
                "purposes": {"all": true, "advertising": 1}, "policy_hash": [],
                "contact": {"zz": 1, "email": "anna", "position": {}, "name": "a\nb", "language": "?", "aa": 1},
            }),
            vec![
                ("/policy_hash", TEXT),
                ("/contact/position", TEXT_OR_NULL),
                ("/contact/aa", UNKNOWN),
                ("/contact/zz", UNKNOWN),
                ("/purposes/advertising", FLAG),
                ("/purposes/all", UNKNOWN),
                ("/declares/read", TRUE),
                ("/declares/own_data", TRUE),
                ("/declares/a~1b", UNKNOWN),
                ("/contact/name", "one line of plain text"),
                ("/contact/email", "an e-mail address like anna@example.com"),
                ("/contact/language", TAG),
                ("/lang", TAG),
                ("/zz", UNKNOWN),
            ],
        ),
    ];
    for (form, expected) in cases {
        let told = told(&test, Method::POST, "/consents", &form).await;
        let told: Vec<(&str, &str)> = told.iter().map(|(p, m)| (p.as_str(), m.as_str())).collect();
        assert_eq!(told, expected, "{form}");
    }
    assert_eq!(test.count("consent").await, 0);
}

#[tokio::test]
async fn of_a_correction_and_a_withdrawal_too() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    test.anna().consent().await;
    let cases = [
        (
            Method::PATCH,
            "/contact",
            json!({"name": null}),
            vec![("/name", NEEDED)],
        ),
        (
            Method::PATCH,
            "/contact",
            json!({"phone": 1, "email": "anna", "more": 1}),
            vec![("/phone", TEXT_OR_NULL), ("/more", UNKNOWN)],
        ),
        (
            Method::PATCH,
            "/contact",
            json!({"company": "x".repeat(201), "name": ""}),
            vec![("/name", NEEDED), ("/company", "at most 200 characters")],
        ),
        (
            Method::POST,
            "/withdrawals",
            json!({"comment": 1}),
            vec![("/comment", TEXT_OR_NULL)],
        ),
        (
            Method::POST,
            "/withdrawals",
            json!({"comment": "x".repeat(2001), "reason": ""}),
            vec![
                ("/comment", "at most 2000 characters"),
                ("/reason", UNKNOWN),
            ],
        ),
    ];
    for (method, path, form, expected) in cases {
        let told = told(&test, method, path, &form).await;
        let told: Vec<(&str, &str)> = told.iter().map(|(p, m)| (p.as_str(), m.as_str())).collect();
        assert_eq!(told, expected, "{form}");
    }
}

/// What a schema of the description leads to.
fn schema<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(at) => api.pointer(&at[1..]).unwrap(),
        None => schema,
    }
}

/// Whether a document has the fields that are described, all that are required, and no other.
fn check(api: &Value, described: &Value, document: &Value, at: &str, faults: &mut Vec<String>) {
    let described = schema(api, described);
    if let Some(kinds) = described["oneOf"].as_array() {
        for kind in kinds.iter().filter(|kind| kind["type"] != "null") {
            check(api, kind, document, at, faults);
        }
        return;
    }
    match document {
        Value::Object(fields) => {
            let nothing = Map::new();
            let properties = described["properties"].as_object().unwrap_or(&nothing);
            for (name, value) in fields {
                match properties.get(name) {
                    Some(property) => check(api, property, value, &format!("{at}/{name}"), faults),
                    None => faults.push(format!("{at}/{name} is not described")),
                }
            }
            let required = described["required"].as_array().into_iter().flatten();
            let absent = required.filter(|name| !fields.contains_key(name.as_str().unwrap()));
            faults.extend(absent.map(|name| format!("{at}: {name} is not there")));
        }
        Value::Array(items) => {
            for item in items {
                check(api, &described["items"], item, at, faults);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn documents_are_what_the_description_says() {
    let test = TestApp::start().await;
    test.leaves_due_jobs();
    test.install().await;
    let api = test.get("/openapi.json").await.expect(200);
    let answers = |path: &str, method: &str, status: &str| {
        let path = path.replace('/', "~1");
        let pointer =
            format!("/paths/{path}/{method}/responses/{status}/content/application~1json/schema");
        api.pointer(&pointer).unwrap()
    };
    let form = test.anna().form().await;
    let given = test.anna().consent().await;
    let receipt = format!("/receipts/{}", given["receipt"]["id"].as_str().unwrap());
    let receipt = test.anna().get(&receipt).await.expect(200);
    let contact = test.anna().patch("/contact", json!({})).await.expect(200);
    let keys = test.get("/.well-known/accord-keys.json").await.expect(200);
    let consents = "/widget/v1/consents".replace('/', "~1");
    let request = format!("/paths/{consents}/post/requestBody/content/application~1json/schema");
    let documents = [
        ("the form", api.pointer(&request).unwrap(), form),
        (
            "given",
            answers("/widget/v1/consents", "post", "201"),
            given,
        ),
        (
            "receipt",
            answers("/widget/v1/receipts/{id}", "get", "200"),
            receipt,
        ),
        (
            "contact",
            answers("/widget/v1/contact", "patch", "200"),
            contact,
        ),
        (
            "keys",
            answers("/.well-known/accord-keys.json", "get", "200"),
            keys,
        ),
    ];
    let mut faults = Vec::new();
    for (name, described, document) in &documents {
        check(&api, described, document, name, &mut faults);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
