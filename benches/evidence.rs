//! The figures of docs/performance.md about versions, letters and the ledger, with
//! the real binary on SQLite. `scripts/bench` runs it; nothing is asserted here, a
//! figure that misses its goal is written down as it is.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its result"
)]

mod service;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use accord::config::{Config, Database};
use accord::domain::consents::{Act, Declares, Entry, Shown};
use accord::domain::ids::{AccountId, InstallId, SubjectId, UserId};
use accord::domain::ledger::{Leaf, Spot};
use accord::domain::merkle::{Hash, Tree, joined};
use accord::domain::products::ProductCode;
use accord::domain::time::{Timestamp, seconds};
use accord::store::ledger::Added;
use accord::store::{self, Store};
use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::world::World;
use amocrm_emulator::{Emulator, Options};
use serde_json::{Value, json};
use service::{Bench, CLIENT, SECRET, client, resident};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};

const PEOPLE: u32 = 100_000;
const ENTRIES: u64 = 1_000_000;
const APPENDS: u32 = 2_000;
const CLAUSES: usize = 100;
const ACCOUNT: u64 = 77;
const USER: u64 = 7;

#[tokio::main]
async fn main() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    println!("| figure | goal | measured |");
    println!("| --- | --- | --- |");
    publishing(&emulator).await;
    appends(&emulator).await;
    audit(&emulator).await;
}

/// A Policy of a hundred clauses; another `edition` changes every tenth of them.
fn policy(edition: usize) -> String {
    let mut text = "---\nlang: en\ntitle: A policy to measure\n---\n".to_owned();
    for n in 0..CLAUSES {
        let (section, clause) = (n / 10 + 1, n % 10 + 1);
        if clause == 1 {
            text.push_str(&format!("\n## {section}. Section {section}\n"));
        }
        let days = if n % 10 == 3 { 10 + edition } else { 10 };
        text.push_str(&format!(
            "\n{section}.{clause}. The Publisher answers every request of kind {n} within {days} working days of \
             its receipt and says in the answer what was done, which data it was about, and where to complain.\n"
        ));
    }
    text
}

fn publish(bench: &Bench, edition: usize) -> Duration {
    std::fs::write(bench.folder.path().join("p.en.md"), policy(edition)).unwrap();
    let begun = Instant::now();
    let args = ["policy", "publish", "--product", "demo", "p.en.md"];
    let done = bench
        .command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success());
    begun.elapsed()
}

async fn open(bench: &Bench) -> SqliteConnection {
    let path = bench.folder.path().join("data/accord.db");
    SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap()
}

