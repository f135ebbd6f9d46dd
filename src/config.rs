//! The environment, read once, as typed values.
//!
//! Every error is reported together and by name before anything starts, and
//! no message repeats the value of a secret. What each variable means is in
//! `.env.example`, which a test reads with this very code.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use chrono_tz::Tz;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use thiserror::Error;
use url::Url;

use crate::domain::addresses;
use crate::domain::api_keys::ApiKeys;
use crate::domain::guessable::{self, Weakness};
use crate::domain::hosts::Hosts;
use crate::domain::time::period;

mod database;
mod env_file;
pub mod mail;
pub use database::{Database, Server};
use mail::Mail;

/// A key that wraps all others: 32 bytes.
pub type MasterKey = SecretBox<[u8; 32]>;

/// The business that answers for personal data. Nothing of it is needed to start.
#[derive(Clone, Debug, Default)]
pub struct Publisher {
    /// Its name.
    pub name: Option<String>,
    /// For instance "individual entrepreneur".
    pub legal_form: Option<String>,
    /// Tax number.
    pub tax_number: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Web site.
    pub site: Option<String>,
    /// Support mailbox.
    pub mailbox: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Everything that can be set from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the service.
    pub listen: SocketAddr,
    /// How browsers and amoCRM reach it; no trailing slash.
    pub public_url: String,
    /// SQLite file and generated key.
    pub data_dir: PathBuf,
    /// Which database.
    pub database: Database,
    /// The first encrypts, all decrypt; empty means: generated in the data directory.
    pub master_keys: std::sync::Arc<[MasterKey]>,
    /// Who answers for the data.
    pub publisher: Publisher,
    /// The zone in which working days are counted.
    pub time_zone: Tz,
    /// Which calendar of working days.
    pub calendar: String,
    /// Where accounts may live.
    pub hosts: Hosts,
    /// The authorize page of the button flow; else by the host of the Product.
    pub authorize_url: Option<Url>,
    /// How long an outdated consent still entitles.
    pub reconsent_grace: TimeDelta,
    /// Outgoing mail.
    pub mail: Mail,
    /// By which the Publisher's back ends are known; none: nobody is let in.
    pub api_keys: ApiKeys,
    /// Filter of `tracing`.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
}

/// All that is wrong with the environment, each line beginning with the variable's name.
#[derive(Debug)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the configuration cannot be used:\n  {}",
            self.0.join("\n  ")
        )
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads the process's environment, and `.env` of the working directory (of no other) for
    /// what it lacks.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every variable that cannot be used.
    pub fn from_env() -> Result<Self, ConfigErrors> {
        let unusable = env_file::load(Path::new(".env")).err();
        Self::read(|name| std::env::var(name).ok(), unusable)
    }

    /// Reads variables through `lookup`.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        Self::read(lookup, None)
    }

    fn read(
        lookup: impl Fn(&str) -> Option<String>,
        already: Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let mut from = EnvReader {
            lookup: &lookup,
            errors: already.into_iter().collect(),
        };
        let data_dir = PathBuf::from(
            from.text("ACCORD_DATA_DIR")
                .unwrap_or_else(|| "data".to_owned()),
        );
        let hosts = from.parsed(
            "AMOCRM_HOSTS",
            "https://amocrm.ru,https://amocrm.com,https://kommo.com",
            |v| Hosts::parse(v).map_err(|e| e.to_string()),
        );
        let authorize_url = from.address("AMOCRM_AUTHORIZE_URL", addresses::authorize_page);
        let database = from.database(&data_dir);
        let master_keys = from.master_keys();
        let no_key = master_keys.as_ref().is_some_and(Vec::is_empty);
        if matches!(database, Some(Database::Postgres(_))) && no_key {
            from.error(
                "ACCORD_MASTER_KEY",
                "is required with PostgreSQL: 32 bytes in base64 (openssl rand -base64 32)",
            );
        }
        let config = Self {
            listen: from
                .parsed("ACCORD_LISTEN", "127.0.0.1:8080", |v| {
                    v.parse()
                        .map_err(|_| "is not an address like 127.0.0.1:8080".to_owned())
                })
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: from
                .parsed("ACCORD_PUBLIC_URL", "http://localhost:8080", |v| {
                    addresses::public(v).map_err(|e| e.to_string())
                })
                .unwrap_or_default(),
            publisher: from.publisher(),
            time_zone: from
                .parsed("ACCORD_PUBLISHER_TIME_ZONE", "Asia/Bishkek", |v| {
                    v.parse()
                        .map_err(|_| "is not a zone like Asia/Bishkek".to_owned())
                })
                .unwrap_or(Tz::UTC),
            calendar: from
                .text("ACCORD_PUBLISHER_CALENDAR")
                .unwrap_or_else(|| "kg".to_owned()),
            reconsent_grace: from
                .parsed("ACCORD_RECONSENT_GRACE", "P14D", |v| {
                    period(v).ok_or_else(|| "is not a period like P14D".to_owned())
                })
                .unwrap_or_default(),
            mail: from.mail(),
            api_keys: from.api_keys(),
            log: from.text("ACCORD_LOG").unwrap_or_else(|| "info".to_owned()),
            log_format: from
                .parsed("ACCORD_LOG_FORMAT", "text", |v| match v {
                    "text" => Ok(LogFormat::Text),
                    "json" => Ok(LogFormat::Json),
                    _ => Err("is text or json".to_owned()),
                })
                .unwrap_or(LogFormat::Text),
            database: database.unwrap_or_else(|| Database::Sqlite(data_dir.join("accord.db"))),
            authorize_url,
            master_keys: master_keys.unwrap_or_default().into(),
            hosts: match hosts {
                Some(hosts) => hosts,
                None => return Err(ConfigErrors(from.errors)),
            },
            data_dir,
        };
        if from.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(from.errors))
        }
    }
}

