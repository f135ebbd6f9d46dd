//! What letters say.

use std::collections::BTreeSet;

use super::*;
use crate::domain::consents::{Act, Declares, Entry, Shown};
use crate::domain::facts::Facts;
use crate::domain::facts::difference::Change;
use crate::domain::ids::{ConsentId, InstallId, SubjectId};

fn publisher() -> Publisher {
    Publisher {
        name: Some("Rose & Co".to_owned()),
        tax_number: Some("123".to_owned()),
        mailbox: Some("support@example.com".to_owned()),
        ..Publisher::default()
    }
}

fn frame(publisher: &Publisher, language: Language) -> Frame<'_> {
    Frame {
        language,
        publisher,
        public_url: "https://widgets.example",
        zone: chrono_tz::Asia::Bishkek,
        product: "realtor",
        product_name: "Realtor <b>",
        account: 32_720_107,
        reader: Some("Анна"),
        confirm: None,
    }
}

fn cover() -> Cover {
    Cover {
        to: "anna@example.com".to_owned(),
        message_id: "a@b.example".to_owned(),
        date: at(),
        attachments: Vec::new(),
    }
}

fn at() -> Timestamp {
    Timestamp::parse("2026-11-20T08:00:00Z").unwrap()
}

fn policy(language: Language, again: Again, changes: &[Change]) -> ServiceLetter {
    let letter = PolicyLetter {
        number: 3,
        posted_at: at(),
        agreed: 1,
        changes,
        again,
    };
    let publisher = publisher();
    letter.write(&frame(&publisher, language), cover()).unwrap()
}

fn receipt(language: Language, act: Act) -> ServiceLetter {
    let entry = Entry {
        id: ConsentId(uuid::Uuid::nil()),
        install: InstallId(uuid::Uuid::nil()),
        generation: 1,
        subject: SubjectId(uuid::Uuid::nil()),
        user: None,
        act,
        shown: Shown {
            number: 2,
            lang: "ru".to_owned(),
            hash: "sha256:abc".to_owned(),
        },
        purposes: vec!["5.2.3".to_owned()],
        declares: Declares {
            read: act == Act::Given,
            own_data: act == Act::Given,
        },
        at: at(),
    };
    let purposes = match act {
        Act::Given => vec![("5.2.3".to_owned(), "связь".to_owned())],
        Act::Withdrawn => Vec::new(),
    };
    let letter = ReceiptLetter {
        entry: &entry,
        purposes: &purposes,
        request: (act == Act::Withdrawn).then_some(Done {
            number: "W-2026-000001",
            due_at: at(),
            reach: crate::domain::withdrawals::Reach::Account,
        }),
    };
    let publisher = publisher();
    letter.write(&frame(&publisher, language), cover()).unwrap()
}

fn address(language: Language) -> ServiceLetter {
    let publisher = publisher();
    let frame = Frame {
        reader: None,
        confirm: Some(Confirm {
            url: "https://widgets.example/requests/abc",
            until: at(),
        }),
        ..frame(&publisher, language)
    };
    address_letter(&frame, cover()).unwrap()
}

/// The starter's facts with one purpose more, compared with themselves.
fn new_purpose() -> Change {
    let old = Facts::parse(Facts::STARTER).unwrap();
    let mut new = old.clone();
    let mut purpose = new.purposes[0].clone();
    purpose.code = "5.2.99".to_owned();
    purpose.title = [("en".to_owned(), "statistics".to_owned())].into();
    new.purposes.push(purpose);
    new.difference(&old).remove(0)
}

#[track_caller]
fn says(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "{words:?} is missing in:\n{text}");
    }
}

#[test]
fn a_letter_about_a_version_says_what_to_do() {
    let link = "https://widgets.example/policy/realtor/1..3";
    let when = "2026-11-20 14:00 (Asia/Bishkek), 2026-11-20 08:00 UTC";
    let changes = [new_purpose()];
    let notice = policy(Language::En, Again::No, &changes);
    says(&notice.subject, &["Realtor <b>", "version 3"]);
    says(
        &notice.text,
        &[
            "Hello, Анна,",
            "Rose & Co writes to you",
            "32720107",
            "- new purpose: statistics",
            link,
            when,
            "need not do anything",
            "support@example.com with the subject “Withdrawal of consent",
            "It advertises nothing.",
            "Tax number 123",
        ],
    );
    says(&notice.html, &["lang=\"en\"", "Realtor &#60;b&#62;", link]);
    assert!(!notice.html.contains("Realtor <b>"));

    let until = policy(Language::Ru, Again::Until(at()), &changes);
    says(&until.subject, &["нужно ваше согласие"]);
    says(
        &until.text,
        &["Здравствуйте, Анна!", "До 2026-11-20 14:00", "ИНН 123"],
    );
    says(&until.text, &["Что изменилось:\n- новая цель: statistics"]);
    let at_once = policy(Language::Ru, Again::AtOnce, &[]);
    assert!(!at_once.text.contains("Что изменилось"));
    says(&at_once.text, &["не работает в вашем аккаунте"]);
}

#[test]
fn a_receipt_says_what_was_done_and_to_which_words() {
    let given = receipt(Language::Ru, Act::Given);
    says(
        &given.text,
        &[
            "00000000-0000-0000-0000-000000000000",
            "sha256:abc",
            "2026-11-20 08:00 UTC",
            "- 5.2.3: связь",
            "- что прочитали",
            "/policy/realtor/2",
            "Отозвать согласие",
        ],
    );
    let withdrawn = receipt(Language::En, Act::Withdrawn);
    says(&withdrawn.subject, &["receipt for the withdrawal"]);
    says(
        &withdrawn.text,
        &["W-2026-000001", "consent withdrawn", "taken out"],
    );
    assert!(!withdrawn.text.contains("You declared"));
}

#[test]
fn a_letter_to_a_new_address_asks_before_it_says_anything_else() {
    let letter = address(Language::En);
    says(&letter.subject, &["is this your address?"]);
    let link = "https://widgets.example/requests/abc";
    says(
        &letter.text,
        &["Hello,\n", link, "2026-11-20 08:00 UTC", "32720107"],
    );
    says(&letter.html, &[&format!("href=\"{link}\"")]);
    let (asked, why) = (letter.text.find(link), letter.text.find("Rose & Co writes"));
    assert!(asked < why, "{}", letter.text);
}

#[test]
fn every_text_is_there_in_both_languages() {
    let keys = |ftl: &str| -> BTreeSet<String> {
        let names = ftl.lines().filter_map(|line| line.split_once(" = "));
        names.map(|(name, _)| name.to_owned()).collect()
    };
    let en = keys(include_str!("../../../assets/i18n/en/letters.ftl"));
    let ru = keys(include_str!("../../../assets/i18n/ru/letters.ftl"));
    assert_eq!(en, ru);
    let language_letters = [Language::En, Language::Ru].into_iter().flat_map(|l| {
        [
            policy(l, Again::No, &[new_purpose()]),
            policy(l, Again::Until(at()), &[]),
            policy(l, Again::AtOnce, &[]),
            receipt(l, Act::Given),
            receipt(l, Act::Withdrawn),
            address(l),
        ]
    });
    for letter in language_letters {
        for text in [&letter.subject, &letter.text, &letter.html] {
            let fault = ["mail-", "Unknown localization", "{ $", "{$"];
            assert!(!fault.iter().any(|f| text.contains(f)), "{text}");
        }
    }
}
