//! The binary as an operator runs it: what it logs, and that it may be killed at any time.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};

use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::{Emulator, Options};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, CLIENT, SECRET, client};

/// A service as a process of its own. It ends with the test.
pub struct Process {
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts it and reads its log until it listens: nothing is awaited by sleeping.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        while !log.contains("listening on") {
            let read = stderr.read_line(&mut log).unwrap();
            assert!(read > 0, "it ended: {log}");
        }
        // Somebody has to go on reading, or it would wait for us with a full pipe.
        let log = thread::spawn(move || {
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        Self {
            child,
            log: Some(log),
        }
    }

    /// As `kill`: asks it to end, does `meanwhile`, and waits until it has.
    fn end(mut self, meanwhile: impl FnOnce()) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").arg(pid).status().unwrap();
        assert!(asked.success());
        meanwhile();
        assert!(self.child.wait().unwrap().success());
    }

    /// As `kill -9`; gives everything it logged.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free port below those that the system gives out by itself, so that no other test takes it
/// while the service is down. Each call gives another one.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 10_000).unwrap();
    std::iter::repeat_with(|| 20_000 + (begin + GIVEN.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

/// A folder to run the service in on SQLite, with a Product and a Policy, beside an emulated amoCRM.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub emulator: Emulator,
    pub base: String,
}

impl Place {
    pub async fn new() -> Self {
        let place = Self {
            folder: tempfile::TempDir::new().unwrap(),
            emulator: Emulator::start(Options::default()).await.unwrap(),
            base: format!("http://localhost:{}", free_port()),
        };
        place.write("secret", SECRET);
        place.write("p.en.md", crate::support::POLICY_EN);
        let product = format!("--code demo --client-id {CLIENT} --secret-file secret");
        place.succeeds(&format!("product add {product}"));
        place.succeeds("policy publish --product demo p.en.md");
        place.fill_world();
        place
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    pub fn succeeds(&self, args: &str) {
        let mut command = self.command(env!("CARGO_BIN_EXE_accord"));
        let done = command.args(args.split(' ')).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{args}: {said}");
    }

    fn fill_world(&self) {
        let (world, base) = (self.emulator.world(), &self.base);
        world.add_integration(Integration {
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            redirect_uri: format!("{base}/amocrm/demo/install"),
            disconnect_uri: Some(format!("{base}/amocrm/demo/disconnect")),
            ..Integration::default()
        });
        world.add_account(Account {
            id: ACCOUNT,
            subdomain: "shop".to_owned(),
            users: vec![User {
                id: ANNA,
                name: "Anna".to_owned(),
                email: "anna@example.com".to_owned(),
                is_admin: true,
                is_active: true,
                ..User::default()
            }],
            ..Account::default()
        });
    }

    /// A program in this folder that sees our configuration and nothing else.
    fn command(&self, program: &str) -> Command {
        let hosts = format!("http://localhost:{}", self.emulator.port());
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env(
                "ACCORD_LISTEN",
                self.base.replace("http://localhost", "127.0.0.1"),
            )
            .env("ACCORD_PUBLIC_URL", &self.base)
            .env("AMOCRM_HOSTS", hosts)
            .env("ACCORD_LOG", "trace");
        command
    }

    pub fn serve(&self) -> Process {
        let mut command = self.command(env!("CARGO_BIN_EXE_accord"));
        command.arg("serve");
        Process::start(command)
    }

    /// The service, unable to make any file larger than this: its disk is soon full.
    fn serve_with_little_room(&self, kib: u64) -> Process {
        let mut command = self.command("/bin/bash");
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" serve");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_accord")]);
        Process::start(command)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_be_killed_after_any_answer_and_its_log_names_no_secret_and_no_person() {
    let place = Place::new().await;
    let (world, base) = (place.emulator.world(), &place.base);

    // The hook is answered while amoCRM cannot exchange: kill -9, and start again.
    world.fail_next(amocrm_emulator::faults::Fault::once(
        "/oauth2",
        amocrm_emulator::faults::FaultKind::Status { status: 500 },
    ));
    let first = place.serve();
    assert_eq!(world.install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    let mut log = first.kill();

    let second = place.serve();
    let token = || world.disposable_token(ACCOUNT, ANNA, CLIENT).unwrap();
    let get = async |path: &str| {
        let request = client()
            .get(format!("{base}/widget/v1{path}"))
            .header("X-Auth-Token", token());
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let mut standing = get("/standing").await;
    while standing["authorization"] == "pending" {
        standing = get("/standing").await;
    }
    assert_eq!(
        (
            standing["authorization"].as_str(),
            standing["generation"].as_u64()
        ),
        (Some("ok"), Some(1))
    );

    let policy = client().get(format!("{base}/widget/v1/policy?product=demo"));
    let policy = policy.send().await.unwrap().json::<Value>().await.unwrap();
    let form = json!({"policy_hash": policy["hash"], "lang": "en",
        "contact": {"name": "Anna Ivanova", "email": "anna@example.com", "phone": "+996700123456"},
        "declares": {"read": true, "own_data": true}});
    let given = client()
        .post(format!("{base}/widget/v1/consents"))
        .header("X-Auth-Token", token())
        .json(&form);
    assert_eq!(given.send().await.unwrap().status(), 201);
    let bad = client()
        .post(format!("{base}/widget/v1/consents"))
        .header("X-Auth-Token", "eyJhbGciOiJIUzI1NiJ9.e30.x");
    assert_eq!(bad.json(&form).send().await.unwrap().status(), 401);
    log.push_str(&second.kill());

    // What was answered with 2xx is there after the kill.
    let third = place.serve();
    assert_eq!(get("/standing").await["entitled"], true);
    assert_eq!(
        get("/me").await["person"]["contact"]["name"],
        "Anna Ivanova"
    );
    // Not the token of a link in a letter either.
    let link = format!("{base}/requests/{}", "5ec2e7".repeat(10));
    assert_eq!(client().get(&link).send().await.unwrap().status(), 404);
    assert_eq!(client().post(&link).send().await.unwrap().status(), 404);
    log.push_str(&third.kill());

    for secret in [
        "5ec2e7",
        "def502",
        "eyJ",
        SECRET,
        "anna@example.com",
        "Ivanova",
        "+996",
        &ANNA.to_string(),
        "signature",
        "state=",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    assert!(log.contains("GET /amocrm/{product}/install 200"), "{log}");
    assert!(log.contains("POST /requests/{token} 404"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_a_503_and_all_that_was_answered_is_kept() {
    let place = Place::new().await;
    let host = format!("shop.localhost:{}", place.emulator.port());
    let hook = async |n: u32| {
        let hook = format!(
            "{}/amocrm/demo/install?code=c{n}&referer={host}&from_widget=1",
            place.base
        );
        client().get(hook).send().await.unwrap().status().as_u16()
    };
    let database = place.folder.path().join("data/accord.db");
    let size = std::fs::metadata(&database).unwrap().len();
    let full = place.serve_with_little_room(size / 1024 + 256);
    let mut answered = 0;
    let refusal = loop {
        match hook(answered).await {
            200 => answered += 1,
            other => break other,
        }
        assert!(answered < 10_000, "the disk does not get full");
    };
    assert_eq!(refusal, 503);
    let alive = client().get(format!("{}/healthz", place.base)).send().await;
    assert_eq!(alive.unwrap().status(), 200);
    full.kill();

    let _roomy = place.serve();
    let url = format!("sqlite://{}", database.display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    let kept: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM grant_offer")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert!(answered > 0 && kept == answered, "{kept} of {answered}");
    assert_eq!(hook(answered + 1).await, 200);
}

/// Somebody came back from the button and hung up while amoCRM was asked; then the service is told
/// to stop. What the code brought is there when it starts again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_stops_finishes_what_works_once() {
    let place = Place::new().await;
    let (world, base) = (place.emulator.world(), &place.base);
    let service = place.serve();
    let begun = client().get(format!("{base}/amocrm/demo/authorize"));
    let begun = begun.send().await.unwrap();
    let header = |name: &str| begun.headers()[name].to_str().unwrap();
    let location = url::Url::parse(header("location")).unwrap();
    let state = location.query_pairs().find(|(name, _)| name == "state");
    let (_, state) = state.unwrap();
    let back = world
        .authorize(ACCOUNT, ANNA, CLIENT, Some(&state))
        .unwrap();
    let cookie = header("set-cookie").split(';').next().unwrap();
    let fault = amocrm_emulator::FaultKind::Held;
    world.fail_next(amocrm_emulator::Fault::once("/oauth2", fault));
    let path = back.trim_start_matches(base.as_str());
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
    crate::resets::hang_up(base, &head, world.holds.until(1)).await;
    service.end(|| world.holds.let_go());

    let again = place.serve();
    let token = world.disposable_token(ACCOUNT, ANNA, CLIENT).unwrap();
    let standing = client()
        .get(format!("{base}/widget/v1/standing"))
        .header("X-Auth-Token", token);
    let standing: Value = standing.send().await.unwrap().json().await.unwrap();
    assert_eq!(standing["authorization"], "ok");
    again.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_written_down_without_secrets_and_not_without_end() {
    let place = Place::new().await;
    let (world, base) = (place.emulator.world(), &place.base);
    let service = place.serve();
    let http = client();
    let token = || world.disposable_token(ACCOUNT, ANNA, CLIENT).unwrap();
    let forged = |token: String| format!("{}AAAA", &token[..token.len() - 4]);

    for _ in 0..100 {
        let request = http.get(format!("{base}/widget/v1/standing"));
        let request = request.header("X-Auth-Token", forged(token()));
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let standing = format!("{base}/v1/products/demo/accounts/1/standing");
    let key = http.get(standing).bearer_auth("a-wrong-key-of-somebody");
    assert_eq!(key.send().await.unwrap().status(), 401);
    let hook = format!("{base}/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id=77");
    let wrong = format!("{hook}&signature={}", "5e".repeat(32));
    assert_eq!(http.get(wrong).send().await.unwrap().status(), 403);
    let foreign = format!("{base}/amocrm/demo/install?code=def5020&referer=shop.evil.example");
    let foreign = http.get(format!("{foreign}&from_widget=1"));
    let foreign = foreign.header("X-Forwarded-For", "6.6.6.6, 93.184.216.34");
    assert_eq!(foreign.send().await.unwrap().status(), 400);
    let consent = http.post(format!("{base}/widget/v1/consents"));
    let consent = consent.header("X-Auth-Token", token()).json(&json!({}));
    assert_eq!(consent.send().await.unwrap().status(), 422);
    let method = reqwest::Method::from_bytes(&[b'A'; 5000]).unwrap();
    let _ = http.request(method, format!("{base}/healthz")).send().await;

    let log = service.kill();
    let lines = |kind: &str| -> Vec<&str> {
        let kind = format!("kind=\"{kind}\"");
        let lines = log.lines().filter(|line| line.contains(" WARN "));
        lines.filter(|line| line.contains(&kind)).collect()
    };
    assert_eq!(lines("token").len(), 20, "{log}");
    for (kind, parts) in [
        (
            "token",
            vec![
                "token-invalid",
                "product=\"demo\"",
                "account_claimed=32720107",
                "peer=127.0.0.1",
            ],
        ),
        ("key", vec!["api-key-invalid", "peer=127.0.0.1"]),
        (
            "signature",
            vec!["signature-wrong", "product=\"demo\"", "account_claimed=77"],
        ),
        (
            "hook",
            vec!["foreign-host", "product=\"demo\"", "peer=93.184.216.34"],
        ),
        (
            "consent",
            vec!["invalid-fields", "product=\"demo\"", " account=32720107"],
        ),
    ] {
        let line = lines(kind).first().copied().unwrap_or_default();
        for part in parts {
            assert!(line.contains(part), "{kind}: {part} is missing in {line:?}");
        }
    }
    let signature = "5e".repeat(32);
    for secret in [
        "eyJ",
        "a-wrong-key",
        "def5020",
        SECRET,
        &signature,
        "6.6.6.6",
        "AAAAAAAA",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    let request = log.lines().find(|line| line.contains("/disconnect 403"));
    let request = request.unwrap();
    assert!(
        request.contains("product=\"demo\"") && request.contains("peer=127.0.0.1"),
        "{request}"
    );
}
