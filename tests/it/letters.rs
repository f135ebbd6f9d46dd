//! Letters about new versions and receipts: to whom, when, in which language.

use accord::actions::letters;
use accord::domain::consents::{Act, Declares, Entry, Shown};
use accord::domain::contacts::ContactForm;
use accord::domain::facts::Level;
use accord::domain::hosts::Hosts;
use accord::domain::ids::{AccountId, UserId};
use accord::domain::time::days;
use accord::store;
use accord::store::ledger::Added;
use accord::store::people::Came;
use serde_json::{Value, json};

use crate::support::database::{rows, run};
use crate::support::smtp::{MailServer, Mood};
use crate::support::{POLICY_EN, POLICY_RU, TestApp, link_in};

/// A service that sends its letters to this server.
pub async fn mailing(server: &MailServer) -> TestApp {
    let url = server.url();
    TestApp::start_with(&[
        ("SMTP_URL", &url),
        ("MAIL_FROM", "Rose Widgets <widgets@example.com>"),
        ("ACCORD_PUBLISHER_MAILBOX", "support@example.com"),
    ])
    .await
}

/// That many people with confirmed addresses, each in an account of their own, who agreed to
/// version 1.
pub async fn crowd(test: &TestApp, size: i64, lang: &str) {
    // Hundreds at once take PostgreSQL longer than an action may.
    let tx = test.app.store.begin_maintenance().await.unwrap();
    let hosts = Hosts::parse("https://amocrm.ru").unwrap();
    let host = hosts.account("shop.amocrm.ru").unwrap();
    let now = test.now();
    for i in 0..size {
        let product = test.product.id;
        let install = store::installs::lock_or_add(&tx, product, AccountId(1_000 + i), &host, now)
            .await
            .unwrap();
        let install = install.consented().unwrap();
        store::installs::save(&tx, &install).await.unwrap();
        let user = UserId(i);
        let subject = store::people::add(&tx, install.id, user, now)
            .await
            .unwrap();
        let contact = ContactForm {
            name: Some(Some(format!("Person {i}"))),
            email: Some(Some(format!("person-{i}@example.com"))),
            ..ContactForm::default()
        };
        let contact = contact.parse(&[]).unwrap();
        let came = Came::WithConsent;
        store::people::add_contact(&tx, &subject, 1, &contact, came, now)
            .await
            .unwrap();
        let address = store::people::address(&tx, subject.id).await.unwrap();
        store::people::confirm(&tx, address.unwrap().contact, now)
            .await
            .unwrap();
        let entry = Entry {
            id: store::consents::new_consent_id(),
            install: install.id,
            generation: install.generation,
            subject: subject.id,
            user: Some(user),
            act: Act::Given,
            shown: Shown {
                number: 1,
                lang: lang.to_owned(),
                hash: "sha256:test".to_owned(),
            },
            purposes: Vec::new(),
            declares: Declares {
                read: true,
                own_data: true,
            },
            at: now,
        };
        let end = store::ledger::lock(&tx, &[install.id]).await.unwrap();
        let added = Added {
            product: &test.product.code,
            subject: &subject,
            user,
            entry,
        };
        end.add(vec![added]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Publishes the next version.
pub async fn post(test: &TestApp, level: Level) {
    let files = [("policy.en.md", POLICY_EN), ("policy.ru.md", POLICY_RU)];
    test.publish_with(&files, None, Some(level)).await.unwrap();
}

/// The states of all letters, in order.
pub async fn states(test: &TestApp) -> Vec<String> {
    let sql = "SELECT state FROM letter ORDER BY state";
    rows(&test.app.config.database, sql).await
}

/// How many letters are in this state.
pub async fn in_state(test: &TestApp, state: &str) -> usize {
    let states = states(test).await;
    states.iter().filter(|s| *s == state).count()
}

pub fn part(message: &str) -> Vec<String> {
    let parsed = mail_parser::MessageParser::default()
        .parse(message.as_bytes())
        .unwrap();
    vec![
        parsed.subject().unwrap().to_owned(),
        parsed.body_text(0).unwrap().into_owned(),
        parsed.body_html(0).unwrap().into_owned(),
    ]
}

#[tokio::test]
async fn everybody_who_consented_is_told_once_and_nobody_else() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    crowd(&test, 30, "en").await;
    post(&test, Level::Notice).await;
    test.settle().await;
    let mut told: Vec<String> = server.received().into_iter().map(|r| r.to).collect();
    told.sort();
    let mut everybody: Vec<String> = (0..30).map(|i| format!("person-{i}@example.com")).collect();
    everybody.sort();
    assert_eq!(told, everybody);
    assert_eq!(in_state(&test, "sent").await, 30);
    assert_eq!(
        server.connections(),
        (1, 1),
        "one connection served them all, and was left in order"
    );

    // Asked again, nobody is written to again; a further version is another matter.
    letters::tell_everybody(&test.app, version(&test, 2).await)
        .await
        .unwrap();
    test.settle().await;
    assert_eq!(server.received().len(), 30);
    post(&test, Level::Notice).await;
    test.settle().await;
    assert_eq!(server.received().len(), 60);
}

async fn version(test: &TestApp, number: u32) -> accord::domain::ids::PolicyVersionId {
    test.version(number).await.id
}

#[tokio::test]
async fn a_letter_says_what_to_do_in_the_language_that_was_agreed_in() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    crowd(&test, 1, "ru").await;
    post(&test, Level::Reconsent).await;
    test.settle().await;
    let message = server.received().remove(0).message;
    for header in [
        "From: \"Rose Widgets\" <widgets@example.com>\r\n",
        "To: person-0@example.com\r\n",
        "Reply-To: support@example.com\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Fri, 20 Nov 2026 08:00:00 +0000\r\n",
    ] {
        assert!(message.contains(header), "{header} is missing in {message}");
    }
    assert!(!message.contains("List-Unsubscribe"));
    let [subject, text, html] = <[String; 3]>::try_from(part(&message)).unwrap();
    assert_eq!(
        subject,
        "A widget: нужно ваше согласие с новой политикой конфиденциальности (версия 2)"
    );
    let link = format!("{}/policy/demo/1..2", test.base);
    for words in [
        "Здравствуйте, Person 0!",
        "До 2026-12-04 14:00 (Asia/Bishkek)",
        &link,
        "support@example.com",
    ] {
        assert!(text.contains(words), "{words} is missing in {text}");
        assert!(html.contains(words), "{words} is missing in {html}");
    }
    test.anna().consent().await;
    let dump = test.dump().await;
    assert!(!dump.contains("person-0@example.com"));
    test.run_jobs().await;
}

#[tokio::test]
async fn who_consents_and_who_withdraws_gets_a_receipt() {
    let test = TestApp::start().await;
    test.install().await;
    let given = test.anna().consent().await;
    test.run_jobs().await;
    let kept = test.app.outbox.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].to, "anna@example.com");
    assert_eq!(kept[0].subject, "A widget: receipt for your consent");
    let id = given["receipt"]["id"].as_str().unwrap();
    let hash = given["receipt"]["policy"]["hash"].as_str().unwrap();
    for words in [id, hash, "Hello,\n", "5.2.3:"] {
        assert!(kept[0].text.contains(words), "{words}: {}", kept[0].text);
    }

    let file: Value = serde_json::from_slice(&kept[0].attachments[0].bytes).unwrap();
    assert_eq!(file, given["receipt"], "the signed receipt goes along");

    let withdrawn = test.anna().withdraw().await.expect(202);
    test.settle().await;
    let kept = test.app.outbox.kept();
    assert_eq!(kept.len(), 2);
    assert_eq!(
        kept[1].subject,
        "A widget: receipt for the withdrawal of your consent"
    );
    let number = withdrawn["request"]["number"].as_str().unwrap();
    assert!(kept[1].text.contains(number));
    // Asking again changes nothing and is no new receipt.
    test.anna().withdraw().await.expect(200);
    test.settle().await;
    assert_eq!(test.app.outbox.kept().len(), 2);
}

