//! What somebody with a form can make us send, store and read: the bounds of each.

use accord::actions::letters;
use accord::domain::facts::Level;
use accord::domain::time::days;
use accord::store;
use amocrm_emulator::model::{Account, User};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::letters::{crowd, mailing, post};
use crate::support::database::{rows, run};
use crate::support::smtp::{MailServer, Mood};
use crate::support::{ACCOUNT, ANNA, Person, TestApp, link_in};

async fn consent_at(person: &Person<'_>, email: &str) {
    let mut form = person.form().await;
    form["contact"]["email"] = json!(email);
    person.post("/consents", form).await.expect(201);
}

fn sent(test: &TestApp) -> usize {
    test.app.outbox.kept().len()
}

#[tokio::test]
async fn a_renewal_within_a_day_is_no_letter() {
    let test = TestApp::start().await;
    for _ in 0..4 {
        test.anna().consent().await;
    }
    test.settle().await;
    assert_eq!(sent(&test), 1);
    test.follow_link().await;
    test.anna().consent().await;
    test.settle().await;
    assert_eq!(sent(&test), 1, "confirmed or not");
    test.advance(days(1));
    test.anna().consent().await;
    test.settle().await;
    assert_eq!(sent(&test), 2);
    let me = test.anna().get("/me").await.expect(200);
    assert_eq!(
        me["consents"].as_array().unwrap().len(),
        6,
        "all stand in the panel"
    );
}

#[tokio::test]
async fn a_person_gets_five_receipts_a_day_and_an_account_twenty() {
    let test = TestApp::start().await;
    for i in 0..8 {
        consent_at(&test.anna(), &format!("anna-{i}@example.com")).await;
    }
    test.settle().await;
    assert_eq!(sent(&test), 5);
    // An employee of the same account still has theirs; the account as a whole has twenty.
    for user in 1..=6 {
        let employee = User {
            id: 700 + user,
            is_active: true,
            ..User::default()
        };
        test.world().add_user(ACCOUNT, employee).unwrap();
        let person = Person {
            user: 700 + user,
            ..test.anna()
        };
        for i in 0..5 {
            consent_at(&person, &format!("user-{user}-{i}@example.com")).await;
        }
    }
    test.settle().await;
    assert_eq!(sent(&test), 20);
    test.advance(days(1));
    consent_at(&test.anna(), "anna@example.com").await;
    test.settle().await;
    assert_eq!(sent(&test), 21);
}

/// Somebody with an account of their own.
pub fn stranger(test: &TestApp, i: u64) -> Person<'_> {
    let id = 900 + i;
    test.world().add_account(Account {
        id,
        subdomain: format!("trial{i}"),
        users: vec![User {
            id: ANNA,
            is_admin: true,
            is_active: true,
            ..User::default()
        }],
        ..Account::default()
    });
    Person {
        account: id,
        ..test.anna()
    }
}