/// A person in every one of many accounts, all of whom agreed to version 1.
async fn crowd(bench: &Bench) {
    let mut db = open(bench).await;
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})"
    );
    let id = |letter: char| format!("CAST(printf('{letter}%015d', i) AS BLOB)");
    for sql in [
        format!(
            "{numbers} INSERT INTO install SELECT {}, (SELECT id FROM product), 1000000 + i, 'http://a' || i || '.localhost', \
             'active', 1, NULL, FALSE, FALSE, 0 FROM n",
            id('i')
        ),
        format!(
            "{numbers} INSERT INTO subject SELECT {}, {}, randomblob(16), randomblob(76), 0 FROM n",
            id('s'),
            id('i')
        ),
        format!(
            "{numbers} INSERT INTO consent_state SELECT {}, {}, 1, 'given', 1, 'en', i, 0 FROM n",
            id('s'),
            id('i')
        ),
    ] {
        db.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

async fn publishing(emulator: &Emulator) {
    let bench = Bench::new(emulator.port());
    publish(&bench, 1);
    crowd(&bench).await;
    let http = client();
    let mut web = bench.serve("web");
    bench.ready(&http).await;
    let world = emulator.world();
    person(&world, bench.port);
    consent(&bench, &http, &world).await;

    let took = publish(&bench, 2);
    let standing = standing(&bench, &http, &world).await;
    println!(
        "| `policy publish` with {PEOPLE} Installs | under 2 s | {:.2} s; the next `standing` says notice {} |",
        took.as_secs_f64(),
        standing["notice"]["policy_number"]
    );
    difference(&bench);
    web.kill().unwrap();
    web.wait().unwrap();
    letters(&bench).await;
}

fn person(world: &World, port: u16) {
    world.add_integration(Integration {
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_uri: format!("http://localhost:{port}/amocrm/demo/install"),
        ..Integration::default()
    });
    let user = User {
        id: USER,
        is_admin: true,
        is_active: true,
        ..User::default()
    };
    world.add_account(Account {
        id: ACCOUNT,
        subdomain: "shop".to_owned(),
        users: vec![user],
        ..Account::default()
    });
}

async fn consent(bench: &Bench, http: &reqwest::Client, world: &World) {
    let address = format!("{}/widget/v1/policy?product=demo", bench.base());
    let policy: Value = http
        .get(address)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let form = json!({
        "policy_hash": policy["hash"], "lang": "en",
        "contact": {"name": "Anna", "email": "anna@example.com"},
        "declares": {"read": true, "own_data": true},
    });
    let answer = http
        .post(format!("{}/widget/v1/consents", bench.base()))
        .header(
            "X-Auth-Token",
            world.disposable_token(ACCOUNT, USER, CLIENT).unwrap(),
        )
        .json(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
}

async fn standing(bench: &Bench, http: &reqwest::Client, world: &World) -> Value {
    http.get(format!("{}/widget/v1/standing", bench.base()))
        .header(
            "X-Auth-Token",
            world.disposable_token(ACCOUNT, USER, CLIENT).unwrap(),
        )
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

fn difference(bench: &Bench) {
    let mut times: Vec<f64> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let done = bench
                .command(&["policy", "diff", "--product", "demo", "1", "2", "--json"])
                .stdout(Stdio::null())
                .status()
                .unwrap();
            assert!(done.success());
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let texts = [policy(1), policy(2)].map(|text| {
        let document = accord::domain::policies::parse("p.en.md", text.as_bytes()).unwrap();
        document.into_text(false)
    });
    let begun = Instant::now();
    let differences = accord::domain::policies::compare::compare(&texts[0], &texts[1]);
    let words: usize = differences.iter().map(|d| d.words.len()).sum();
    println!(
        "| difference of two versions of {CLAUSES} clauses | under 50 ms | {:.1} ms ({} clauses, {words} runs of words); \
         the whole command `policy diff`, 20 runs: median {:.0} ms, worst {:.0} ms |",
        begun.elapsed().as_secs_f64() * 1e3,
        differences.len(),
        times[10],
        times[19]
    );
}

/// From the start of a worker until every letter of the last version is a row.
async fn letters(bench: &Bench) {
    let begun = Instant::now();
    let mut worker = bench.serve("worker");
    let mut most = 0.0_f64;
    let sql = "SELECT count(*) FROM letter WHERE version_id IS NOT NULL";
    while bench.rows(sql).await < i64::from(PEOPLE) && begun.elapsed() < Duration::from_secs(120) {
        most = most.max(resident(worker.id()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!(
        "| {PEOPLE} letters queued, from the start of the worker | under 30 s, under 150 MB | {:.1} s, {most:.0} MB; {} rows |",
        begun.elapsed().as_secs_f64(),
        bench.rows(sql).await
    );
    worker.kill().unwrap();
    worker.wait().unwrap();
}

/// One entry after the other, each in a transaction of its own, as an action adds it.
async fn appends(emulator: &Emulator) {
    let bench = Bench::new(emulator.port());
    let store = store(&bench).await;
    let product = ProductCode::parse("demo").unwrap();
    let now = Timestamp::from_secs(1_800_000_000);
    let stored = store::products::find(&store, &product)
        .await
        .unwrap()
        .unwrap();
    let host = accord::domain::hosts::Hosts::parse("https://amocrm.ru")
        .unwrap()
        .account("shop.amocrm.ru")
        .unwrap();
    let tx = store.begin().await.unwrap();
    let install = store::installs::lock_or_add(&tx, stored.id, AccountId(1), &host, now)
        .await
        .unwrap();
    let subject = store::people::add(&tx, install.id, UserId(1), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let (mut all, mut chain) = (Duration::ZERO, Duration::ZERO);
    for n in 0..APPENDS {
        let entry = Entry {
            id: store::consents::new_consent_id(),
            ..entry(install.id, subject.id, now + seconds(n))
        };
        let begun = Instant::now();
        let tx = store.begin().await.unwrap();
        let end = store::ledger::lock(&tx, &[install.id]).await.unwrap();
        let added = Added {
            product: &product,
            subject: &subject,
            user: UserId(1),
            entry: entry.clone(),
        };
        end.add(vec![added]).await.unwrap();
        tx.commit().await.unwrap();
        all += begun.elapsed();

        // What the chain and the tree add: one question and one hash.
        let tx = store.begin().await.unwrap();
        let begun = Instant::now();
        let (tree, chains, _) = store::ledger::end(&tx, &[install.id]).await.unwrap();
        let (chain_at, previous) = chains[&install.id];
        let spot = Spot {
            index: tree.size(),
            chain: chain_at + 1,
            previous: Some(previous),
        };
        let hash = Leaf::new(&entry, spot, "demo", &[7; 40]).hash();
        chain += begun.elapsed();
        assert!(tree.size() > 0 && hash != Hash([0; 32]));
    }
    let of = |d: Duration| d.as_secs_f64() * 1e3 / f64::from(APPENDS);
    println!(
        "| an entry added to the ledger in a transaction of its own, {APPENDS} times | within 20 % of the same without chain and tree | \
         {:.3} ms, of which {:.3} ms are what chain and tree need: {:.0} % more than without |",
        of(all),
        of(chain),
        of(chain) / (of(all) - of(chain)) * 100.0
    );
}

fn entry(install: InstallId, subject: SubjectId, at: Timestamp) -> Entry {
    Entry {
        id: store::consents::new_consent_id(),
        install,
        generation: 1,
        subject,
        user: None,
        act: Act::Given,
        shown: Shown {
            number: 1,
            lang: "en".to_owned(),
            hash: String::new(),
        },
        purposes: ["5.2.1", "5.2.2", "5.2.3", "5.2.5", "5.2.6", "5.2.7"]
            .map(str::to_owned)
            .to_vec(),
        declares: Declares {
            read: true,
            own_data: true,
        },
        at,
    }
}

async fn store(bench: &Bench) -> Store {
    let data = bench.folder.path().join("data");
    let config =
        Config::from_lookup(|name| (name == "ACCORD_DATA_DIR").then(|| data.display().to_string()))
            .unwrap();
    let keys = accord::keys::load(&config).unwrap();
    let database = Database::Sqlite(data.join("accord.db"));
    Store::open(&database, &keys, Timestamp::from_secs(1_800_000_000))
        .await
        .unwrap()
}

/// A million entries of a hundred thousand Installs, proved by the command.
async fn audit(emulator: &Emulator) {
    let bench = Bench::new(emulator.port());
    publish(&bench, 1);
    crowd(&bench).await;
    fill(&bench).await;
    let begun = Instant::now();
    let mut verify = bench
        .command(&["audit", "verify"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0.0_f64;
    while verify.try_wait().unwrap().is_none() {
        if std::path::Path::new(&format!("/proc/{}/status", verify.id())).exists() {
            most = most.max(peak(verify.id()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = begun.elapsed();
    let output = verify.wait_with_output().unwrap();
    println!(
        "| `audit verify` of {ENTRIES} entries | under 60 s, constant memory | {:.1} s, {most:.0} MB at most; it said: {} |",
        took.as_secs_f64(),
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .chars()
            .take(60)
            .collect::<String>()
    );
}

/// The most memory a process ever had, in MB; 0 once it has ended.
fn peak(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .and_then(|line| line.split_whitespace().nth(1))
        .map_or(0.0, |kb| kb.parse::<f64>().unwrap() / 1024.0)
}

async fn fill(bench: &Bench) {
    let mut db = open(bench).await;
    let hash: String = sqlx::query_scalar("SELECT hash FROM policy_text")
        .fetch_one(&mut db)
        .await
        .unwrap();
    let mut tx = db.begin().await.unwrap();
    let mut tree = Tree::default();
    let mut last: Vec<Option<Hash>> = vec![None; PEOPLE as usize];
    for index in 0..ENTRIES {
        let person = usize::try_from(index).unwrap() % last.len();
        let id = |letter: char| -> uuid::Uuid {
            let name = format!("{letter}{:015}", person + 1);
            uuid::Uuid::from_slice(name.as_bytes()).unwrap()
        };
        let mut entry = entry(
            InstallId(id('i')),
            SubjectId(id('s')),
            Timestamp::from_secs(1_800_000_000 + i64::try_from(index).unwrap()),
        );
        entry.shown.hash.clone_from(&hash);
        let spot = Spot {
            index,
            chain: u32::try_from(index / u64::from(PEOPLE)).unwrap() + 1,
            previous: last[person],
        };
        let sealed = [7_u8; 40];
        let leaf = Leaf::new(&entry, spot, "demo", &sealed).hash();
        sqlx::query("INSERT INTO consent VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
            .bind(i64::try_from(index).unwrap())
            .bind(entry.id.0)
            .bind(entry.install.0)
            .bind(i64::from(spot.chain))
            .bind(spot.previous.map(|h| h.0.to_vec()))
            .bind(1_i64)
            .bind(entry.subject.0)
            .bind("given")
            .bind(1_i64)
            .bind("en")
            .bind(&hash)
            .bind(json!(entry.purposes).to_string())
            .bind(true)
            .bind(true)
            .bind("demo")
            .bind(sealed.to_vec())
            .bind(entry.at.millis())
            .bind(leaf.0.to_vec())
            .bind(joined(tree.path()))
            .execute(&mut *tx)
            .await
            .unwrap();
        tree.add(leaf);
        last[person] = Some(leaf);
    }
    tx.commit().await.unwrap();
    let _ = Command::new("sync").status();
}
