//! Evidence on the command line: which text bound an account then, a ledger that is
//! proved, a receipt that proves itself without any of our database.

use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{ACCOUNT, POLICY_EN, POLICY_RU, TestApp};
use accord::domain::time::days;

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn in_force(test: &TestApp, at: &str) -> Value {
    let account = ACCOUNT.to_string();
    json(&test.accord(&[
        "policy",
        "in-force",
        "--product",
        "demo",
        "--account",
        &account,
        "--at",
        at,
        "--json",
    ]))
}

#[tokio::test]
async fn years_later_it_can_be_said_which_words_bound_an_account() {
    let test = TestApp::start().await;
    test.install().await;
    let before = test.now().to_string();
    test.advance(days(1));
    let receipt = test.anna().consent().await["receipt"].clone();
    let agreed = test.now().to_string();
    test.advance(days(1));
    let text = POLICY_EN.replace("They are kept.", "They are kept and told.");
    test.publish(&[("p.en.md", &text), ("p.ru.md", POLICY_RU)])
        .await;
    let later = test.now().to_string();

    let none = in_force(&test, &before).await;
    assert_eq!(
        (none["number"].as_u64(), &none["consent"]),
        (Some(1), &Value::Null)
    );
    let first = in_force(&test, &agreed).await;
    assert_eq!(first["number"], 1);
    assert_eq!(first["hash"], receipt["policy"]["hash"]);
    assert_eq!(first["consent"]["given_at"], receipt["issued_at"]);
    assert_eq!(first["consent"]["receipt"]["ledger"], receipt["ledger"]);
    let second = in_force(&test, &later).await;
    assert_eq!(second["number"], 2, "a notice binds from its posting");
    assert!(second["text"].as_str().unwrap().contains("kept and told"));
    assert_eq!(second["consent"]["receipt"]["id"], receipt["id"]);

    let account = ACCOUNT.to_string();
    let words = |at: &str| {
        let args = [
            "policy",
            "in-force",
            "--product",
            "demo",
            "--account",
            &account,
            "--at",
            at,
        ];
        test.accord(&args)
    };
    assert!(said(&words(&later)).contains("They are kept and told."));
    assert_eq!(words("2001-01-01T00:00:00Z").status.code(), Some(1));
    assert_eq!(words("yesterday").status.code(), Some(2));
    test.run_jobs().await;
}

#[tokio::test]
async fn a_ledger_and_a_receipt_are_proved_on_the_command_line() {
    let test = TestApp::start().await;
    test.install().await;
    let receipt = test.anna().consent().await["receipt"].clone();
    let file = |name: &str| test.folder().join(name).display().to_string();
    let write = |name: &str, bytes: &[u8]| std::fs::write(file(name), bytes).unwrap();
    write("receipt.json", receipt.to_string().as_bytes());
    let keys = test.get("/.well-known/accord-keys.json").await;
    write("keys.json", &keys.bytes);

    // Nothing but the file and the keys: no environment, no database.
    let alone = |receipt: &str| {
        Command::new(env!("CARGO_BIN_EXE_accord"))
            .args(["receipt", "verify", receipt, "--keys", "keys.json"])
            .current_dir(test.folder())
            .env_clear()
            .output()
            .unwrap()
    };
    let proved = alone("receipt.json");
    assert!(proved.status.success());
    assert!(
        said(&proved).starts_with("proved: given "),
        "{}",
        said(&proved)
    );
    let mut bent = receipt;
    bent["account_id"] = serde_json::json!(1);
    write("bent.json", bent.to_string().as_bytes());
    let refused = alone("bent.json");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("something in it was changed"));
    assert_eq!(alone("nothing.json").status.code(), Some(1));

    let checkpoint = file("checkpoint.txt");
    assert!(
        test.accord(&["audit", "checkpoint", "--out", &checkpoint])
            .status
            .success()
    );
    test.anna().consent().await;
    let verified = test.accord(&["audit", "verify", "--checkpoint", &checkpoint]);
    assert!(verified.status.success());
    assert!(
        said(&verified).starts_with("proved: 2 entries"),
        "{}",
        said(&verified)
    );
    let rebuilt = test.accord(&["audit", "rebuild"]);
    assert_eq!(said(&rebuilt), "rebuilt from 2 entries\n");
    test.run_jobs().await;
}