#[tokio::test]
async fn nobody_is_written_to_about_a_version_after_a_withdrawal() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    post(&test, Level::Notice).await;
    // Queued, but not sent yet.
    letters::tell_everybody(&test.app, version(&test, 2).await)
        .await
        .unwrap();
    assert_eq!(in_state(&test, "queued").await, 1);
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    assert_eq!(states(&test).await, ["dropped", "sent", "sent"]);
    let subjects: Vec<String> = test
        .app
        .outbox
        .kept()
        .into_iter()
        .map(|l| l.subject)
        .collect();
    assert!(
        subjects.iter().all(|s| s.contains("receipt")),
        "{subjects:?}"
    );

    // A further version is not even queued for them.
    post(&test, Level::Notice).await;
    test.settle().await;
    assert_eq!(test.count("letter").await, 3);
}

#[tokio::test]
async fn who_agreed_meanwhile_is_not_told() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    test.follow_link().await;
    post(&test, Level::Reconsent).await;
    letters::tell_everybody(&test.app, version(&test, 2).await)
        .await
        .unwrap();
    test.anna().consent().await;
    test.settle().await;
    assert_eq!(states(&test).await, ["dropped", "sent", "sent"]);
}

#[tokio::test]
async fn a_withdrawal_by_somebody_without_an_address_needs_no_letter() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.clara().withdraw().await.expect(202);
    test.settle().await;
    assert_eq!(states(&test).await, ["dropped", "sent"]);
}

