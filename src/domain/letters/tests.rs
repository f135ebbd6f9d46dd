//! Who is written to, and when again.

use uuid::Uuid;

use super::*;
use crate::domain::hosts::Hosts;
use crate::domain::ids::{AccountId, ProductId};
use crate::domain::time::days;

fn install() -> Install {
    let host = Hosts::parse("https://amocrm.ru")
        .unwrap()
        .account("shop.amocrm.ru")
        .unwrap();
    Install {
        state: InstallState::Active,
        generation: 2,
        ..Install::first(
            InstallId(Uuid::nil()),
            ProductId(Uuid::nil()),
            AccountId(1),
            host,
        )
    }
}

fn letter(about: About) -> Letter {
    Letter {
        id: LetterId(Uuid::nil()),
        about,
        subject: SubjectId(Uuid::nil()),
        install: InstallId(Uuid::nil()),
        generation: 2,
        contact: None,
        lang: "en".to_owned(),
        state: State::Queued,
        message_id: "a@b.example".to_owned(),
        attempt: 0,
        deferred: 0,
    }
}

fn policy() -> Letter {
    letter(About::Policy {
        version: PolicyVersionId(Uuid::nil()),
        level: Level::Notice,
    })
}

const GAVE: LastAct = LastAct {
    generation: 2,
    act: Act::Given,
    number: 2,
};

#[test]
fn a_policy_letter_goes_only_to_who_is_bound_by_an_earlier_version() {
    assert!(may_go(&policy(), 3, &install(), Some(GAVE)));
    let agreed = LastAct { number: 3, ..GAVE };
    let withdrew = LastAct {
        act: Act::Withdrawn,
        ..GAVE
    };
    let before = LastAct {
        generation: 1,
        ..GAVE
    };
    for (why, last) in [
        ("agreed meanwhile", Some(agreed)),
        ("withdrew", Some(withdrew)),
        ("of an earlier generation", Some(before)),
        ("nothing is known", None),
    ] {
        assert!(!may_go(&policy(), 3, &install(), last), "{why}");
    }
    for state in [
        InstallState::Pending,
        InstallState::Uninstalling,
        InstallState::Uninstalled,
    ] {
        let install = Install { state, ..install() };
        assert!(!may_go(&policy(), 3, &install, Some(GAVE)), "{state:?}");
    }
    let withdrawn = Install {
        withdrawn: true,
        ..install()
    };
    assert!(!may_go(&policy(), 3, &withdrawn, Some(GAVE)));
    let later = Install {
        generation: 3,
        ..install()
    };
    assert!(!may_go(&policy(), 3, &later, Some(GAVE)));
}

#[test]
fn a_receipt_goes_whatever_came_after() {
    let receipt = letter(About::Receipt {
        entry: ConsentId(Uuid::nil()),
    });
    let gone = Install {
        state: InstallState::Uninstalled,
        withdrawn: true,
        ..install()
    };
    assert!(may_go(&receipt, 1, &gone, None));
}

#[test]
fn tries_double_from_a_minute_to_six_hours_and_last_three_days() {
    let begin = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
    let mut now = begin;
    let mut waits = Vec::new();
    for deferred in 1.. {
        let Some(next) = next_try(deferred, now) else {
            break;
        };
        waits.push((next - now).num_minutes());
        now = next;
    }
    assert_eq!(waits[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
    assert!(waits[10..].iter().all(|wait| *wait == 360));
    let whole = now - begin;
    assert!(whole > days(2) && whole <= days(3), "{whole}");
}

#[test]
fn the_language_is_the_first_that_letters_are_written_in() {
    for (wanted, language) in [
        (&["ru"][..], Language::Ru),
        (&["ru-KG", "en"], Language::Ru),
        (&["ky", "RU"], Language::Ru),
        (&["pt-BR"], Language::En),
        (&[], Language::En),
        (&["en", "ru"], Language::En),
    ] {
        assert_eq!(
            Language::first_of(wanted.iter().copied()),
            language,
            "{wanted:?}"
        );
    }
}
