//! A receipt is believed as it was issued, and by nobody after any change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::domain::consents::{Act, Declares, Entry, Shown};
use crate::domain::facts::Facts;
use crate::domain::ids::{ConsentId, InstallId, SubjectId};
use crate::domain::ledger::Spot;
use crate::domain::merkle::Tree;
use crate::domain::starter::Identity;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed(&[byte; 32]).unwrap()
}

fn keys(byte: u8) -> PublishedKeys {
    let from = Timestamp::from_secs(0);
    PublishedKeys {
        keys: vec![PublishedKey::new(key(byte).public(), from, None)],
    }
}

fn entry() -> Entry {
    Entry {
        id: ConsentId(Uuid::from_u128(7)),
        install: InstallId(Uuid::from_u128(1)),
        generation: 1,
        subject: SubjectId(Uuid::from_u128(2)),
        user: None,
        act: Act::Given,
        shown: Shown {
            number: 1,
            lang: "ru".into(),
            hash: "sha256:00".into(),
        },
        purposes: vec!["5.2.1".into(), "5.2.3".into()],
        declares: Declares {
            read: true,
            own_data: true,
        },
        at: Timestamp::parse("2026-11-22T08:01:00Z").unwrap(),
    }
}

fn receipt() -> Receipt {
    let mut tree = Tree::default();
    for other in [b"a", b"b", b"c"] {
        tree.add(Hash::of_leaf(other));
    }
    let spot = Spot {
        index: tree.size(),
        chain: 1,
        previous: None,
    };
    let leaf = Leaf::new(&entry(), spot, "demo", b"sealed");
    let proof = tree.path().iter().map(Hash::to_string).collect();
    tree.add(leaf.hash());
    let checkpoint = Checkpoint {
        origin: "example.com/ledger".into(),
        size: tree.size(),
        root: tree.root(),
    };
    let holder = Holder {
        identity: Identity {
            name: Some("A publisher"),
            legal_form: None,
            tax_number: None,
            address: None,
            site: None,
            mailbox: Some("support@example.com"),
        },
        notice: "https://example.com/policy/demo/1".into(),
        jurisdiction: Some("KG"),
    };
    Receipt {
        id: leaf.id.clone(),
        issued_at: entry().at,
        signed_at: entry().at,
        product: "demo".into(),
        account_id: 32_720_107,
        act: leaf.act.clone(),
        policy: leaf.policy.clone(),
        purposes: leaf.purposes.clone(),
        declares: leaf.declares,
        record: Record::new(&entry(), &Facts::parse(Facts::STARTER).unwrap(), &holder),
        ledger: Proof {
            index: spot.index,
            leaf_hash: leaf.hash().to_string(),
            proof,
            checkpoint: checkpoint.signed(&key(1)),
            entry: leaf,
        },
        signature: None,
    }
    .signed(&key(1))
}

fn file() -> Value {
    serde_json::to_value(receipt()).unwrap()
}

fn verified(file: &Value) -> Result<Receipt, NotProved> {
    verify(file.to_string().as_bytes(), &keys(1))
}

#[test]
fn a_receipt_is_proved_by_the_file_and_the_keys_alone() {
    assert_eq!(verified(&file()), Ok(receipt()));
    let pretty = serde_json::to_string_pretty(&file()).unwrap();
    assert!(
        verify(pretty.as_bytes(), &keys(1)).is_ok(),
        "layout is no change"
    );
}

#[test]
fn the_record_has_the_standards_names_and_the_persons_language() {
    let record = &file()["record"];
    assert_eq!(record["schema_version"], "ISO/IEC TS 27560:2023");
    assert_eq!(record["purposes"][1]["purpose_type"], "связь");
    assert_eq!(record["purposes"][1]["lawful_basis"], "consent");
    assert_eq!(
        record["purposes"][1]["retention_period"],
        "P30D after uninstall"
    );
    assert_eq!(record["event"][0]["event_state"], "consent given");
    assert_eq!(
        record["party_identification"][0]["party_name"],
        "A publisher"
    );
    assert!(record["party_identification"][0].get("party_url").is_none());
}

/// Sets a value anywhere in a receipt.
fn with(path: &str, value: Value) -> Value {
    let mut changed = file();
    *changed.pointer_mut(path).unwrap() = value;
    changed
}