#[tokio::test]
async fn a_name_cannot_change_the_letter() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    test.install().await;
    let mut form = test.anna().form().await;
    form["contact"]["name"] = json!("Anna\u{2028}Bcc: boris@example.com <b>");
    test.anna().post("/consents", form).await.expect(201);
    test.settle().await;
    let first = part(&server.received()[0].message);
    test.press(link_in(&first[1])).await.expect_page(200);
    test.anna().withdraw().await.expect(202);
    test.settle().await;
    for received in server.received() {
        let (head, _) = received.message.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("Bcc"), "{head}");
        let [_, _, html] = <[String; 3]>::try_from(part(&received.message)).unwrap();
        assert!(!html.contains("<b>") && !html.contains("boris@"), "{html}");
    }
    let second = part(&server.received()[1].message);
    assert!(second[1].contains("Hello, Anna,"), "{}", second[1]);
}

#[tokio::test]
async fn queueing_goes_on_where_it_stopped() {
    let test = TestApp::start().await;
    crowd(&test, 5, "en").await;
    post(&test, Level::Notice).await;
    letters::tell_everybody(&test.app, version(&test, 2).await)
        .await
        .unwrap();
    // As if the process had died after the second page: the last people have no letter yet.
    let last = "DELETE FROM letter WHERE subject_id IN \
                (SELECT subject_id FROM letter ORDER BY subject_id DESC LIMIT 2)";
    run(&test.app.config.database, last).await.unwrap();
    test.settle().await;
    assert_eq!(states(&test).await, ["sent"; 5]);
    assert_eq!(test.app.outbox.kept().len(), 5);
}

#[tokio::test]
async fn what_a_reader_saw_and_acknowledged_stands_beside_the_letter() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    post(&test, Level::Notice).await;
    test.settle().await;
    let db = &test.app.config.database;
    let noted = "SELECT CAST(shown_at AS TEXT) FROM letter WHERE version_id IS NOT NULL \
                 AND shown_at IS NOT NULL";
    assert!(rows(db, noted).await.is_empty());
    assert_eq!(test.anna().standing().await["notice"]["policy_number"], 2);
    let first = rows(db, noted).await;
    assert_eq!(first, [test.now().millis().to_string()]);
    test.anna().standing().await;
    assert_eq!(rows(db, noted).await, first, "the first time counts");

    let known = noted.replace("shown_at", "acknowledged_at");
    assert!(rows(db, &known).await.is_empty());
    let path = "/notices/2/ack";
    test.anna().post(path, json!({})).await.expect(204);
    assert_eq!(rows(db, &known).await.len(), 1);
}

#[tokio::test]
async fn rows_of_receipts_go_after_a_year_and_those_of_versions_stay() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    post(&test, Level::Notice).await;
    test.settle().await;
    assert_eq!(test.count("letter").await, 2);
    test.advance(days(366));
    test.sweep().await;
    let sql = "SELECT kind FROM letter";
    let kinds = rows(&test.app.config.database, sql).await;
    assert_eq!(kinds, ["policy-notice"]);
}
