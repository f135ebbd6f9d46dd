//! The conversation with the mail server, one letter after the other over one
//! connection.
//!
//! Each command is a step of its own, so that it is known what became of a letter.
//! Whatever fails before the message's final dot is certain: it did not arrive. Once
//! the dot is out, silence means that it may have arrived.

mod ceiling;
mod connection;

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use tokio::sync::Mutex;

use super::Outcome;
use crate::config::mail::Server;
use connection::{Connection, Fault};

/// Time limits of a conversation, and how many letters a second.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For a connection to stand, TLS and login included.
    pub connect: Duration,
    /// For the answer to one command.
    pub step: Duration,
    /// For the answer to a whole message. RFC 5321 asks for ten minutes so that nothing is
    /// sent twice by the impatient; we never send again, so being early costs less.
    pub verdict: Duration,
    /// Letters a second, in the long run.
    pub per_second: NonZeroU32,
    /// Letters at once, after a pause.
    pub burst: NonZeroU32,
}

impl Default for Timing {
    fn default() -> Self {
        const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
        const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
        Self {
            connect: Duration::from_secs(20),
            step: Duration::from_secs(60),
            verdict: Duration::from_secs(120),
            per_second: PER_SECOND,
            burst: BURST,
        }
    }
}

/// A mail server and the connection to it, if one is open.
pub struct Smtp {
    server: Server,
    timing: Timing,
    limiter: DefaultDirectRateLimiter,
    held: Mutex<Option<Connection>>,
}

impl Smtp {
    /// Speaks to nobody yet.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine.
    pub fn new(server: Server, timing: Timing) -> anyhow::Result<Self> {
        Connection::tls(&server)?;
        let quota = Quota::per_second(timing.per_second).allow_burst(timing.burst);
        Ok(Self {
            server,
            timing,
            limiter: RateLimiter::direct(quota),
            held: Mutex::default(),
        })
    }

    /// Sends one message when its turn has come.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        self.limiter.until_ready().await;
        let mut held = self.held.lock().await;
        let mut connection = match self.ready(&mut held, message).await {
            Ok(connection) => connection,
            Err(down) => return down,
        };
        let (outcome, usable) = hand_over(&mut connection, message).await;
        if usable {
            *held = Some(connection);
        }
        outcome
    }

    /// Ends the connection, if one is open.
    pub(super) async fn disconnect(&self) {
        if let Some(connection) = self.held.lock().await.take() {
            connection.quit().await;
        }
    }

    /// Whether the server answers, lets us in and takes our sender.
    pub(super) async fn check(&self, from: &Mailbox) -> Result<(), String> {
        let mut connection = Connection::open(&self.server, self.timing)
            .await
            .map_err(|fault| format!("{fault}; check SMTP_URL, letters wait until it answers"))?;
        let mail = Mail::new(Some(from.email.clone()), Vec::new());
        let taken = connection.command(mail).await;
        connection.quit().await;
        taken.map_err(|fault| format!("{fault} to MAIL_FROM; letters wait until it is taken"))
    }

    /// A connection on which the server has taken our sender: the open one, if it still
    /// works, else a new one. All that can go wrong here is not the recipient's affair.
    async fn ready(
        &self,
        held: &mut Option<Connection>,
        message: &Message,
    ) -> Result<Connection, Outcome> {
        if let Some(mut connection) = held.take()
            && let Ok(()) = announce(&mut connection, message).await
        {
            return Ok(connection);
        }
        let down = |fault: Fault| Outcome::Down(fault.to_string());
        let mut connection = Connection::open(&self.server, self.timing)
            .await
            .map_err(down)?;
        announce(&mut connection, message).await.map_err(down)?;
        Ok(connection)
    }
}

async fn announce(connection: &mut Connection, message: &Message) -> Result<(), Fault> {
    let envelope = message.envelope();
    let mut parameters = Vec::new();
    if is_international(envelope) && connection.supports(Extension::SmtpUtfEight) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let from = envelope.from().cloned();
    connection.command(Mail::new(from, parameters)).await
}

/// The recipient and the message; and whether the connection can go on.
async fn hand_over(connection: &mut Connection, message: &Message) -> (Outcome, bool) {
    let envelope = message.envelope();
    if is_international(envelope) && !connection.supports(Extension::SmtpUtfEight) {
        let usable = connection.reset().await;
        return (Outcome::Refused("no SMTPUTF8".to_owned()), usable);
    }
    for to in envelope.to() {
        if let Err(fault) = connection.command(Rcpt::new(to.clone(), Vec::new())).await {
            return refused(connection, fault).await;
        }
    }
    if let Err(fault) = connection.command(Data).await {
        return refused(connection, fault).await;
    }
    match connection.message(&message.formatted()).await {
        Ok(()) => (Outcome::Sent, true),
        Err(fault) => refused(connection, fault).await,
    }
}

/// Whether an address can only be spoken of with SMTPUTF8 (RFC 6531).
fn is_international(envelope: &Envelope) -> bool {
    let plain = |address: &Address| address.to_string().is_ascii();
    !(envelope.from().is_none_or(plain) && envelope.to().iter().all(plain))
}

async fn refused(connection: &mut Connection, fault: Fault) -> (Outcome, bool) {
    match fault {
        Fault::Reply(code) => {
            let usable = code != "421" && connection.reset().await;
            let outcome = match code.as_str() {
                // Our login is refused, not the recipient.
                "530" | "534" | "535" | "538" => Outcome::Down(Fault::Reply(code).to_string()),
                _ if code.starts_with('5') => Outcome::Refused(code),
                _ => Outcome::Deferred(code),
            };
            (outcome, usable)
        }
        Fault::Broken(_) => (Outcome::Lost, false),
        Fault::Silent => (Outcome::Unknown, false),
    }
}
