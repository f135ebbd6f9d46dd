//! What widens a Policy, and what a facts file may say.

use super::*;

fn starter() -> Facts {
    Facts::parse(Facts::STARTER).unwrap()
}

#[test]
fn the_starter_grants_everything_but_advertising() {
    assert_eq!(
        starter().granted(false),
        ["5.2.1", "5.2.2", "5.2.3", "5.2.5", "5.2.6", "5.2.7"]
    );
    assert_eq!(starter().granted(true).last().unwrap(), ADVERTISING);
}

#[test]
fn anything_wider_asks_again_and_anything_else_is_told() {
    let old = starter();
    assert_eq!(old.level_from(&old), (Level::Notice, vec![]));
    type Widen = fn(&mut Facts);
    let widened: [(&str, Widen); 7] = [
        (
            "another holder: Somebody (as configured) instead of the Publisher (as configured)",
            |f| f.holder.name = "Somebody".into(),
        ),
        ("data is also collected here: telephone", |f| {
            f.scope.collection.insert("telephone".into());
        }),
        ("identification for access: new data: location", |f| {
            f.purposes[0].categories.insert("location".into());
        }),
        ("identification for access: new recipient: a bank", |f| {
            f.purposes[0].recipients.insert("a bank".into());
        }),
        (
            "identification for access: kept for 31 days after the product is removed, before for 30 days",
            |f| {
                f.purposes[0].retention.period = "P31D".to_owned().try_into().unwrap();
            },
        ),
        ("new purpose: identification for access", |f| {
            let purpose = Purpose {
                code: "5.2.4".into(),
                ..f.purposes[0].clone()
            };
            f.purposes.push(purpose);
        }),
        ("new processor: A host", |f| {
            f.processors.push(Processor {
                name: "A host".into(),
                purposes: BTreeSet::new(),
            });
        }),
    ];
    for (reason, widen) in widened {
        let mut new = old.clone();
        widen(&mut new);
        assert_eq!(
            new.level_from(&old),
            (Level::Reconsent, vec![reason.to_owned()])
        );
        assert_eq!(
            old.level_from(&new).0,
            if reason.starts_with("another") {
                Level::Reconsent
            } else {
                Level::Notice
            }
        );
    }
}

#[test]
fn the_schema_for_editors_is_that_of_the_code() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Facts)).unwrap();
    let file = include_str!("../../../assets/policy/facts.schema.json");
    assert!(
        file.trim_end() == schema,
        "assets/policy/facts.schema.json should be:\n{schema}"
    );
}

#[test]
fn a_term_is_finite_or_it_is_refused() {
    let parse = |text: &str| {
        Period::try_from(text.to_owned())
            .map(|p| p.minutes / (24 * 60))
            .ok()
    };
    for (text, days) in [
        ("P30D", 30),
        ("P2W", 14),
        ("P6M", 186),
        ("P3Y", 1098),
        ("P1Y6M", 552),
        ("P0D", 0),
    ] {
        assert_eq!(parse(text), Some(days), "{text}");
    }
    for text in ["unlimited", "", "P", "P-1D", "PY", "P1D1Y", "P99999Y", "3Y"] {
        assert_eq!(parse(text), None, "{text}");
    }
    let endless = Facts::STARTER.replacen("P30D", "unlimited", 1);
    assert!(Facts::parse(&endless).unwrap_err()[0].contains("finite period"));
}

#[test]
fn faults_of_a_file_are_named() {
    let twice = format!(
        "{}\n{}",
        Facts::STARTER,
        "[[processor]]\nname = \"A host\"\npurposes = [\"9.9\"]\n"
    );
    assert_eq!(
        Facts::parse(&twice).unwrap_err(),
        ["processor A host: there is no purpose 9.9"]
    );
    assert!(
        Facts::parse("[holder]\nname=\"a\"\nlegal_form=\"b\"\n").unwrap_err()[0]
            .contains("no purpose")
    );
    assert!(Facts::parse("nonsense").is_err());
}

#[test]
fn hours_are_compared_too() {
    let mut old = starter();
    old.purposes[0].retention.period = Period::try_from("PT36H".to_owned()).unwrap();
    let mut new = old.clone();
    new.purposes[0].retention.period = Period::try_from("PT40H".to_owned()).unwrap();
    assert_eq!(new.level_from(&old).0, Level::Reconsent);
    assert_eq!(old.level_from(&new).0, Level::Notice);
}

#[test]
fn what_is_optional_or_narrower_is_told_and_not_asked() {
    let old = starter();
    let mut new = old.clone();
    new.purposes.push(Purpose {
        code: "5.2.9".into(),
        optional: true,
        ..old.purposes[0].clone()
    });
    assert_eq!(new.level_from(&old).0, Level::Notice);
    new.purposes.remove(0);
    assert_eq!(new.level_from(&old).0, Level::Notice);
    // Optional before, for everybody now: nobody agreed to that.
    let advertising = new.purposes.iter().position(|p| p.code == ADVERTISING);
    new.purposes[advertising.unwrap()].optional = false;
    assert_eq!(
        new.level_from(&old),
        (
            Level::Reconsent,
            vec!["advertising: no longer optional".to_owned()]
        )
    );
}

#[test]
fn only_advertising_is_granted_by_its_tick() {
    let mut facts = starter();
    facts.purposes.push(Purpose {
        code: "5.2.9".into(),
        optional: true,
        ..facts.purposes[0].clone()
    });
    assert!(!facts.granted(true).contains(&"5.2.9".to_owned()));
    facts.purposes.retain(|p| p.code != ADVERTISING);
    assert!(!facts.granted(true).contains(&ADVERTISING.to_owned()));
}

#[test]
fn a_holder_without_a_name_and_unknown_keys_are_refused() {
    let nameless = Facts::STARTER.replacen("name = \"the Publisher\"", "name = \" \"", 1);
    assert!(Facts::parse(&nameless).unwrap_err()[0].contains("no name"));
    let mistyped = Facts::STARTER.replacen("optional = false", "optinal = false", 1);
    assert!(Facts::parse(&mistyped).unwrap_err()[0].contains("optinal"));
}
