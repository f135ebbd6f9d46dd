//! Consent, contact details, what a person sees of theirs.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, BORIS, TestApp};
use accord::domain::time::days;

#[tokio::test]
async fn a_consent_is_to_exactly_the_words_shown() {
    let test = TestApp::start().await;
    test.install().await;
    let given = test.anna().consent().await;
    let (receipt, standing) = (&given["receipt"], &given["standing"]);
    assert_eq!(standing["install"], "active");
    assert_eq!(standing["entitled"], true);
    assert_eq!(standing["reason"], Value::Null);
    assert_eq!(standing["consent"]["state"], "given");
    assert_eq!(standing["consent"]["policy_number"], 1);
    assert_eq!(standing["consent"]["user_id"], ANNA);
    assert_eq!(
        standing["consent"]["purposes"],
        json!(["5.2.1", "5.2.2", "5.2.3", "5.2.5", "5.2.6", "5.2.7"])
    );
    assert_eq!(receipt["act"], "given");
    assert_eq!(receipt["account_id"], ACCOUNT);
    assert_eq!(receipt["product"], "demo");
    assert_eq!(receipt["policy"]["hash"], standing["policy"]["hash"]);
    assert_eq!(receipt["declares"], json!({"read": true, "own_data": true}));

    let id = receipt["id"].as_str().unwrap();
    assert_eq!(
        test.anna()
            .get(&format!("/receipts/{id}"))
            .await
            .expect(200),
        *receipt
    );
    test.boris()
        .get(&format!("/receipts/{id}"))
        .await
        .problem(404, "not-found");
    test.anna()
        .get("/receipts/nonsense")
        .await
        .problem(404, "not-found");
    test.run_jobs().await;
}

