//! Whose an address is: nobody gets the words of a stranger, and what the form accepts can be
//! reached.

use serde_json::{Value, json};

use accord::domain::facts::Level;
use accord::domain::time::days;

use crate::letters::{mailing, part, post, states};
use crate::support::database::{rows, run};
use crate::support::smtp::{MailServer, Mood};
use crate::support::{Person, TestApp, link_in};

/// Everything the form of `support` says about Anna that she typed.
const TYPED: [&str; 3] = ["Anna", "Ivanova", "A shop"];

async fn consent_as(person: &Person<'_>, field: &str, value: Value) {
    let mut form = person.form().await;
    form["contact"][field] = value;
    person.post("/consents", form).await.expect(201);
}

fn confirmed(me: &Value) -> &Value {
    &me["person"]["email_confirmed"]
}

#[tokio::test]
async fn no_word_that_was_typed_reaches_an_address_before_it_is_confirmed() {
    let test = TestApp::start().await;
    test.install().await;
    let spam = "You won 5000 EUR! Claim: https://evil.example/claim ***";
    let mut form = test.anna().form().await;
    form["contact"]["name"] = json!(spam);
    form["contact"]["email"] = json!("victim@target.example");
    test.anna().post("/consents", form).await.expect(201);
    post(&test, Level::Notice).await;
    test.settle().await;
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let kept = test.app.outbox.kept();
    assert_eq!(kept.len(), 3, "receipt, version, receipt");
    for letter in kept {
        assert_eq!(letter.to, "victim@target.example");
        let whole = format!("{}{}{}", letter.subject, letter.text, letter.html);
        for typed in ["won", "EUR", "evil", "Claim", "A shop", "Head"] {
            assert!(!whole.contains(typed), "{typed}: {whole}");
        }
        assert!(letter.text.starts_with("Hello,\n"), "{}", letter.text);
        assert!(link_in(&letter.text).len() > 60);
    }
}

#[tokio::test]
async fn a_link_confirms_once_and_only_by_its_button() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    let letter = test.app.outbox.kept().remove(0);
    let link = link_in(&letter.text);
    let token = link.rsplit('/').next().unwrap();
    assert!(!test.dump().await.contains(token), "hash at rest");

    // A mail scanner opens it, as often as it likes.
    for _ in 0..3 {
        let page = test.get(link).await;
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("content-security-policy").is_some());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        let page = page.expect_page(200);
        assert!(
            page.contains("<button") && !page.contains("<script"),
            "{page}"
        );
        assert!(!page.contains(token) && !page.contains("anna@"), "{page}");
    }
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), false);

    let page = test.press(link).await.expect_page(200);
    assert!(page.contains("The address is confirmed") && !page.contains("<button"));
    let me = test.anna().get("/me").await.expect(200);
    assert_eq!(confirmed(&me), true);
    assert!(me["person"]["history"][0]["email_confirmed_at"].is_string());

    // Again, and a reload: all is well.
    test.press(link).await.expect_page(200);
    assert!(
        test.get(link)
            .await
            .expect_page(200)
            .contains("is confirmed")
    );
    let used = rows(
        &test.app.config.database,
        "SELECT CAST(used_at AS TEXT) FROM link WHERE used_at IS NOT NULL",
    );
    assert_eq!(used.await.len(), 1);

    test.anna().withdraw().await.expect(202);
    test.settle().await;
    let last = test.app.outbox.kept().pop().unwrap();
    assert!(last.text.contains("Hello, Anna Ivanova,"), "{}", last.text);
    assert!(!last.text.contains("/requests/"), "{}", last.text);
}

#[tokio::test]
async fn a_link_that_is_unknown_or_too_old_does_nothing_and_says_so() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    let letter = test.app.outbox.kept().remove(0);
    let link = link_in(&letter.text);
    test.get("/requests/abc").await.problem(404, "not-found");
    test.press("/requests/abc").await.expect_page(404);
    test.press(&link[..link.len() - 1]).await.expect_page(404);

    test.advance(days(7));
    let page = test.press(link).await.expect_page(404);
    assert!(page.contains("does not work any more"), "{page}");
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), false);
    test.sweep().await;
    assert_eq!(test.count("link").await, 0);
}

#[tokio::test]
async fn the_page_behind_a_link_is_in_its_readers_language() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    let letter = test.app.outbox.kept().remove(0);
    let request = test
        .http
        .get(format!("{}{}", test.base, link_in(&letter.text)));
    let request = request.header("Accept-Language", "ru-RU,en;q=0.5");
    let page = request.send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("Да, это мой адрес") && page.contains("lang=\"ru\""),
        "{page}"
    );
}

#[tokio::test]
async fn another_address_is_asked_and_one_that_was_confirmed_is_known_again() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    test.follow_link().await;

    let change = |email: &str| json!({"email": email});
    test.anna()
        .patch("/contact", change("anna@other.example"))
        .await
        .expect(200);
    test.settle().await;
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), false);
    let asked = test.app.outbox.kept().pop().unwrap();
    assert_eq!(asked.to, "anna@other.example");
    assert_eq!(asked.subject, "A widget: is this your address?");
    for typed in TYPED {
        assert!(!asked.text.contains(typed), "{}", asked.text);
    }
    let sent = test.app.outbox.kept().len();

    // The way back needs no letter, nor does the other spelling of one address.
    test.anna()
        .patch("/contact", change("anna@example.com"))
        .await
        .expect(200);
    test.anna()
        .patch("/contact", change("Anna@Example.com"))
        .await
        .expect(200);
    test.settle().await;
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), true);
    assert_eq!(test.app.outbox.kept().len(), sent);

    // The link of the other address confirms that one and no other.
    test.press(link_in(&asked.text)).await.expect_page(200);
    test.anna()
        .patch("/contact", change("anna@third.example"))
        .await
        .expect(200);
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), false);
    test.anna()
        .patch("/contact", change("anna@other.example"))
        .await
        .expect(200);
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), true);
    test.run_jobs().await;
}

