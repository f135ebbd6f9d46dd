//! Where a request comes from, for the log.

use std::net::IpAddr;

use actix_web::dev::RequestHead;

use crate::domain::addresses::reach::{self, Reach};

const FORWARDED: &str = "x-forwarded-for";

/// The address of whoever called: of the connection, or, when that is a proxy on this machine
/// or in its network, what the proxy wrote last into `X-Forwarded-For`. It is for people who
/// read a log, and decides nothing: a stranger inside the network may write there too.
pub fn of(head: &RequestHead) -> Option<IpAddr> {
    let peer = head.peer_addr?.ip();
    if !matches!(reach::of(peer), Reach::Here | Reach::Private) {
        return Some(peer);
    }
    let written = head.headers().get_all(FORWARDED).last();
    let last = written.and_then(|v| v.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    Some(last.unwrap_or(peer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_a_proxy_of_ours_is_believed_and_only_what_it_wrote_itself() {
        for (connection, forwarded, expected) in [
            ("93.184.216.34", None, "93.184.216.34"),
            ("93.184.216.34", Some("10.0.0.1"), "93.184.216.34"),
            ("127.0.0.1", None, "127.0.0.1"),
            ("127.0.0.1", Some("6.6.6.6, 93.184.216.34"), "93.184.216.34"),
            ("10.0.0.2", Some("2606:4700::1111"), "2606:4700::1111"),
            ("10.0.0.2", Some("evil\tline"), "10.0.0.2"),
        ] {
            let mut request =
                TestRequest::default().peer_addr((connection.parse::<IpAddr>().unwrap(), 1).into());
            if let Some(forwarded) = forwarded {
                request = request.insert_header((FORWARDED, forwarded));
            }
            let request = request.to_http_request();
            let said = of(request.head()).map(|ip| ip.to_string());
            assert_eq!(said.as_deref(), Some(expected), "{forwarded:?}");
        }
    }
}
