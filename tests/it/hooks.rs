//! What amoCRM calls: the install hook, the button flow, the disconnect hook.

use amocrm_emulator::faults::{Fault, FaultKind};
use amocrm_emulator::hooks::disconnect_signature;

use crate::support::{ACCOUNT, ANNA, Answer, BORIS, CLARA, CLIENT, SECRET, TestApp};
use accord::domain::time::{hours, minutes};

#[tokio::test]
async fn an_install_is_durable_before_the_answer_and_lands_by_a_job() {
    let test = TestApp::start().await;
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    assert_eq!(
        (test.count("grant_offer").await, test.count("install").await),
        (1, 0)
    );
    assert_eq!(test.anna().standing().await["authorization"], "pending");

    test.run_jobs().await;
    let standing = test.anna().standing().await;
    assert_eq!(standing["install"], "pending");
    assert_eq!(standing["authorization"], "ok");
    assert_eq!(standing["generation"], 1);
    assert_eq!(standing["reason"], "consent-required");
    assert_eq!(standing["account_id"], ACCOUNT);
    assert_eq!(standing["hint"], serde_json::Value::Null);
}

#[tokio::test]
async fn until_somebody_consents_nothing_personal_is_kept_and_no_secret_ever_in_the_open() {
    let test = TestApp::start().await;
    test.install().await;
    let dump = test.dump().await;
    for word in ["anna", "Anna", &ANNA.to_string(), "def502", "eyJ", SECRET] {
        assert!(!dump.contains(word), "{word} is in the database");
    }
    assert_eq!(test.count("subject").await, 0);
    assert!(dump.contains("shop.localhost"));
}

#[tokio::test]
async fn a_hook_that_came_twice_counts_once() {
    let test = TestApp::start().await;
    test.install().await;
    for _ in 0..2 {
        test.world().repeat_hook(1).await;
    }
    test.settle().await;
    assert_eq!(
        (test.count("grant_offer").await, test.count("install").await),
        (1, 1)
    );
    assert_eq!(test.anna().standing().await["authorization"], "ok");
}

#[tokio::test]
async fn a_re_enable_is_no_new_generation() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.install().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["generation"].as_u64(),
            standing["entitled"].as_bool()
        ),
        (Some(1), Some(true))
    );
    assert_eq!(test.count("install").await, 1);
}

#[tokio::test]
async fn bad_hooks_are_refused_and_leave_nothing_behind() {
    let test = TestApp::start().await;
    let host = format!("shop.localhost:{}", test.world().port());
    let long = "a".repeat(5000);
    for (query, status, code) in [
        (
            format!("code=abc&referer={host}.evil.example&from_widget=1"),
            400,
            "foreign-host",
        ),
        (
            "code=abc&referer=shop.amocrm.ru&from_widget=1".to_owned(),
            400,
            "foreign-host",
        ),
        (
            format!("code=abc&referer=user@{host}&from_widget=1"),
            400,
            "foreign-host",
        ),
        (
            format!(
                "code=abc&referer={host}&from_widget=1&client_id=11d01160-d7a0-4087-b4af-6a1bb83fcd1d"
            ),
            403,
            "wrong-client",
        ),
        (
            format!("code=abc&referer={host}&from_widget=1&client_id=nonsense"),
            403,
            "wrong-client",
        ),
        (
            format!("code=abc&code=def&referer={host}&from_widget=1"),
            400,
            "malformed",
        ),
        (
            format!("code=&referer={host}&from_widget=1"),
            400,
            "malformed",
        ),
        (format!("referer={host}&from_widget=1"), 400, "malformed"),
        (
            format!("code={long}&referer={host}&from_widget=1"),
            400,
            "malformed",
        ),
        (
            format!("code=a%20b&referer={host}&from_widget=1"),
            400,
            "malformed",
        ),
        ("code=abc&from_widget=1".to_owned(), 400, "malformed"),
        (format!("code=abc&referer={host}"), 400, "state-invalid"),
        (
            format!("code=abc&referer={host}&state="),
            400,
            "state-invalid",
        ),
        (
            format!("code=abc&referer={host}&state=unknown"),
            400,
            "state-invalid",
        ),
        (String::new(), 400, "malformed"),
    ] {
        test.get(&format!("/amocrm/demo/install?{query}"))
            .await
            .problem(status, code);
    }
    test.get(&format!(
        "/amocrm/other/install?code=abc&referer={host}&from_widget=1"
    ))
    .await
    .problem(404, "unknown-product");
    assert_eq!(
        (test.count("grant_offer").await, test.count("job").await),
        (0, 0)
    );
    assert_eq!(
        test.world().read(|state| state.requests.len()),
        0,
        "something was sent to amoCRM"
    );
}

