//! Our service, and the database it begins with: one account that was installed and consented through
//! the doors, against the emulated amoCRM.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use amocrm_emulator::Emulator;
use amocrm_emulator::model::{Account, Integration, User};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::cells::Kind;
use crate::databases::{Home, Server};
use crate::process::Group;
use crate::requests::Maker;
use crate::service::{CLIENT, SECRET};

/// How to start it.
pub struct Ours {
    pub binary: PathBuf,
    pub port: u16,
    pub amocrm: u16,
    /// Of all databases.
    pub master_key: [u8; 32],
}

impl Ours {
    pub fn new(port: u16, amocrm: u16) -> Self {
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).unwrap();
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_accord"));
        Self {
            binary: std::env::var_os("ACCORD_BIN").map_or_else(built, PathBuf::from),
            port,
            amocrm,
            master_key: key,
        }
    }

    fn command(&self, home: &Home, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(args)
            .current_dir(&home.folder)
            .env_clear()
            .env("ACCORD_LISTEN", format!("127.0.0.1:{}", self.port))
            .env(
                "ACCORD_PUBLIC_URL",
                format!("http://localhost:{}", self.port),
            )
            .env("AMOCRM_HOSTS", format!("http://localhost:{}", self.amocrm))
            .env("ACCORD_MASTER_KEY", STANDARD.encode(self.master_key))
            .env("DATABASE_URL", &home.address)
            .env("ACCORD_LOG", "error");
        command
    }

    fn run(&self, home: &Home, args: &[&str]) {
        let done = self.command(home, args).output().unwrap();
        assert!(done.status.success(), "{args:?}");
    }

    /// Starts it; the door alone does no jobs.
    pub fn serve(&self, home: &Home, role: &str) -> Group {
        Group::start(&mut self.command(home, &["serve", "--role", role]))
    }

    /// Installs and consents in one account. Returns the hash of the Policy that was agreed to.
    pub async fn begin(&self, home: &Home, emulator: &Emulator, server: Option<&Server>) -> String {
        std::fs::write(home.folder.join("secret"), SECRET).unwrap();
        let product = ["product", "add", "--code", "demo", "--client-id", CLIENT];
        self.run(home, &[&product[..], &["--secret-file", "secret"]].concat());
        let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/policy/starter.en.md");
        self.run(home, &["policy", "publish", "--product", "demo", policy]);
        let service = self.serve(home, "all");
        crate::services::answers(self.port).await;

        let account = match home.kind {
            Kind::Sqlite => 1,
            Kind::Postgres => 2,
        };
        self.install(emulator, account).await;
        let landed = "SELECT count(*) FROM grant_offer WHERE state = 'landed'";
        let begun = Instant::now();
        let mut db = home.open().await;
        while db.number(landed).await == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "no grant landed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        db.close().await;
        let http = crate::service::client();
        let base = format!("http://127.0.0.1:{}/widget/v1", self.port);
        let policy = http.get(format!("{base}/policy?product=demo&lang=en"));
        let policy: Value = policy.send().await.unwrap().json().await.unwrap();
        let policy_hash = policy["hash"].as_str().unwrap().to_owned();
        let maker = Maker {
            port: self.port,
            amocrm: self.amocrm,
            policy_hash: policy_hash.clone(),
        };
        let token = maker.token(account, 7, SECRET, 0);
        let consent = maker.consent_with(0, &token);
        let status = crate::services::ask(self.port, consent.as_bytes()).await.0;
        assert_eq!(status, 201, "the first consent");
        drop(service);
        home.numbers(&[], server).await;
        policy_hash
    }

    async fn install(&self, emulator: &Emulator, id: u64) {
        let world = emulator.world();
        world.add_integration(Integration {
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            code: "w_demo".to_owned(),
            redirect_uri: format!("http://localhost:{}/amocrm/demo/install", self.port),
            ..Integration::default()
        });
        world.add_account(Account {
            id,
            subdomain: format!("a{id}"),
            users: vec![User {
                id: 7,
                is_admin: true,
                is_active: true,
                ..User::default()
            }],
            ..Account::default()
        });
        assert_eq!(world.install(id, CLIENT, 7).await, Some(200));
    }
}
