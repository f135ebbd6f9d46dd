//! What mail servers do to us: nobody is written to twice, and nobody is forgotten.

use std::collections::BTreeSet;
use std::time::Duration;

use accord::config::mail::Security;
use accord::domain::facts::Level;
use accord::domain::letters::State;
use accord::domain::time::{days, minutes};
use accord::mail::{Attachment, Outbox, Outcome, ServiceLetter};

use crate::letters::{crowd, in_state, mailing, post, states};
use crate::support::database::{rows, run};
use crate::support::smtp::{MailServer, Mood};
use crate::support::{TestApp, impatient};

/// A crowd that is to be told of version 2 by a server in this mood.
async fn telling(mood: Mood, size: i64) -> (MailServer, TestApp) {
    let server = MailServer::start(mood).await;
    let test = mailing(&server).await;
    crowd(&test, size, "en").await;
    post(&test, Level::Notice).await;
    (server, test)
}

/// Everybody got exactly one letter.
#[track_caller]
fn each_once(server: &MailServer, size: usize) {
    let received = server.received();
    let people: BTreeSet<&str> = received.iter().map(|r| r.to.as_str()).collect();
    assert_eq!((received.len(), people.len()), (size, size));
}

/// Lets jobs run and minutes pass.
async fn pass(test: &TestApp, count: u32) {
    for _ in 0..count {
        test.run_jobs().await;
        test.advance(minutes(1));
    }
    test.run_jobs().await;
}

#[tokio::test]
async fn a_server_that_is_down_for_a_week_gets_every_letter() {
    for mood in [Mood::Down, Mood::RefusesUs] {
        let (server, test) = telling(mood, 12).await;
        pass(&test, 3).await;
        assert_eq!(states(&test).await, ["queued"; 12], "{mood:?}");
        test.advance(days(7));
        pass(&test, 1).await;
        assert_eq!(server.received().len(), 0);
        server.is(Mood::Fine);
        pass(&test, 2).await;
        each_once(&server, 12);
        assert_eq!(in_state(&test, "sent").await, 12);
    }
}

