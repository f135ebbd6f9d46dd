//! The database locked, gone, or of another key; what was answered stays.

use crate::support::{ACCOUNT, ANNA, CLIENT, TestApp, database, fresh_key};
use accord::domain::time::seconds;

#[tokio::test]
async fn a_locked_database_is_a_503_and_nothing_is_half_done() {
    if database::is_postgres() {
        return locked_postgres().await;
    }
    let test = TestApp::start().await;
    test.install().await;
    let accord::config::Database::Sqlite(path) = &test.app.config.database else {
        panic!()
    };
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!(
        "sqlite://{}",
        path.display()
    ))
    .await
    .unwrap();
    sqlx::Executor::execute(&mut db, "BEGIN EXCLUSIVE")
        .await
        .unwrap();
    let (anna, form) = (test.anna(), test.anna().form().await);
    let world = test.world();
    let (hook, consent) = tokio::join!(
        world.install(ACCOUNT, CLIENT, ANNA),
        anna.post("/consents", form)
    );
    // amoCRM waits three seconds at most: it saw no answer, or a 503; never a 200.
    assert_ne!(hook, Some(200));
    consent.problem(503, "database-unavailable");
    sqlx::Executor::execute(&mut db, "ROLLBACK").await.unwrap();
    assert_eq!(test.count("consent").await, 0);
    // Whoever comes next is kept behind the hook that got no answer, if that one still was.
    test.install().await;
    let jobs = "SELECT kind FROM job WHERE kind = 'exchange-grant'";
    let jobs = database::rows(&test.app.config.database, jobs).await.len();
    let grants = usize::try_from(test.count("grant_offer").await).unwrap();
    assert!(
        (2..=3).contains(&grants) && jobs == grants,
        "{grants} grants, {jobs} jobs"
    );
    test.anna().consent().await;
    test.run_jobs().await;
}

async fn locked_postgres() {
    let test = TestApp::start().await;
    test.install().await;
    let database = test.app.config.database.clone();
    // The server takes the whole table away from everybody.
    database::run(&database, "ALTER TABLE consent RENAME TO consent_away")
        .await
        .unwrap();
    let form = test.anna().form().await;
    let answer = test.anna().post("/consents", form).await;
    assert_eq!(answer.status, 503);
    database::run(&database, "ALTER TABLE consent_away RENAME TO consent")
        .await
        .unwrap();
    assert_eq!(
        (test.count("consent").await, test.count("subject").await),
        (0, 0)
    );
    test.anna().consent().await;
    test.run_jobs().await;
}

#[tokio::test]
async fn a_broken_disk_is_a_503_and_readiness_says_so() {
    let test = TestApp::start().await;
    test.run_jobs().await;
    assert_eq!(test.get("/readyz").await.status, 200);
    test.app.store.clone().close().await.unwrap();
    test.get("/readyz")
        .await
        .problem(503, "database-unavailable");
    assert_eq!(test.get("/healthz").await.status, 200);
    let host = format!("shop.localhost:{}", test.world().port());
    test.get(&format!(
        "/amocrm/demo/install?code=abc&referer={host}&from_widget=1"
    ))
    .await
    .problem(503, "database-unavailable");
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let test = TestApp::start().await;
    test.install().await;
    let other = accord::config::master_key(&fresh_key()).unwrap();
    let opened = accord::store::Store::open(&test.app.config.database, &[other], test.now()).await;
    assert!(opened.is_err_and(|e| e.to_string().contains("ACCORD_MASTER_KEY")));
}

#[tokio::test]
async fn what_was_answered_survives_a_process_that_dies() {
    let test = TestApp::start().await;
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    // A worker claims the job and dies: its lease ends, another takes the job.
    let tx = test.app.store.begin().await.unwrap();
    let lease = seconds(20);
    let claimed = accord::store::jobs::claim(&tx, &["exchange-grant"], lease, test.now())
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.run_jobs().await, 0, "the lease is respected");
    test.advance(seconds(20));
    assert_eq!(test.run_jobs().await, 1);
    assert_eq!(test.anna().standing().await["authorization"], "ok");
    // The dead one comes back and cannot close what is not its own.
    let tx = test.app.store.begin().await.unwrap();
    let finished = accord::store::jobs::finish(
        &tx,
        &claimed,
        &accord::domain::jobs::Verdict::Failed,
        None,
        test.now(),
    )
    .await;
    assert!(!finished.unwrap());
}