#[tokio::test]
async fn personal_fields_are_sealed_and_found_by_a_blind_index() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let dump = test.dump().await;
    for word in [
        "Anna Ivanova",
        "anna@example.com",
        "+996700123456",
        "A shop",
        &ANNA.to_string(),
    ] {
        assert!(!dump.contains(word), "{word} is in the database");
    }
    assert_eq!(test.count("subject").await, 1);
    // The same person again is found, not doubled.
    test.anna().consent().await;
    assert_eq!(
        (
            test.count("subject").await,
            test.count("consent").await,
            test.count("contact").await
        ),
        (1, 2, 1)
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn a_consent_from_an_account_never_seen_creates_the_install() {
    let test = TestApp::start().await;
    let before = test.anna().standing().await;
    assert_eq!(
        (before["generation"].as_u64(), before["install"].as_str()),
        (Some(0), Some("pending"))
    );
    assert_eq!(before["authorization"], "reauthorize");
    assert_eq!(test.count("install").await, 0);
    let standing = test.anna().consent().await["standing"].clone();
    assert_eq!(
        (standing["install"].as_str(), standing["entitled"].as_bool()),
        (Some("active"), Some(true))
    );
    assert_eq!(
        (
            standing["authorization"].as_str(),
            standing["hint"].as_str()
        ),
        (Some("reauthorize"), Some("reauthorize"))
    );
    assert_eq!(standing["generation"], 1);
    test.run_jobs().await;
}

#[tokio::test]
async fn advertising_is_separate_and_off() {
    let test = TestApp::start().await;
    test.install().await;
    let mut form = test.anna().form().await;
    form.as_object_mut().unwrap().remove("purposes");
    let standing = test
        .anna()
        .post("/consents", form.clone())
        .await
        .expect(201)["standing"]
        .clone();
    assert!(
        !standing["consent"]["purposes"]
            .as_array()
            .unwrap()
            .contains(&json!("5.2.8"))
    );
    form["purposes"] = json!({"advertising": true});
    let standing = test.anna().post("/consents", form).await.expect(201)["standing"].clone();
    assert!(
        standing["consent"]["purposes"]
            .as_array()
            .unwrap()
            .contains(&json!("5.2.8"))
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn a_replaced_policy_is_told_and_nothing_is_stored() {
    let test = TestApp::start().await;
    test.install().await;
    let form = test.anna().form().await;
    test.publish(&[(
        "policy.en.md",
        "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. Other words.\n",
    )])
    .await;
    let problem = test
        .anna()
        .post("/consents", form.clone())
        .await
        .problem(409, "policy-changed");
    assert_eq!(problem["policy"]["number"], 2);
    let current = test.get("/widget/v1/policy?product=demo").await.expect(200);
    assert_eq!(problem["policy"]["hash"], current["hash"]);
    assert_eq!(test.count("consent").await, 0);
    assert_eq!(test.count("burned_token").await, 0);

    let mut again = form;
    again["policy_hash"] = problem["policy"]["hash"].clone();
    test.anna().post("/consents", again).await.expect(201);
    test.run_jobs().await;
}

#[tokio::test]
async fn the_language_of_the_form_is_the_language_of_the_entry() {
    let test = TestApp::start().await;
    test.install().await;
    let russian = test
        .get("/widget/v1/policy?product=demo&lang=ru")
        .await
        .expect(200);
    let mut form = test.anna().form().await;
    form["lang"] = json!("ru");
    test.anna()
        .post("/consents", form.clone())
        .await
        .problem(409, "policy-changed");
    form["policy_hash"] = russian["hash"].clone();
    let receipt = test.anna().post("/consents", form).await.expect(201)["receipt"].clone();
    assert_eq!(
        (
            receipt["policy"]["lang"].as_str(),
            &receipt["policy"]["hash"]
        ),
        (Some("ru"), &russian["hash"])
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_stored() {
    let test = TestApp::start().await;
    test.install().await;
    let good = test.anna().form().await;
    let cases: [(&str, Value, &str); 12] = [
        ("/contact/name", json!("  "), "/contact/name"),
        ("/contact/email", json!("no address"), "/contact/email"),
        ("/contact/email", Value::Null, "/contact/email"),
        ("/contact/phone", json!("12"), "/contact/phone"),
        ("/contact/phone", json!(5), "/contact/phone"),
        ("/contact/language", json!("not a tag"), "/contact/language"),
        (
            "/contact/birthday",
            json!("1990-01-01"),
            "/contact/birthday",
        ),
        ("/purposes/location", json!(true), "/purposes/location"),
        ("/declares/read", json!(false), "/declares/read"),
        ("/declares/own_data", Value::Null, "/declares/own_data"),
        ("/lang", json!("??"), "/lang"),
        ("/extra", json!(1), "/extra"),
    ];
    for (pointer, value, named) in cases {
        let mut form = good.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        form.pointer_mut(parent).unwrap()[field] = value.clone();
        let problem = test
            .anna()
            .post("/consents", form)
            .await
            .problem(422, "invalid-fields");
        let pointers: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(pointers, [named], "{pointer} = {value}");
    }
    let problem = test
        .anna()
        .post("/consents", json!({}))
        .await
        .problem(422, "invalid-fields");
    assert!(
        problem["errors"].as_array().unwrap().len() >= 4,
        "{problem}"
    );
    assert_eq!(
        (
            test.count("consent").await,
            test.count("subject").await,
            test.count("burned_token").await
        ),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn malformed_bodies_are_refused_by_their_kind() {
    let test = TestApp::start().await;
    test.install().await;
    let big = format!("{{\"lang\":\"{}\"}}", "a".repeat(70_000));
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    for (body, media, status, code) in [
        ("{", "application/json", 400, "malformed-json"),
        ("[]", "application/json", 400, "malformed-json"),
        ("", "application/json", 400, "malformed-json"),
        (
            "{\"lang\":\"en\",\"lang\":\"ru\"}",
            "application/json",
            400,
            "malformed-json",
        ),
        (deep.as_str(), "application/json", 400, "malformed-json"),
        (big.as_str(), "application/json", 413, "body-too-large"),
        ("{}", "text/plain", 415, "unsupported-media-type"),
        (
            "a=b",
            "application/x-www-form-urlencoded",
            415,
            "unsupported-media-type",
        ),
    ] {
        let request = test
            .http
            .post(format!("{}/widget/v1/consents", test.base))
            .header("X-Auth-Token", test.anna().token())
            .header("Content-Type", media)
            .body(body.to_owned());
        crate::support::Answer::of(request.send().await.unwrap())
            .await
            .problem(status, code);
    }
}

#[tokio::test]
async fn people_correct_their_own_details_and_the_history_stays() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna()
        .patch("/contact", json!({"phone": null}))
        .await
        .problem(404, "no-contact");
    test.anna().consent().await;
    let contact = test
        .anna()
        .patch(
            "/contact",
            json!({"phone": null, "email": "Anna.I@example.com"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&contact["phone"], contact["email"].as_str()),
        (&Value::Null, Some("Anna.I@example.com"))
    );
    test.anna()
        .patch("/contact", json!({"email": null}))
        .await
        .problem(422, "invalid-fields");
    test.anna()
        .patch("/contact", json!({"birthday": "1990"}))
        .await
        .problem(422, "invalid-fields");
    test.boris()
        .patch("/contact", json!({"name": "B"}))
        .await
        .problem(404, "no-contact");

    let me = test.anna().get("/me").await.expect(200);
    assert_eq!(me["person"]["contact"]["email"], "Anna.I@example.com");
    let emails: Vec<&str> = me["person"]["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["contact"]["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails, ["anna@example.com", "Anna.I@example.com"]);
    let mut kept: Vec<&str> = me["person"]["contact"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .chain(["account_id"])
        .collect();
    let mut collected: Vec<&str> = accord::domain::contacts::collected().collect();
    kept.sort_unstable();
    collected.sort_unstable();
    assert_eq!(kept, collected, "policy check goes by this list");
    test.run_jobs().await;
}

#[tokio::test]
async fn my_data_is_mine_alone_in_three_forms() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;

    let theirs = test.boris().get("/me").await;
    assert_eq!(theirs.header("cache-control"), Some("no-store"));
    let theirs = theirs.expect(200);
    assert_eq!(theirs["person"], Value::Null);
    assert!(!theirs.to_string().contains("anna@example.com"));

    let mine = test.anna().get("/me").await.expect(200);
    assert_eq!(mine["person"]["user_id"], ANNA);
    assert_eq!(mine["consents"].as_array().unwrap().len(), 1);
    assert_eq!(mine["install"]["install"], "active");

    let page = test.anna().get("/me?format=html").await;
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text().contains("anna@example.com") && page.text().contains("<style>"));

    let page = test.anna().get("/me?format=html&lang=ru").await;
    assert!(page.text().contains("Мои данные"));

    let archive = test.anna().get("/me?format=zip").await;
    assert_eq!(archive.header("content-type"), Some("application/zip"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert!(
        names.contains(&"my-data.json".to_owned())
            && names.iter().any(|n| n.starts_with("receipts/")),
        "{names:?}"
    );
    let _ = zip.by_name("my-data.html").unwrap();
    test.anna()
        .get("/me?format=pdf")
        .await
        .problem(400, "malformed");
    let _ = BORIS;
    test.run_jobs().await;
}

#[tokio::test]
async fn the_ledger_only_grows() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let database = &test.app.config.database;
    for sql in [
        "UPDATE consent SET act = 'withdrawn'",
        "DELETE FROM consent",
        "UPDATE policy_text SET hash = 'x'",
        "DELETE FROM policy_version",
        "UPDATE policy_posting SET posted_at = 0",
    ] {
        let refused = crate::support::database::run(database, sql)
            .await
            .unwrap_err();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    test.run_jobs().await;
}

#[tokio::test]
async fn a_wider_version_outdates_the_consent_and_locks_after_the_grace() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let facts = format!(
        "{}\n[[processor]]\nname = \"A new host\"\npurposes = [\"5.2.1\"]\n",
        accord::domain::facts::Facts::STARTER
    );
    let files = [("p.en.md", crate::support::POLICY_EN)];
    test.publish_with(&files, Some(facts), None).await.unwrap();

    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["entitled"].as_bool(),
            standing["consent"]["state"].as_str()
        ),
        (Some(true), Some("outdated"))
    );
    assert_eq!(standing["notice"]["level"], "reconsent");
    test.advance(days(14));
    let standing = test.anna().standing().await;
    assert_eq!(
        (standing["entitled"].as_bool(), standing["reason"].as_str()),
        (Some(false), Some("reconsent-required"))
    );
    let standing = test.anna().consent().await["standing"].clone();
    assert_eq!(
        (standing["entitled"].as_bool(), &standing["notice"]),
        (Some(true), &Value::Null)
    );
    test.run_jobs().await;
}
