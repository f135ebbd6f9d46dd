//! The ledger as evidence: receipts that prove themselves, and no change that is not found.

use std::collections::HashMap;

use accord::actions::audit::{self, Outcome};
use accord::domain::checkpoint::BadNote;
use accord::domain::facts::Level;
use accord::domain::ledger::{Bad, Fault, Leaf};
use accord::domain::merkle::{Hash, Tree, joined};
use accord::domain::receipts::{self, NotProved};
use accord::domain::signing::PublishedKeys;
use accord::domain::time::days;
use accord::store;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp, database};

/// Three people, renewals and a withdrawal: seven entries, the first an old one of Anna's.
async fn with_a_history() -> TestApp {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.boris().consent().await;
    test.anna().consent().await;
    test.clara().consent().await;
    test.boris().consent().await;
    test.anna().consent().await;
    test.anna().withdraw().await.expect(202);
    assert_eq!(test.count("consent").await, 7);
    test
}

async fn verify(test: &TestApp, kept: &[String]) -> Outcome {
    audit::verify(&test.app.store, kept).await.unwrap()
}

async fn run(test: &TestApp, sql: &str) {
    let changed = database::run(&test.app.config.database, sql).await.unwrap();
    assert!(changed > 0 || sql.starts_with("DROP"), "{sql}");
}

/// Somebody with the database in their hands takes its guards away.
async fn break_in(test: &TestApp) {
    let on = if database::is_postgres() {
        " ON consent"
    } else {
        ""
    };
    for verb in ["update", "delete"] {
        run(test, &format!("DROP TRIGGER consent_no_{verb}{on}")).await;
    }
}

async fn keys(test: &TestApp) -> PublishedKeys {
    let published = test.get("/.well-known/accord-keys.json").await;
    PublishedKeys::parse(&published.bytes).unwrap()
}