#[tokio::test]
async fn many_accounts_cannot_aim_at_one_mailbox() {
    let test = TestApp::start().await;
    let victim = "victim@target.example";
    for i in 1..=10 {
        let person = stranger(&test, i);
        consent_at(&person, victim).await;
        consent_at(&person, "elsewhere@target.example").await;
        // Any spelling, and as a correction.
        let email = json!({"email": "Victim@TARGET.example"});
        person.patch("/contact", email).await.expect(200);
    }
    test.settle().await;
    let to_victim = || {
        let kept = test.app.outbox.kept();
        let to = kept.iter().filter(|l| l.to.eq_ignore_ascii_case(victim));
        to.count()
    };
    assert_eq!(to_victim(), 1, "one letter in fixed words a day");
    // Ten people are bound, who all say that this is their address: it is told once.
    post(&test, Level::Notice).await;
    test.settle().await;
    assert_eq!(to_victim(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_accounts_at_once_cannot_either() {
    let test = TestApp::start().await;
    let mut forms = Vec::new();
    for i in 1..=8 {
        let person = stranger(&test, i);
        let mut form = person.form().await;
        form["contact"]["email"] = json!("victim@target.example");
        forms.push((person.token(), person, form));
    }
    let consents = forms.iter().map(|(token, person, form)| {
        person.call(
            reqwest::Method::POST,
            "/consents",
            token,
            Some(form.clone()),
        )
    });
    for answer in join_all(consents).await {
        answer.expect(201);
    }
    // And twenty presses of the one link are one.
    test.settle().await;
    assert_eq!(sent(&test), 1);
    let letter = test.app.outbox.kept().remove(0);
    let link = link_in(&letter.text);
    for page in join_all((0..20).map(|_| test.press(link))).await {
        page.expect_page(200);
    }
    let confirmed = "SELECT CAST(revision AS TEXT) FROM contact WHERE confirmed_at IS NOT NULL";
    assert_eq!(rows(&test.app.config.database, confirmed).await, ["1"]);
}

#[tokio::test]
async fn receipts_and_notices_take_turns() {
    let server = MailServer::start(Mood::Down).await;
    let test = mailing(&server).await;
    crowd(&test, 60, "en").await;
    post(&test, Level::Notice).await;
    test.run_jobs().await;
    // As many receipts, all older than the notices.
    let sql = "UPDATE letter SET kind = 'receipt', version_id = NULL, next_at = 1, \
               entry_id = (SELECT id FROM consent WHERE consent.subject_id = letter.subject_id) \
               WHERE subject_id IN (SELECT subject_id FROM letter ORDER BY subject_id LIMIT 30)";
    run(&test.app.config.database, sql).await.unwrap();
    let due = store::letters::due(&test.app.store, test.now(), 10)
        .await
        .unwrap();
    let mut kinds = Vec::new();
    for id in due {
        let letter = store::letters::find(&test.app.store, id)
            .await
            .unwrap()
            .unwrap();
        kinds.push(letter.about.kind().as_str());
    }
    assert_eq!(kinds, ["receipt", "policy-notice"].repeat(5));
    server.is(Mood::Fine);
    letters::send_due(&test.app).await.unwrap();
    assert_eq!(server.received().len(), 60);
}

#[tokio::test]
async fn a_person_consents_and_corrects_twenty_times_a_day_and_always_withdraws() {
    let test = TestApp::start().await;
    test.install().await;
    for i in 0..12 {
        consent_at(&test.anna(), &format!("anna-{i}@example.com")).await;
    }
    for i in 0..8 {
        let position = json!({"position": format!("Head {i}")});
        test.anna().patch("/contact", position).await.expect(200);
    }
    let before = (
        test.count("consent").await,
        test.count("contact").await,
        test.count("burned_token").await,
    );
    let form = test.anna().form().await;
    test.anna()
        .post("/consents", form)
        .await
        .problem(409, "too-many");
    let more = json!({"position": "more"});
    test.anna()
        .patch("/contact", more)
        .await
        .problem(409, "too-many");
    let after = (
        test.count("consent").await,
        test.count("contact").await,
        test.count("burned_token").await,
    );
    assert_eq!(before, after, "nothing was left behind");
    // What changes nothing is no correction; others have their own twenty.
    let same = json!({"position": "Head 7"});
    test.anna().patch("/contact", same).await.expect(200);
    test.boris().consent().await;
    test.advance(days(1));
    test.anna().consent().await;
    test.anna().withdraw().await.expect(202);
    test.run_jobs().await;
}

#[tokio::test]
async fn my_data_is_whole_however_much_it_is() {
    let test = TestApp::start().await;
    for day in 0..3 {
        for i in 0..20 {
            consent_at(&test.anna(), &format!("anna-{day}-{i}@example.com")).await;
        }
        test.advance(days(1));
    }
    let me = test.anna().get("/me").await.expect(200);
    let receipts = me["consents"].as_array().unwrap();
    assert_eq!(receipts.len(), 60);
    assert_eq!(me["person"]["history"].as_array().unwrap().len(), 60);

    // All are fetched first: a connection that idles while we read is closed.
    let archive = test.anna().get("/me?format=zip").await;
    let page = test.anna().get("/me?format=html").await.expect_page(200);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    assert_eq!(zip.len(), 2 + 2 * 60);
    let whole: Value = serde_json::from_reader(zip.by_name("my-data.json").unwrap()).unwrap();
    assert_eq!(whole["consents"], me["consents"]);
    for receipt in receipts {
        let name = format!("receipts/{}.json", receipt["id"].as_str().unwrap());
        let file: Value = serde_json::from_reader(zip.by_name(&name).unwrap()).unwrap();
        assert_eq!(file, *receipt);
    }
    assert_eq!(page.matches("sha256:").count(), 60);
    test.run_jobs().await;
}

#[tokio::test]
async fn my_data_names_no_other_person() {
    let test = TestApp::start().await;
    test.install().await;
    let mut form = test.boris().form().await;
    form["contact"]["name"] = json!("Boris");
    test.boris().post("/consents", form).await.expect(201);
    test.anna().consent().await;
    let anna = ANNA.to_string();
    for format in ["json", "html", "zip"] {
        let answer = test.boris().get(&format!("/me?format={format}")).await;
        let mut texts = Vec::new();
        if format == "zip" {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
            for i in 0..zip.len() {
                texts.push(std::io::read_to_string(zip.by_index(i).unwrap()).unwrap());
            }
        } else {
            texts.push(answer.text());
        }
        for text in texts {
            assert!(
                !text.contains(&anna) && !text.contains("Ivanova"),
                "{format}: {text}"
            );
        }
    }
    let theirs = test.boris().get("/me").await.expect(200);
    let consent = &theirs["install"]["consent"];
    assert_eq!(
        (&consent["state"], &consent["given_at"]),
        (&json!("given"), &Value::Null)
    );
    let own = test.anna().get("/me").await.expect(200);
    assert_eq!(own["install"]["consent"]["user_id"], ANNA);
    test.run_jobs().await;
}