#[tokio::test]
async fn confirming_is_for_one_person_not_for_everybody_with_that_address() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    consent_as(&test.boris(), "name", json!("Boris")).await;
    test.settle().await;
    test.follow_link().await;
    assert_eq!(confirmed(&test.anna().get("/me").await.expect(200)), true);
    assert_eq!(confirmed(&test.boris().get("/me").await.expect(200)), false);
}

#[tokio::test]
async fn a_receipt_goes_to_the_address_of_the_act() {
    let test = TestApp::start().await;
    test.install().await;
    let addresses: Vec<String> = (1..=6).map(|i| format!("anna-{i}@example.com")).collect();
    for address in &addresses {
        consent_as(&test.anna(), "email", json!(address)).await;
    }
    test.settle().await;
    let told: Vec<String> = test.app.outbox.kept().into_iter().map(|l| l.to).collect();
    assert_eq!(
        told,
        addresses[..5],
        "each its own; the sixth stands in the panel"
    );
}

#[tokio::test]
async fn letters_are_in_the_readers_usual_language() {
    for (usual, text, subject) in [
        (json!("ru-RU"), "en", "квитанция"),
        (json!("ru_RU"), "en", "квитанция"),
        (json!("en"), "ru", "receipt"),
        (json!("ky"), "ru", "квитанция"),
        (Value::Null, "ru", "квитанция"),
        (json!("es"), "en", "receipt"),
    ] {
        let test = TestApp::start().await;
        let policy = format!("/widget/v1/policy?product=demo&lang={text}");
        let policy = test.get(&policy).await.expect(200);
        let mut form = test.anna().form().await;
        form["contact"]["language"] = usual.clone();
        (form["lang"], form["policy_hash"]) = (json!(text), policy["hash"].clone());
        test.anna().post("/consents", form).await.expect(201);
        test.settle().await;
        let letter = test.app.outbox.kept().remove(0);
        assert!(
            letter.subject.contains(subject),
            "{usual} {text}: {}",
            letter.subject
        );
    }
}

#[tokio::test]
async fn a_product_without_a_name_is_called_by_its_code() {
    let test = TestApp::start().await;
    let unnamed = "UPDATE product SET name = ''";
    run(&test.app.config.database, unnamed).await.unwrap();
    test.anna().consent().await;
    test.settle().await;
    let letter = test.app.outbox.kept().remove(0);
    assert_eq!(letter.subject, "demo: receipt for your consent");
}

#[tokio::test]
async fn an_international_domain_is_reached_and_what_cannot_be_is_refused_with_the_reason() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    test.install().await;
    consent_as(&test.anna(), "email", json!("anna@почта.рф")).await;
    test.settle().await;
    let received = server.received().remove(0);
    assert_eq!(received.to, "anna@xn--80a1acny.xn--p1ai");
    let parsed = mail_parser::MessageParser::default()
        .parse(received.message.as_bytes())
        .unwrap();
    let to = parsed.to().unwrap().first().unwrap();
    assert_eq!(to.address(), Some("anna@xn--80a1acny.xn--p1ai"));
    assert!(received.message.is_ascii());
    let me = test.anna().get("/me").await.expect(200);
    assert_eq!(me["person"]["contact"]["email"], "anna@почта.рф");
    assert_eq!(states(&test).await, ["sent"]);
    assert!(part(&received.message)[1].contains("/requests/"));

    for (bad, why) in [
        ("анна@почта.рф", "Latin letters before the @"),
        ("\"a b\"@example.com", "without a name, quotes"),
        ("a@[127.0.0.1]", "not the number of a machine"),
    ] {
        let mut form = test.anna().form().await;
        form["contact"]["email"] = json!(bad);
        let answer = test.anna().post("/consents", form).await;
        let fault = answer.problem(422, "invalid-fields")["errors"][0].clone();
        assert_eq!(fault["pointer"], "/contact/email");
        assert!(fault["detail"].as_str().unwrap().contains(why), "{fault}");
    }
}

#[tokio::test]
async fn phones_are_taken_as_people_write_them() {
    let test = TestApp::start().await;
    for (typed, language, kept) in [
        ("8 800 555-35-35", "ru_RU", "+78005553535"),
        ("00996 700 12-34-56", "en", "+996700123456"),
        ("+7 (495) 123-45-67", "en", "+74951234567"),
    ] {
        let mut form = test.anna().form().await;
        form["contact"]["phone"] = json!(typed);
        form["contact"]["language"] = json!(language);
        test.anna().post("/consents", form).await.expect(201);
        let me = test.anna().get("/me").await.expect(200);
        assert_eq!(me["person"]["contact"]["phone"], kept, "{typed}");
    }
    let answer = test
        .anna()
        .patch(
            "/contact",
            json!({"language": "en", "phone": "8 800 555-35-35"}),
        )
        .await;
    let fault = answer.problem(422, "invalid-fields");
    let detail = fault["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("+996 555 123456"), "{detail}");
    test.run_jobs().await;
}
