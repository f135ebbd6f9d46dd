//! Keys and secrets end: rotated, sealed anew, revoked.

use accord::actions::keys::{self as acts, Resealing};
use accord::actions::{audit, events, products};
use accord::config::{Database, master_key};
use accord::domain::events as rules;
use accord::domain::jobs::Job;
use accord::domain::receipts::{self, NotProved};
use accord::domain::signing::PublishedKeys;
use accord::domain::time::{days, hours, minutes};
use accord::store::reseal::{self, RowKey};
use accord::store::sealed::{self, Key};
use accord::store::vault::KeyId;
use accord::store::{self, Read as _, Store};
use amocrm_emulator::faults::{Fault, FaultKind};
use serde_json::Value;

use crate::support::back_end::BackEnd;
use crate::support::database::{rows, run};
use crate::support::{
    ACCOUNT, ANNA, Answer, CLIENT, SECRET, TestApp, database, fresh_key, main_key,
};

/// As amoCRM makes them.
const NEW_SECRET: &str = "gC4SfEm0lCVqZRBX7HbXQk1Wb3a0zJm9dY2uT8nL5pR6sK7vE1oI2jF3hG4wA5xD";

async fn rotate(test: &TestApp, secret: &str, at_once: bool) {
    let secret = secret.to_owned().into();
    let (store, now) = (&test.app.store, test.now());
    products::rotate_secret(store, "demo", &secret, at_once, now)
        .await
        .unwrap();
}

/// What a token and a disconnect hook are answered that are signed with a secret.
async fn answered(test: &TestApp, secret: &str) -> (u16, u16) {
    let world = test.world();
    let claims = world.disposable_claims(ACCOUNT, ANNA, CLIENT).unwrap();
    let token = world
        .custom_token(&claims, "HS256", secret.as_bytes())
        .unwrap();
    let standing = test
        .http
        .get(format!("{}/widget/v1/standing", test.base))
        .header("X-Auth-Token", token);
    let standing = Answer::of(standing.send().await.unwrap()).await;
    let tag = amocrm_emulator::hooks::disconnect_signature(secret, CLIENT, 1);
    let hook = format!("/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id=1&signature={tag}");
    (standing.status, test.get(&hook).await.status)
}

#[tokio::test]
async fn a_rotated_secret_is_accepted_for_an_hour_or_not_at_all() {
    let test = TestApp::start().await;
    let (accepted, refused) = ((200, 200), (401, 403));
    assert_eq!(answered(&test, SECRET).await, accepted);
    rotate(&test, NEW_SECRET, false).await;
    for (passed, old) in [(0, accepted), (59, accepted), (1, refused)] {
        test.advance(minutes(passed));
        assert_eq!(answered(&test, SECRET).await, old, "{passed}");
        assert_eq!(answered(&test, NEW_SECRET).await, accepted, "{passed}");
    }
    test.sweep().await;
    assert_eq!(test.count("product_secret").await, 1, "it is destroyed");

    // A second rotation within the hour gives nobody more time.
    rotate(&test, "second", false).await;
    test.advance(minutes(30));
    rotate(&test, "third", false).await;
    assert_eq!(answered(&test, NEW_SECRET).await, accepted);
    test.advance(minutes(30));
    assert_eq!(answered(&test, NEW_SECRET).await, refused);
    assert_eq!(answered(&test, "second").await, accepted);

    rotate(&test, "fourth", true).await;
    for old in ["second", "third"] {
        assert_eq!(answered(&test, old).await, refused, "{old}");
    }
    assert_eq!(answered(&test, "fourth").await, accepted);
    assert_eq!(test.count("product_secret").await, 1);
}

#[tokio::test]
async fn the_secret_in_force_again_is_no_rotation_but_may_end_the_others() {
    let test = TestApp::start().await;
    rotate(&test, NEW_SECRET, false).await;
    let same = NEW_SECRET.to_owned().into();
    let again = products::rotate_secret(&test.app.store, "demo", &same, false, test.now()).await;
    assert!(again.is_err());
    assert_eq!(answered(&test, SECRET).await, (200, 200));
    rotate(&test, NEW_SECRET, true).await;
    assert_eq!(answered(&test, SECRET).await, (401, 403));
    assert_eq!(answered(&test, NEW_SECRET).await, (200, 200));
}

