//! From published to posted: a version is in force when it was seen as it was published,
//! once, and never before the one that it follows.

use accord::actions::policies;
use accord::commands::policy::posting;
use accord::domain::facts::Level;
use accord::domain::policies::history::Version;
use accord::domain::policies::parse;
use accord::domain::policies::versions::Publication;
use accord::domain::time::{days, hours};

use crate::support::{POLICY_EN, POLICY_RU, TestApp, database};

fn second() -> String {
    POLICY_EN.replace("They are kept.", "They are kept, and told.")
}

fn publication() -> Publication {
    let text = second();
    Publication {
        documents: vec![(
            "p.en.md".to_owned(),
            parse("p.en.md", text.as_bytes()).unwrap(),
        )],
        facts: None,
        level: None,
        reason: None,
        verbatim: false,
        findings: Vec::new(),
    }
}

async fn publish(test: &TestApp) -> anyhow::Result<Version> {
    posting::publish(&test.app, &test.product, publication()).await
}

/// A process that published and died before it posted.
async fn half_done(test: &TestApp) {
    policies::publish(&test.app.store, &test.product, publication(), 1, test.now())
        .await
        .unwrap();
}

async fn number_in_force(test: &TestApp) -> i64 {
    let policy = test.get("/widget/v1/policy?product=demo&lang=en").await;
    policy.expect(200)["number"].as_i64().unwrap()
}

#[tokio::test]
async fn a_published_version_is_seen_by_nobody_before_it_is_posted() {
    let test = TestApp::start().await;
    half_done(&test).await;
    assert_eq!(number_in_force(&test).await, 1);
    let numbered = test.get("/widget/v1/policy?product=demo&number=2").await;
    assert_eq!(numbered.status, 404);
    assert_eq!(test.get("/policy/demo/2").await.status, 404);
}

#[tokio::test]
async fn what_a_crash_left_half_done_is_finished_at_the_next_start() {
    let test = TestApp::start().await;
    half_done(&test).await;
    test.advance(hours(1));
    let app = &test.app;
    posting::finish(app).await.unwrap();
    assert_eq!(number_in_force(&test).await, 2);
    let version = test.version(2).await;
    assert_eq!(
        version.posted_at,
        test.now(),
        "when it was seen, not before"
    );
    assert_eq!(test.count("policy_posting").await, 2);
    test.run_jobs().await;
}

#[tokio::test]
async fn who_publishes_after_a_crash_is_told_what_was_found() {
    let test = TestApp::start().await;
    half_done(&test).await;
    let told = publish(&test).await.unwrap_err().to_string();
    assert!(
        told.contains("version 2 had been published and not posted"),
        "{told}"
    );
    assert_eq!(number_in_force(&test).await, 2);
    assert_eq!(publish(&test).await.unwrap().number, 3);
    test.run_jobs().await;
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_wins_and_the_other_is_told() {
    let test = TestApp::start().await;
    let app = &test.app;
    let draft = || policies::publish(&app.store, &test.product, publication(), 1, test.now());
    let (one, other) = tokio::join!(draft(), draft());
    let (won, lost): (Vec<_>, Vec<_>) = [one, other].into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1));
    let told = lost[0].as_ref().err().unwrap().to_string();
    assert!(told.contains("nothing else was published"), "{told}");

    let (one, other) = tokio::join!(publish(&test), publish(&test));
    let told: Vec<String> = [one, other]
        .into_iter()
        .filter_map(|r| r.err().map(|e| e.to_string()))
        .collect();
    assert!(
        !told.is_empty(),
        "who finds the one that is half done is told"
    );
    let versions = test.count("policy_version").await;
    assert_eq!(versions, test.count("policy_posting").await);
    assert_eq!(number_in_force(&test).await, versions);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_version_that_does_not_come_back_as_it_was_published_is_given_up() {
    let test = TestApp::start().await;
    half_done(&test).await;
    let on = if database::is_postgres() {
        " ON policy_text"
    } else {
        ""
    };
    let other_words = if database::is_postgres() {
        "convert_to('Other words', 'UTF8')"
    } else {
        "CAST('Other words' AS BLOB)"
    };
    for sql in [
        format!("DROP TRIGGER policy_text_no_update{on}"),
        format!(
            "UPDATE policy_text SET source = {other_words} WHERE version_id = \
             (SELECT id FROM policy_version WHERE number = 2)"
        ),
    ] {
        database::run(&test.app.config.database, &sql)
            .await
            .unwrap();
    }
    let told = publish(&test).await.unwrap_err();
    assert_eq!(number_in_force(&test).await, 1, "{told:#}");
    assert_eq!(test.count("policy_posting").await, 1);
}

#[tokio::test]
async fn a_clock_that_was_set_back_posts_nothing_before_the_version_before() {
    let test = TestApp::start().await;
    let first = test.version(1).await;
    test.advance(-days(3));
    let second = publish(&test).await.unwrap();
    assert_eq!(second.posted_at, first.posted_at);
    assert_eq!(number_in_force(&test).await, 2);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_level_below_the_facts_needs_a_reason_that_is_recorded() {
    let test = TestApp::start().await;
    let wider = format!(
        "{}\n[[processor]]\nname = \"A new host\"\npurposes = [\"5.2.1\"]\n",
        accord::domain::facts::Facts::STARTER
    );
    let files = [("p.en.md", POLICY_EN), ("p.ru.md", POLICY_RU)];
    let notice = Some(Level::Notice);
    let told = test
        .publish_with(&files, Some(wider.clone()), notice)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("new processor: A new host") && told.contains("--reason"),
        "{told}"
    );
    let lowered = Publication {
        facts: Some(wider),
        level: notice,
        reason: Some("The host was named in the text before".to_owned()),
        ..publication()
    };
    let version = posting::publish(&test.app, &test.product, lowered)
        .await
        .unwrap();
    assert_eq!(version.level, Level::Notice);
    assert_eq!(
        version.reason.as_deref(),
        Some("The host was named in the text before")
    );
    test.run_jobs().await;
}
