//! Numbers in amoCRM's answers: whatever it says, a pair that works once is not lost.

use crate::support::platform::Platform;
use crate::support::{TestApp, database};
use accord::domain::time::days;

/// What amoCRM might say of an access token's life, and no more of it than a test needs.
const LIVES: [&str; 12] = [
    r#","expires_in":86400"#,
    "",
    r#","expires_in":9300000000000000"#,
    r#","expires_in":18446744073709551615"#,
    r#","expires_in":123456789012345678901234567890"#,
    r#","expires_in":-1"#,
    r#","expires_in":-9223372036854775808"#,
    r#","expires_in":86399.5"#,
    r#","expires_in":1e300"#,
    r#","expires_in":"86400""#,
    r#","expires_in":"tomorrow""#,
    r#","expires_in":null"#,
];

fn pair(n: usize, life: &str) -> String {
    format!(
        r#"{{"token_type":"Bearer","access_token":"access-{n}","refresh_token":"refresh-{n}"{life}}}"#
    )
}

#[tokio::test]
async fn a_pair_lands_whatever_it_says_of_its_life() {
    let platform = Platform::start();
    let hosts = format!("http://localhost:{}", platform.port);
    let test = TestApp::start_with(&[("AMOCRM_HOSTS", &hosts)]).await;
    let host = format!("shop.localhost:{}", platform.port);
    let mut asked = 0;
    let mut ask = |answers: Vec<String>| {
        asked += answers.len();
        platform.will_answer(answers);
        asked
    };
    let all = LIVES.iter().enumerate().map(|(n, life)| pair(n, life));
    let due = ask(all.collect());
    for n in 0..LIVES.len() {
        let hook = format!("/amocrm/demo/install?code=code-{n}&referer={host}&from_widget=1");
        assert_eq!(test.get(&hook).await.status, 200);
    }
    test.run_jobs().await;
    assert_eq!(platform.asked(), due, "each code is sent once");
    let landed = i64::try_from(LIVES.len()).unwrap();
    assert_eq!(test.count("token_pair").await, landed);
    let open = "SELECT kind FROM job WHERE kind = 'exchange-grant' AND done_at IS NULL";
    let open = database::rows(&test.app.config.database, open).await;
    assert!(open.is_empty(), "{open:?}");

    // The same of refresh tokens, which work once too.
    test.advance(days(31));
    let all = LIVES.iter().rev().enumerate();
    let due = ask(all.map(|(n, life)| pair(100 + n, life)).collect());
    test.sweep().await;
    test.run_jobs().await;
    assert_eq!(platform.asked(), due);
    assert_eq!(test.count("token_pair").await, landed, "none is given up");
}
