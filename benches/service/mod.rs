//! What every bench needs: a service in a folder of its own, and eyes on it.

#![allow(
    dead_code,
    missing_docs,
    clippy::allow_attributes,
    reason = "each bench uses the part that it needs"
)]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, SqliteConnection};

pub const CLIENT: &str = "01d01160-d7a0-4087-b4af-6a1bb83fcd1d";
pub const SECRET: &str = "bench-secret";
/// How many clients send at once.
pub const AT_ONCE: usize = 50;

/// A service in a folder of its own.
pub struct Bench {
    pub binary: PathBuf,
    pub folder: tempfile::TempDir,
    pub port: u16,
    pub amocrm: u16,
}

impl Bench {
    pub fn new(amocrm: u16) -> Self {
        let binary = std::env::var_os("ACCORD_BIN").map_or_else(
            || PathBuf::from(env!("CARGO_BIN_EXE_accord")),
            PathBuf::from,
        );
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let bench = Self {
            binary,
            folder: tempfile::TempDir::new().unwrap(),
            port,
            amocrm,
        };
        std::fs::write(bench.folder.path().join("secret"), SECRET).unwrap();
        let added = bench
            .command(&[
                "product",
                "add",
                "--code",
                "demo",
                "--client-id",
                CLIENT,
                "--secret-file",
                "secret",
            ])
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(added.success());
        bench
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("ACCORD_LISTEN", format!("127.0.0.1:{}", self.port))
            .env(
                "ACCORD_PUBLIC_URL",
                format!("http://localhost:{}", self.port),
            )
            .env("AMOCRM_HOSTS", format!("http://localhost:{}", self.amocrm))
            .env("ACCORD_LOG", "error");
        command
    }

    pub fn serve(&self, role: &str) -> Child {
        self.command(&["serve", "--role", role])
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// How long until `/readyz` answers 200.
    pub async fn ready(&self, http: &reqwest::Client) -> Duration {
        self.answers(http, "/readyz").await
    }

    /// How long until the address answers 200. A door without a worker is never ready, but alive.
    pub async fn answers(&self, http: &reqwest::Client, path: &str) -> Duration {
        let begun = Instant::now();
        loop {
            let answer = http.get(format!("{}{path}", self.base())).send().await;
            if answer.is_ok_and(|a| a.status() == 200) {
                return begun.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub fn hook(&self, subdomain: &str, code: &str) -> String {
        format!(
            "{}/amocrm/demo/install?code={code}&referer={subdomain}.localhost:{}&from_widget=1",
            self.base(),
            self.amocrm
        )
    }

    pub async fn rows(&self, sql: &'static str) -> i64 {
        let path = self.folder.path().join("data/accord.db");
        let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
            .await
            .unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    }
}

/// A client that knows no proxy.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .pool_max_idle_per_host(AT_ONCE)
        .build()
        .unwrap()
}

/// Resident memory of a process, in MB.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}
