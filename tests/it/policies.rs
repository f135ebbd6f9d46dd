//! The Policy through the doors: JSON, page, command line.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn the_policy_needs_no_token_and_speaks_the_readers_language() {
    let test = TestApp::start().await;
    let english = test.get("/widget/v1/policy?product=demo&lang=en").await;
    let etag = english.header("etag").unwrap().to_owned();
    let english = english.expect(200);
    assert_eq!(english["languages"], json!(["en", "ru"]));
    assert_eq!(
        (english["number"].as_u64(), english["lang"].as_str()),
        (Some(1), Some("en"))
    );
    assert_eq!(
        english["sections"][0]["clauses"][0],
        json!({"no": "1.1", "html": "<p>These words are agreed to.</p>", "text": "These words are agreed to."})
    );

    let request = test
        .http
        .get(format!("{}/widget/v1/policy?product=demo", test.base))
        .header("Accept-Language", "ru-RU,ru;q=0.9,en;q=0.8");
    let russian = crate::support::Answer::of(request.send().await.unwrap())
        .await
        .expect(200);
    assert_eq!(russian["lang"], "ru");
    assert_eq!(
        test.get("/widget/v1/policy?product=demo&lang=es")
            .await
            .expect(200)["lang"],
        "en",
        "the prevailing one"
    );

    let request = test
        .http
        .get(format!(
            "{}/widget/v1/policy?product=demo&lang=en",
            test.base
        ))
        .header("If-None-Match", &etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
    test.publish(&[(
        "p.en.md",
        "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. New.\n",
    )])
    .await;
    let request = test
        .http
        .get(format!(
            "{}/widget/v1/policy?product=demo&lang=en",
            test.base
        ))
        .header("If-None-Match", &etag);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(
        test.get("/widget/v1/policy?product=demo&number=1")
            .await
            .expect(200)["hash"],
        english["hash"]
    );
    test.get("/widget/v1/policy?product=demo&number=9")
        .await
        .problem(404, "not-found");
    test.get("/widget/v1/policy?product=other")
        .await
        .problem(404, "unknown-product");
    test.get("/widget/v1/policy")
        .await
        .problem(400, "malformed");
    test.run_jobs().await;
}

#[tokio::test]
async fn the_page_shows_every_clause_and_says_when_it_is_old() {
    let test = TestApp::start().await;
    let page = test.get("/policy/demo?lang=ru").await.text();
    assert!(
        page.contains("<html lang=\"ru\">")
            && page.contains("С этими словами соглашаются.")
            && page.contains("id=\"c2.1\"")
    );
    test.publish(&[(
        "p.en.md",
        "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. New.\n",
    )])
    .await;
    assert!(
        test.get("/policy/demo/1")
            .await
            .text()
            .contains("This is not the version in force")
    );
    assert!(
        !test
            .get("/policy/demo/2")
            .await
            .text()
            .contains("This is not the version in force")
    );
    assert_eq!(test.get("/policy/demo/3").await.status, 404);
    assert_eq!(test.get("/policy/other").await.status, 404);
    let request = test.http.get(format!("{}/policy/other", test.base));
    let request = request
        .header("Accept", "text/html")
        .header("Accept-Language", "ru");
    let page = crate::support::Answer::of(request.send().await.unwrap()).await;
    assert!(
        page.status == 404 && page.text().contains("<h1>Не найдено</h1>"),
        "{}",
        page.text()
    );
    test.run_jobs().await;
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::TempDir::new().unwrap(),
        };
        std::fs::write(desk.folder.path().join("secret"), "s3cret\n").unwrap();
        let added = desk.run(&[
            "product",
            "add",
            "--code",
            "demo",
            "--client-id",
            crate::support::CLIENT,
            "--secret-file",
            "secret",
            "--json",
        ]);
        let secrets = json_of(&added)["secrets"].clone();
        assert_eq!(secrets[0]["accepted_until"], Value::Null);
        assert!(secrets[0]["id"].is_string() && secrets[1].is_null());
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear();
        command.output().unwrap()
    }
}

