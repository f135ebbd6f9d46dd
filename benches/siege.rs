//! The attacks of docs/limits.md at full size, against the real binary on this machine: slow
//! connections, rows that lapsed and made-up hooks at once, and what amoCRM and a person notice
//! of it. `scripts/siege` runs it; nothing is asserted here.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its result"
)]

mod service;

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::world::World;
use amocrm_emulator::{Emulator, Options};
use serde_json::{Value, json};
use service::{AT_ONCE, Bench, CLIENT, SECRET, client, resident};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 9_000;
const LAPSED: u64 = 4_000_000;
const JUNK: usize = 9_000;
/// The account that withdraws, and the one whose hook comes in the middle of the junk.
const LEAVING: u64 = 1;
const COMING: u64 = 2;

#[tokio::main]
async fn main() {
    rlimit::increase_nofile_limit(65_536).unwrap();
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let (world, http) = (emulator.world(), client());
    let bench = Arc::new(Bench::new(emulator.port()));
    prepare(&bench, &world, &http).await;
    let child = bench.serve("all");
    let begun = Instant::now();
    bench.ready(&http).await;
    println!("| figure | goal | measured |");
    println!("| --- | --- | --- |");
    let open = besiege(&bench, &world);
    hooks(&bench, &world, &http, &open, &child).await;
    withdrawal(&bench, &world, &http).await;
    comes_in(&bench).await;
    swept(&bench, begun).await;
    stop(child);
}

fn person(account: u64) -> u64 {
    1_000_000 + account
}

/// An account that consented, one that has yet to come, and the rows that lapsed.
async fn prepare(bench: &Bench, world: &World, http: &reqwest::Client) {
    world.add_integration(Integration {
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        code: "w_demo".to_owned(),
        redirect_uri: format!("http://localhost:{}/amocrm/demo/install", bench.port),
        ..Integration::default()
    });
    for id in [LEAVING, COMING] {
        let user = User {
            id: person(id),
            is_admin: true,
            is_active: true,
            ..User::default()
        };
        world.add_account(Account {
            id,
            subdomain: format!("a{id}"),
            users: vec![user],
            ..Account::default()
        });
    }
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/policy/starter.en.md");
    let published = bench
        .command(&["policy", "publish", "--product", "demo", policy])
        .output()
        .unwrap();
    assert!(published.status.success());
    let child = bench.serve("all");
    bench.ready(http).await;
    assert_eq!(
        world.install(LEAVING, CLIENT, person(LEAVING)).await,
        Some(200)
    );
    until(
        bench,
        "SELECT count(*) FROM grant_offer WHERE state = 'landed'",
        1,
    )
    .await;
    let policy: Value = http
        .get(format!(
            "{}/widget/v1/policy?product=demo&lang=en",
            bench.base()
        ))
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
    let answer = call(bench, world, http, "/consents", form).await;
    assert_eq!(answer.status(), 201);
    stop(child);
    let path = bench.folder.path().join("data/accord.db");
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let rows = format!(
        "INSERT INTO used_state (state_hash, expires_at) WITH RECURSIVE n(i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LAPSED}) SELECT randomblob(16), i FROM n"
    );
    db.execute(sqlx::AssertSqlSafe(rows)).await.unwrap();
    db.close().await.unwrap();
}

async fn call(
    bench: &Bench,
    world: &World,
    http: &reqwest::Client,
    path: &str,
    body: Value,
) -> reqwest::Response {
    let token = world
        .disposable_token(LEAVING, person(LEAVING), CLIENT)
        .unwrap();
    http.post(format!("{}/widget/v1{path}", bench.base()))
        .header("X-Auth-Token", token)
        .json(&body)
        .send()
        .await
        .unwrap()
}

