//! The binary as an operator runs it: what it logs, and that it may be killed at any time.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::{Emulator, Options};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, CLIENT, SECRET, client};

/// A service as a process of its own.
struct Process {
    child: Child,
    stderr: BufReader<ChildStderr>,
    log: String,
}

impl Process {
    /// Starts it and reads its log until it listens: nothing is awaited by sleeping.
    fn start(folder: &std::path::Path, vars: &[(&str, String)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_accord"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .envs(vars.iter().map(|(name, value)| (*name, value)))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Self {
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child,
            log: String::new(),
        };
        while !process.log.contains("listening on") {
            let read = process.stderr.read_line(&mut process.log).unwrap();
            assert!(read > 0, "it ended: {}", process.log);
        }
        process
    }

    /// As `kill -9`; gives everything it logged.
    fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.stderr.read_to_string(&mut self.log).unwrap();
        self.log
    }
}

/// A free port below those that the system gives out by itself, so that no other test takes it
/// while the service is down.
fn free_port() -> u16 {
    let begin = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    (begin..30_000)
        .chain(20_000..begin)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_be_killed_after_any_answer_and_its_log_names_no_secret_and_no_person() {
    let folder = tempfile::TempDir::new().unwrap();
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let world = emulator.world();
    let base = format!("http://localhost:{}", free_port());
    let vars = [
        (
            "ACCORD_LISTEN",
            base.replace("http://localhost", "127.0.0.1"),
        ),
        ("ACCORD_PUBLIC_URL", base.clone()),
        (
            "AMOCRM_HOSTS",
            format!("http://localhost:{}", emulator.port()),
        ),
        ("ACCORD_LOG", "trace".to_owned()),
    ];
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    std::fs::write(folder.path().join("p.en.md"), crate::support::POLICY_EN).unwrap();
    for args in [
        &[
            "product",
            "add",
            "--code",
            "demo",
            "--client-id",
            CLIENT,
            "--secret-file",
            "secret",
        ][..],
        &["policy", "publish", "--product", "demo", "p.en.md"][..],
    ] {
        let command = Command::new(env!("CARGO_BIN_EXE_accord"))
            .args(args)
            .current_dir(folder.path())
            .env_clear()
            .envs(vars.iter().map(|(name, value)| (*name, value)))
            .output()
            .unwrap();
        assert!(
            command.status.success(),
            "{}",
            String::from_utf8_lossy(&command.stderr)
        );
    }
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

    // The hook is answered while amoCRM cannot exchange: kill -9, and start again.
    world.fail_next(amocrm_emulator::faults::Fault::once(
        "/oauth2",
        amocrm_emulator::faults::FaultKind::Status { status: 500 },
    ));
    let first = Process::start(folder.path(), &vars);
    assert_eq!(world.install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    let mut log = first.kill();

    let second = Process::start(folder.path(), &vars);
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
    let third = Process::start(folder.path(), &vars);
    assert_eq!(get("/standing").await["entitled"], true);
    assert_eq!(
        get("/me").await["person"]["contact"]["name"],
        "Anna Ivanova"
    );
    log.push_str(&third.kill());

    for secret in [
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
}
