//! The TLS door: for clients that write `https://SUB.amocrm.ru` or `.kommo.com` by themselves.
//!
//! They come by `CONNECT`, as to any HTTP proxy (`HTTPS_PROXY`), or straight by TLS where their host names are
//! mapped to this machine. Either way the bytes inside the TLS go to the emulator's own server, which tells the
//! accounts apart by the `Host` header. Nothing but the vendor's hosts is answered and nothing leaves the machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, server_config};
use crate::places::vendor_host;

/// How long a client may take to say what it wants, and to finish the handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// The head of a `CONNECT` is never longer.
const LONGEST_HEAD: usize = 8 * 1024;
/// Connections at once; further ones wait.
const MOST: usize = 512;
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

/// How to open the door.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where the root certificate is written, as PEM; nowhere when missing.
    pub ca_file: Option<PathBuf>,
}

/// The door before it lets anybody in.
pub struct Door {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    /// The root certificate as PEM.
    pub ca_pem: String,
    /// Where it listens.
    pub port: u16,
}

impl Door {
    /// Makes the authority, writes its certificate down, and listens.
    ///
    /// # Errors
    /// When the port is taken, no key can be made or the file cannot be written.
    pub async fn open(options: &TlsOptions) -> io::Result<Door> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let authority = Arc::new(Authority::generate()?);
        let ca_pem = authority.pem();
        if let Some(file) = &options.ca_file {
            std::fs::write(file, &ca_pem)?;
        }
        Ok(Door {
            port: listener.local_addr()?.port(),
            listener,
            acceptor: TlsAcceptor::from(Arc::new(server_config(authority)?)),
            ca_pem,
        })
    }

    /// Lets clients in for as long as it is polled; `inside` is the emulator's server.
    pub async fn keep_open(self, inside: SocketAddr) {
        let mut guests = JoinSet::new();
        loop {
            while guests.len() >= MOST {
                guests.join_next().await;
            }
            while guests.try_join_next().is_some() {}
            match self.listener.accept().await {
                Ok((guest, _)) => {
                    guests.spawn(welcome(guest, self.acceptor.clone(), inside));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection to the TLS door was lost");
                    // Out of descriptors, most likely: it must not be asked in a tight loop.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// Where the emulator's server is reached from this machine.
pub fn inside(listens: SocketAddr) -> SocketAddr {
    let here = match listens.ip() {
        ip if !ip.is_unspecified() => ip,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    SocketAddr::new(here, listens.port())
}

async fn welcome(guest: TcpStream, acceptor: TlsAcceptor, inside: SocketAddr) {
    // What a client broke off is its own affair; it is said for whoever looks for the reason.
    if let Err(error) = serve(guest, acceptor, inside).await {
        tracing::debug!(%error, "a connection through the TLS door ended");
    }
}

async fn serve(mut guest: TcpStream, acceptor: TlsAcceptor, inside: SocketAddr) -> io::Result<()> {
    let talk = async {
        if !greeted(&mut guest).await? {
            return Ok(None);
        }
        acceptor.accept(guest).await.map(Some)
    };
    let talk = tokio::time::timeout(PATIENCE, talk);
    let Some(mut guest) = talk.await.map_err(|_| io::ErrorKind::TimedOut)?? else {
        return Ok(());
    };
    let mut server = TcpStream::connect(inside).await?;
    copy_bidirectional(&mut guest, &mut server).await?;
    Ok(())
}

/// Reads how the client comes; true when TLS follows.
async fn greeted(guest: &mut TcpStream) -> io::Result<bool> {
    let mut first = [0];
    if guest.peek(&mut first).await? == 0 {
        return Ok(false);
    }
    if first[0] == HANDSHAKE {
        return Ok(true);
    }
    let head = read_head(guest).await?;
    let refusal = match judge(&head) {
        Ok(()) => {
            guest
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .await?;
            return Ok(true);
        }
        Err(refusal) => refusal,
    };
    let (status, words) = refusal;
    let length = words.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{words}"
    );
    guest.write_all(answer.as_bytes()).await?;
    guest.shutdown().await?;
    Ok(false)
}

/// Byte by byte: what follows the head belongs to TLS.
async fn read_head(guest: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        head.push(guest.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Whether a request to the proxy is a `CONNECT` to one of the vendor's hosts; otherwise the status and the words
/// to refuse it with.
fn judge(head: &str) -> Result<(), (&'static str, String)> {
    let mut words = head.split_ascii_whitespace();
    if words.next() != Some("CONNECT") {
        let words = "This port speaks TLS, and CONNECT as an HTTP proxy does.\n";
        return Err(("405 Method Not Allowed", words.to_owned()));
    }
    let target = words.next().unwrap_or_default().to_ascii_lowercase();
    match target.rsplit_once(':') {
        Some((host, "443")) if vendor_host(host).is_some() => Ok(()),
        _ => {
            let words =
                "The emulator stands for amocrm.ru, amocrm.com and kommo.com on port 443 only.\n";
            Err(("403 Forbidden", words.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_vendors_hosts_are_connected_to() {
        let status = |head: &str| {
            judge(head)
                .err()
                .map(|(status, _)| status.split_once(' ').unwrap().0)
        };
        assert_eq!(status("CONNECT shop.amocrm.ru:443 HTTP/1.1\r\n\r\n"), None);
        assert_eq!(status("CONNECT API-A.Kommo.com:443 HTTP/1.1\r\n\r\n"), None);
        for target in [
            "example.com:443",
            "amocrm.ru.example:443",
            "notkommo.com:443",
            "127.0.0.1:443",
            "shop.amocrm.ru:80",
            "shop.amocrm.ru",
            "",
        ] {
            let head = format!("CONNECT {target} HTTP/1.1\r\n\r\n");
            assert_eq!(status(&head), Some("403"), "{target}");
        }
        assert_eq!(
            status("GET http://shop.amocrm.ru/ HTTP/1.1\r\n\r\n"),
            Some("405")
        );
    }
}