fn stop(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn until(bench: &Bench, sql: &'static str, rows: i64) -> Duration {
    let begun = Instant::now();
    while bench.rows(sql).await < rows && begun.elapsed() < Duration::from_secs(1_500) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed()
}

/// Keeps connections open that send a byte a second: half of them heads that never end, half
/// bodies, all with one token. Whoever is cut off comes again.
fn besiege(bench: &Bench, world: &World) -> Arc<AtomicUsize> {
    let open = Arc::new(AtomicUsize::new(0));
    let token = world
        .disposable_token(LEAVING, person(LEAVING), CLIENT)
        .unwrap();
    let body = format!(
        "POST /widget/v1/withdrawals HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{"
    );
    let head = "GET /amocrm/demo/install HTTP/1.1\r\nHost: localhost\r\nX-Slow: a".to_owned();
    for n in 0..CONNECTIONS {
        let begin = if n % 2 == 0 {
            body.clone()
        } else {
            head.clone()
        };
        let (open, port) = (open.clone(), bench.port);
        tokio::spawn(async move {
            loop {
                if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
                    open.fetch_add(1, Ordering::Relaxed);
                    trickle(stream, &begin).await;
                    open.fetch_sub(1, Ordering::Relaxed);
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }
    open
}

async fn trickle(mut stream: TcpStream, begin: &str) {
    if stream.write_all(begin.as_bytes()).await.is_err() {
        return;
    }
    let mut answer = [0; 512];
    loop {
        tokio::select! {
            _ = stream.read(&mut answer) => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                if stream.write_all(b" ").await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Made-up hooks as fast as they are taken; each is timed, for amoCRM's are not told apart.
async fn hooks(
    bench: &Arc<Bench>,
    world: &World,
    http: &reqwest::Client,
    open: &AtomicUsize,
    child: &Child,
) {
    let waited = Instant::now();
    while open.load(Ordering::Relaxed) < CONNECTIONS * 9 / 10
        && waited.elapsed() < Duration::from_secs(60)
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let held = open.load(Ordering::Relaxed);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|_| tokio::spawn(junk(bench.clone(), next.clone(), http.clone())))
        .collect();
    while next.load(Ordering::Relaxed) < JUNK / 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let real = world.install(COMING, CLIENT, person(COMING)).await;
    let (mut times, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let (took, others) = task.await.unwrap();
        times.extend(took);
        refused += others;
    }
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!(
        "| install hooks, {AT_ONCE} at once, beside {held} connections that send a byte a second and a sweep of {LAPSED} lapsed rows | p99 under 1 s, none refused | p50 {:.0}, p99 {:.0}, max {:.0} ms; {:.0} hooks/s; {refused} of {JUNK} not answered with 200; the real one among them: {real:?} |",
        at(0.5),
        at(0.99),
        at(1.0),
        JUNK as f64 / seconds
    );
    println!(
        "| memory meanwhile (resident) | – | {:.0} MB |",
        resident(child.id())
    );
}

async fn junk(
    bench: Arc<Bench>,
    next: Arc<AtomicUsize>,
    http: reqwest::Client,
) -> (Vec<f64>, usize) {
    let (mut times, mut refused) = (Vec::new(), 0);
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= JUNK {
            return (times, refused);
        }
        // Two thirds for the host of the account that is about to come.
        let host = if n.is_multiple_of(3) {
            format!("junk{n}")
        } else {
            format!("a{COMING}")
        };
        let sent = Instant::now();
        let hook = bench.hook(&host, &format!("def502{n:0200x}"));
        let answer = http.get(hook).send().await;
        times.push(sent.elapsed().as_secs_f64() * 1e3);
        if !answer.is_ok_and(|a| a.status() == 200) {
            refused += 1;
        }
    }
}

async fn withdrawal(bench: &Bench, world: &World, http: &reqwest::Client) {
    let sent = Instant::now();
    let answer = call(bench, world, http, "/withdrawals", json!({})).await;
    let answered = sent.elapsed();
    let status = answer.status();
    let begun = until(bench, "SELECT count(*) FROM removal", 1).await;
    let over = until(
        bench,
        "SELECT count(*) FROM install WHERE state = 'uninstalled'",
        1,
    )
    .await;
    println!(
        "| a withdrawal meanwhile | its uninstall begins within 5 s | {status} after {:.0} ms; begun {:.0} ms later, over after {:.1} s |",
        answered.as_secs_f64() * 1e3,
        begun.as_secs_f64() * 1e3,
        (begun + over).as_secs_f64()
    );
}

async fn comes_in(bench: &Bench) {
    let took = until(
        bench,
        "SELECT count(*) FROM grant_offer WHERE state = 'landed'",
        2,
    )
    .await;
    let left = bench
        .rows("SELECT count(*) FROM grant_offer WHERE state = 'code'")
        .await;
    println!(
        "| the real hook in the middle of {JUNK} made-up ones, two thirds of them for its own host | exchanged within its 20 minutes | landed {:.1} s after the last of them, while {left} codes waited |",
        took.as_secs_f64()
    );
}

async fn swept(bench: &Bench, begun: Instant) {
    while bench.rows("SELECT count(*) FROM used_state").await > 0
        && begun.elapsed() < Duration::from_secs(1_200)
    {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!(
        "| the sweep of {LAPSED} lapsed rows, in pages | hooks go on | over {:.0} s after the start |",
        begun.elapsed().as_secs_f64()
    );
}
