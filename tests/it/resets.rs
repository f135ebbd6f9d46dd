//! Callers who hang up in the middle: what works once is not lost with them.
//!
//! A plain close is not noticed before the answer; a reset (RST, by a zero `SO_LINGER`) tears the
//! handler down wherever it waits.

use amocrm_emulator::faults::{Fault, FaultKind};
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::TestApp;
use accord::domain::time::hours;

/// Sends a request by hand and hangs up, hard, when `when` is over; returns when the service
/// has noticed and whatever it still has to do is done.
pub async fn hang_up(base: &str, head: &str, when: impl Future<Output = ()>) {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    when.await;
    SockRef::from(&stream)
        .set_linger(Some(std::time::Duration::ZERO))
        .unwrap();
    drop(stream);
    // Whoever comes next on a connection of their own is answered after the reset was seen.
    let mut next = TcpStream::connect(address).await.unwrap();
    let ask = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    next.write_all(ask.as_bytes()).await.unwrap();
    next.read_to_end(&mut Vec::new()).await.unwrap();
}

fn get(test: &TestApp, address: &str, cookie: &str) -> String {
    let path = address.trim_start_matches(&test.base);
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n")
}

/// Each thing that the way back from the button waits for, with the browser gone meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_hangs_up_takes_no_grant_with_it() {
    for path in ["/oauth2/access_token", "/api/v4/account", "/api/v4/users/"] {
        let test = TestApp::start().await;
        let (back, cookie) = test.anna().press_the_button().await;
        let world = test.world();
        world.fail_next(Fault::once(path, FaultKind::Held));
        hang_up(
            &test.base,
            &get(&test, &back, &cookie),
            world.holds.until(1),
        )
        .await;
        world.holds.let_go();
        test.app.tasks.finish().await;
        let standing = test.anna().standing().await;
        assert_eq!(standing["authorization"], "ok", "{path}");
        assert_eq!(test.count("token_pair").await, 1, "{path}");
    }
}

/// A withdrawal whose refresh of the access token is under way when the caller goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_during_a_renewal_takes_no_grant_with_it() {
    let test = TestApp::start().await;
    test.install().await;
    test.anna().consent().await;
    test.advance(hours(25));
    let world = test.world();
    world.fail_next(Fault::once("/oauth2/access_token", FaultKind::Held));
    let token = test.boris().token();
    let head = format!(
        "POST /widget/v1/withdrawals HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    hang_up(&test.base, &head, world.holds.until(1)).await;
    world.holds.let_go();
    test.app.tasks.finish().await;
    assert_eq!(test.count("token_pair").await, 1);
    let refreshes = || {
        let oauth = |r: &&amocrm_emulator::records::RequestRecord| r.path.starts_with("/oauth2");
        world.read(|s| s.requests.iter().filter(oauth).count())
    };
    assert_eq!(refreshes(), 2);
    test.clara().withdraw().await.expect(202);
    assert_eq!(refreshes(), 2, "the new pair was kept");
    test.settle().await;
    assert!(
        !world
            .widget_install(crate::support::ACCOUNT, crate::support::CLIENT)
            .active
    );
}
