//! The whole meaning of the ledger, case by case.

use super::*;
use crate::domain::hosts::Hosts;
use crate::domain::ids::{AccountId, ProductId};
use crate::domain::policies::history::Version;
use crate::domain::time::seconds;
use uuid::Uuid;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn active() -> Install {
    let host = Hosts::parse("https://amocrm.ru")
        .unwrap()
        .account("shop.amocrm.ru")
        .unwrap();
    Install::first(
        InstallId(Uuid::nil()),
        ProductId(Uuid::nil()),
        AccountId(7),
        host,
    )
    .consented()
    .unwrap()
}

fn entry(act: Act, number: u32) -> Entry {
    Entry {
        id: ConsentId(Uuid::nil()),
        install: InstallId(Uuid::nil()),
        generation: 1,
        subject: SubjectId(Uuid::nil()),
        user: Some(UserId(1)),
        act,
        shown: Shown {
            number,
            lang: "en".into(),
            hash: "sha256:0".into(),
        },
        purposes: vec!["5.2.1".into()],
        declares: Declares {
            read: true,
            own_data: true,
        },
        at: at(10),
    }
}

fn version(number: u32, level: Level) -> Version {
    Version::example(number, level, at(i64::from(number) * 1000))
}

fn seen(
    install: Option<&Install>,
    entries: &[Entry],
    posted: &[Version],
    now: i64,
) -> (bool, Option<Reason>, ConsentState) {
    let ended = install.is_some_and(|install| install.withdrawn);
    let entry = deciding(entries, ended);
    let history = History::new(posted.to_vec());
    let s = standing(install, entry, &history, None, seconds(100), at(now));
    (s.entitled, s.reason, s.consent)
}

#[test]
fn no_consent_no_entitlement() {
    let one = [version(1, Level::Reconsent)];
    assert_eq!(
        seen(None, &[], &one, 1),
        (false, Some(Reason::ConsentRequired), ConsentState::None)
    );
    let pending = Install {
        state: InstallState::Pending,
        ..active()
    };
    assert_eq!(
        seen(Some(&pending), &[], &one, 1),
        (false, Some(Reason::ConsentRequired), ConsentState::None)
    );
    assert_eq!(
        seen(Some(&active()), &[entry(Act::Given, 1)], &one, 1),
        (true, None, ConsentState::Given)
    );
}

#[test]
fn a_withdrawal_ends_it_for_everybody_until_the_next_generation() {
    let entries = [
        entry(Act::Given, 1),
        entry(Act::Given, 1),
        entry(Act::Withdrawn, 1),
    ];
    let expected = (
        false,
        Some(Reason::ConsentWithdrawn),
        ConsentState::Withdrawn,
    );
    assert_eq!(
        seen(Some(&active().withdrawn(at(5))), &entries, &[], 9),
        expected
    );
    assert_eq!(
        seen(
            Some(&active().withdrawn(at(5)).left(at(6), false)),
            &entries,
            &[],
            9
        ),
        expected
    );

    let again = active()
        .withdrawn(at(5))
        .left(at(6), false)
        .granted(active().host, at(7));
    assert_eq!(
        seen(Some(&again), &[], &[], 9),
        (false, Some(Reason::ConsentRequired), ConsentState::None)
    );
}

#[test]
fn an_uninstall_without_withdrawal_says_so() {
    let gone = active().disconnected(at(5));
    let given = [entry(Act::Given, 1)];
    assert_eq!(
        seen(Some(&gone), &given, &[], 9),
        (false, Some(Reason::NotInstalled), ConsentState::Given)
    );
}

