//! What the environment may hold, and how mistakes are told.

use super::*;

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
    assert_eq!(c.reconsent_grace, TimeDelta::days(14));
    assert_eq!(c.authorize_url, "https://www.amocrm.ru/oauth");
}

#[test]
fn all_mistakes_are_told_together_and_by_name() {
    let told = config(&[
        ("ACCORD_LISTEN", "everywhere"),
        ("ACCORD_PUBLIC_URL", "http://widgets.example"),
        ("AMOCRM_HOSTS", "http://amocrm.ru"),
        ("DATABASE_URL", "mysql://user:hunter2@db"),
        ("ACCORD_MASTER_KEY", "c2hvcnQ="),
        ("ACCORD_RECONSENT_GRACE", "a fortnight"),
        ("ACCORD_PUBLISHER_TIME_ZONE", "Bishkek"),
        ("ACCORD_LOG_FORMAT", "xml"),
    ])
    .unwrap_err();
    for name in [
        "ACCORD_LISTEN",
        "ACCORD_PUBLIC_URL",
        "AMOCRM_HOSTS",
        "DATABASE_URL",
        "ACCORD_MASTER_KEY",
        "ACCORD_RECONSENT_GRACE",
        "ACCORD_PUBLISHER_TIME_ZONE",
        "ACCORD_LOG_FORMAT",
    ] {
        assert!(told.contains(name), "{name} is missing in {told}");
    }
    assert!(
        !told.contains("hunter2") && !told.contains("c2hvcnQ"),
        "a secret was told: {told}"
    );
}

#[test]
fn a_server_needs_a_key() {
    assert!(
        config(&[("DATABASE_URL", "postgres://db/accord")])
            .unwrap_err()
            .contains("ACCORD_MASTER_KEY is required")
    );
    let keys = format!("{0},{0}", STANDARD.encode([7; 32]));
    let c = config(&[
        ("DATABASE_URL", "postgres://db/accord"),
        ("ACCORD_MASTER_KEY", &keys),
    ])
    .unwrap();
    assert_eq!(c.master_keys.len(), 2);
    assert!(!format!("{c:?}").contains(&STANDARD.encode([7; 32])));
}
