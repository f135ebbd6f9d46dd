//! Outgoing mail: `SMTP_URL` and `MAIL_FROM`.

use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::domain::hosts::is_loopback;

/// How the connection to the mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`smtps://`).
    Tls,
    /// TLS after STARTTLS, without which nothing is said (`smtp://`).
    StartTls,
    /// None; for a server on this very machine (`smtp://` and a loopback name).
    Plain,
}

/// The mail server that takes our letters.
#[derive(Clone, Debug)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How it is spoken to.
    pub security: Security,
    /// User and password, if it wants them.
    pub login: Option<(String, SecretString)>,
}

/// Outgoing mail.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The server; without one letters are files in the data directory.
    pub server: Option<Server>,
    /// Whom letters come from.
    pub from: Option<Mailbox>,
}

/// Reads `SMTP_URL`; a mistake never repeats the value.
pub(super) fn server(url: &SecretString) -> Result<Server, String> {
    let form = || "is not of the form smtps://user:password@host:465".to_owned();
    let url = Url::parse(url.expose_secret().trim()).map_err(|_| form())?;
    let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(form)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let (security, port) = match url.scheme() {
        "smtps" => (Security::Tls, 465),
        "smtp" if is_loopback(host) => (Security::Plain, 25),
        "smtp" => (Security::StartTls, 587),
        _ => return Err("is neither smtp:// nor smtps://".to_owned()),
    };
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("carries a path, a query or a fragment".to_owned());
    }
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => {
            let plain = |part| decoded(part).ok_or_else(form);
            Some((plain(user)?, plain(password)?.into()))
        }
        _ => return Err("names a user or a password, but not both".to_owned()),
    };
    Ok(Server {
        host: host.to_owned(),
        port: url.port().unwrap_or(port),
        security,
        login,
    })
}

/// Undoes %-encoding, in which a password may have to be written.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