#[test]
fn a_notice_leaves_the_consent_alone_and_a_wider_version_locks_after_its_grace() {
    let given = [entry(Act::Given, 1)];
    let told = [version(1, Level::Reconsent), version(2, Level::Notice)];
    assert_eq!(
        seen(Some(&active()), &given, &told, 9_999),
        (true, None, ConsentState::Given)
    );

    let wider = [
        told[0].clone(),
        told[1].clone(),
        version(3, Level::Reconsent),
        version(4, Level::Notice),
    ];
    assert_eq!(
        seen(Some(&active()), &given, &wider, 3_099),
        (true, None, ConsentState::Outdated)
    );
    assert_eq!(
        seen(Some(&active()), &given, &wider, 3_100),
        (
            false,
            Some(Reason::ReconsentRequired),
            ConsentState::Outdated
        )
    );
    let notice = standing(
        Some(&active()),
        given.first(),
        &History::new(wider.to_vec()),
        None,
        TimeDelta::zero(),
        at(1),
    )
    .notice
    .unwrap();
    assert_eq!((notice.number, notice.level), (4, Level::Reconsent));

    assert_eq!(
        seen(Some(&active()), &[entry(Act::Given, 4)], &wider, 9_999),
        (true, None, ConsentState::Given)
    );
}

#[test]
fn a_notice_is_gone_for_who_learned_of_it_and_comes_with_the_next_version() {
    let entries = [entry(Act::Given, 1)];
    let posted = [
        version(1, Level::Reconsent),
        version(2, Level::Notice),
        version(3, Level::Notice),
        version(4, Level::Reconsent),
    ];
    let seen = |versions: usize, acknowledged| {
        let history = History::new(posted[..versions].to_vec());
        let grace = TimeDelta::zero();
        let s = standing(
            Some(&active()),
            entries.first(),
            &history,
            acknowledged,
            grace,
            at(1),
        );
        s.notice.map(|n| n.number)
    };
    assert_eq!(seen(2, None), Some(2));
    assert_eq!(seen(2, Some(2)), None);
    assert_eq!(seen(3, Some(2)), Some(3));
    assert_eq!(seen(3, Some(3)), None);
    // A version that asks for more is answered by a consent.
    assert_eq!(seen(4, Some(4)), Some(4));
}

/// Whose entry decides, by the history: `a1` is Anna's consent to version 1, `a-` her withdrawal.
#[test]
fn the_latest_consent_in_force_decides_whoever_gave_it() {
    let history = |steps: &str| -> Vec<Entry> {
        let step = |(step, at): (&str, i64)| {
            let (who, what) = step.split_at(1);
            let act = if what == "-" {
                Act::Withdrawn
            } else {
                Act::Given
            };
            Entry {
                id: ConsentId(Uuid::from_u128(u128::from(u8::try_from(at).unwrap()))),
                subject: SubjectId(Uuid::from_u128(u128::from(who.as_bytes()[0]))),
                at: self::at(at),
                ..entry(act, what.parse().unwrap_or(1))
            }
        };
        steps.split_whitespace().zip(1..).map(step).collect()
    };
    let posted = History::new(vec![
        version(1, Level::Reconsent),
        version(2, Level::Reconsent),
    ]);
    for (steps, ended, decides, consent, reason) in [
        (
            "a1 b1",
            false,
            2,
            ConsentState::Outdated,
            Some(Reason::ReconsentRequired),
        ),
        ("a1 b2", false, 2, ConsentState::Given, None),
        (
            "a1 b2 b-",
            false,
            1,
            ConsentState::Outdated,
            Some(Reason::ReconsentRequired),
        ),
        ("a2 b2 b-", false, 1, ConsentState::Given, None),
        ("a2 b2 b- b2", false, 4, ConsentState::Given, None),
        ("a2 b2 c2 b-", false, 3, ConsentState::Given, None),
        (
            "a2 b2 a-",
            true,
            3,
            ConsentState::Withdrawn,
            Some(Reason::ConsentWithdrawn),
        ),
        (
            "a2 c-",
            true,
            2,
            ConsentState::Withdrawn,
            Some(Reason::ConsentWithdrawn),
        ),
    ] {
        let install = if ended {
            active().withdrawn(at(5))
        } else {
            active()
        };
        let entries = history(steps);
        let entry = deciding(&entries, ended);
        let seen = standing(
            Some(&install),
            entry,
            &posted,
            None,
            TimeDelta::zero(),
            at(9_999),
        );
        assert_eq!(
            (entry.map(|e| e.at), seen.consent, seen.reason),
            (Some(at(decides)), consent, reason),
            "{steps}"
        );
        assert_eq!(seen.entitled, reason.is_none(), "{steps}");
    }
}
