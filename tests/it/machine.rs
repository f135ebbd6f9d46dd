//! What a service makes of its machine: whose files it reads, who may read its own, and a clock
//! that is wrong.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use accord::actions::clocks;
use accord::domain::jobs::Job;
use accord::domain::time::{days, minutes, seconds};
use accord::store;

use crate::support::database::{self, run};
use crate::support::{CLIENT, TestApp};

/// Runs a command in a folder with nothing in its environment.
fn accord(folder: &Path, args: &str) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_accord"))
        .args(args.split(' '))
        .current_dir(folder)
        .env_clear()
        // Nobody is there: tests speak to this machine only.
        .env("AMOCRM_HOSTS", "http://localhost:9")
        .output()
        .unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.success(), said)
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn only_the_working_directorys_own_environment_file_is_read_and_only_ours() {
    let place = tempfile::TempDir::new().unwrap();
    let (above, here) = (place.path(), place.path().join("here"));
    fs::create_dir(&here).unwrap();
    let file = |folder: &Path| folder.join(".env");
    fs::write(file(above), "ACCORD_LOG_FORMAT=nonsense\n").unwrap();
    let (listed, said) = accord(&here, "product list");
    assert!(listed, "{said}");
    let (listed, said) = accord(above, "product list");
    assert!(!listed && said.contains("ACCORD_LOG_FORMAT"), "{said}");

    fs::write(file(&here), "ACCORD_LOG_FORMAT=json\n").unwrap();
    for (mode, read) in [(0o600, true), (0o644, true), (0o666, false), (0o620, false)] {
        chmod(&file(&here), mode);
        let (listed, said) = accord(&here, "product list");
        assert_eq!(listed, read, "{mode:o}: {said}");
        assert!(
            read || said.contains(".env may be written by others"),
            "{said}"
        );
    }
}

#[test]
fn what_is_made_in_the_data_directory_is_for_its_owner_only() {
    let place = tempfile::TempDir::new().unwrap();
    fs::write(place.path().join("secret"), "a secret\n").unwrap();
    let add = format!("product add --code demo --client-id {CLIENT} --secret-file secret");
    let (added, said) = accord(place.path(), &add);
    assert!(added, "{said}");
    let data = place.path().join("data");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(data.join("accord.db").exists() && data.join("master.key").exists());

    // What was too open is closed, or told.
    let names = ["accord.db", "accord.db.migrate.lock", "master.key"];
    for name in names {
        chmod(&data.join(name), 0o644);
    }
    chmod(&data, 0o755);
    let (_, said) = accord(place.path(), "doctor");
    for name in ["data", "data/accord.db", "data/master.key"] {
        let told = format!("warning: {name} is open to others on this machine (0");
        assert!(said.contains(&told), "{name}: {said}");
    }
    assert!(
        said.contains("was not compared with that of http://localhost:9"),
        "{said}"
    );
    for name in names {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&data), 0o755, "a folder may hold more than ours");
}

/// A host that answers every request with this date.
fn host_at(date: &'static str) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut caller in socket.incoming().map_while(Result::ok) {
            let _ = caller.read(&mut [0; 1024]);
            let answer = format!("HTTP/1.1 301 Moved\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
            let _ = caller.write_all(answer.as_bytes());
        }
    });
    format!("http://localhost:{port}")
}

#[tokio::test]
async fn the_doctor_compares_our_clock_with_amocrms() {
    let test = TestApp::start().await;
    let said = String::from_utf8(test.accord(&["doctor"]).stdout).unwrap();
    assert!(
        said.contains("ok: our clock is that of http://localhost:"),
        "{said}"
    );
    for (date, way) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "ahead of"),
        ("Fri, 06 Nov 2893 08:49:37 GMT", "behind"),
    ] {
        let host = host_at(date);
        let done = test.accord_with(&[("AMOCRM_HOSTS", &host)], &["doctor"]);
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(!done.status.success(), "{said}");
        assert!(said.contains(&format!(" s {way} that of {host}")), "{said}");
    }
    let host = host_at("today");
    let said = test.accord_with(&[("AMOCRM_HOSTS", &host)], &["doctor"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("was not compared"), "{said}");
}

#[tokio::test]
async fn what_a_clock_left_in_the_future_does_not_last_for_ever() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.settle().await;
    let far = test.now() + days(3650);
    let sql = format!("UPDATE install SET ended_at = {}", far.millis());
    run(&test.app.config.database, &sql).await.unwrap();
    let tx = test.app.store.begin().await.unwrap();
    store::jobs::enqueue(&tx, &Job::Sweep, far, far)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.run_jobs().await, 0);
    let form = test.anna().form().await;
    let stale = test.anna().post("/consents", form).await;
    stale.problem(409, "token-stale");

    let mended = clocks::mend(&test.app.store, test.now()).await.unwrap();
    assert_eq!((mended.installs, mended.waiting), (1, 1));
    let again = clocks::mend(&test.app.store, test.now()).await.unwrap();
    assert_eq!((again.installs, again.waiting), (0, 0));
    test.advance(seconds(1));
    test.anna().consent().await;
    assert!(test.run_jobs().await >= 1);

    // What is planned for good reason stays: an end of a minute ahead is another machine's clock.
    let soon = test.now() + minutes(1);
    let sql = format!("UPDATE install SET ended_at = {}", soon.millis());
    run(&test.app.config.database, &sql).await.unwrap();
    let mended = clocks::mend(&test.app.store, test.now()).await.unwrap();
    assert_eq!((mended.installs, mended.waiting), (0, 0));
    let kept = database::rows(
        &test.app.config.database,
        "SELECT ended_at || '' FROM install",
    )
    .await;
    assert_eq!(kept, [soon.millis().to_string()]);
}
