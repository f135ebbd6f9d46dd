//! Additions in every style there is.

use super::*;

fn node(text: &str) -> Node {
    Node::parse(text).unwrap()
}

#[test]
fn what_is_added_looks_like_what_was_there() {
    for (text, expected) in [
        (
            "{\n  \"a\": 1\n}\n",
            "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": {\n      \"d\": \"x\"\n    }\n  }\n}\n",
        ),
        (
            "{\r\n\t\"a\": 1\r\n}",
            "{\r\n\t\"a\": 1,\r\n\t\"b\": {\r\n\t\t\"c\": {\r\n\t\t\t\"d\": \"x\"\r\n\t\t}\r\n\t}\r\n}",
        ),
        ("{\"a\":1}", "{\"a\":1,\"b\":{\"c\":{\"d\":\"x\"}}}"),
        (
            "{ \"a\": 1 }",
            "{ \"a\": 1, \"b\": { \"c\": { \"d\": \"x\" } } }",
        ),
        ("{}", "{\"b\":{\"c\":{\"d\":\"x\"}}}"),
        (
            "{\n  \"b\": {}\n}",
            "{\n  \"b\": {\n    \"c\": {\n      \"d\": \"x\"\n    }\n  }\n}",
        ),
        (
            "{\n  \"b\": { \"a\": 1 }\n}",
            "{\n  \"b\": { \"a\": 1, \"c\": { \"d\": \"x\" } }\n}",
        ),
    ] {
        let mut document = Document::read("x.json", text).unwrap();
        document.add(&["b", "c"], &node("{\"d\":\"x\"}")).unwrap();
        assert_eq!(document.text(), expected);
        document.add(&["b", "c"], &node("{\"d\":\"y\"}")).unwrap();
        assert_eq!(document.text(), expected, "again: nothing");
    }
}

#[test]
fn of_a_group_only_what_is_missing_is_added() {
    let mut document = Document::read("x.json", "{\"a\": {\"b\": \"mine\"}}").unwrap();
    document
        .add(&["a"], &node("{\"b\": \"x\", \"c\": [1, true]}"))
        .unwrap();
    assert_eq!(
        document.text(),
        "{\"a\": {\"b\": \"mine\", \"c\": [1, true]}}"
    );
    let refusal = document.add(&["a", "b", "d"], &node("1")).unwrap_err();
    assert!(refusal.message.contains("\"a.b\""), "{refusal:?}");
}

#[test]
fn lists_grow_at_their_end() {
    for (text, expected) in [
        ("{\"l\": [\"a\"]}", "{\"l\": [\"a\", \"z\"]}"),
        ("{\"l\": []}", "{\"l\": [\"z\"]}"),
        (
            "{\n \"l\": [\n  \"a\",\n  \"b\"\n ]\n}",
            "{\n \"l\": [\n  \"a\",\n  \"b\",\n  \"z\"\n ]\n}",
        ),
        ("{\n \"k\": 1\n}", "{\n \"k\": 1,\n \"l\": [\"z\"]\n}"),
    ] {
        let mut document = Document::read("x.json", text).unwrap();
        document.push(&["l"], "z").unwrap();
        assert_eq!(document.text(), expected);
    }
    let mut wrong = Document::read("x.json", "{\"l\": {}}").unwrap();
    assert!(wrong.push(&["l"], "z").is_err());
}