impl Config {
    /// Whether the service is reached on this machine only, as in the demo and in tests.
    #[must_use]
    pub fn on_loopback(&self) -> bool {
        Url::parse(&self.public_url).is_ok_and(|url| addresses::is_loopback(&url))
    }

    /// The right-hand side of our letters' `Message-ID`s.
    #[must_use]
    pub fn mail_domain(&self) -> String {
        let from = self.mail.from.as_ref();
        from.map(|from| from.email.domain().to_owned())
            .or_else(|| {
                Url::parse(&self.public_url)
                    .ok()?
                    .host_str()
                    .map(str::to_owned)
            })
            .unwrap_or_else(|| "localhost".to_owned())
    }
}

/// Reads variables and gathers what is wrong with them.
struct EnvReader<'a, F> {
    lookup: &'a F,
    errors: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> EnvReader<'_, F> {
    fn error(&mut self, name: &str, what: &str) {
        self.errors.push(format!("{name} {what}"));
    }

    /// An empty variable is an unset one, as in a commented `.env`.
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|v| !v.trim().is_empty())
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.text(name).unwrap_or_else(|| default.to_owned());
        parse(value.trim())
            .map_err(|what| self.error(name, &what))
            .ok()
    }

    /// A secret from `NAME`, or from the file that `NAME_FILE` names.
    fn secret(&mut self, name: &str) -> Option<SecretString> {
        let file_name = format!("{name}_FILE");
        match (self.text(name), self.text(&file_name)) {
            (Some(_), Some(_)) => {
                self.error(name, &format!("and {file_name} are both set: use one"));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned().into()),
                Err(e) => {
                    self.error(&file_name, &format!("cannot be read: {}", e.kind()));
                    None
                }
            },
            (None, None) => None,
        }
    }

    fn database(&mut self, data_dir: &Path) -> Option<Database> {
        let connections = self
            .parsed(
                "ACCORD_DATABASE_CONNECTIONS",
                &Server::CONNECTIONS.to_string(),
                database::connections,
            )
            .unwrap_or(Server::CONNECTIONS);
        let address = self.secret("DATABASE_URL");
        database::database(address.as_ref(), connections, data_dir)
            .map_err(|what| self.error("DATABASE_URL", what))
            .ok()
    }

    /// `None` when one of them cannot be used.
    fn master_keys(&mut self) -> Option<Vec<MasterKey>> {
        let Some(list) = self.secret("ACCORD_MASTER_KEY") else {
            return Some(Vec::new());
        };
        let keys: Result<Vec<MasterKey>, BadKey> = list
            .expose_secret()
            .split(',')
            .map(|k| master_key(k.trim()))
            .collect();
        keys.map_err(|bad| self.error("ACCORD_MASTER_KEY", &format!("holds a key that {bad}")))
            .ok()
    }

    fn api_keys(&mut self) -> ApiKeys {
        let Some(list) = self.secret("ACCORD_API_KEYS") else {
            return ApiKeys::default();
        };
        ApiKeys::parse(list.expose_secret()).unwrap_or_else(|what| {
            self.error("ACCORD_API_KEYS", &what.to_string());
            ApiKeys::default()
        })
    }

    fn mail(&mut self) -> Mail {
        let server = self.secret("SMTP_URL").map(|url| mail::server(&url));
        let from = self.text("MAIL_FROM").map(|v| v.trim().parse::<Mailbox>());
        if matches!(from, Some(Err(_))) {
            self.error(
                "MAIL_FROM",
                "is not an address like Rose Widgets <widgets@example.com>",
            );
        }
        match &server {
            Some(Err(what)) => self.error("SMTP_URL", what),
            Some(Ok(_)) if from.is_none() => self.error(
                "MAIL_FROM",
                "is required with SMTP_URL: the address that letters come from",
            ),
            Some(Ok(_)) | None => {}
        }
        Mail {
            server: server.and_then(Result::ok),
            from: from.and_then(Result::ok),
        }
    }

    /// An address, if one is set.
    fn address<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, addresses::BadAddress>,
    ) -> Option<T> {
        let value = self.text(name)?;
        read(value.trim())
            .map_err(|fault| self.error(name, &fault.to_string()))
            .ok()
    }

    fn publisher(&mut self) -> Publisher {
        let site = self.address("ACCORD_PUBLISHER_SITE", addresses::site);
        let part = |name: &str| self.text(&format!("ACCORD_PUBLISHER_{name}"));
        Publisher {
            name: part("NAME"),
            legal_form: part("LEGAL_FORM"),
            tax_number: part("TAX_NUMBER"),
            address: part("ADDRESS"),
            site,
            mailbox: part("MAILBOX"),
        }
    }
}

/// Why a master key cannot be used. Repeats nothing of it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadKey {
    /// It has another form.
    #[error("is not 32 bytes in base64 (several keys: comma separated)")]
    Form,
    /// It is known, or somebody can guess it.
    #[error("{0}, which can be guessed: openssl rand -base64 32 makes one")]
    Guessable(Weakness),
}

/// Reads one master key: 32 random bytes in base64. The keys that stand in examples are text, so
/// that they are refused with all others of their kind.
///
/// # Errors
/// [`BadKey`], without the key.
pub fn master_key(text: &str) -> Result<MasterKey, BadKey> {
    let bytes = STANDARD.decode(text).map_err(|_| BadKey::Form)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| BadKey::Form)?;
    match guessable::of_bytes(&bytes) {
        Some(weakness) => Err(BadKey::Guessable(weakness)),
        None => Ok(SecretBox::new(Box::new(bytes))),
    }
}

#[cfg(test)]
mod tests;
