//! Many accounts at once: the rows of one true Install, again under other ids and numbers, written by
//! the database itself.

use accord::config::MasterKey;
use accord::store::sealed::{ENTRY_PERSON, PERSON_KEY};
use accord::store::vault::{Place, Vault};
use secrecy::SecretBox;

use crate::cells::Kind;
use crate::databases::{Db, Home};
use crate::ours::Ours;
use crate::requests::BEFORE_FIRST;

/// What stands between our doors and a person who has consented.
pub const EVERYTHING: [&str; 5] = [
    "install",
    "token_pair",
    "subject",
    "consent",
    "consent_state",
];
/// What a disconnect hook asks about.
pub const GRANTED: [&str; 2] = ["install", "token_pair"];

/// How many rows one statement brings.
const AT_ONCE: u64 = 5_000;

/// Repeats the only Install of our database `count` times, each with a person whose key is their own.
/// The ledger's entries are those of one account, so that the tree over them proves nothing: such a
/// database is only read.
pub async fn repeat(home: &Home, tables: &[&str], count: u64, ours: &Ours) {
    let mut db = home.open().await;
    make_quick(&mut db).await;
    db.run(&match home.kind {
        Kind::Sqlite => people("BLOB"),
        Kind::Postgres => people("bytea"),
    })
    .await;
    let key: MasterKey = SecretBox::new(Box::new(ours.master_key));
    let vault = Vault::new(&[key]).unwrap();
    for first in (1..=count).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let numbers = first..=count.min(first + AT_ONCE - 1);
        let rows: Vec<String> = numbers.map(|n| person(home.kind, &vault, n)).collect();
        db.run(&format!("INSERT INTO many VALUES {}", rows.join(", ")))
            .await;
    }
    for table in tables {
        let columns = db.texts(&columns(home.kind, table)).await;
        let values: Vec<String> = columns
            .iter()
            .map(|column| value(home.kind, table, column, ours.amocrm))
            .collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        db.run(&format!(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM many CROSS JOIN (SELECT * FROM {table} LIMIT 1) AS one"
        ))
        .await;
    }
    finish(db).await;
}

fn people(bytes: &str) -> String {
    format!("CREATE TEMPORARY TABLE many (i INTEGER PRIMARY KEY, own_key {bytes}, sealed {bytes})")
}

/// The number of a person, their key, and their id under it, as a row of `many`.
fn person(kind: Kind, vault: &Vault, n: u64) -> String {
    let id = |letter: char| {
        let name = format!("{letter}{n:015}");
        uuid::Uuid::from_slice(name.as_bytes()).unwrap()
    };
    let (key, wrapped) = vault.new_person(Place::new(PERSON_KEY, id('s'))).unwrap();
    let sealed = key.seal(Place::new(ENTRY_PERSON, id('c')), b"7").unwrap();
    let [wrapped, sealed] = [wrapped, sealed].map(|bytes| {
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        match kind {
            Kind::Sqlite => format!("x'{hex}'"),
            Kind::Postgres => format!("'\\x{hex}'"),
        }
    });
    format!("({n}, {wrapped}, {sealed})")
}

/// The same for the controls.
pub async fn of_control(home: &Home, count: u64) {
    let mut db = home.open().await;
    make_quick(&mut db).await;
    let numbers = numbers(home.kind, count);
    db.run(&format!(
        "INSERT INTO install {numbers} SELECT {BEFORE_FIRST} + i, 'active', 1 FROM n"
    ))
    .await;
    db.run(&format!(
        "INSERT INTO consent {numbers} SELECT {BEFORE_FIRST} + i, 7, 'sha256:50912eefcacd4', 'en', \
         '{{\"name\":\"Anna Petrova\",\"email\":\"anna@example.com\"}}', 1800000000000 FROM n"
    ))
    .await;
    finish(db).await;
}

/// Neither syncs nor checks while a database is filled.
async fn make_quick(db: &mut Db) {
    match db {
        Db::Sqlite(_) => {
            db.run("PRAGMA journal_mode = DELETE").await;
            db.run(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000",
            )
            .await;
        }
        Db::Postgres(_) => db.run("SET session_replication_role = replica").await,
    }
}

async fn finish(mut db: Db) {
    match &db {
        Db::Sqlite(_) => db.run("PRAGMA journal_mode = WAL").await,
        Db::Postgres(_) => {
            db.run("VACUUM ANALYZE").await;
            db.run("CHECKPOINT").await;
        }
    }
    db.close().await;
    let _ = std::process::Command::new("sync").status();
}

fn columns(kind: Kind, table: &str) -> String {
    match kind {
        Kind::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Kind::Postgres => format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    }
}

fn numbers(kind: Kind, count: u64) -> String {
    match kind {
        Kind::Sqlite => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        ),
        Kind::Postgres => format!("WITH n AS (SELECT i FROM generate_series(1, {count}) AS i)"),
    }
}

fn value(kind: Kind, table: &str, column: &str, amocrm: u16) -> String {
    match (table, column) {
        ("install", "id") | (_, "install_id") => id(kind, 'i'),
        ("subject", "id") | (_, "subject_id") => id(kind, 's'),
        ("subject", "wrapped_key") => "many.own_key".to_owned(),
        ("consent", "sealed_person") => "many.sealed".to_owned(),
        (_, "id") => id(kind, table.chars().next().unwrap_or('r')),
        (_, "account_id") => format!("{BEFORE_FIRST} + i"),
        (_, "host") => format!("'http://a' || ({BEFORE_FIRST} + i) || '.localhost:{amocrm}'"),
        (_, "entry_index") => "one.entry_index + i".to_owned(),
        (_, column) => format!("one.{column}"),
    }
}

/// An id that tells its kind and its number, the same on both databases.
fn id(kind: Kind, letter: char) -> String {
    match kind {
        Kind::Sqlite => format!("CAST(printf('{letter}%015d', i) AS BLOB)"),
        Kind::Postgres => {
            format!("encode(('{letter}' || lpad(i::text, 15, '0'))::bytea, 'hex')::uuid")
        }
    }
}
