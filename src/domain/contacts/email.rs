//! E-mail addresses: what the form accepts a letter can reach, and what it cannot is refused
//! with the reason.
//!
//! An address is kept as the person writes it; on the wire its domain is in ASCII (RFC 5891),
//! which every mail server understands. A local part outside of ASCII would need SMTPUTF8
//! (RFC 6531) at every server on the way, so it is refused at the form.

use std::borrow::Cow;

use email_address::EmailAddress;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::Read;

/// RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets.
const LONGEST: usize = 254;
/// RFC 5321, section 4.5.3.1.1.
const LONGEST_LOCAL: usize = 64;

const WRONG: &str = "an e-mail address like anna@example.com";

/// Reads an address and gives the form that is kept.
pub(super) fn read(value: &str) -> Read {
    if value.contains(['"', '<', '>', ',', ';', '(', ')', '\\'])
        || value.contains(char::is_whitespace)
    {
        return Err("one plain address like anna@example.com, without a name, quotes or brackets");
    }
    let (local, domain) = value.rsplit_once('@').ok_or(WRONG)?;
    check_local(local)?;
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let wire = ascii(domain)?;
    if local.len() + 1 + wire.len() > LONGEST {
        return Err("at most 254 characters, as mail servers take them");
    }
    // What is equivalent is kept in one form: an odd full stop is a full stop.
    let shown = if domain.is_ascii() {
        Cow::Borrowed(domain)
    } else {
        Uts46::new()
            .to_unicode(
                wire.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
            )
            .0
    };
    Ok(format!("{local}@{shown}"))
}

fn check_local(local: &str) -> Result<(), &'static str> {
    if !local.is_ascii() {
        return Err("Latin letters before the @: most mail servers cannot carry others there");
    }
    if local.len() > LONGEST_LOCAL {
        return Err("at most 64 characters before the @");
    }
    let plain = EmailAddress::is_valid_local_part(local) && !local.chars().any(char::is_control);
    if plain { Ok(()) } else { Err(WRONG) }
}

/// A domain as the wire has it. A name, not an address of a machine, with a top-level domain.
fn ascii(domain: &str) -> Result<String, &'static str> {
    if domain.starts_with('[') {
        return Err("a domain's name after the @, not the number of a machine");
    }
    let wire = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| "a domain that exists after the @, like example.com")?;
    let top = wire.rsplit_once('.').map(|(_, top)| top).ok_or(WRONG)?;
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a domain's name after the @, not the number of a machine");
    }
    if top.len() < 2 {
        return Err(WRONG);
    }
    Ok(wire.into_owned())
}

/// An accepted address as mail servers are told it: its domain in ASCII. Anything else comes
/// back as it is, and is refused where letters are put together.
#[must_use]
pub fn on_the_wire(email: &str) -> String {
    let wire = email
        .rsplit_once('@')
        .and_then(|(local, domain)| Some(format!("{local}@{}", ascii(domain).ok()?)));
    wire.unwrap_or_else(|| email.to_owned())
}

/// An address as the blind index knows it: case, outer space and the spelling of the domain do
/// not matter.
#[must_use]
pub fn key(email: &str) -> String {
    on_the_wire(email.trim()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_can_be_reached() {
        for (given, kept, wire) in [
            ("anna@example.com", "anna@example.com", "anna@example.com"),
            (
                "Anna.I+shop@Example.COM",
                "Anna.I+shop@Example.COM",
                "Anna.I+shop@example.com",
            ),
            (
                "o'neil_1@mail.example-shop.kg",
                "o'neil_1@mail.example-shop.kg",
                "o'neil_1@mail.example-shop.kg",
            ),
            (
                "anna@почта.рф",
                "anna@почта.рф",
                "anna@xn--80a1acny.xn--p1ai",
            ),
            (
                "anna@ПОЧТА.РФ",
                "anna@почта.рф",
                "anna@xn--80a1acny.xn--p1ai",
            ),
            (
                "anna@xn--80a1acny.xn--p1ai",
                "anna@xn--80a1acny.xn--p1ai",
                "anna@xn--80a1acny.xn--p1ai",
            ),
            (
                "anna@münchen.example",
                "anna@münchen.example",
                "anna@xn--mnchen-3ya.example",
            ),
            ("anna@example。com", "anna@example.com", "anna@example.com"),
            (
                "anna@r3---sn.example.com",
                "anna@r3---sn.example.com",
                "anna@r3---sn.example.com",
            ),
            ("anna@example.com.", "anna@example.com", "anna@example.com"),
        ] {
            assert_eq!(read(given).as_deref(), Ok(kept), "{given}");
            assert_eq!(on_the_wire(kept), wire, "{given}");
            assert!(wire.parse::<EmailAddress>().is_ok(), "{wire}");
            assert_eq!(key(kept), wire.to_lowercase());
        }
        let local = "a".repeat(64);
        assert!(read(&format!("{local}@example.com")).is_ok());
        assert_eq!(key(" Anna@Example.COM "), "anna@example.com");
        assert_eq!(key("anna@ПОЧТА.рф"), key("anna@xn--80a1acny.xn--p1ai"));
    }

    #[test]
    fn what_is_not_is_refused_with_the_reason() {
        let long = format!("{}@example.com", "a".repeat(65));
        let labels = format!("a@{}.com", vec!["b".repeat(60); 5].join("."));
        let whole = format!(
            "{}@{}.example.com",
            "a".repeat(60),
            vec!["b".repeat(60); 3].join(".")
        );
        let label = format!("a@{}.com", "b".repeat(64));
        // As typed it is short enough; on the wire it is not.
        let unicode = format!("a@{}.рф", "я".repeat(60));
        for (bad, why) in [
            ("a", "like"),
            ("@b.co", "like"),
            ("a@", "exists"),
            ("a@b", "like"),
            ("a@b.c", "like"),
            (".a@b.co", "like"),
            ("a.@b.co", "like"),
            ("a..b@c.co", "like"),
            ("a@b@c.co", "like"),
            ("a@.co", "exists"),
            ("a@b..co", "exists"),
            ("a@b.co..", "exists"),
            ("a@-b.co", "exists"),
            ("a@b-.co", "exists"),
            ("a@b_c.co", "exists"),
            ("a@b.co:25", "exists"),
            ("a@b\u{202e}.co", "exists"),
            ("a@xn--zzzz99999.co", "exists"),
            ("Anna <a@b.co>", "without a name"),
            ("\"a b\"@b.co", "quotes"),
            ("a b@c.co", "plain"),
            ("a@b.co, c@d.co", "one plain address"),
            ("a@b\r\n.co", "plain"),
            ("a(comment)@b.co", "brackets"),
            ("a@[127.0.0.1]", "not the number of a machine"),
            ("a@[IPv6:::1]", "not the number of a machine"),
            ("a@127.0.0.1", "not the number of a machine"),
            ("анна@почта.рф", "Latin letters before the @"),
            ("a\u{200b}@b.co", "Latin letters"),
            ("a\u{7}@b.co", "like"),
            (long.as_str(), "64"),
            (labels.as_str(), "exists"),
            (whole.as_str(), "254"),
            (label.as_str(), "exists"),
            (unicode.as_str(), "exists"),
        ] {
            let told = read(bad).unwrap_err();
            assert!(told.contains(why), "{bad:?}: {told}");
        }
    }
}
