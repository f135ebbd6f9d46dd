//! Where a network address leads: to the world, to a private network, to this machine, or to
//! where nothing of ours is ever sent.
//!
//! After the registries of IANA (RFC 6890) and what clouds put beside them. An IPv6 address
//! that carries an IPv4 address (RFC 4291, RFC 6052, RFC 3056) is judged by that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::domain::hosts::is_loopback;

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere in the world.
    World,
    /// A private network: fine for an operator who means it.
    Private,
    /// This very machine.
    Here,
    /// Never: the text says what it is.
    Never(&'static str),
}

const LINK: Reach = Reach::Never("a link-local address, where clouds keep their metadata");
const METADATA: Reach = Reach::Never("where a cloud keeps its metadata");
const NOBODY: Reach = Reach::Never("an address of nobody in particular");

/// Judges an address.
#[must_use]
pub fn of(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => of_v4(ip),
        IpAddr::V6(ip) => of_v6(ip),
    }
}

/// Judges what an address says itself; `None` for a name, which leads where DNS says.
#[must_use]
pub fn of_url(url: &Url) -> Option<Reach> {
    match url.host()? {
        Host::Domain(name) => is_loopback(name).then_some(Reach::Here),
        Host::Ipv4(ip) => Some(of_v4(ip)),
        Host::Ipv6(ip) => Some(of_v6(ip)),
    }
}

fn of_v4(ip: Ipv4Addr) -> Reach {
    match ip.octets() {
        [127, ..] => Reach::Here,
        [169, 254, ..] => LINK,
        // Alibaba, Oracle, Azure.
        [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => METADATA,
        [0, ..] | [192, 0, 0, _] | [224..=255, ..] => NOBODY,
        [10, ..]
        | [192, 168, ..]
        | [172, 16..=31, ..]
        | [100, 64..=127, ..]
        | [198, 18..=19, ..] => Reach::Private,
        _ => Reach::World,
    }
}

fn of_v6(ip: Ipv6Addr) -> Reach {
    if ip.is_loopback() {
        return Reach::Here;
    }
    if let Some(within) = within(ip) {
        return of_v4(within);
    }
    match ip.segments() {
        // Amazon.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => METADATA,
        [0xfe80..=0xfebf, ..] => LINK,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Reach::Private,
        [0xff00..=0xffff, ..] => NOBODY,
        // Translation that a network chooses itself (RFC 8215).
        [0x0064, 0xff9b, 1, ..] => Reach::Private,
        _ => Reach::World,
    }
}

/// The IPv4 address that an IPv6 address leads to: mapped, compatible, translated, 6to4.
fn within(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(from(high, low)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_leads_somewhere() {
        let judged = |text: &str| of(text.parse().unwrap());
        for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(judged(here), Reach::Here, "{here}");
        }
        for private in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:c0a8:0101::1",
            "fd12:3456::1",
            "fec0::1",
        ] {
            assert_eq!(judged(private), Reach::Private, "{private}");
        }
        for never in [
            "169.254.169.254",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "192.0.0.192",
            "100.100.100.200",
            "168.63.129.16",
            "::",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "fe80::1",
            "febf::1",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(matches!(judged(never), Reach::Never(_)), "{never}");
        }
        for world in [
            "93.184.216.34",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
        ] {
            assert_eq!(judged(world), Reach::World, "{world}");
        }
    }

    #[test]
    fn an_address_may_say_itself_where_it_leads() {
        for (url, reach) in [
            ("https://example.com/", None),
            ("http://localhost:1/", Some(Reach::Here)),
            ("http://reports.localhost/", Some(Reach::Here)),
            ("https://127.1/", Some(Reach::Here)),
            ("https://0x7f000001/", Some(Reach::Here)),
            ("https://2852039166/", Some(LINK)),
            ("https://[::ffff:a9fe:a9fe]/", Some(LINK)),
            ("https://10.1/", Some(Reach::Private)),
        ] {
            assert_eq!(of_url(&Url::parse(url).unwrap()), reach, "{url}");
        }
    }
}
