//! What the environment may hold, and how mistakes are told.

use aws_lc_rs::digest::{SHA256, digest};

use super::*;
use crate::domain::time::days;

fn config(vars: &[(&str, &str)]) -> Result<Config, String> {
    let vars: Vec<(String, String)> = vars
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Config::from_lookup(|name| vars.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()))
        .map_err(|m| m.to_string())
}

#[test]
fn nothing_needs_to_be_set() {
    let c = config(&[]).unwrap();
    assert_eq!(c.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(c.database, Database::Sqlite(path) if path == Path::new("data/accord.db")));
    assert_eq!(c.reconsent_grace, days(14));
    assert_eq!(c.authorize_url, None);
}

#[test]
fn all_mistakes_are_told_together_and_by_name() {
    let told = config(&[
        ("ACCORD_LISTEN", "everywhere"),
        ("ACCORD_PUBLIC_URL", "http://widgets.example"),
        ("AMOCRM_HOSTS", "http://amocrm.ru"),
        ("AMOCRM_AUTHORIZE_URL", "nonsense"),
        ("ACCORD_PUBLISHER_SITE", "javascript:alert(1)"),
        ("DATABASE_URL", "mysql://user:hunter2@db"),
        ("ACCORD_DATABASE_CONNECTIONS", "plenty"),
        ("ACCORD_MASTER_KEY", "c2hvcnQ="),
        ("ACCORD_RECONSENT_GRACE", "a fortnight"),
        ("ACCORD_PUBLISHER_TIME_ZONE", "Bishkek"),
        ("ACCORD_LOG_FORMAT", "xml"),
        ("SMTP_URL", "smtps://user:hunter2@"),
        ("MAIL_FROM", "Rose Widgets"),
        ("ACCORD_API_KEYS", "hunter2,,hunter2"),
    ])
    .unwrap_err();
    for name in [
        "ACCORD_LISTEN",
        "ACCORD_PUBLIC_URL",
        "AMOCRM_HOSTS",
        "AMOCRM_AUTHORIZE_URL",
        "ACCORD_PUBLISHER_SITE",
        "DATABASE_URL",
        "ACCORD_DATABASE_CONNECTIONS",
        "ACCORD_MASTER_KEY",
        "ACCORD_RECONSENT_GRACE",
        "ACCORD_PUBLISHER_TIME_ZONE",
        "ACCORD_LOG_FORMAT",
        "SMTP_URL",
        "MAIL_FROM",
        "ACCORD_API_KEYS",
    ] {
        assert!(told.contains(name), "{name} is missing in {told}");
    }
    assert!(
        !told.contains("hunter2") && !told.contains("c2hvcnQ"),
        "a secret was told: {told}"
    );
}

#[test]
fn an_address_is_checked_before_anything_starts() {
    for (name, bad) in [
        ("AMOCRM_AUTHORIZE_URL", "nonsense"),
        ("AMOCRM_AUTHORIZE_URL", "javascript:alert(1)"),
        ("AMOCRM_AUTHORIZE_URL", "http://www.amocrm.ru/oauth"),
        (
            "AMOCRM_AUTHORIZE_URL",
            "https://u:hunter2@www.amocrm.ru/oauth",
        ),
        ("AMOCRM_AUTHORIZE_URL", "https://www.amocrm.ru/oauth#x"),
        ("ACCORD_PUBLIC_URL", "https://widgets.example/accord"),
        ("ACCORD_PUBLIC_URL", "https://:hunter2@widgets.example"),
        ("ACCORD_PUBLISHER_SITE", "ftp://widgets.example"),
        ("AMOCRM_HOSTS", "https://ru"),
    ] {
        let told = config(&[(name, bad)]).unwrap_err();
        assert!(
            told.contains(name) && !told.contains("hunter2"),
            "{bad}: {told}"
        );
    }
    let c = config(&[
        ("ACCORD_PUBLIC_URL", " HTTPS://Widgets.Example:443/ "),
        ("AMOCRM_AUTHORIZE_URL", "http://localhost:8081/oauth"),
    ])
    .unwrap();
    assert_eq!(c.public_url, "https://widgets.example");
    assert_eq!(
        c.authorize_url.unwrap().as_str(),
        "http://localhost:8081/oauth"
    );
}

#[test]
fn a_server_needs_a_key() {
    assert!(
        config(&[("DATABASE_URL", "postgres://db/accord")])
            .unwrap_err()
            .contains("ACCORD_MASTER_KEY is required")
    );
    let key = |name: &str| STANDARD.encode(digest(&SHA256, name.as_bytes()));
    let keys = format!("{},{}", key("new"), key("old"));
    let c = config(&[
        ("DATABASE_URL", "postgres://db/accord"),
        ("ACCORD_MASTER_KEY", &keys),
    ])
    .unwrap();
    assert_eq!(c.master_keys.len(), 2);
    assert!(!format!("{c:?}").contains(&key("new")));
}

