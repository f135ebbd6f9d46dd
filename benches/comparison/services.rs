//! Whatever listens: ours, the limit, the Fastify controls. All of them on one port, one after the
//! other, so that the same requests fit all.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cells::Contestant;
use crate::databases::Home;
use crate::load;
use crate::ours::Ours;
use crate::process::Group;
use crate::service::{CLIENT, SECRET};

/// Where the controls' sources lie.
pub const CONTROLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/controls");

/// Starts a contestant; `None` for what is no service.
pub async fn start(ours: &Ours, contestant: Contestant, home: Option<&Home>) -> Option<Group> {
    let mut group = match (contestant, home) {
        (Contestant::Actix, _) => limit(ours, "bare"),
        (Contestant::ActixToken, _) => limit(ours, "token"),
        (Contestant::AccordSqlite | Contestant::AccordPostgres, Some(home)) => {
            ours.serve(home, "web")
        }
        (Contestant::FastifySqlite, Some(home)) => fastify(ours, "sqlite", home),
        (Contestant::FastifySqliteGrouped, Some(home)) => fastify(ours, "grouped", home),
        (Contestant::FastifyPostgres, Some(home)) => fastify(ours, "pg", home),
        _ => return None,
    };
    answers(ours.port).await;
    assert!(!group.has_ended(), "{} ended by itself", contestant.name());
    // A cluster's processes come up one after the other.
    tokio::time::sleep(Duration::from_millis(300)).await;
    Some(group)
}

fn limit(ours: &Ours, kind: &str) -> Group {
    let beside = |binary: &Path| binary.with_file_name("comparison-limit");
    let binary = std::env::var_os("LIMIT_BIN").map_or_else(|| beside(&ours.binary), PathBuf::from);
    let mut command = Command::new(binary);
    let audience = format!("http://localhost:{}", ours.port);
    command.args([kind, &ours.port.to_string(), &audience, SECRET]);
    Group::start(&mut command)
}

fn fastify(ours: &Ours, store: &str, home: &Home) -> Group {
    let address = home.address.strip_prefix("sqlite://");
    let mut command = Command::new("node");
    command
        .arg(format!("{CONTROLS}/server.mjs"))
        .env("NODE_ENV", "production")
        .env("STORE", store)
        .env("PORT", ours.port.to_string())
        .env("DATABASE", address.unwrap_or(&home.address))
        .env("SECRET", SECRET)
        .env("CLIENT", CLIENT)
        .env("AUDIENCE", format!("http://localhost:{}", ours.port))
        .env("HOSTS", format!(".localhost:{}", ours.amocrm))
        .stderr(Stdio::inherit());
    Group::start(&mut command)
}

/// Until something listens and is well.
pub async fn answers(port: u16) {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    let begun = Instant::now();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let answer = load::exchange(&mut None, port, request.as_bytes(), &mut buffer).await;
        if answer.is_ok_and(|(status, _)| status == 200) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// One request on a connection of its own: the status and the whole answer.
pub async fn ask(port: u16, request: &[u8]) -> (u16, String) {
    let mut buffer = vec![0; 64 * 1024];
    let (status, length) = load::exchange(&mut None, port, request, &mut buffer)
        .await
        .unwrap();
    (
        status,
        String::from_utf8_lossy(&buffer[..length]).into_owned(),
    )
}
