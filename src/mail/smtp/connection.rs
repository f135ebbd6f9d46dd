//! One connection to a mail server: commands, each with its time limit, and the one
//! question that matters, whether the final dot had gone out when it broke.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::iter::successors;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::slice::Chunks;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::Rset;
use lettre::transport::smtp::extension::{ClientId, Extension};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;
use tokio_util::compat::FuturesAsyncReadCompatExt as _;

use super::Timing;
use super::ceiling::{Ceiling, Endless};
use crate::config::mail::{Security, Server};

/// How much of a message is written at once.
const PART: usize = 16 * 1024;

/// Why a step failed. Says nothing of what the server wrote, which may repeat an address.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no; its code.
    Reply(String),
    /// The connection broke, or no answer came, while nothing was handed over.
    Broken(&'static str),
    /// The message was handed over and no answer came.
    Silent,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(code) => write!(f, "it answers {code}"),
            Self::Broken(what) => f.write_str(what),
            Self::Silent => f.write_str("it does not answer"),
        }
    }
}

impl From<Error> for Fault {
    fn from(e: Error) -> Self {
        match e.status() {
            Some(code) => Self::Reply(code.to_string()),
            None if is_endless(&e) => Self::Broken("its answer does not end"),
            None if e.is_tls() || is_of_tls(&e) => {
                Self::Broken("TLS fails: is its certificate for this name, and trusted?")
            }
            None if e.is_client() => Self::Broken("it does not offer what we need: TLS or login"),
            None if e.is_response() => Self::Broken("it does not speak SMTP"),
            None => Self::Broken("the connection breaks"),
        }
    }
}

/// Whether the handshake failed: the library calls that a connection that broke, too.
fn is_of_tls(e: &Error) -> bool {
    io_errors(e).any(|io| io.kind() == io::ErrorKind::InvalidData)
}

/// Whether the server answered with more than anybody has to say.
fn is_endless(e: &Error) -> bool {
    io_errors(e).any(|io| io.get_ref().is_some_and(|inner| inner.is::<Endless>()))
}

fn io_errors(e: &Error) -> impl Iterator<Item = &io::Error> {
    successors(e.source(), |e: &&(dyn std::error::Error + 'static)| {
        (*e).source()
    })
    .filter_map(|e| e.downcast_ref::<io::Error>())
}

/// A connection that has been greeted and, where needed, encrypted and logged in.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    /// The same socket, to see whether the server hung up.
    socket: TcpStream,
    timing: Timing,
}

impl Connection {
    /// What TLS needs to know of the server.
    pub fn tls(server: &Server) -> Result<TlsParameters, Error> {
        TlsParameters::new(server.host.clone())
    }

    /// Connects, and goes as far as letters can be sent.
    pub async fn open(server: &Server, timing: Timing) -> Result<Self, Fault> {
        match timeout(timing.connect, connect(server, timing)).await {
            Ok(connection) => connection,
            Err(_) => Err(Fault::Broken("no connection in time")),
        }
    }

    /// Whether the server said that it knows this.
    pub fn supports(&self, feature: Extension) -> bool {
        self.smtp.server_info().supports_feature(feature)
    }

    /// Says one command and waits for a yes.
    pub async fn command(&mut self, command: impl fmt::Display) -> Result<(), Fault> {
        match timeout(self.timing.step, self.smtp.command(command)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(e.into()),
            Err(_) => Err(Fault::Broken("no answer in time")),
        }
    }

    /// Hands a message over. [`Fault::Silent`] only when its final dot may have arrived.
    pub async fn message(&mut self, message: &[u8]) -> Result<(), Fault> {
        let handed_over = AtomicBool::new(false);
        let parts = Parts {
            rest: message.chunks(PART),
            socket: &self.socket,
            handed_over: &handed_over,
        };
        let answer = timeout(self.timing.verdict, self.smtp.message_iter(parts)).await;
        let fault = match answer {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(e)) => Fault::from(e),
            Err(_) => Fault::Broken("no answer in time"),
        };
        match fault {
            Fault::Broken(_) if handed_over.load(Ordering::SeqCst) => Err(Fault::Silent),
            Fault::Reply(_) | Fault::Broken(_) | Fault::Silent => Err(fault),
        }
    }

    /// Forgets the letter that was begun; whether the connection can go on.
    pub async fn reset(&mut self) -> bool {
        self.command(Rset).await.is_ok()
    }

    /// Sends QUIT without waiting long.
    pub async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(2), self.smtp.quit()).await;
    }
}

async fn connect(server: &Server, timing: Timing) -> Result<Connection, Fault> {
    let me = ClientId::default();
    let nobody = |_| Fault::Broken("nobody answers at this address");
    let (stream, socket) = dial(server).await.map_err(nobody)?;
    let peer = stream.peer_addr().map_err(nobody)?;
    let stream: Box<dyn AsyncTokioStream> = match server.security {
        Security::Tls => encrypted(stream, peer, Connection::tls(server)?).await?,
        Security::StartTls | Security::Plain => Box::new(Ceiling::over(stream, peer)),
    };
    let mut smtp = AsyncSmtpConnection::connect_with_transport(stream, &me).await?;
    if server.security == Security::StartTls {
        smtp.starttls(Connection::tls(server)?, &me).await?;
    }
    if let Some((user, password)) = &server.login {
        let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
        smtp.auth(DEFAULT_MECHANISMS, &login).await?;
    }
    Ok(Connection {
        smtp,
        socket,
        timing,
    })
}

/// TLS from the first byte, by the library's own means and under our ceiling.
#[expect(
    deprecated,
    reason = "the library's TLS over a connection of ours is to be had in no other way"
)]
async fn encrypted(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    tls: TlsParameters,
) -> Result<Box<dyn AsyncTokioStream>, Error> {
    use lettre::transport::smtp::client::AsyncNetworkStream;
    let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
    stream.upgrade_tls(tls).await?;
    Ok(Box::new(Ceiling::over(stream.compat(), peer)))
}

/// A connection, and a second handle of it.
async fn dial(server: &Server) -> io::Result<(tokio::net::TcpStream, TcpStream)> {
    let stream = tokio::net::TcpStream::connect((server.host.as_str(), server.port)).await?;
    let stream = stream.into_std()?;
    let socket = stream.try_clone()?;
    Ok((tokio::net::TcpStream::from_std(stream)?, socket))
}

/// The message in parts. The library asks for the next one when the last is written, and writes
/// the final dot when there is none: this is the moment up to which nothing has arrived.
struct Parts<'a> {
    rest: Chunks<'a, u8>,
    socket: &'a TcpStream,
    handed_over: &'a AtomicBool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if has_hung_up(self.socket) {
            // The dot must not go out into the dark: then it would be unknown whether somebody
            // still read it. Closed, the socket refuses it.
            let _ = self.socket.shutdown(Shutdown::Both);
            return None;
        }
        let part = self.rest.next();
        if part.is_none() {
            self.handed_over.store(true, Ordering::SeqCst);
        }
        part
    }
}

/// Whether the server closed the connection, or said something before it was its turn, which it
/// does only when it is about to close the connection.
fn has_hung_up(socket: &TcpStream) -> bool {
    let mut byte = [0];
    match socket.peek(&mut byte) {
        Ok(_) => true,
        Err(e) => e.kind() != io::ErrorKind::WouldBlock,
    }
}
