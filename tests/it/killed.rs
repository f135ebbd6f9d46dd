//! Hundreds who come together, and a service that is killed in the middle: whoever was answered is
//! in the database, nobody is there twice, and what is there is whole.

use std::sync::atomic::{AtomicUsize, Ordering};

use amocrm_emulator::hooks::disconnect_signature;
use amocrm_emulator::model::{Account, User};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::process::{Place, Process};
use crate::support::{ANNA, CLIENT, SECRET, client};

const CROWD: u64 = 300;
const FIRST: u64 = 800_000;

/// Sends what each of the crowd sends, and kills the service once `answered` had their answer.
/// Returns the accounts that were answered with `status`.
async fn kill_after(
    service: Process,
    answered: usize,
    status: u16,
    send: impl Fn(u64) -> reqwest::RequestBuilder,
) -> Vec<u64> {
    let (count, enough) = (AtomicUsize::new(0), Notify::new());
    let calls: FuturesUnordered<_> = (FIRST..FIRST + CROWD)
        .map(|account| {
            let call = send(account);
            let (count, enough) = (&count, &enough);
            async move {
                let answer = call.send().await.ok()?.status().as_u16();
                if count.fetch_add(1, Ordering::SeqCst) + 1 == answered {
                    enough.notify_one();
                }
                (answer == status).then_some(account)
            }
        })
        .collect();
    let kill = async {
        enough.notified().await;
        service.kill();
    };
    let (accounts, ()) = tokio::join!(calls.collect::<Vec<_>>(), kill);
    accounts.into_iter().flatten().collect()
}

async fn rows(place: &Place, sql: &str) -> Vec<String> {
    let database = accord::config::Database::Sqlite(place.folder.path().join("data/accord.db"));
    crate::support::database::rows(&database, sql).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_of_consents_and_hooks_survive_a_kill_in_their_midst() {
    let place = Place::new().await;
    let world = place.emulator.world();
    for account in FIRST..FIRST + CROWD {
        world.add_account(Account {
            id: account,
            subdomain: format!("a{account}"),
            users: vec![User {
                id: ANNA,
                is_admin: true,
                is_active: true,
                ..User::default()
            }],
            ..Account::default()
        });
    }
    let (base, http) = (&place.base, client());
    let service = place.serve();
    let policy = http.get(format!("{base}/widget/v1/policy?product=demo"));
    let policy = policy.send().await.unwrap().json::<Value>().await.unwrap();
    let consent = |account: u64| {
        let form = json!({"policy_hash": policy["hash"], "lang": "en",
            "contact": {"name": "Anna", "email": format!("{account}@example.com")},
            "declares": {"read": true, "own_data": true}});
        let token = world.disposable_token(account, ANNA, CLIENT).unwrap();
        let call = http.post(format!("{base}/widget/v1/consents"));
        call.header("X-Auth-Token", token).json(&form)
    };
    let given = kill_after(service, 60, 201, consent).await;
    assert!(given.len() >= 60, "{}", given.len());

    // Whoever was answered is there, once, with all that belongs to them.
    let whole = "SELECT CAST(i.account_id AS TEXT) FROM install i
                 JOIN consent c ON c.install_id = i.id AND c.chain = 1
                 JOIN subject s ON s.id = c.subject_id
                 JOIN contact k ON k.subject_id = s.id
                 JOIN consent_state t ON t.subject_id = s.id
                 JOIN letter l ON l.entry_id = c.id
                 WHERE i.state = 'active'";
    let there = rows(&place, whole).await;
    for account in &given {
        assert!(there.contains(&account.to_string()), "{account} is lost");
    }
    for table in ["consent", "subject", "contact", "install", "burned_token"] {
        let count = rows(
            &place,
            &format!("SELECT CAST(count(*) AS TEXT) FROM {table}"),
        )
        .await;
        assert_eq!(count, [there.len().to_string()], "{table}");
    }
    place.succeeds("audit verify");

    // The same with disconnect hooks, on what is there now.
    let disconnect = |account: u64| {
        let tag = disconnect_signature(SECRET, CLIENT, account);
        http.get(format!(
            "{base}/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id={account}&signature={tag}"
        ))
    };
    let noted = kill_after(place.serve(), 60, 200, disconnect).await;
    assert!(noted.len() >= 60, "{}", noted.len());
    let hooks = rows(&place, "SELECT CAST(count(*) AS TEXT) FROM disconnect_hook").await;
    let hooks: usize = hooks[0].parse().unwrap();
    assert!((noted.len()..=CROWD as usize).contains(&hooks), "{hooks}");
}