#[tokio::test]
async fn every_act_has_a_receipt_that_proves_itself() {
    let test = with_a_history().await;
    let keys = keys(&test).await;
    let me = test.anna().get("/me").await.expect(200);
    let kept = me["consents"].as_array().unwrap();
    let acts: Vec<&str> = kept.iter().map(|r| r["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["given", "given", "given", "withdrawn"]);
    for receipt in kept {
        let proved = receipts::verify(receipt.to_string().as_bytes(), &keys).unwrap();
        assert_eq!(proved.account_id, 32_720_107);
        let path = format!("/receipts/{}", proved.id);
        assert_eq!(&test.anna().get(&path).await.expect(200), receipt);
        assert_eq!(test.boris().get(&path).await.status, 404, "it is Anna's");
    }
    let mut bent = kept[0].clone();
    bent["policy"]["number"] = json!(2);
    assert_eq!(
        receipts::verify(bent.to_string().as_bytes(), &keys),
        Err(NotProved::Signature)
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn a_receipt_can_be_read_in_the_persons_language() {
    let test = TestApp::start().await;
    let policy = test
        .get("/widget/v1/policy?product=demo&lang=ru")
        .await
        .expect(200);
    let mut form = test.anna().form().await;
    form["lang"] = json!("ru");
    form["policy_hash"] = policy["hash"].clone();
    let given = test.anna().post("/consents", form).await.expect(201);
    let id = given["receipt"]["id"].as_str().unwrap();
    let page = test
        .anna()
        .get(&format!("/receipts/{id}?format=html"))
        .await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let page = page.text();
    for words in ["Квитанция: согласие дано", "30 дней", "lang=\"ru\"", id]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Anna"), "a receipt names nobody");
    test.run_jobs().await;
}

#[tokio::test]
async fn a_receipt_outlives_the_key_that_signed_it() {
    let test = TestApp::start().await;
    test.install().await;
    let old = test.anna().consent().await["receipt"].clone();
    test.advance(days(1));
    audit::rotate_key(&test.app.store, test.now())
        .await
        .unwrap();
    let new = test.anna().consent().await["receipt"].clone();
    assert_ne!(old["signature"]["key"], new["signature"]["key"]);
    let keys = keys(&test).await;
    assert_eq!(keys.keys.len(), 2);
    assert_eq!(keys.keys[0].until, Some(keys.keys[1].from));
    for receipt in [old, new] {
        receipts::verify(receipt.to_string().as_bytes(), &keys).unwrap();
    }
    test.run_jobs().await;
}

#[tokio::test]
async fn a_sound_ledger_is_proved_also_without_a_persons_key() {
    let test = with_a_history().await;
    let note = audit::checkpoint(&test.app).await.unwrap();
    let lines: Vec<&str> = note.lines().collect();
    assert!(lines[0].ends_with("/ledger") && lines[1] == "7", "{note}");
    // A person's key is destroyed: what it sealed is gone, what was hashed is not.
    let nothing = bytes(&[0]);
    run(
        &test,
        &format!("UPDATE subject SET wrapped_key = {nothing}"),
    )
    .await;
    let outcome = verify(&test, &[note]).await;
    assert!(
        matches!(
            outcome,
            Outcome::Proved {
                entries: 7,
                checkpoints: 2,
                ..
            }
        ),
        "{outcome:?}"
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn any_byte_of_an_old_entry_that_is_changed_is_found_at_its_entry() {
    let test = with_a_history().await;
    break_in(&test).await;
    let same = verify(&test, &[]).await;
    for (column, bent, kept) in [
        ("lang", "'eN'", "'en'"),
        ("act", "'withdrawn'", "'given'"),
        ("policy_number", "policy_number + 1", "policy_number - 1"),
        ("generation", "generation + 1", "generation - 1"),
        ("occurred_at", "occurred_at + 1", "occurred_at - 1"),
        ("product", "'demp'", "'demo'"),
        ("chain", "chain + 100", "chain - 100"),
    ] {
        let set = |value| format!("UPDATE consent SET {column} = {value} WHERE entry_index = 1");
        run(&test, &set(bent)).await;
        let found = verify(&test, &[]).await;
        let bad = |fault| Outcome::Entry(Bad { index: 1, fault });
        assert_eq!(found, bad(Fault::Changed), "{column}");
        run(&test, &set(kept)).await;
        assert_eq!(verify(&test, &[]).await, same, "{column}");
    }
    test.run_jobs().await;
}

#[tokio::test]
async fn a_tail_that_was_cut_is_found_by_a_checkpoint_kept_elsewhere() {
    let test = with_a_history().await;
    let kept = audit::checkpoint(&test.app).await.unwrap();
    break_in(&test).await;
    let on = if database::is_postgres() {
        " ON checkpoint"
    } else {
        ""
    };
    run(&test, &format!("DROP TRIGGER checkpoint_no_delete{on}")).await;
    run(&test, "DELETE FROM checkpoint").await;
    run(&test, "DELETE FROM consent WHERE entry_index >= 5").await;
    assert!(matches!(
        verify(&test, &[]).await,
        Outcome::Proved { entries: 5, .. }
    ));
    let cut = Outcome::Cut {
        covered: 7,
        entries: 5,
    };
    assert_eq!(verify(&test, std::slice::from_ref(&kept)).await, cut);
    let forged = kept.replace("\n7\n", "\n5\n");
    let unsigned = Outcome::Checkpoint(BadNote::Unsigned);
    assert_eq!(verify(&test, &[forged]).await, unsigned);
    test.run_jobs().await;
}

#[tokio::test]
async fn an_entry_taken_out_or_two_that_swapped_places_are_found() {
    let test = with_a_history().await;
    break_in(&test).await;
    for (from, to) in [(2, 100), (4, 2), (100, 4)] {
        let sql = format!("UPDATE consent SET entry_index = {to} WHERE entry_index = {from}");
        run(&test, &sql).await;
        let bad = match verify(&test, &[]).await {
            Outcome::Entry(bad) => bad,
            other => panic!("{other:?}"),
        };
        assert_eq!(bad.index, 2);
    }
    run(&test, "DELETE FROM consent WHERE entry_index = 0").await;
    let missing = Bad {
        index: 0,
        fault: Fault::Missing,
    };
    assert_eq!(verify(&test, &[]).await, Outcome::Entry(missing));
    test.run_jobs().await;
}

/// A literal of bytes.
fn bytes(value: &[u8]) -> String {
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    if database::is_postgres() {
        format!("'\\x{hex}'::bytea")
    } else {
        format!("x'{hex}'")
    }
}

/// Whoever has the database and knows this code changes one entry and computes all that
/// follows anew.
async fn rewrite_from_the_second_entry(test: &TestApp) {
    let lines = store::ledger::lines(&test.app.store, 0, 100).await.unwrap();
    let mut tree = Tree::default();
    let mut last: HashMap<String, Hash> = HashMap::new();
    for line in lines {
        let (leaf, ..) = line.content.unwrap();
        let leaf = Leaf {
            purposes: match line.index {
                1 => vec!["5.2.8".to_owned()],
                _ => leaf.purposes,
            },
            previous: last.get(&leaf.install).map(ToString::to_string),
            ..leaf
        };
        let previous = last
            .get(&leaf.install)
            .map_or("NULL".to_owned(), |hash| bytes(&hash.0));
        let sql = format!(
            "UPDATE consent SET purposes = '{}', previous = {previous}, leaf = {}, path = {} WHERE entry_index = {}",
            json!(leaf.purposes),
            bytes(&leaf.hash().0),
            bytes(&joined(tree.path())),
            line.index
        );
        run(test, &sql).await;
        tree.add(leaf.hash());
        last.insert(leaf.install.clone(), leaf.hash());
    }
}

#[tokio::test]
async fn a_ledger_rewritten_as_a_whole_is_found_by_any_checkpoint_or_receipt() {
    let test = with_a_history().await;
    let kept = audit::checkpoint(&test.app).await.unwrap();
    let boris = test.boris().get("/me").await.expect(200)["consents"][1].clone();
    break_in(&test).await;
    rewrite_from_the_second_entry(&test).await;
    assert_eq!(
        verify(&test, &[kept]).await,
        Outcome::Rewritten { covered: 7 }
    );
    // A receipt in somebody's drawer holds a checkpoint, too.
    let drawer = boris["ledger"]["checkpoint"].as_str().unwrap().to_owned();
    assert_eq!(
        verify(&test, &[drawer]).await,
        Outcome::Rewritten { covered: 5 }
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn a_published_text_that_was_changed_is_found() {
    let test = with_a_history().await;
    let on = if database::is_postgres() {
        " ON policy_text"
    } else {
        ""
    };
    run(&test, &format!("DROP TRIGGER policy_text_no_update{on}")).await;
    run(
        &test,
        &format!(
            "UPDATE policy_text SET shown = {} WHERE lang = 'en'",
            bytes(b"Other words")
        ),
    )
    .await;
    assert_eq!(
        verify(&test, &[]).await,
        Outcome::Text("demo No. 1, en".to_owned())
    );
    test.run_jobs().await;
}

async fn states(test: &TestApp) -> Vec<String> {
    let mut states: Vec<String> = database::rows(
        &test.app.config.database,
        "SELECT CAST(s.entry_index AS text) || ' ' || CAST(s.generation AS text) || s.act || s.lang || CAST(s.policy_number AS text) \
         FROM consent_state s JOIN consent c ON c.subject_id = s.subject_id AND c.entry_index = s.entry_index",
    )
    .await;
    states.sort();
    states
}

#[tokio::test]
async fn what_is_derived_from_the_ledger_can_be_derived_again() {
    let test = with_a_history().await;
    test.settle().await;
    test.install().await;
    test.clara().consent().await;
    let kept = states(&test).await;
    assert_eq!(kept.len(), 3);
    run(&test, "UPDATE consent_state SET act = 'given', lang = 'xx'").await;
    run(&test, "DELETE FROM consent_state WHERE entry_index = 6").await;
    assert_ne!(states(&test).await, kept);
    assert_eq!(audit::rebuild(&test.app.store).await.unwrap(), 8);
    assert_eq!(states(&test).await, kept);
}

/// What may happen to a ledger, whoever does it.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Agrees(usize),
    Withdraws(usize),
    Uninstalled,
    NewVersion(Level),
}

fn history() -> impl Strategy<Value = Vec<Happens>> {
    let level = prop_oneof![Just(Level::Notice), Just(Level::Reconsent)];
    let one = prop_oneof![
        4 => (0_usize..3).prop_map(Happens::Agrees),
        2 => (0_usize..3).prop_map(Happens::Withdraws),
        1 => Just(Happens::Uninstalled),
        1 => level.prop_map(Happens::NewVersion),
    ];
    proptest::collection::vec(one, 1..12)
}

/// Lets a history happen; what is refused (a withdrawal without a consent) is part of it.
async fn live_through(test: &TestApp, history: &[Happens]) {
    let people = [test.anna(), test.boris(), test.clara()];
    for what in history {
        match what {
            Happens::Agrees(who) => {
                let form = people[*who].form().await;
                people[*who].post("/consents", form).await;
            }
            Happens::Withdraws(who) => {
                people[*who].withdraw().await;
                test.settle().await;
            }
            Happens::Uninstalled => {
                test.world().disable(ACCOUNT, CLIENT, ANNA).await;
                test.settle().await;
                test.install().await;
            }
            Happens::NewVersion(level) => crate::letters::post(test, *level).await,
        }
    }
}

#[test]
fn whatever_happens_what_is_derived_equals_what_the_ledger_adds_up_to() {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 10,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let told = runner.run(&history(), |history| {
        runtime.block_on(async {
            let test = TestApp::start().await;
            test.install().await;
            live_through(&test, &history).await;
            test.run_jobs().await;
            let kept = states(&test).await;
            audit::rebuild(&test.app.store).await.unwrap();
            prop_assert_eq!(states(&test).await, kept);
            let proved = matches!(verify(&test, &[]).await, Outcome::Proved { .. });
            prop_assert!(proved);
            Ok(())
        })
    });
    told.unwrap();
}

#[tokio::test]
async fn entries_of_many_at_once_have_no_gap() {
    let test = TestApp::start().await;
    test.install().await;
    let people = [test.anna(), test.boris(), test.clara()];
    let mut forms = Vec::new();
    for round in 0..4 {
        for person in &people {
            forms.push((person.clone(), person.token(), person.form().await, round));
        }
    }
    let sent = forms.iter().map(|(person, token, form, _)| {
        person.call(
            reqwest::Method::POST,
            "/consents",
            token,
            Some(form.clone()),
        )
    });
    for answer in futures_util::future::join_all(sent).await {
        answer.expect(201);
    }
    assert!(matches!(
        verify(&test, &[]).await,
        Outcome::Proved { entries: 12, .. }
    ));
    test.run_jobs().await;
}
