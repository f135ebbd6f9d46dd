//! A new version: who is told, who is asked again, and what is off until they agree.

use accord::domain::facts::Facts;
use accord::domain::facts::Level;
use accord::domain::time::days;
use serde_json::{Value, json};

use crate::support::{Answer, POLICY_EN, POLICY_RU, Person, TestApp};

const FILES: [(&str, &str); 2] = [("p.en.md", POLICY_EN), ("p.ru.md", POLICY_RU)];

async fn acknowledge(person: &Person<'_>, number: &str) -> Answer {
    let path = format!("/notices/{number}/ack");
    let token = person.token();
    person
        .call(reqwest::Method::POST, &path, &token, None)
        .await
}

async fn notice(person: &Person<'_>) -> Value {
    person.standing().await["notice"].clone()
}

/// Facts in which communication also goes to somebody else, and which have a new purpose.
fn wider() -> String {
    let (before, communication) = Facts::STARTER.split_once("code = \"5.2.3\"").unwrap();
    let communication = communication.replacen("recipients = []", "recipients = [\"Mail Ltd\"]", 1);
    let facts = format!("{before}code = \"5.2.3\"{communication}");
    format!(
        "{facts}\n[[purpose]]\ncode = \"5.2.4\"\ntitle = {{ en = \"location\" }}\nbasis = \"consent\"\n\
         categories = [\"location\"]\nretention = {{ event = \"uninstall\", period = \"P30D\" }}\n"
    )
}

#[tokio::test]
async fn each_person_is_told_until_they_say_that_they_know() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    assert_eq!(notice(&test.anna()).await, Value::Null);
    test.publish(&FILES).await;

    let told = notice(&test.anna()).await;
    assert_eq!(
        (&told["policy_number"], &told["level"]),
        (&json!(2), &json!("notice"))
    );
    let standing = test.anna().standing().await;
    assert_eq!(
        (&standing["entitled"], &standing["consent"]["state"]),
        (&json!(true), &json!("given"))
    );
    assert_eq!(acknowledge(&test.anna(), "2").await.status, 204);
    assert_eq!(acknowledge(&test.anna(), "2").await.status, 204, "again");
    assert_eq!(notice(&test.anna()).await, Value::Null);
    assert_eq!(notice(&test.boris()).await, told, "Boris has not said so");
    assert_eq!(acknowledge(&test.boris(), "2").await.status, 204);
    assert_eq!(notice(&test.boris()).await, Value::Null);

    test.publish(&FILES).await;
    assert_eq!(notice(&test.anna()).await["policy_number"], 3);
    assert_eq!(acknowledge(&test.anna(), "3").await.status, 204);
    assert_eq!(acknowledge(&test.anna(), "2").await.status, 204);
    assert_eq!(
        notice(&test.anna()).await,
        Value::Null,
        "an older one takes nothing back"
    );
    assert_eq!(test.count("notice_ack").await, 2);
    test.run_jobs().await;
}

#[tokio::test]
async fn what_cannot_be_acknowledged_is_refused() {
    let test = TestApp::start().await;
    for unknown in ["2", "0", "x", "-1"] {
        acknowledge(&test.anna(), unknown)
            .await
            .problem(404, "not-found");
    }
    // An account never seen has nothing to learn; nothing is created for it.
    assert_eq!(acknowledge(&test.anna(), "1").await.status, 204);
    assert_eq!(test.count("install").await, 0);

    test.install().await;
    test.anna().consent().await;
    test.publish_with(&FILES, Some(wider()), None)
        .await
        .unwrap();
    acknowledge(&test.anna(), "2")
        .await
        .problem(409, "consent-required");
    let token = test.anna().token();
    let post = reqwest::Method::POST;
    let path = "/notices/1/ack";
    let first = test.anna().call(post.clone(), path, &token, None).await;
    assert_eq!(first.status, 204);
    let second = test.anna().call(post, path, &token, None).await;
    second.problem(409, "token-replayed");
    test.run_jobs().await;
}

#[tokio::test]
async fn what_a_version_widens_is_off_from_its_posting_until_somebody_agrees() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.publish_with(&FILES, Some(wider()), None)
        .await
        .unwrap();

    let standing = test.anna().standing().await;
    assert_eq!(standing["entitled"], true, "within the grace");
    assert_eq!(standing["consent"]["state"], "outdated");
    assert_eq!(standing["notice"]["level"], "reconsent");
    assert_eq!(
        standing["consent"]["purposes"],
        json!(["5.2.1", "5.2.2", "5.2.5", "5.2.6", "5.2.7"]),
        "what was widened is off, what is new was never on"
    );
    test.advance(days(14));
    let locked = test.anna().standing().await;
    assert_eq!(locked["reason"], "reconsent-required");

    let agreed = test.anna().consent().await["standing"].clone();
    assert_eq!(
        (&agreed["entitled"], &agreed["notice"]),
        (&json!(true), &Value::Null)
    );
    let purposes = agreed["consent"]["purposes"].as_array().unwrap();
    assert!(purposes.contains(&json!("5.2.3")) && purposes.contains(&json!("5.2.4")));
    test.run_jobs().await;
}

#[tokio::test]
async fn a_purpose_that_is_gone_is_off_and_nobody_is_asked() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    let from = Facts::STARTER
        .find("[[purpose]]\ncode = \"5.2.7\"")
        .unwrap();
    let to = Facts::STARTER
        .find("[[purpose]]\ncode = \"5.2.8\"")
        .unwrap();
    let narrower = format!("{}{}", &Facts::STARTER[..from], &Facts::STARTER[to..]);
    let version = test
        .publish_with(&FILES, Some(narrower), None)
        .await
        .unwrap();
    assert_eq!(version.level, Level::Notice);
    let standing = test.anna().standing().await;
    assert_eq!(standing["consent"]["state"], "given");
    assert_eq!(
        standing["consent"]["purposes"],
        json!(["5.2.1", "5.2.2", "5.2.3", "5.2.5", "5.2.6"])
    );
    test.run_jobs().await;
}