#[tokio::test]
async fn a_server_can_be_asked_without_sending_anything() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    assert_eq!(test.app.outbox.check().await, Ok(()));
    for (mood, why) in [
        (Mood::RefusesUs, "it answers 550 to MAIL_FROM"),
        (Mood::Down, "check SMTP_URL"),
    ] {
        server.is(mood);
        let told = test.app.outbox.check().await.unwrap_err();
        assert!(told.contains(why), "{told}");
        assert!(!told.contains('@'), "an address was told: {told}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn nobody_listening_is_no_harm() {
    let server = MailServer::start(Mood::Fine).await;
    let test = mailing(&server).await;
    drop(server);
    crowd(&test, 3, "en").await;
    post(&test, Level::Notice).await;
    pass(&test, 2).await;
    assert_eq!(states(&test).await, ["queued"; 3]);
}

#[tokio::test]
async fn an_address_that_is_refused_bounces_and_the_others_get_theirs() {
    let (server, test) = telling(Mood::RefusesEveryTenth, 30).await;
    test.settle().await;
    each_once(&server, 27);
    assert_eq!(in_state(&test, "bounced").await, 3);
    let sql = "SELECT last_reply FROM letter WHERE bounced_at IS NOT NULL";
    assert_eq!(rows(&test.app.config.database, sql).await, ["550"; 3]);
    assert_eq!(
        server.connections().0,
        1,
        "a refusal needs no new connection"
    );
    test.settle().await;
    each_once(&server, 27);
    assert_eq!(
        accord::store::letters::in_trouble(&test.app.store)
            .await
            .unwrap(),
        [(State::Bounced, 3)]
    );
}

#[tokio::test]
async fn a_message_that_is_refused_bounces() {
    let (server, test) = telling(Mood::RefusesTheMessage, 3).await;
    test.settle().await;
    assert_eq!(states(&test).await, ["bounced"; 3]);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn letters_that_are_put_off_go_later_and_bounce_after_three_days() {
    let (server, test) = telling(Mood::PutsOff, 5).await;
    pass(&test, 3).await;
    assert_eq!(states(&test).await, ["queued"; 5]);
    server.is(Mood::Fine);
    test.settle().await;
    each_once(&server, 5);

    let (server, test) = telling(Mood::PutsOff, 2).await;
    let begin = test.now();
    test.settle().await;
    assert_eq!(states(&test).await, ["bounced"; 2]);
    let days = (test.now() - begin).num_hours();
    assert!((48..=73).contains(&days), "{days} hours");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_final_dot_is_tried_again() {
    for mood in [Mood::HangsUpOnData, Mood::HangsUpAfterGoOn] {
        let (server, test) = telling(mood, 7).await;
        pass(&test, 3).await;
        assert_eq!(in_state(&test, "sent").await, 0);
        assert_eq!(in_state(&test, "unknown").await, 0, "{mood:?}");
        server.is(Mood::Fine);
        test.settle().await;
        each_once(&server, 7);
        assert_eq!(states(&test).await, ["sent"; 7], "{mood:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_halfway_leaves_nobody_told_twice() {
    // A small message is in the network's hands, dot and all, before anybody reads it: whether
    // the server read up to the dot cannot be known here.
    let (server, test) = telling(Mood::HangsUpHalfway, 7).await;
    pass(&test, 1).await;
    server.is(Mood::Fine);
    test.settle().await;
    let (sent, unknown) = (
        in_state(&test, "sent").await,
        in_state(&test, "unknown").await,
    );
    each_once(&server, sent);
    assert_eq!(sent + unknown, 7);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_final_dot_is_never_tried_again() {
    let (server, test) = telling(Mood::HangsUpAfterDot, 7).await;
    pass(&test, 1).await;
    server.is(Mood::Fine);
    test.settle().await;
    each_once(&server, 7);
    let unknown = in_state(&test, "unknown").await;
    assert!((1..=7).contains(&unknown));
    assert_eq!(in_state(&test, "sent").await, 7 - unknown);
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_in_time() {
    let server = MailServer::start(Mood::Silent).await;
    let url = server.url();
    let vars = [
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "widgets@example.com"),
    ];
    let timing = impatient(Duration::from_millis(300));
    let test = TestApp::start_with_timing(&vars, timing).await;
    crowd(&test, 4, "en").await;
    post(&test, Level::Notice).await;
    test.run_jobs().await;
    assert_eq!(states(&test).await, ["queued"; 4]);

    server.is(Mood::SilentAfterDot);
    test.settle().await;
    each_once(&server, 4);
    assert_eq!(states(&test).await, ["unknown"; 4]);
}

#[tokio::test]
async fn a_letter_that_was_being_sent_when_the_process_died_is_not_sent_again() {
    let (server, test) = telling(Mood::Down, 4).await;
    test.run_jobs().await;
    let sql = "UPDATE letter SET state = 'sending', attempt = 1 WHERE subject_id = \
               (SELECT subject_id FROM letter ORDER BY subject_id LIMIT 1)";
    run(&test.app.config.database, sql).await.unwrap();
    server.is(Mood::Fine);
    test.settle().await;
    each_once(&server, 3);
    assert_eq!(states(&test).await, ["sent", "sent", "sent", "unknown"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_senders_at_once_write_to_nobody_twice() {
    let (server, test) = telling(Mood::Down, 40).await;
    test.run_jobs().await;
    server.is(Mood::Fine);
    test.advance(minutes(2));
    let (a, b) = futures_util::join!(
        accord::actions::letters::send_due(&test.app),
        accord::actions::letters::send_due(&test.app),
    );
    a.unwrap();
    b.unwrap();
    each_once(&server, 40);
    assert_eq!(states(&test).await, ["sent"; 40]);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_lost_job_is_asked_for_again_by_the_sweep() {
    let (server, test) = telling(Mood::Down, 2).await;
    test.run_jobs().await;
    let lost = "UPDATE job SET done_at = 0, open_key = NULL WHERE kind = 'send-letters'";
    run(&test.app.config.database, lost).await.unwrap();
    server.is(Mood::Fine);
    test.settle().await;
    assert!(server.received().is_empty());
    test.sweep().await;
    each_once(&server, 2);

    // The same when nobody was queued.
    let test = mailing(&server).await;
    crowd(&test, 2, "en").await;
    post(&test, Level::Notice).await;
    let lost = "UPDATE job SET failed_at = 0, open_key = NULL WHERE kind = 'tell-everybody'";
    run(&test.app.config.database, lost).await.unwrap();
    test.settle().await;
    assert_eq!(test.count("letter").await, 0);
    test.sweep().await;
    assert_eq!(states(&test).await, ["sent"; 2]);
    test.expects_failed_jobs();
}

#[tokio::test]
async fn a_receipt_does_not_wait_behind_a_thousand_notices() {
    let server = MailServer::start(Mood::Down).await;
    let test = mailing(&server).await;
    crowd(&test, 150, "en").await;
    post(&test, Level::Notice).await;
    test.run_jobs().await;
    test.anna().consent().await;
    server.is(Mood::Fine);
    test.settle().await;
    let first = server.received().remove(0);
    assert_eq!(first.to, "anna@example.com");
    each_once(&server, 151);
}

#[tokio::test]
async fn without_a_server_letters_are_files() {
    let test = TestApp::start().await;
    let config = &test.app.config;
    let outbox = Outbox::new(config).unwrap();
    for _ in 0..2 {
        assert_eq!(outbox.send(&letter("a-1@example.com")).await, Outcome::Sent);
    }
    let folder = config.data_dir.join("letters");
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["a-1.eml"]);
    let text = std::fs::read(folder.join("a-1.eml")).unwrap();
    reads_well(&text);
    // A folder that cannot be written to: letters wait.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file").unwrap();
    let outcome = outbox.send(&letter("a-2@example.com")).await;
    assert!(matches!(outcome, Outcome::Down(_)), "{outcome:?}");
}

fn letter(message_id: &str) -> ServiceLetter {
    ServiceLetter {
        to: "anna@example.com".to_owned(),
        lang: "ru",
        subject: "Квитанция о вашем согласии с очень длинной темой, которая не помещается в строку"
            .to_owned(),
        text: "Здравствуйте!\n.\n.точка в начале строки\n".to_owned() + &"слово ".repeat(300),
        html: "<p>Здравствуйте!</p>".to_owned(),
        attachments: vec![Attachment {
            name: "receipt.json".to_owned(),
            mime: "application/json",
            bytes: "{\"кто\":\"Анна\"}".as_bytes().to_vec(),
        }],
        message_id: message_id.to_owned(),
        date: accord::domain::time::Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
    }
}

/// A reader's mail program shows what was written.
#[track_caller]
fn reads_well(message: &[u8]) {
    let parsed = mail_parser::MessageParser::default()
        .parse(message)
        .unwrap();
    let written = letter("x");
    assert_eq!(parsed.subject(), Some(written.subject.as_str()));
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), written.text.trim_end());
    assert!(parsed.body_html(0).unwrap().contains(&written.html));
    let attached = parsed.attachment(0).unwrap();
    assert_eq!(attached.contents(), written.attachments[0].bytes);
}

/// Where `scripts/smtp` started a mail server that is not ours: the value of such a variable.
fn real_server(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        eprintln!("{variable} is not set: no real mail server was tried");
    }
    value
}

/// Sends two letters over one connection, and reads what the real server kept of them.
async fn taken_by_a_real_server(outbox: &Outbox) {
    assert_eq!(outbox.check().await, Ok(()));
    let ids = [1, 2].map(|n| format!("{}.{n}@example.com", uuid::Uuid::now_v7()));
    for id in &ids {
        assert_eq!(outbox.send(&letter(id)).await, Outcome::Sent);
    }
    outbox.disconnect().await;
    let folder = real_server("TEST_SMTP_DIR").unwrap();
    let kept: Vec<_> = std::fs::read_dir(std::path::Path::new(&folder).join("new"))
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    for id in ids {
        let has_id = |message: &&Vec<u8>| String::from_utf8_lossy(message).contains(&id);
        reads_well(kept.iter().find(has_id).unwrap());
    }
}

const FROM: (&str, &str) = ("MAIL_FROM", "Роза <widgets@example.com>");

#[tokio::test]
async fn a_real_server_takes_cyrillic_and_an_attachment() {
    for variable in ["TEST_SMTP_URL", "TEST_SMTPS_URL"] {
        let Some(url) = real_server(variable) else {
            return;
        };
        let test = TestApp::start_with(&[("SMTP_URL", &url), FROM]).await;
        taken_by_a_real_server(&test.app.outbox).await;
    }
}

#[tokio::test]
async fn a_real_server_is_asked_for_tls_before_the_login() {
    let Some(url) = real_server("TEST_STARTTLS_URL") else {
        return;
    };
    let test = TestApp::start_with(&[("SMTP_URL", &url), FROM]).await;
    // To a server on this machine nothing is hidden unless one insists.
    let told = test.app.outbox.check().await.unwrap_err();
    assert!(told.contains("TLS or login"), "{told}");
    let mut config = test.app.config.clone();
    config.mail.server.as_mut().unwrap().security = Security::StartTls;
    taken_by_a_real_server(&Outbox::new(&config).unwrap()).await;
}

#[tokio::test]
async fn a_real_server_with_a_strange_certificate_or_login_gets_nothing() {
    let Some(url) = real_server("TEST_SMTPS_URL") else {
        return;
    };
    for (wrong, why) in [
        // Its certificate is for localhost.
        (url.replace("localhost", "127.0.0.1"), "TLS fails"),
        (url.replace("p%40ss", "another"), "it answers 535"),
    ] {
        let test = TestApp::start_with(&[("SMTP_URL", &wrong), FROM]).await;
        let told = test.app.outbox.check().await.unwrap_err();
        assert!(told.contains(why), "{told}");
        let outcome = test.app.outbox.send(&letter("x@example.com")).await;
        assert!(matches!(outcome, Outcome::Down(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_ends_its_answer_is_left_after_64_kib() {
    for mood in [Mood::EndlessLine, Mood::EndlessLines] {
        let (server, test) = telling(mood, 2).await;
        test.run_jobs().await;
        assert_eq!(states(&test).await, ["queued"; 2], "{mood:?}");
        assert!(server.endless() < 64 * 1024 * 1024, "{}", server.endless());
        let told = test.app.outbox.check().await.unwrap_err();
        assert!(told.contains("its answer does not end"), "{told}");
        server.is(Mood::Fine);
        test.advance(minutes(2));
        test.settle().await;
        each_once(&server, 2);
    }
}