#[test]
fn any_change_is_found_and_named() {
    for path in [
        "/account_id",
        "/policy/number",
        "/purposes/0",
        "/declares/read",
        "/record/purposes/0/pii_information/0/pii_type",
        "/ledger/entry/generation",
        "/ledger/index",
    ] {
        let value = match file().pointer(path).unwrap() {
            Value::Number(_) => json!(2),
            Value::Bool(_) => json!(false),
            _ => json!("5.2.8"),
        };
        assert_eq!(
            verified(&with(path, value)),
            Err(NotProved::Signature),
            "{path}"
        );
    }
    let mut more = file();
    more["note"] = json!("added later");
    assert_eq!(verified(&more), Err(NotProved::Signature));
    let mut less = file();
    less.as_object_mut().unwrap().remove("signature");
    assert!(matches!(verified(&less), Err(NotProved::Form(_))));
    assert!(matches!(verify(b"{", &keys(1)), Err(NotProved::Form(_))));
    assert_eq!(
        verify(file().to_string().as_bytes(), &keys(2)),
        Err(NotProved::UnknownKey(key(1).public().id()))
    );
}

/// Whoever holds the key can sign anything; the ledger does not bend with it.
fn signed_again(change: impl FnOnce(&mut Receipt)) -> Result<Receipt, NotProved> {
    let mut bent = receipt();
    change(&mut bent);
    let bent = bent.signed(&key(1));
    verify(&serde_json::to_vec(&bent).unwrap(), &keys(1))
}

#[test]
fn a_new_signature_does_not_heal_what_the_ledger_contradicts() {
    assert_eq!(
        signed_again(|r| r.purposes = vec!["5.2.8".into()]),
        Err(NotProved::Differs("purposes"))
    );
    assert_eq!(
        signed_again(|r| {
            r.act = "withdrawn".into();
            r.ledger.entry.act = "withdrawn".into();
        }),
        Err(NotProved::Leaf)
    );
    assert_eq!(
        signed_again(|r| {
            r.act = "withdrawn".into();
            r.ledger.entry.act = "withdrawn".into();
            r.ledger.leaf_hash = r.ledger.entry.hash().to_string();
        }),
        Err(NotProved::Inclusion)
    );
    assert_eq!(
        signed_again(|r| r.ledger.checkpoint = r.ledger.checkpoint.replace("\n4\n", "\n5\n")),
        Err(NotProved::Checkpoint(BadNote::Unsigned))
    );
    let other = STANDARD.encode([0; 64]);
    assert_eq!(
        verified(&with("/signature/value", json!(other))),
        Err(NotProved::Signature)
    );
}

#[test]
fn a_key_proves_what_it_signed_in_its_time_and_nothing_once_it_is_revoked() {
    let at = |secs: i64| Timestamp::from_millis(entry().at.millis() + secs * 1000);
    let id = key(1).public().id();
    let out_of_time = || NotProved::OutOfTime {
        key: id.clone(),
        at: at(0),
    };
    let cases = [
        // from, until, revoked_at
        (at(0), None, None, None),
        (at(0), Some(at(0)), None, None),
        (at(1), None, None, Some(out_of_time())),
        (at(-9), Some(at(-1)), None, Some(out_of_time())),
        (
            at(-9),
            None,
            Some(at(0)),
            Some(NotProved::AfterRevocation {
                key: id.clone(),
                at: at(0),
            }),
        ),
        (
            at(-9),
            Some(at(5)),
            Some(at(5)),
            Some(NotProved::Revoked {
                key: id.clone(),
                at: at(5),
            }),
        ),
    ];
    let stands = Some(receipt().ledger.entry.hash());
    for (from, until, revoked_at, fault) in cases {
        let published = PublishedKey {
            revoked_at,
            ..PublishedKey::new(key(1).public(), from, until)
        };
        let keys = PublishedKeys {
            keys: vec![published],
        };
        let json = file().to_string();
        assert_eq!(verify(json.as_bytes(), &keys).err(), fault);
        // A ledger proved elsewhere makes up for a later revocation, and for nothing else.
        let heals = matches!(fault, None | Some(NotProved::Revoked { .. }));
        let beside = verify_beside(json.as_bytes(), &keys, stands);
        assert_eq!(beside.is_ok(), heals, "{beside:?}");
        let other = Some(Hash::of_leaf(b"another entry"));
        assert_eq!(verify_beside(json.as_bytes(), &keys, other).err(), fault);
    }
    assert_eq!(
        signed_again(|r| r.signed_at = at(-1)),
        Err(NotProved::TooEarly)
    );
}