#[tokio::test]
async fn two_who_rotate_at_once_leave_one_secret_in_force() {
    let test = TestApp::start().await;
    tokio::join!(
        rotate(&test, "first", false),
        rotate(&test, NEW_SECRET, false)
    );
    let in_force = "SELECT count(*) || '' FROM product_secret WHERE accepted_until IS NULL";
    assert_eq!(rows(&test.app.config.database, in_force).await, ["1"]);
}

#[tokio::test]
async fn the_operator_sees_which_secrets_are_accepted_and_until_when() {
    let test = TestApp::start().await;
    std::fs::write(test.folder().join("new"), NEW_SECRET).unwrap();
    let rotated = test.accord(&["product", "rotate-secret", "demo", "--secret-file", "new"]);
    assert!(rotated.status.success());
    let listed = test.accord(&["product", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let secrets = listed[0]["secrets"].as_array().unwrap();
    assert_eq!(secrets.len(), 2);
    assert_eq!(secrets[0]["accepted_until"], Value::Null);
    let until = secrets[1]["accepted_until"].as_str().unwrap();
    let text = String::from_utf8(test.accord(&["product", "list"]).stdout).unwrap();
    assert!(text.contains(&format!("accepted until {until}")), "{text}");
    let doctor = String::from_utf8(test.accord(&["doctor"]).stdout).unwrap();
    let warning = format!("product demo: an old secret is accepted until {until}");
    assert!(doctor.contains(&warning), "{doctor}");

    std::fs::write(test.folder().join("short"), "hunter2").unwrap();
    let short = [
        "product",
        "rotate-secret",
        "demo",
        "--at-once",
        "--secret-file",
        "short",
    ];
    let warned = String::from_utf8(test.accord(&short).stderr).unwrap();
    assert!(
        warned.contains("shorter than 32") && !warned.contains("hunter2"),
        "{warned}"
    );
    let doctor = String::from_utf8(test.accord(&["doctor"]).stdout).unwrap();
    assert!(!doctor.contains("an old secret is accepted"), "{doctor}");
    assert!(doctor.contains("its secret is shorter than 32"), "{doctor}");
}

#[tokio::test]
async fn a_grant_outlives_the_time_in_which_amocrm_has_another_secret() {
    let test = TestApp::start().await;
    rotate(&test, NEW_SECRET, false).await;
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.run_jobs().await;
    assert_eq!(test.anna().standing().await["authorization"], "pending");
    let at_amocrm = |secret: &str| {
        test.world().change(|state| {
            let card = state.integrations.get_mut(CLIENT).unwrap();
            secret.clone_into(&mut card.client_secret);
        });
    };
    at_amocrm(NEW_SECRET);
    test.advance(minutes(1));
    test.run_jobs().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");

    // The same for a refresh token, which lives for months.
    at_amocrm("another one, that we do not have yet");
    let product = store::products::find(&test.app.store, &test.product.code)
        .await
        .unwrap()
        .unwrap();
    let account = accord::domain::ids::AccountId(ACCOUNT.try_into().unwrap());
    let install = store::installs::find(&test.app.store, product.id, account)
        .await
        .unwrap()
        .unwrap();
    let tx = test.app.store.begin().await.unwrap();
    let renew = Job::RenewTokens {
        install: install.id,
    };
    store::jobs::enqueue(&tx, &renew, test.now(), test.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    test.run_jobs().await;
    assert_eq!(test.count("token_pair").await, 1, "it is not forgotten");
    at_amocrm(NEW_SECRET);
    test.settle().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");
}

#[tokio::test]
async fn two_secrets_of_an_endpoint_sign_for_a_day_then_only_the_new_one() {
    let (test, back_end) = (TestApp::start().await, BackEnd::start());
    let url = accord::domain::addresses::endpoint(&format!("{}/events", back_end.base)).unwrap();
    let store = &test.app.store;
    let (endpoint, old) = events::add_endpoint(store, &test.product, &url, test.now())
        .await
        .unwrap();
    let rotate = async |at_once| {
        let rotated = events::rotate_secret(store, endpoint.id, at_once, test.now()).await;
        rotated.unwrap().unwrap().1
    };
    let new = rotate(false).await;
    test.install().await;
    let signed_with = async || {
        test.anna().consent().await;
        test.settle().await;
        let call = back_end.calls().pop().unwrap();
        back_end.news();
        let made = |secret: &String| {
            use base64::Engine as _;
            let plain = secret.strip_prefix("whsec_").unwrap();
            let plain = base64::engine::general_purpose::STANDARD
                .decode(plain)
                .unwrap();
            let at = accord::domain::time::Timestamp::from_secs(call.timestamp);
            let signature = rules::signature(&plain, &call.id, at, &call.body);
            call.signature.split(' ').position(|s| s == signature)
        };
        (made(&new), made(&old))
    };
    assert_eq!(signed_with().await, (Some(0), Some(1)));
    test.advance(hours(23));
    assert_eq!(signed_with().await, (Some(0), Some(1)));
    test.advance(hours(1));
    assert_eq!(signed_with().await, (Some(0), None));
    test.sweep().await;
    assert_eq!(test.count("endpoint_secret").await, 1);
    rotate(true).await;
    assert_eq!(signed_with().await, (None, None));
    assert_eq!(test.count("endpoint_secret").await, 1);

    let id = endpoint.id.to_string();
    let by_command = test.accord(&["endpoint", "rotate-secret", &id, "--json"]);
    let told: Value = serde_json::from_slice(&by_command.stdout).unwrap();
    assert!(told["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(told["secrets"].as_array().unwrap().len(), 2);
    let listed = String::from_utf8(test.accord(&["endpoint", "list"]).stdout).unwrap();
    assert!(
        listed.contains("signs until") && !listed.contains("whsec_"),
        "{listed}"
    );
    let doctor = String::from_utf8(test.accord(&["doctor"]).stdout).unwrap();
    assert!(doctor.contains("an old secret signs too"), "{doctor}");
    assert!(test.accord(&["endpoint", "remove", &id]).status.success());
    assert_eq!(test.count("endpoint_secret").await, 0);
}

/// Columns of bytes that are not sealed, and what they are.
const PLAIN: [(&str, &str); 17] = [
    ("burned_token.jti_hash", "a hash"),
    ("consent.leaf", "a hash"),
    ("consent.path", "hashes"),
    ("consent.previous", "a hash"),
    ("contact.email_index", "a blind index"),
    ("contact.phone_index", "a blind index"),
    ("disconnect_hook.account_index", "a blind index"),
    ("grant_offer.code_index", "a blind index"),
    ("job.queue", "a blind index"),
    ("link.token_hash", "a blind index"),
    ("notice_ack.person", "a blind index"),
    ("policy_text.shown", "a published text"),
    ("policy_text.source", "a published text"),
    ("signing_key.public", "a public key"),
    ("subject.lookup", "a blind index"),
    ("token_pair.giver", "a blind index"),
    ("used_state.state_hash", "a blind index"),
];

#[tokio::test]
async fn every_column_of_bytes_is_either_plain_or_known_as_sealed() {
    let test = TestApp::start().await;
    let sql = if database::is_postgres() {
        "SELECT (table_name || '.' || column_name)::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND data_type = 'bytea'"
    } else {
        "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.type LIKE '%blob%'"
    };
    let mut found = rows(&test.app.config.database, sql).await;
    let mut known: Vec<String> = PLAIN.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.extend(sealed::ALL.map(|c| format!("{}.{}", c.table, c.name)));
    found.sort();
    known.sort();
    assert_eq!(
        found, known,
        "a new one goes into src/store/sealed.rs, or is PLAIN here"
    );
}

/// A service that seals with an old key and opens with a new one as well, with a value in every
/// sealed column.
async fn with_everything_sealed(new: &str, old: &str) -> TestApp {
    let test = TestApp::start_with(&[("ACCORD_MASTER_KEY", &format!("{old},{new}"))]).await;
    let url = accord::domain::addresses::endpoint("http://127.0.0.1:9/").unwrap();
    events::add_endpoint(&test.app.store, &test.product, &url, test.now())
        .await
        .unwrap();
    test.install().await;
    test.anna().consent().await;
    // A grant that stops between its tokens and its Install, and a code that nobody exchanged.
    let server_error = FaultKind::Status { status: 500 };
    test.world()
        .fail_next(Fault::once("/api/v4/account", server_error));
    test.install().await;
    let host = format!("shop.localhost:{}", test.world().port());
    let hook = format!("/amocrm/demo/install?code=never&referer={host}&from_widget=1");
    assert_eq!(test.get(&hook).await.status, 200);
    test
}

async fn opened(test: &TestApp, keys: &[&str]) -> Store {
    let keys: Vec<_> = keys.iter().map(|key| master_key(key).unwrap()).collect();
    Store::open(&test.app.config.database, &keys, test.now())
        .await
        .unwrap()
}

async fn stale(store: &Store) -> Vec<(sealed::Column, RowKey, Vec<u8>)> {
    let mut all = Vec::new();
    for column in sealed::under_master() {
        let page = reseal::stale(store, column, None, 10_000).await.unwrap();
        all.extend(page.into_iter().map(|s| (column, s.row, s.sealed)));
    }
    all
}

#[tokio::test]
async fn a_master_key_is_retired_page_by_page_beside_a_service_and_through_an_interruption() {
    let (new, old) = (fresh_key(), fresh_key());
    let test = with_everything_sealed(&new, &old).await;
    let rotated = opened(&test, &[&new, &old]).await;
    let before = stale(&rotated).await;
    for column in sealed::under_master() {
        assert!(
            before.iter().any(|(c, ..)| *c == column),
            "{column:?} has no value"
        );
    }

    // A page holds one value; it stops in the middle.
    let mut work = Resealing::new(&rotated, 1);
    while work.sealed < before.len() as u64 / 2 {
        assert!(work.next_page().await.unwrap());
    }
    drop(work);
    let left = stale(&rotated).await.len();
    assert!(left > 0 && left < before.len(), "{left}");

    // The service goes on meanwhile, with the older key first.
    assert_eq!(test.anna().standing().await["entitled"], true);
    test.boris().consent().await;

    let mut work = Resealing::new(&rotated, 2);
    while work.next_page().await.unwrap() {}
    assert!(work.sealed as usize > left && work.closed.is_empty());
    let census = acts::census(&rotated).await.unwrap();
    assert_eq!(
        census.iter().map(|c| c.held).collect::<Vec<_>>(),
        [true, true]
    );
    assert!(census[0].first && census[0].values as usize > before.len());
    assert_eq!(census[1].values, 0);
    let mut again = Resealing::new(&rotated, 100);
    while again.next_page().await.unwrap() {}
    assert_eq!(again.sealed, 0, "what is done is done");

    // The old key is taken out: everything opens.
    let third = opened(&test, &[&fresh_key(), &new]).await;
    let all = stale(&third).await;
    assert!(all.len() > before.len());
    for (column, row, value) in all {
        let plain = third.vault().open(row.place(column), &value);
        assert!(plain.is_ok(), "{column:?} {row:?}");
    }
    for name in ["me", "standing"] {
        test.anna().get(&format!("/{name}")).await.expect(200);
    }
    let alone = [("ACCORD_MASTER_KEY", new.as_str())];
    for command in [
        &["product", "list"][..],
        &["audit", "checkpoint"],
        &["doctor"],
    ] {
        let done = test.accord_with(&alone, command);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{command:?}: {said}");
        assert!(!said.contains("older master key"), "{said}");
    }
    test.leaves_due_jobs();
}

#[tokio::test]
async fn the_commands_count_and_reseal_and_name_what_does_not_open() {
    let (new, old) = (fresh_key(), main_key());
    let service = format!("{old},{new}");
    let test = TestApp::start_with(&[("ACCORD_MASTER_KEY", &service)]).await;
    test.install().await;
    test.anna().consent().await;
    let both = format!("{new},{old}");
    let both = [("ACCORD_MASTER_KEY", both.as_str())];
    let doctor = String::from_utf8(test.accord_with(&both, &["doctor"]).stdout).unwrap();
    assert!(
        doctor.contains("sealed with the older master key"),
        "{doctor}"
    );

    let sealed = test.accord_with(&both, &["keys", "reseal", "--json"]);
    let said: Value = serde_json::from_slice(&sealed.stdout).unwrap();
    assert!(
        sealed.status.success() && said["resealed"].as_u64() > Some(4),
        "{said}"
    );
    assert_eq!(said["left"].as_array().unwrap().len(), 0);
    let doctor = String::from_utf8(test.accord_with(&both, &["doctor"]).stdout).unwrap();
    assert!(
        doctor.contains("seals nothing any more: take it out"),
        "{doctor}"
    );
    let listed = test.accord_with(&both, &["keys", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["master"][0]["role"], "seals");
    assert_eq!(listed["master"][0]["id"], said["key"]);
    assert_eq!(
        (&listed["master"][1]["role"], &listed["master"][1]["values"]),
        (&"opens".into(), &0.into())
    );

    let broken = if database::is_postgres() {
        "'\\x00112233'::bytea"
    } else {
        "X'00112233'"
    };
    let sql = format!("UPDATE subject SET wrapped_key = {broken}");
    assert_eq!(run(&test.app.config.database, &sql).await, Ok(1));
    let sealed = test.accord_with(&both, &["keys", "reseal"]);
    let said = String::from_utf8(sealed.stdout).unwrap();
    assert!(!sealed.status.success(), "{said}");
    assert!(
        said.contains("subject.wrapped_key sealed with 00112233 do not open"),
        "{said}"
    );
    let doctor = test.accord_with(&both, &["doctor"]);
    assert!(!doctor.status.success());
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(
        said.contains("master key 00112233, which ACCORD_MASTER_KEY does not"),
        "{said}"
    );
    test.run_jobs().await;
}

#[tokio::test]
async fn nothing_is_resealed_while_a_service_runs_that_could_not_open_it() {
    // On PostgreSQL the connections of this service tell which keys it holds, on SQLite the lock
    // of its worker.
    let (test, new) = (TestApp::start().await, fresh_key());
    let keys = format!("{new},{}", main_key());
    let reseal = || test.accord_with(&[("ACCORD_MASTER_KEY", &keys)], &["keys", "reseal"]);
    let worker = |keys: &[KeyId]| match &test.app.config.database {
        Database::Sqlite(path) => store::worker_lock(path, keys).unwrap(),
        Database::Postgres(_) => None,
    };
    let lock = worker(&test.app.store.held_keys());
    let refused = reseal();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("does not hold the first key"),
        "{said}"
    );
    let rotated = opened(&test, &[&new, &main_key()]).await;
    let all: u64 = acts::census(&rotated)
        .await
        .unwrap()
        .iter()
        .map(|c| c.values)
        .sum();
    assert_eq!(
        stale(&rotated).await.len() as u64,
        all,
        "nothing was changed"
    );
    drop(lock);
    if !database::is_postgres() {
        let lock = worker(&rotated.held_keys());
        assert!(lock.is_some() && reseal().status.success());
    }
}

#[tokio::test]
async fn a_value_that_changed_meanwhile_is_not_overwritten() {
    let test = TestApp::start().await;
    let (new, old) = (fresh_key(), main_key());
    let rotated = opened(&test, &[&new, &old]).await;
    let column = sealed::PRODUCT_SECRET;
    assert_eq!(column.key, Key::Uuid("id"));
    let mut read = reseal::stale(&rotated, column, None, 1).await.unwrap();
    let mut outdated = read.pop().unwrap();
    outdated.sealed[20] ^= 1;
    let tx = rotated.begin().await.unwrap();
    let replaced = reseal::replace(&tx, column, &outdated, vec![0]).await;
    assert!(!replaced.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(answered(&test, SECRET).await, (200, 200));
}

#[tokio::test]
async fn a_revoked_signing_key_proves_nothing_new_and_the_old_only_beside_a_checkpoint() {
    let test = TestApp::start().await;
    test.install().await;
    let early = audit::checkpoint(&test.app).await.unwrap();
    let old = test.anna().consent().await["receipt"].clone();
    let note = audit::checkpoint(&test.app).await.unwrap();
    let published = async || {
        let keys = test.get("/.well-known/accord-keys.json").await;
        (PublishedKeys::parse(&keys.bytes).unwrap(), keys.text())
    };
    let id = old["signature"]["key"].as_str().unwrap();
    test.advance(days(1));
    let revoke = async |id: &str| acts::revoke(&test.app.store, id, test.now()).await.unwrap();
    assert!(!revoke("0011223344556677").await);
    assert!(revoke(id).await);
    let since = test.now();
    test.advance(days(1));
    assert!(revoke(id).await, "again changes nothing");

    let (keys, text) = published().await;
    assert_eq!(keys.keys.len(), 2);
    let [was, is] = [&keys.keys[0], &keys.keys[1]];
    assert_eq!((was.revoked_at, was.until), (Some(since), Some(since)));
    assert_eq!((is.revoked_at, is.until), (None, None));
    assert!(text.contains(r#""revoked_at":null"#), "{text}");
    let seeds = "SELECT count(sealed_seed) || '' FROM signing_key";
    assert_eq!(
        rows(&test.app.config.database, seeds).await,
        ["1"],
        "the seed is destroyed"
    );

    let proved = receipts::verify(old.to_string().as_bytes(), &keys);
    assert!(
        matches!(proved, Err(NotProved::Revoked { .. })),
        "{proved:?}"
    );
    // Downloaded anew it is signed with the key of today.
    let path = format!("/receipts/{}", old["id"].as_str().unwrap());
    let anew = test.anna().get(&path).await.expect(200);
    assert_eq!(anew["issued_at"], old["issued_at"]);
    receipts::verify(anew.to_string().as_bytes(), &keys).unwrap();

    for (name, content) in [
        ("old.json", old.to_string()),
        ("keys.json", text),
        ("note", note),
        ("early", early),
    ] {
        std::fs::write(test.folder().join(name), content).unwrap();
    }
    let verify = |more: &[&str]| {
        let args = [
            &["receipt", "verify", "old.json", "--keys", "keys.json"],
            more,
        ]
        .concat();
        let done = test.accord(&args);
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    };
    let (proved, said) = verify(&[]);
    assert!(
        !proved && said.contains("checkpoint that was kept elsewhere"),
        "{said}"
    );
    let (proved, said) = verify(&["--checkpoint", "note"]);
    assert!(proved && said.starts_with("proved: given"), "{said}");
    let (proved, said) = verify(&["--checkpoint", "early"]);
    assert!(!proved && said.contains("no checkpoint covers"), "{said}");
    let unknown = test.accord(&["keys", "revoke", "0011223344556677"]);
    assert!(!unknown.status.success());
    test.run_jobs().await;
}

#[tokio::test]
async fn a_rotation_destroys_the_old_seed_and_receipts_of_both_keys_are_proved() {
    let test = TestApp::start().await;
    test.install().await;
    let old = test.anna().consent().await["receipt"].clone();
    test.advance(days(1));
    audit::rotate_key(&test.app.store, test.now())
        .await
        .unwrap();
    let seeds = "SELECT count(sealed_seed) || '' FROM signing_key";
    assert_eq!(rows(&test.app.config.database, seeds).await, ["1"]);
    let keys = test.get("/.well-known/accord-keys.json").await;
    let keys = PublishedKeys::parse(&keys.bytes).unwrap();
    let path = format!("/receipts/{}", old["id"].as_str().unwrap());
    let anew = test.anna().get(&path).await.expect(200);
    assert_ne!(anew["signature"]["key"], old["signature"]["key"]);
    for receipt in [old, anew] {
        receipts::verify(receipt.to_string().as_bytes(), &keys).unwrap();
    }
    test.run_jobs().await;
}