#[tokio::test]
async fn the_exchange_is_retried_while_the_code_lives_and_then_gives_up() {
    let test = TestApp::start().await;
    test.world()
        .fail_next(Fault::once("/oauth2/access_token", FaultKind::Status { status: 500 }).times(2));
    assert_eq!(test.world().install(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.run_jobs().await;
    assert_eq!(test.anna().standing().await["authorization"], "pending");
    test.settle().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");

    let test = TestApp::start().await;
    test.world()
        .fail_next(Fault::once("/oauth2/access_token", FaultKind::Html).times(1000));
    test.world().install(ACCOUNT, CLIENT, ANNA).await;
    let begun = test.now();
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["install"].as_str(),
            standing["authorization"].as_str()
        ),
        (Some("pending"), Some("reauthorize"))
    );
    assert_eq!(standing["generation"], 0);
    assert_eq!(standing["hint"], "reauthorize");
    assert!(test.now() - begun >= minutes(20));
    assert!(!test.dump().await.contains("def502"));
}

#[tokio::test]
async fn a_dead_code_is_not_tried_again() {
    for fault in ["Authorization code has been revoked", "expired"] {
        let test = TestApp::start().await;
        let host = format!("shop.localhost:{}", test.world().port());
        test.get(&format!(
            "/amocrm/demo/install?code=def502dead&referer={host}&from_widget=1"
        ))
        .await;
        test.settle().await;
        let asked = test.world().read(|s| {
            s.requests
                .iter()
                .filter(|r| r.path.starts_with("/oauth2"))
                .count()
        });
        assert_eq!(asked, 1, "{fault}");
        assert_eq!(test.count("install").await, 0);
    }
}

#[tokio::test]
async fn the_account_is_read_again_until_it_says_who_it_is() {
    let test = TestApp::start().await;
    test.world()
        .fail_next(Fault::once("/api/v4/account", FaultKind::TooManyText).times(3));
    test.world().install(ACCOUNT, CLIENT, ANNA).await;
    test.settle().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");
    let exchanges = test.world().read(|s| {
        s.requests
            .iter()
            .filter(|r| r.path.starts_with("/oauth2"))
            .count()
    });
    assert_eq!(exchanges, 1, "the code was exchanged more than once");
}

async fn begin(test: &TestApp) -> (String, String) {
    let answer = test.get("/amocrm/demo/authorize").await;
    assert_eq!(answer.status, 303);
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("http://localhost:{}/oauth?", test.world().port())));
    let state = state_of(&answer);
    let cookie = answer.header("set-cookie").unwrap();
    for part in [
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=600",
        "Path=/amocrm/demo/",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    (state, cookie.split(';').next().unwrap().to_owned())
}

fn state_of(answer: &Answer) -> String {
    let location = url::Url::parse(answer.header("location").unwrap()).unwrap();
    let mut query = location.query_pairs();
    query.find(|(k, _)| k == "state").unwrap().1.into_owned()
}