fn json_of(output: &Output) -> Value {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_publisher_publishes_from_the_command_line() {
    let desk = Desk::new();
    let source = "Last updated #4 dated May 3, 2026\r\nTitle\r\n1. A\r\n1.1.\r\nWords.\r\n1.2.\r\nполучены из открытых источников";
    desk.write("old.en.txt", source);
    let checked = desk.run(&["policy", "check", "old.en.txt", "--json"]);
    assert_eq!(checked.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(report["files"][0]["clauses"], 2);
    assert_eq!(report["files"][0]["number"], 4);
    assert_eq!(report["files"][0]["findings"][0]["rule"], "language");
    assert_eq!(report["files"][0]["findings"][0]["clause"], "1.2");
    assert_eq!(report["files"][0]["findings"][0]["severity"], "error");

    assert_eq!(
        desk.run(&["policy", "publish", "--product", "demo", "old.en.txt"])
            .status
            .code(),
        Some(1)
    );
    let published = json_of(&desk.run(&[
        "policy",
        "publish",
        "--product",
        "demo",
        "old.en.txt",
        "--verbatim",
        "--json",
    ]));
    assert_eq!(
        (published["number"].as_u64(), published["level"].as_str()),
        (Some(4), Some("reconsent"))
    );
    let text = desk.run(&["policy", "text", "--product", "demo"]);
    assert_eq!(text.stdout, source.as_bytes(), "verbatim keeps every byte");

    for (name, number) in [("same.en.txt", 4), ("lower.en.txt", 3)] {
        desk.write(
            name,
            &format!("Last updated #{number} dated x\nT\n1. A\n1.1. B"),
        );
        assert_eq!(
            desk.run(&["policy", "publish", "--product", "demo", name])
                .status
                .code(),
            Some(1)
        );
    }
    desk.write("next.en.md", "---\ntitle: T\n---\n\n## 1. A\n\n1.1. B\n");
    let next = json_of(&desk.run(&[
        "policy",
        "publish",
        "--product",
        "demo",
        "next.en.md",
        "--json",
    ]));
    assert_eq!(
        (next["number"].as_u64(), next["level"].as_str()),
        (Some(5), Some("notice"))
    );
    let list = json_of(&desk.run(&["policy", "list", "--product", "demo", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 2);
    let show = [
        "policy",
        "show",
        "--product",
        "demo",
        "--number",
        "4",
        "--json",
    ];
    let mut shown = json_of(&desk.run(&show));
    let found = shown["findings"].take();
    assert_eq!(
        found[0]["clause"], "1.2",
        "what was found is recorded: {found}"
    );
    for recorded in ["findings", "reason"] {
        shown.as_object_mut().unwrap().remove(recorded);
    }
    assert_eq!(shown, list[0]);
    assert_eq!(
        desk.run(&["policy", "show", "--product", "nobody"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_text_is_held_against_the_facts_that_will_be_its_own() {
    let desk = Desk::new();
    desk.write("p.en.md", "---\ntitle: T\n---\n\n## 1. A\n\n1.1. What we need your data for:\n\n1.1.1. To help you.\n");
    let facts = |rest: &str| {
        format!(
            "[holder]\nname = \"Rose\"\nlegal_form = \"company\"\n[[purpose]]\ncode = \"1.1.1\"\ntitle = {{ en = \"help\" }}\n\
             basis = \"consent\"\n{rest}"
        )
    };
    let keep = "retention = { event = \"uninstall\", period = \"P30D\" }\n";
    let all = "categories = [\"name\", \"company\", \"position\", \"phone\", \"email\", \"language\", \"account_id\"]\n";
    let mut last = 0;
    let mut found = |rest: String| {
        last += 1;
        let file = format!("facts-{last}.toml");
        desk.write(&file, &facts(&rest));
        let checked = desk.run(&["policy", "check", "p.en.md", "--facts", &file, "--json"]);
        let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
        let about = report["files"][0]["findings"].as_array().unwrap().iter();
        let told: Vec<String> = about
            .filter(|finding| finding["rule"] == "facts")
            .map(|finding| format!("{}: {}", finding["severity"], finding["message"]))
            .collect();
        (checked.status.code(), told.join("; "))
    };
    assert_eq!(found(format!("{keep}{all}")), (Some(0), String::new()));
    let (status, told) = found(format!("{keep}categories = [\"name\", \"email\"]\n"));
    assert!(
        status == Some(0) && told.contains("company, position, phone"),
        "{told}"
    );
    let (status, told) = found(format!("{keep}{all}recipients = [\"Mail Ltd\"]\n"));
    assert!(status == Some(0) && told.contains("Mail Ltd"), "{told}");
    let (status, told) = found(all.to_owned());
    assert!(
        status == Some(1) && told.starts_with("\"error\"") && told.contains("retention"),
        "{told}"
    );
    let (status, told) = found(format!("{}{all}", keep.replace("P30D", "unlimited")));
    assert!(status == Some(1) && told.contains("unlimited"), "{told}");

    // Without facts of its own a version has those of the one before, not the starter's.
    let publish = [
        "policy",
        "publish",
        "--product",
        "demo",
        "p.en.md",
        "--json",
    ];
    json_of(&desk.run(&[&publish[..], &["--facts", "facts-1.toml"]].concat()));
    json_of(&desk.run(&publish));
    for number in ["1", "2"] {
        let show = [
            "policy",
            "show",
            "--product",
            "demo",
            "--number",
            number,
            "--json",
        ];
        let findings = &json_of(&desk.run(&show))["findings"];
        let rules: Vec<_> = findings
            .as_array()
            .unwrap()
            .iter()
            .map(|f| &f["rule"])
            .collect();
        assert_eq!(rules, ["holder"], "version {number}: {findings}");
    }
}

#[test]
fn files_that_are_no_policy_are_refused_by_name_and_leave_nothing() {
    let desk = Desk::new();
    let good = "1. A\n1.1. Words.";
    desk.write(
        "huge.en.txt",
        &format!("{good} {}", "word ".repeat(4 << 20)),
    );
    desk.write(
        "levels.en.txt",
        &format!("{good}\n{} deep", "1.".repeat(1000)),
    );
    desk.write(
        "script.en.md",
        "## 1. A\n\n1.1. <script>alert(1)</script>\n",
    );
    desk.write("one.en.txt", good);
    desk.write("other.en.md", good);
    std::fs::write(
        desk.folder.path().join("bytes.en.txt"),
        b"1. A\n1.1. \xff\xfe",
    )
    .unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["huge.en.txt"], "larger than 1 MiB"),
        (&["levels.en.txt"], "clause-number"),
        (&["script.en.md"], "markup"),
        (&["bytes.en.txt"], "UTF-8"),
        (&["one.en.txt", "other.en.md"], "another file is in en too"),
        (&["absent.en.txt"], "absent.en.txt"),
    ];
    for (files, named) in cases {
        let publish = ["policy", "publish", "--product", "demo"];
        let refused = desk.run(&[&publish[..], files].concat());
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{files:?}");
        assert!(said.contains(named), "{files:?}: {said}");
    }
    let list = desk.run(&["policy", "list", "--product", "demo", "--json"]);
    assert_eq!(json_of(&list), json!([]));
}

#[test]
fn what_has_no_sections_is_published_byte_for_byte() {
    let desk = Desk::new();
    let source = "\u{feff}A policy\r\n\r\nJust words, {{publisher.name}},\r\nand no numbers.\r\n";
    desk.write("free.en_GB.txt", source);
    let publish = ["policy", "publish", "--product", "demo", "free.en_GB.txt"];
    let refused = desk.run(&publish);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said.contains("no section was found") && said.contains("--verbatim"),
        "{said}"
    );
    let published = json_of(&desk.run(&[&publish[..], &["--verbatim", "--json"]].concat()));
    assert_eq!(published["texts"][0]["lang"], "en-GB");
    for lang in ["en-GB", "en_GB"] {
        let text = desk.run(&["policy", "text", "--product", "demo", "--lang", lang]);
        assert_eq!(text.stdout, source.as_bytes(), "{lang}");
    }

    // No advice that fails: these cannot be published in any way.
    std::fs::write(
        desk.folder.path().join("bytes.en.txt"),
        b"1. A\n1.1. \xff\xfe",
    )
    .unwrap();
    desk.write("one.xx.txt", "1. A\n1.1. Words.");
    desk.write("empty.en.txt", " \n");
    for file in ["bytes.en.txt", "one.xx.txt", "empty.en.txt"] {
        for more in [&[][..], &["--verbatim"]] {
            let publish = ["policy", "publish", "--product", "demo", file];
            let refused = desk.run(&[&publish[..], more].concat());
            let said = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{file}");
            assert!(!said.contains("--verbatim"), "{file}: {said}");
        }
    }
}

#[tokio::test]
async fn sections_without_numbers_and_with_words_are_shown_as_they_are() {
    let test = TestApp::start().await;
    test.publish(&[(
        "p.en.md",
        "# T\n\n## What we keep\n\n| Data | Term |\n|---|---|\n| Name | 30 days |\n",
    )])
    .await;
    let policy = test.get("/widget/v1/policy?product=demo").await.expect(200);
    let section = &policy["sections"][0];
    assert_eq!(
        (&section["no"], &section["title"], &section["clauses"]),
        (&json!(""), &json!("What we keep"), &json!([]))
    );
    let table = "<table><thead><tr><th>Data</th><th>Term</th></tr></thead><tbody><tr><td>Name</td><td>30 days</td></tr></tbody></table>";
    assert_eq!(section["preamble_html"], table);
    let page = test.get("/policy/demo").await.text();
    assert!(
        page.contains("<h2>What we keep</h2>")
            && page.contains(r##"href="#part1""##)
            && page.contains(table),
        "{page}"
    );

    test.publish(&[(
        "p.ru.txt",
        "T\nСтатья 1. Права\n1.1. Пользователь вправе спросить.",
    )])
    .await;
    let policy = test.get("/widget/v1/policy?product=demo").await.expect(200);
    let section = &policy["sections"][0];
    assert_eq!(
        (&section["no"], &section["title"], &section["label"]),
        (&json!("1"), &json!("Права"), &json!("Статья 1."))
    );
    let page = test.get("/policy/demo?lang=ru_RU").await.text();
    assert!(page.contains("<h2>Статья 1. Права</h2>"), "{page}");
    test.run_jobs().await;
}

#[tokio::test]
async fn whatever_signs_a_text_consists_of_the_page_shows_them_and_obeys_none() {
    let test = TestApp::start().await;
    let arabic = "\u{feff}---\r\nlang: ar\r\ntitle: سياسة\r\n---\r\n## 1. كلمات\r\n\r\n1.1. <b onclick=x>كلمة</b> &amp; <script>alert(1)</script>\r\n";
    test.publish(&[("policy.ar.md", arabic)]).await;
    let page = test.get("/policy/demo").await.text();
    assert!(page.contains(r#"lang="ar" dir="rtl""#), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("<b onclick"));
    let policy = test.get("/widget/v1/policy?product=demo").await.expect(200);
    let clause = &policy["sections"][0]["clauses"][0];
    assert!(
        clause["text"]
            .as_str()
            .unwrap()
            .contains("<script>alert(1)</script>")
    );
    let html = clause["html"].as_str().unwrap();
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<b"),
        "{html}"
    );
    test.run_jobs().await;
}

#[test]
fn who_reads_no_further_is_no_failure() {
    let mut openapi = std::process::Command::new(env!("CARGO_BIN_EXE_accord"))
        .arg("openapi")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(openapi.stdout.take());
    let done = openapi.wait_with_output().unwrap();
    assert_eq!((done.status.code(), done.stderr.len()), (Some(0), 0));
}

#[test]
fn wrong_usage_is_two_and_a_failed_task_is_one() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["policy", "publish"]).status.code(), Some(2));
    assert_eq!(desk.run(&["nonsense"]).status.code(), Some(2));
    let again = desk.run(&[
        "product",
        "add",
        "--code",
        "demo",
        "--client-id",
        crate::support::CLIENT,
        "--secret-file",
        "secret",
    ]);
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty());
    for args in [
        ["product", "--help"],
        ["serve", "--help"],
        ["policy", "--help"],
        ["widget", "--help"],
    ] {
        assert_eq!(desk.run(&args).status.code(), Some(0));
    }
    let api: Value = json_of(&desk.run(&["openapi"]));
    assert_eq!(api["openapi"], "3.1.0");
}

#[test]
fn the_shipped_widget_passes_and_packs_to_the_same_bytes() {
    let desk = Desk::new();
    let widget = concat!(env!("CARGO_MANIFEST_DIR"), "/widget");
    let checked = json_of(&desk.run(&["widget", "check", widget, "--json"]));
    assert_eq!(checked["findings"], json!([]));
    for out in ["a.zip", "b.zip"] {
        let packed = desk.run(&[
            "widget",
            "pack",
            widget,
            "--out",
            out,
            "--backend",
            "https://w.example",
            "--product",
            "demo",
        ]);
        assert!(
            packed.status.success(),
            "{}",
            String::from_utf8_lossy(&packed.stderr)
        );
    }
    let read = |name: &str| std::fs::read(desk.folder.path().join(name)).unwrap();
    assert_eq!(read("a.zip"), read("b.zip"));
}

#[tokio::test]
async fn what_changed_between_two_versions_is_told_clause_by_clause() {
    let test = TestApp::start().await;
    let second = "---\nlang: en\ntitle: A policy for tests\n---\n\n## 1. Words\n\n1.1. Something new.\n\n1.2. These words are agreed to freely.\n\n## 2. Duties\n\n2.1. They are kept.\n";
    let facts = accord::domain::facts::Facts::STARTER.replacen(
        "recipients = []",
        "recipients = [\"Mail Ltd\"]",
        1,
    );
    test.publish_with(&[("p.en.md", second)], Some(facts), None)
        .await
        .unwrap();
    let diff = test
        .get("/widget/v1/policy/diff?product=demo&from=1&to=2")
        .await
        .expect(200);
    assert_eq!(diff["level"], "reconsent");
    assert_eq!(
        diff["facts"],
        json!(["identification for access: new recipient: Mail Ltd"])
    );
    let russian = test
        .get("/widget/v1/policy/diff?product=demo&from=1&to=2&lang=ru")
        .await
        .expect(200);
    assert_eq!(
        (&russian["lang"], &russian["facts_lang"]),
        (&json!("en"), &json!("ru")),
        "the sentences are the reader's though the texts are not"
    );
    let clauses = diff["clauses"].as_array().unwrap();
    let told: Vec<(&str, &str, Option<&str>)> = clauses
        .iter()
        .map(|c| {
            let text = |name: &str| c[name].as_str();
            (
                text("no").unwrap(),
                text("change").unwrap(),
                text("from_no"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("1.1", "added", None), ("1.2", "changed", Some("1.1"))]
    );
    assert_eq!(clauses[1]["before"], "These words are agreed to.");
    assert_eq!(
        clauses[1]["words"][1],
        json!({"op": "added", "text": " freely"})
    );

    let page = test.get("/policy/demo/1..2?lang=en").await.text();
    for words in [
        "new recipient: Mail Ltd",
        "people have to agree again",
        " <ins>freely</ins>",
        "changed, before 1.1",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let same = test.get("/policy/demo/1..1").await.text();
    assert!(same.contains("The texts are the same."), "{same}");
    assert!(
        test.get("/policy/demo")
            .await
            .text()
            .contains("/policy/demo/1..2?lang=en")
    );
    for path in [
        "/policy/demo/1..9",
        "/policy/demo/9..1",
        "/policy/demo/1..x",
    ] {
        assert_eq!(test.get(path).await.status, 404, "{path}");
    }
    test.get("/widget/v1/policy/diff?product=demo&from=1&to=two")
        .await
        .problem(400, "malformed");
    test.run_jobs().await;
}

#[tokio::test]
async fn the_difference_is_told_on_the_command_line() {
    let desk = Desk::new();
    desk.write(
        "p.en.md",
        "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. Kept for ten days.\n",
    );
    desk.run(&["policy", "publish", "--product", "demo", "p.en.md"]);
    desk.write(
        "p.en.md",
        "---\nlang: en\ntitle: T\n---\n\n## 1. A\n\n1.1. Kept for five days.\n",
    );
    desk.run(&["policy", "publish", "--product", "demo", "p.en.md"]);
    let diff = json_of(&desk.run(&["policy", "diff", "--product", "demo", "1", "2", "--json"]));
    assert_eq!(
        diff,
        json!({"from": 1, "to": 2, "level": "notice", "facts": [], "clauses": [
            {"no": "1.1", "from_no": null, "change": "changed", "before": "Kept for ten days.", "after": "Kept for five days."}
        ]})
    );
    let said = desk.run(&["policy", "diff", "--product", "demo", "1", "2"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("Kept for [-ten-]{+five+} days."), "{said}");
    let missing = desk.run(&["policy", "diff", "--product", "demo", "1", "7"]);
    assert_eq!(missing.status.code(), Some(1));
}
