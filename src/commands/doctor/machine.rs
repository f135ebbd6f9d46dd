//! What `accord doctor` says of the machine: who can read our files, whether the way to the
//! database is private, and whether our clock is right.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use url::{Host, Url};

use crate::amocrm::Amocrm;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::domain::claims::LEEWAY;
use crate::domain::hosts::is_loopback;
use crate::domain::time::seconds;
use crate::{keys, private, store};

/// A clock that differs by less is as good as right: answers carry whole seconds, and take some.
const NOTABLE: TimeDelta = seconds(10);

/// Says which files others can read.
pub(super) fn files(out: &mut dyn Write, config: &Config) -> anyhow::Result<()> {
    let letters = config.data_dir.join("letters");
    let mut paths = vec![
        PathBuf::from(".env"),
        config.data_dir.clone(),
        letters,
        keys::file(config),
    ];
    if let Database::Sqlite(path) = &config.database {
        paths.extend(store::files(path));
        paths.extend(path.parent().map(Path::to_path_buf));
    }
    paths.sort();
    paths.dedup();
    for path in paths {
        let Ok(Some(mode)) = private::open_to_others(&path) else {
            continue;
        };
        writeln!(
            out,
            "warning: {} is open to others on this machine ({mode:04o}): chmod go-rwx",
            path.display()
        )?;
    }
    Ok(())
}

/// Says whether the database is spoken to in private.
pub(super) fn database(out: &mut dyn Write, config: &Config) -> anyhow::Result<()> {
    if let Database::Postgres(url) = &config.database
        && !is_private(url.expose_secret())
    {
        writeln!(
            out,
            "warning: DATABASE_URL does not say sslmode=verify-full: whoever is between us and the database may read \
             along or take its place"
        )?;
    }
    Ok(())
}

/// Whether a PostgreSQL address is on this machine, or names the one mode that checks who
/// answers: without it the driver falls back to plain text.
fn is_private(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let last = |name: &str| {
        let values = url.query_pairs().filter(|(n, _)| n == name);
        values.last().map(|(_, value)| value.into_owned())
    };
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // A name of a scheme that the standard does not know may be a number all the same.
        Some(Host::Domain(name)) => is_loopback(name) || is_socket(name),
        None => true,
    };
    let elsewhere = last("host").is_some_and(|host| !is_loopback(&host) && !is_socket(&host));
    (here && !elsewhere) || last("sslmode").as_deref() == Some("verify-full")
}

/// A folder with the server's socket.
fn is_socket(host: &str) -> bool {
    host.is_empty() || host.starts_with('/') || host.starts_with("%2F")
}

/// Compares our clock with amoCRM's; `false` when tokens cannot be believed for the difference.
pub(super) async fn clock(
    out: &mut dyn Write,
    config: &Config,
    clock: &Clock,
) -> anyhow::Result<bool> {
    let mut right = true;
    for (origin, told) in Amocrm::new(config.hosts.clone())?.times().await {
        let told = match told {
            Ok(told) => told,
            Err(e) => {
                writeln!(
                    out,
                    "warning: our clock was not compared with that of {origin}: {e}"
                )?;
                continue;
            }
        };
        let ahead = clock.now() - told;
        let (seconds, way) = match ahead.num_seconds() {
            ahead @ 0.. => (ahead, "ahead of"),
            behind => (-behind, "behind"),
        };
        if ahead.abs() < NOTABLE {
            writeln!(out, "ok: our clock is that of {origin}")?;
        } else if ahead.abs() < LEEWAY {
            writeln!(
                out,
                "warning: our clock is {seconds} s {way} that of {origin}: set it by NTP"
            )?;
        } else {
            right = false;
            writeln!(
                out,
                "error: our clock is {seconds} s {way} that of {origin}, so that its tokens are refused: set it by NTP"
            )?;
        }
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_private_here_or_when_its_name_is_checked() {
        for (url, private) in [
            ("postgres://u:p@localhost/accord", true),
            ("postgres://127.0.0.1:5433/accord", true),
            ("postgres://[::1]/accord", true),
            ("postgres:///accord?host=/run/postgresql", true),
            ("postgres://%2Frun%2Fpostgresql/accord", true),
            ("postgres://db.example/accord", false),
            ("postgres://10.0.0.5/accord", false),
            ("postgres://db.example/accord?sslmode=require", false),
            ("postgres://db.example/accord?sslmode=verify-ca", false),
            ("postgres://db.example/accord?sslmode=verify-full", true),
            (
                "postgres://db.example/accord?sslmode=verify-full&sslmode=disable",
                false,
            ),
            ("postgres://localhost/accord?host=db.example", false),
        ] {
            assert_eq!(is_private(url), private, "{url}");
        }
    }
}
