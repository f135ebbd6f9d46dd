//! Outgoing mail.
//!
//! There is one sender in the program, [`Service`], and the one thing it sends is a
//! [`ServiceLetter`]: what a person has to be told about terms and about what they
//! did themselves. Advertising has no type, no template and no list here, so it
//! cannot be sent by mistake.

mod directory;
mod message;
mod smtp;
pub mod texts;

use std::path::PathBuf;
use std::sync::Mutex;

use lettre::message::Mailbox;

use crate::config::Config;
use crate::domain::time::Timestamp;

pub use smtp::{Smtp, Timing};

/// Whom service letters come from. The only sender there is.
#[derive(Clone, Debug)]
pub struct Service {
    /// `From`, and where the mail server sends what it cannot deliver.
    pub from: Mailbox,
    /// `Reply-To`: the support mailbox.
    pub reply_to: Option<Mailbox>,
}

impl Service {
    /// The sender of the configuration; without one a name of this machine's, for letters
    /// that are only files.
    fn of(config: &Config) -> anyhow::Result<Self> {
        let mailbox = config.publisher.mailbox.as_deref();
        let reply_to: Option<Mailbox> = mailbox.and_then(|m| m.trim().parse().ok());
        let from = match config.mail.from.clone().or_else(|| reply_to.clone()) {
            Some(from) => from,
            None => "accord@localhost".parse()?,
        };
        Ok(Self { from, reply_to })
    }
}

/// A file that goes along with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; letters, digits, dots and dashes.
    pub name: String,
    /// Its type, such as `application/json`.
    pub mime: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A letter to one person, ready to go.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceLetter {
    /// The address.
    pub to: String,
    /// The language it is written in, BCP 47.
    pub lang: &'static str,
    /// One line.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// What goes along.
    pub attachments: Vec<Attachment>,
    /// `Message-ID` without its brackets.
    pub message_id: String,
    /// `Date`.
    pub date: Timestamp,
}

/// Names no person, so that it may stand in a log line.
impl std::fmt::Debug for ServiceLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServiceLetter({})", self.message_id)
    }
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// It was refused for good; the server's code, or our own word for it.
    Refused(String),
    /// It was put off; the server's code.
    Deferred(String),
    /// The connection broke before the letter was handed over: it did not arrive.
    Lost,
    /// It was handed over and no answer came: it may have arrived.
    Unknown,
    /// The server cannot be reached, or refuses us altogether; why, without any address.
    Down(String),
}

/// Where letters go.
pub struct Outbox {
    sender: Service,
    transport: Transport,
}

enum Transport {
    Smtp(Box<Smtp>),
    Directory(PathBuf),
    Memory(Mutex<Vec<ServiceLetter>>),
}

impl Outbox {
    /// The outbox that the configuration asks for.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let transport = match &config.mail.server {
            Some(server) => {
                Transport::Smtp(Box::new(Smtp::new(server.clone(), Timing::default())?))
            }
            None => Transport::Directory(config.data_dir.join("letters")),
        };
        Ok(Self {
            sender: Service::of(config)?,
            transport,
        })
    }

    /// An outbox that speaks SMTP with other time limits: for tests that cannot wait.
    ///
    /// # Errors
    /// When there is no server in the configuration, or no TLS on this machine.
    pub fn with_timing(config: &Config, timing: Timing) -> anyhow::Result<Self> {
        let server = config.mail.server.clone();
        let server = server.ok_or_else(|| anyhow::anyhow!("SMTP_URL is not set"))?;
        Ok(Self {
            sender: Service::of(config)?,
            transport: Transport::Smtp(Box::new(Smtp::new(server, timing)?)),
        })
    }

    /// An outbox that keeps letters in memory: for tests.
    ///
    /// # Errors
    /// Never in fact; as the others.
    pub fn memory(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            sender: Service::of(config)?,
            transport: Transport::Memory(Mutex::default()),
        })
    }

    /// What an outbox in memory holds; empty for any other.
    #[must_use]
    pub fn kept(&self) -> Vec<ServiceLetter> {
        match &self.transport {
            Transport::Memory(kept) => kept.lock().map(|kept| kept.clone()).unwrap_or_default(),
            Transport::Smtp(_) | Transport::Directory(_) => Vec::new(),
        }
    }

    /// Sends one letter.
    pub async fn send(&self, letter: &ServiceLetter) -> Outcome {
        let message = match message::build(&self.sender, letter) {
            Ok(message) => message,
            Err(what) => return Outcome::Refused(what.to_owned()),
        };
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(&message).await,
            Transport::Directory(folder) => {
                directory::keep(folder, &letter.message_id, &message.formatted()).await
            }
            Transport::Memory(kept) => {
                if let Ok(mut kept) = kept.lock() {
                    kept.push(letter.clone());
                }
                Outcome::Sent
            }
        }
    }

    /// Ends the connection to the mail server, if one is open: nothing is left to send.
    pub async fn disconnect(&self) {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.disconnect().await,
            Transport::Directory(_) | Transport::Memory(_) => {}
        }
    }

    /// Whether a letter would be taken, for `accord doctor`; speaks to the mail server without
    /// sending anything. Without a server there is nothing to ask.
    ///
    /// # Errors
    /// What is wrong and what to do about it.
    pub async fn check(&self) -> Result<(), String> {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.check(&self.sender.from).await,
            Transport::Directory(_) | Transport::Memory(_) => Ok(()),
        }
    }
}
