//! Word for word what programs and people are told: problems, letters and pages.

use std::fmt::Write as _;

use accord::domain::facts::{Facts, Level};
use accord::mail::ServiceLetter;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::shown::{assert_shown, main_of};
use crate::support::{Answer, POLICY_EN, POLICY_RU, Person, TestApp, link_in};

/// A service of a Publisher who filled in everything.
async fn published() -> TestApp {
    let test = TestApp::start_with(&[
        ("ACCORD_PUBLISHER_NAME", "Rose Widgets"),
        ("ACCORD_PUBLISHER_LEGAL_FORM", "individual entrepreneur"),
        ("ACCORD_PUBLISHER_TAX_NUMBER", "12345678901234"),
        ("ACCORD_PUBLISHER_ADDRESS", "Bishkek, Chuy 1"),
        ("ACCORD_PUBLISHER_SITE", "https://widgets.example"),
        ("ACCORD_PUBLISHER_MAILBOX", "support@example.com"),
    ])
    .await;
    test.install().await;
    test
}

/// Agrees to the text in this language.
async fn consent(anna: &Person<'_>, lang: &str) {
    let policy = format!("/widget/v1/policy?product=demo&lang={lang}");
    let policy = anna.test.get(&policy).await.expect(200);
    let mut form = anna.form().await;
    form["lang"] = json!(lang);
    form["policy_hash"] = policy["hash"].clone();
    anna.post("/consents", form).await.expect(201);
    anna.test.settle().await;
}

/// A version whose facts name one more recipient.
async fn publish_wider(test: &TestApp) {
    let facts = format!(
        "{}\n[[processor]]\nname = \"Mail Ltd\"\npurposes = [\"5.2.1\"]\n",
        Facts::STARTER
    );
    let changed = POLICY_EN.replace("agreed to.", "agreed to freely.");
    let files = [
        ("policy.en.md", changed.as_str()),
        ("policy.ru.md", POLICY_RU),
    ];
    test.publish_with(&files, Some(facts), None).await.unwrap();
    test.settle().await;
}

#[tokio::test]
async fn problems() {
    let test = published().await;
    let anna = test.anna();
    let ask = |method: Method, path: &str, lang: &str| {
        let request = test.http.request(method, format!("{}{path}", test.base));
        request.header("Accept-Language", lang).send()
    };
    let mut wrong = anna.form().await;
    wrong["contact"]["email"] = json!("no address");
    wrong["declares"]["read"] = json!(false);
    wrong["extra"] = json!(1);
    let mut old = anna.form().await;
    old["policy_hash"] = json!("sha256:00");
    let used = anna.token();
    let form = Some(anna.form().await);
    anna.call(Method::POST, "/consents", &used, form.clone())
        .await
        .expect(201);
    test.run_jobs().await;

    let standing = "/widget/v1/standing";
    let told = [
        (
            "a path that is nowhere",
            Answer::of(ask(Method::GET, "/widget/v1/nowhere", "en").await.unwrap()).await,
        ),
        (
            "the same in Russian",
            Answer::of(ask(Method::GET, "/widget/v1/nowhere", "ru").await.unwrap()).await,
        ),
        (
            "a method that is not there",
            Answer::of(ask(Method::DELETE, standing, "en").await.unwrap()).await,
        ),
        (
            "a Product that is not there",
            test.get("/widget/v1/policy?product=other").await,
        ),
        ("no Product named", test.get("/widget/v1/policy").await),
        ("no token", test.get(standing).await),
        (
            "a token that cannot be read",
            anna.call(Method::GET, "/standing", "x.y.z", None).await,
        ),
        (
            "a token used twice",
            anna.call(Method::POST, "/consents", &used, form).await,
        ),
        (
            "a form with wrong fields",
            anna.post("/consents", wrong).await,
        ),
        ("a form for another text", anna.post("/consents", old).await),
        (
            "contact details of somebody who did not consent",
            test.boris()
                .patch("/contact", json!({"name": "Boris"}))
                .await,
        ),
    ];
    let mut text = String::new();
    for (what, answer) in told {
        let kind = answer.header("content-type").unwrap().to_owned();
        let status = answer.status;
        let body: Value = answer.json();
        write!(text, "# {what}\n{status} {kind}\n{body:#}\n\n").unwrap();
    }
    assert_shown(&test, "problems", &text);
}

/// A letter as a person reads it.
fn as_read(letter: &ServiceLetter) -> String {
    let mut text = format!(
        "# {}\nTo: {}\nLanguage: {}\n",
        letter.subject, letter.to, letter.lang
    );
    for attachment in &letter.attachments {
        writeln!(text, "With: {} ({})", attachment.name, attachment.mime).unwrap();
    }
    format!("{text}\n{}\n", letter.text)
}

#[tokio::test]
async fn letters() {
    for lang in ["en", "ru"] {
        let test = published().await;
        let anna = test.anna();
        consent(&anna, lang).await;
        test.follow_link().await;
        let files = [("policy.en.md", POLICY_EN), ("policy.ru.md", POLICY_RU)];
        test.publish_with(&files, None, Some(Level::Notice))
            .await
            .unwrap();
        test.settle().await;
        publish_wider(&test).await;
        anna.withdraw().await.expect(202);
        test.settle().await;
        let kept = test.app.outbox.kept();
        let text: Vec<String> = kept.iter().map(as_read).collect();
        assert_shown(&test, &format!("letters-{lang}"), &text.join("\n"));
        assert_shown(&test, &format!("letter-{lang}.html"), &kept[0].html);
    }
}

#[tokio::test]
async fn pages() {
    let test = published().await;
    let anna = test.anna();
    consent(&anna, "en").await;
    let letter = test.app.outbox.kept().remove(0);
    let link = link_in(&letter.text).to_owned();
    let ask = test.get(&link).await.expect_page(200);
    assert_shown(&test, "page-link", main_of(&ask));
    let confirmed = test.press(&link).await.expect_page(200);
    assert_shown(&test, "page-link-confirmed", main_of(&confirmed));

    publish_wider(&test).await;
    for (name, path) in [
        ("page-policy", "/policy/demo?lang=ru"),
        ("page-policy-before", "/policy/demo/1?lang=en"),
        ("page-comparison", "/policy/demo/1..2?lang=en"),
        ("page-comparison-ru", "/policy/demo/1..2?lang=ru"),
    ] {
        let page = test.get(path).await.expect_page(200);
        assert_shown(&test, name, main_of(&page));
    }
    for lang in ["en", "ru"] {
        let page = anna.get(&format!("/me?format=html&lang={lang}")).await;
        let page = page.expect_page(200);
        assert_shown(&test, &format!("page-my-data-{lang}"), main_of(&page));
        let request = test.http.get(format!("{}/policy/other", test.base));
        let request = request
            .header("Accept", "text/html")
            .header("Accept-Language", lang);
        let page = Answer::of(request.send().await.unwrap()).await;
        let page = page.expect_page(404);
        assert_shown(&test, &format!("page-not-found-{lang}"), main_of(&page));
    }
}
