//! What the form takes, and in which form it is kept.

use super::*;

fn form(name: &str, email: &str) -> ContactForm {
    ContactForm {
        name: Some(Some(name.into())),
        email: Some(Some(email.into())),
        ..ContactForm::default()
    }
}

fn faults(form: ContactForm) -> Vec<String> {
    let errors = form.parse(&[]).unwrap_err().into_iter();
    errors.map(|e| e.pointer).collect()
}

#[test]
fn a_name_and_an_address_are_enough() {
    let contact = form(" Анна Петровна Ким ", "anna@example.com")
        .parse(&[])
        .unwrap();
    assert_eq!(
        (contact.name.as_str(), contact.email.as_str()),
        ("Анна Петровна Ким", "anna@example.com")
    );
    assert_eq!(contact.phone, None);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let bad = ContactForm {
        phone: Some(Some("8 999".into())),
        language: Some(Some("in English please".into())),
        company: Some(Some("x".repeat(201))),
        ..form("", "not an address")
    };
    assert_eq!(
        faults(bad),
        ["/name", "/company", "/phone", "/email", "/language"]
    );
    assert_eq!(faults(ContactForm::default()), ["/name", "/email"]);
}

#[test]
fn an_empty_box_is_no_number_and_a_country_that_is_known_is_used() {
    let phone = |given: &str, language: &str, around: &[&str]| {
        let form = ContactForm {
            phone: Some(Some(given.into())),
            language: Some(Some(language.into())),
            ..form("A", "a@b.co")
        };
        form.parse(around).map(|contact| contact.phone)
    };
    assert_eq!(phone("  ", "en", &[]), Ok(None));
    let moscow = Ok(Some("+74951234567".to_owned()));
    assert_eq!(phone("8 (495) 123-45-67", "ru_RU", &[]), moscow);
    assert_eq!(phone("8 (495) 123-45-67", "en", &["ru"]), moscow);
    assert!(phone("8 (495) 123-45-67", "en", &["en"]).is_err());
}

#[test]
fn a_language_tag_is_read_as_programs_write_it() {
    for (given, kept) in [("ru_RU", "ru-RU"), ("pt-br", "pt-BR"), ("ky", "ky")] {
        let form = ContactForm {
            language: Some(Some(given.into())),
            ..form("A", "a@b.co")
        };
        assert_eq!(form.parse(&[]).unwrap().language.as_deref(), Some(kept));
    }
}

#[test]
fn a_change_touches_only_what_was_sent() {
    let old = ContactForm {
        phone: Some(Some("+996700123456".into())),
        ..form("A", "a@b.co")
    }
    .parse(&[])
    .unwrap();
    let new = ContactForm {
        phone: Some(None),
        company: Some(Some("Роза".into())),
        ..ContactForm::default()
    }
    .change(old.clone(), &[])
    .unwrap();
    assert_eq!(
        (new.phone, new.company.as_deref(), new.name),
        (None, Some("Роза"), old.name.clone())
    );
    let cleared = ContactForm {
        name: Some(None),
        ..ContactForm::default()
    }
    .change(old, &[])
    .unwrap_err();
    assert_eq!(cleared, [FieldError::new("name", "this field is needed")]);
}