#[test]
fn keys_that_anybody_knows_are_refused_by_name() {
    let random = STANDARD.encode(digest(&SHA256, b"random"));
    for bad in [
        // The one that stood in .env.example for long.
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        &STANDARD.encode([0; 32]),
        &STANDARD.encode(b"a master key of thirty-two bytes"),
        &STANDARD.encode((1..=32).collect::<Vec<u8>>()),
        &STANDARD.encode([7; 31]),
        "openssl rand -base64 32",
    ] {
        for list in [bad.to_owned(), format!("{random},{bad}")] {
            let told = config(&[("ACCORD_MASTER_KEY", &list)]).unwrap_err();
            assert!(told.contains("ACCORD_MASTER_KEY holds a key"), "{told}");
            assert!(!told.contains(bad) || bad.contains("openssl"), "{told}");
        }
    }
    assert!(config(&[("ACCORD_MASTER_KEY", &random)]).is_ok());
    for bad in ["a", "hunter2", "0123456789abcdef0123456789abcdef"] {
        let told = config(&[("ACCORD_API_KEYS", bad)]).unwrap_err();
        assert!(told.contains("ACCORD_API_KEYS holds a key"), "{told}");
        assert!(bad == "a" || !told.contains(bad), "{told}");
    }
}

#[test]
fn a_server_is_asked_for_as_many_connections_as_were_set() {
    let with = |url: &str, connections: &str| {
        config(&[
            ("DATABASE_URL", url),
            ("ACCORD_DATABASE_CONNECTIONS", connections),
            (
                "ACCORD_MASTER_KEY",
                &STANDARD.encode(digest(&SHA256, b"random")),
            ),
        ])
    };
    for (set, held) in [("", 8), ("4", 4), (" 20 ", 20), ("500", 500)] {
        match with("postgresql://db/accord", set).unwrap().database {
            Database::Postgres(server) => assert_eq!(server.connections, held, "{set:?}"),
            Database::Sqlite(path) => panic!("{}", path.display()),
        }
    }
    for bad in ["0", "3", "-8", "8.5", "501", "99999999999", "many"] {
        let told = with("postgres://db/accord", bad).unwrap_err();
        assert!(
            told.contains("ACCORD_DATABASE_CONNECTIONS is not"),
            "{bad}: {told}"
        );
    }
    for bad in [
        "postgres://user:hunter2@db:port/accord",
        "postgres://user:hunter2@[db/accord",
        "postgres://user:hunter2@db/accord?sslmode=maybe",
    ] {
        let told = with(bad, "8").unwrap_err();
        assert!(told.contains("DATABASE_URL is no address"), "{bad}: {told}");
        assert!(!told.contains("hunter2"), "a secret was told: {told}");
    }
}

#[test]
fn a_mail_server_is_spoken_to_in_private_unless_it_is_on_this_machine() {
    use super::mail::Security;
    let server = |url: &str| {
        let c = config(&[("SMTP_URL", url), ("MAIL_FROM", "widgets@example.com")]);
        c.map(|c| c.mail.server.unwrap())
    };
    for (url, host, port, security) in [
        (
            "smtp://mail.example.com",
            "mail.example.com",
            587,
            Security::StartTls,
        ),
        (
            "smtp://mail.example.com:25",
            "mail.example.com",
            25,
            Security::StartTls,
        ),
        (
            "smtps://mail.example.com",
            "mail.example.com",
            465,
            Security::Tls,
        ),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Security::Plain),
        ("smtp://localhost", "localhost", 25, Security::Plain),
    ] {
        let s = server(url).unwrap();
        assert_eq!(
            (s.host.as_str(), s.port, s.security),
            (host, port, security)
        );
        assert!(s.login.is_none());
    }
    let s = server("smtps://anna%40example.com:p%3Ass%20word@mail.example.com").unwrap();
    let (user, password) = s.login.clone().unwrap();
    assert_eq!(
        (user.as_str(), password.expose_secret()),
        ("anna@example.com", "p:ss word")
    );
    assert!(!format!("{s:?}").contains("p:ss"));
    for bad in [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtps://user@mail.example.com",
        "smtps://:hunter2@mail.example.com",
        "smtps://user:hunter2%zz@mail.example.com",
        "smtps://user:hunter2@mail.example.com/queue",
        "smtps://user:hunter2@mail.example.com?tls=none",
    ] {
        let told = server(bad).unwrap_err();
        assert!(told.contains("SMTP_URL"), "{bad}: {told}");
        assert!(!told.contains("hunter2"), "a secret was told: {told}");
    }
}

#[test]
fn a_mail_server_needs_a_sender() {
    let url = ("SMTP_URL", "smtps://mail.example.com");
    assert!(
        config(&[url])
            .unwrap_err()
            .contains("MAIL_FROM is required with SMTP_URL")
    );
    let c = config(&[url, ("MAIL_FROM", "Роза <widgets@example.com>")]).unwrap();
    assert_eq!(c.mail_domain(), "example.com");
    assert_eq!(config(&[]).unwrap().mail_domain(), "localhost");
}

#[test]
fn the_mail_server_may_come_from_a_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("smtp");
    std::fs::write(&path, "smtps://user:hunter2@mail.example.com\n").unwrap();
    let c = config(&[
        ("SMTP_URL_FILE", path.to_str().unwrap()),
        ("MAIL_FROM", "widgets@example.com"),
    ])
    .unwrap();
    assert_eq!(c.mail.server.unwrap().host, "mail.example.com");
}

#[test]
fn back_ends_are_known_by_keys_that_reach_no_log() {
    assert!(!config(&[]).unwrap().api_keys.contains(""));
    let key = "7f0f6d5d3ad0ba9c6c8e7d2a8e4c5b19";
    let c = config(&[("ACCORD_API_KEYS", key)]).unwrap();
    assert!(c.api_keys.contains(key) && c.api_keys.count() == 1);
    assert!(!format!("{c:?}").contains(key));
}