async fn come_back(test: &TestApp, address: &str, cookie: &str) -> Answer {
    let request = test
        .http
        .get(address)
        .header("Cookie", cookie)
        .header("Accept-Language", "ru");
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn the_button_flow_tells_how_it_went_and_its_state_works_once_in_one_browser() {
    let test = TestApp::start().await;
    let (state, cookie) = begin(&test).await;
    let address = test
        .world()
        .authorize(ACCOUNT, ANNA, CLIENT, Some(&state))
        .unwrap();

    come_back(&test, &address, "accord_authorize=another")
        .await
        .problem(400, "state-invalid");
    assert_eq!(test.count("grant_offer").await, 0);

    let page = come_back(&test, &address, &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Подключено"), "{}", page.text());
    assert_eq!(test.anna().standing().await["authorization"], "ok");

    // Loading the page again is no second use: it says what it said.
    let again = come_back(&test, &address, &cookie).await;
    assert_eq!(again.status, 200);
    assert!(again.text().contains("Подключено"), "{}", again.text());
    let other = test
        .world()
        .authorize(ACCOUNT, CLARA, CLIENT, Some(&state))
        .unwrap();
    come_back(&test, &other, &cookie)
        .await
        .problem(400, "state-invalid");
    assert_eq!(test.count("grant_offer").await, 1);
    let (late, cookie) = begin(&test).await;
    test.advance(minutes(10));
    let address = test
        .world()
        .authorize(ACCOUNT, ANNA, CLIENT, Some(&late))
        .unwrap();
    come_back(&test, &address, &cookie)
        .await
        .problem(400, "state-invalid");
}

#[tokio::test]
async fn a_refusal_is_a_page_with_and_without_a_state() {
    let test = TestApp::start().await;
    let (state, cookie) = begin(&test).await;
    let address = test.world().deny(CLIENT, "", Some(&state)).unwrap();
    let page = come_back(&test, &address, &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Ничего не изменилось"));
    assert_eq!(
        test.get("/amocrm/demo/install?error=access_denied")
            .await
            .status,
        200
    );
    assert_eq!(test.count("grant_offer").await, 0);
    let used = test
        .world()
        .authorize(ACCOUNT, ANNA, CLIENT, Some(&state))
        .unwrap();
    come_back(&test, &used, &cookie)
        .await
        .problem(400, "state-invalid");
}

#[tokio::test]
async fn two_tabs_of_one_browser_both_connect_each_once() {
    let test = TestApp::start().await;
    let (first, cookie) = begin(&test).await;
    let begun = test
        .http
        .get(format!("{}/amocrm/demo/authorize", test.base))
        .header("Cookie", &cookie)
        .send()
        .await
        .unwrap();
    let begun = Answer::of(begun).await;
    assert!(begun.header("set-cookie").unwrap().starts_with(&cookie));
    let second = state_of(&begun);
    assert_ne!(first, second);
    for (state, person) in [(second, ANNA), (first, CLARA)] {
        let address = test
            .world()
            .authorize(ACCOUNT, person, CLIENT, Some(&state))
            .unwrap();
        let page = come_back(&test, &address, &cookie).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Подключено"), "{}", page.text());
    }
}

#[tokio::test]
async fn asking_for_the_button_flow_writes_nothing_and_a_state_cannot_be_made_up() {
    let test = TestApp::start().await;
    let before = test.dump().await;
    let mut states = Vec::new();
    for _ in 0..20 {
        states.push(begin(&test).await);
    }
    assert_eq!(test.dump().await, before);

    let (state, cookie) = &states[0];
    let address = |state: &str| {
        test.world()
            .authorize(ACCOUNT, ANNA, CLIENT, Some(state))
            .unwrap()
    };
    let mut bytes = state.clone().into_bytes();
    // The time it is good until, and the signature.
    for place in [25, 50] {
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(bytes.clone()).unwrap();
        come_back(&test, &address(&forged), cookie)
            .await
            .problem(400, "state-invalid");
    }
    // One browser's state in another's hand.
    come_back(&test, &address(&states[1].0), cookie)
        .await
        .problem(400, "state-invalid");
    assert_eq!(test.dump().await, before);
}

#[tokio::test]
async fn a_disconnect_hook_is_believed_only_when_the_grant_is_dead() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;

    // Replayed by somebody while the Product is installed: a check, and no effect.
    let tag = disconnect_signature(SECRET, CLIENT, ACCOUNT);
    let hook = format!(
        "/amocrm/demo/disconnect?client_uuid={CLIENT}&account_id={ACCOUNT}&signature={tag}"
    );
    for _ in 0..3 {
        assert_eq!(test.get(&hook).await.status, 200);
    }
    test.settle().await;
    assert_eq!(test.anna().standing().await["install"], "active");

    assert_eq!(test.world().disable(ACCOUNT, CLIENT, ANNA).await, Some(200));
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(standing["install"], "uninstalled");
    assert_eq!(standing["entitled"], false);
    assert_eq!(standing["reason"], "not-installed");
    assert_eq!(standing["authorization"], "reauthorize");

    // Late and repeated hooks change nothing; a reinstall begins the next generation.
    assert_eq!(
        test.get(
            &hook
                .to_uppercase()
                .replace(
                    "/AMOCRM/DEMO/DISCONNECT?CLIENT_UUID",
                    "/amocrm/demo/disconnect?client_uuid"
                )
                .replace("ACCOUNT_ID", "account_id")
                .replace("SIGNATURE", "signature")
        )
        .await
        .status,
        200
    );
    test.install().await;
    assert_eq!(test.get(&hook).await.status, 200);
    test.settle().await;
    let standing = test.anna().standing().await;
    assert_eq!(
        (
            standing["install"].as_str(),
            standing["generation"].as_u64()
        ),
        (Some("pending"), Some(2))
    );
    assert_eq!(standing["reason"], "consent-required");
}

#[tokio::test]
async fn bad_disconnect_hooks_are_refused() {
    let test = TestApp::start().await;
    test.install().await;
    let tag = disconnect_signature(SECRET, CLIENT, ACCOUNT);
    let wrong = disconnect_signature("another", CLIENT, ACCOUNT);
    let base = "/amocrm/demo/disconnect";
    for (query, status, code) in [
        (
            format!("client_uuid={CLIENT}&account_id={ACCOUNT}&signature={wrong}"),
            403,
            "signature-wrong",
        ),
        (
            format!(
                "client_uuid={CLIENT}&account_id={}&signature={tag}",
                ACCOUNT + 1
            ),
            403,
            "signature-wrong",
        ),
        (
            format!(
                "client_uuid=11d01160-d7a0-4087-b4af-6a1bb83fcd1d&account_id={ACCOUNT}&signature={tag}"
            ),
            403,
            "wrong-client",
        ),
        (
            format!("client_uuid={CLIENT}&account_id={ACCOUNT}&signature=zz"),
            403,
            "signature-wrong",
        ),
        (
            format!("client_uuid=nonsense&account_id={ACCOUNT}&signature={tag}"),
            400,
            "malformed",
        ),
        (
            format!("client_uuid={CLIENT}&account_id=abc&signature={tag}"),
            400,
            "malformed",
        ),
        (
            format!("client_uuid={CLIENT}&account_id=-1&signature={tag}"),
            400,
            "malformed",
        ),
        (
            format!("client_uuid={CLIENT}&account_id={ACCOUNT}"),
            400,
            "malformed",
        ),
        (
            format!("account_id={ACCOUNT}&signature={tag}"),
            400,
            "malformed",
        ),
        (
            format!(
                "client_uuid={CLIENT}&client_uuid={CLIENT}&account_id={ACCOUNT}&signature={tag}"
            ),
            400,
            "malformed",
        ),
    ] {
        test.get(&format!("{base}?{query}"))
            .await
            .problem(status, code);
    }
    let unknown = disconnect_signature(SECRET, CLIENT, 5);
    assert_eq!(
        test.get(&format!(
            "{base}?client_uuid={CLIENT}&account_id=5&signature={unknown}"
        ))
        .await
        .status,
        200
    );
    let legacy = format!("{base}?client_id={CLIENT}&account_id={ACCOUNT}&signature={tag}");
    assert_eq!(test.get(&legacy).await.status, 200);
    test.settle().await;
    assert_eq!(test.anna().standing().await["authorization"], "ok");
}

#[tokio::test]
async fn a_renamed_account_is_found_again() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    assert!(test.world().rename(ACCOUNT, "boutique"));
    // Clara did not consent, so the platform has to be asked whether she is an administrator.
    let answer = test.clara().withdraw().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(test.dump().await.contains("boutique.localhost"));
    test.run_jobs().await;
}

#[tokio::test]
async fn an_access_token_that_lapsed_is_refreshed_once_and_kept() {
    for kommo in [false, true] {
        let test = TestApp::start().await;
        if kommo {
            test.world()
                .change(|s| s.switches.rotation = amocrm_emulator::switches::Rotation::Grace);
        }
        test.install().await;
        test.anna().consent().await;
        test.advance(hours(25));
        let denied = test.boris().withdraw().await;
        denied.problem(403, "administrator-required");
        let refreshes = || {
            test.world().read(|s| {
                s.requests
                    .iter()
                    .filter(|r| r.path.starts_with("/oauth2/access_token"))
                    .count()
            })
        };
        assert_eq!(refreshes(), 2);
        test.boris()
            .withdraw()
            .await
            .problem(403, "administrator-required");
        assert_eq!(refreshes(), 2, "the new pair was not kept");
        let _ = BORIS;
        test.run_jobs().await;
    }
}
