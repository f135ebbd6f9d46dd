//! What others write is seen here, so that nobody is told from memory what is not so any more.
//!
//! On SQLite all our writing goes through one connection, and `PRAGMA data_version` there changes
//! when anybody else wrote. On PostgreSQL whoever changes something says so in the transaction
//! (`NOTIFY`), and a connection of its own listens. It also sends a message to itself a few times a
//! second: only its return proves that messages still arrive, whatever stands between us and the
//! server. While there is no such proof, everything is read from the database (`cache/fresh.rs`).

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use sqlx::postgres::{PgListener, PgNotification};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::cache::{Change, TRUSTED};
use super::{PATIENCE, Store};
use crate::domain::ids::InstallId;

/// The channel that all our processes listen to.
const CHANNEL: &str = "accord_changes";
/// What a message says that changes nothing.
const PING: &str = "ping";
/// How often the database is asked whether memory still holds. What another process writes is
/// seen that much later on SQLite, and at once on PostgreSQL.
const EVERY: Duration = Duration::from_millis(100);
/// A message may have 8,000 bytes; an Install takes 33 of them.
const MOST_INSTALLS: usize = 200;

/// Whether anybody else wrote to a SQLite file.
#[derive(Default)]
pub(super) struct DataVersion {
    /// How many connections were opened for writing: each counts versions for itself.
    pub(super) opened: AtomicU64,
    last: Mutex<Option<(u64, i64)>>,
}

impl DataVersion {
    /// Asks the connection that writes. Returns whether anybody else wrote since the last time.
    async fn changed(&self, connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let pragma = Statement::from_string(
            connection.get_database_backend(),
            "PRAGMA data_version".to_owned(),
        );
        let row = connection.query_one_raw(pragma).await?;
        let version: i64 = match row {
            Some(row) => row.try_get_by_index(0)?,
            None => return Ok(true),
        };
        let now = Some((self.opened.load(Ordering::SeqCst), version));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::replace(&mut *last, now) != now)
    }
}

/// What this process says on the channel.
pub(super) struct Channel {
    instance: Uuid,
    next: AtomicU64,
    /// Messages of commits that ended without an answer: only if the message comes did they come
    /// to pass.
    in_doubt: Mutex<HashSet<u64>>,
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            instance: Uuid::new_v4(),
            next: AtomicU64::new(0),
            in_doubt: Mutex::default(),
        }
    }
}

impl Channel {
    /// Says in a transaction what it changes. Returns the message's number.
    pub(super) async fn say(
        &self,
        tx: &impl ConnectionTrait,
        changes: &[Change],
    ) -> Result<u64, DbErr> {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let text = format!("{} {number} {}", self.instance.simple(), text(changes));
        let values: [Value; 2] = [CHANNEL.into(), text.into()];
        let say = "SELECT pg_notify($1, $2)";
        let say = Statement::from_sql_and_values(tx.get_database_backend(), say, values);
        tx.execute_raw(say).await?;
        Ok(number)
    }

    /// The commit of that message ended without an answer.
    pub(super) fn doubt(&self, number: u64) {
        self.in_doubt().insert(number);
    }

    /// A message that says nothing but that messages arrive.
    fn ping(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        format!("{} {number} {PING}", self.instance.simple())
    }

    /// What a message changed, as far as this process does not know it already.
    fn news(&self, message: &str) -> Vec<Change> {
        let mut words = message.split(' ');
        let from = words.next().and_then(|word| Uuid::try_parse(word).ok());
        let number = words.next().and_then(|word| word.parse().ok());
        let (Some(from), Some(number)) = (from, number) else {
            // Somebody else's words, or a newer version's.
            return vec![Change::Everything];
        };
        if from == self.instance && !self.in_doubt().remove(&number) {
            return Vec::new();
        }
        words.filter(|word| *word != PING).map(change).collect()
    }

    fn in_doubt(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(changes: &[Change]) -> String {
    if changes.len() > MOST_INSTALLS {
        return "*".to_owned();
    }
    let words = changes.iter().map(|change| match change {
        Change::Install(install) => install.0.simple().to_string(),
        Change::Products => "p".to_owned(),
        Change::Everything => "*".to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn change(word: &str) -> Change {
    match (word, Uuid::try_parse(word)) {
        ("p", _) => Change::Products,
        (_, Ok(install)) => Change::Install(InstallId(install)),
        _ => Change::Everything,
    }
}

impl Store {
    /// Keeps what is in memory true, for as long as it is polled. Without it everything is read
    /// from the database.
    pub async fn watch(self) {
        let mut told = false;
        loop {
            let asked = Instant::now();
            let seen = if self.is_sqlite() {
                self.look(&self.write.inner).await
            } else {
                // Returns when there is nothing to listen to any more.
                self.listen().await
            };
            // Said once: a database that is away is asked again ten times a second. Whoever listened
            // for longer than any try takes had heard something.
            told &= asked.elapsed() < PATIENCE * 2;
            match seen {
                Err(e) if !told => {
                    tracing::warn!("what others write is not seen, so all is read anew: {e}");
                    told = true;
                }
                Err(_) => {}
                Ok(()) => told = false,
            }
            tokio::time::sleep_until(asked + EVERY).await;
        }
    }

    /// Looks whether anybody else wrote to the SQLite file; on PostgreSQL it does nothing.
    pub(super) async fn look(&self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.is_sqlite() {
            let asked = Instant::now();
            let changed = self.data_version.changed(connection).await?;
            self.cache.looked(asked, changed);
        }
        Ok(())
    }

    async fn listen(&self) -> Result<(), DbErr> {
        let Some(pool) = &self.listens else {
            return Ok(());
        };
        let pool = pool.get_postgres_connection_pool();
        let mut listener = in_time(Instant::now() + PATIENCE, async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            Ok(listener)
        })
        .await?;
        // What was said before somebody listened was not heard.
        self.cache.clear();
        loop {
            let asked = Instant::now();
            let ping = self.channel.ping();
            let say = sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(&ping)
                .execute(&mut listener);
            in_time(asked + TRUSTED, say).await?;
            while self.hear(in_time(asked + TRUSTED, listener.try_recv()).await?)? != ping {}
            self.cache.looked(asked, false);
            while let Ok(heard) = timeout_at(asked + EVERY, listener.try_recv()).await {
                self.hear(heard.map_err(broken)?)?;
            }
        }
    }

    /// Forgets what a message changed. Returns the message.
    fn hear(&self, heard: Option<PgNotification>) -> Result<String, DbErr> {
        let message = heard.ok_or_else(silent)?;
        self.cache.forget(&self.channel.news(message.payload()));
        Ok(message.payload().to_owned())
    }
}

async fn in_time<T>(
    until: Instant,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, DbErr> {
    let answer = timeout_at(until, answer).await.map_err(|_| silent())?;
    answer.map_err(broken)
}

fn silent() -> DbErr {
    DbErr::Custom("the connection that listens is gone".to_owned())
}

fn broken(e: sqlx::Error) -> DbErr {
    DbErr::Custom(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_news_to_others_and_to_us_only_when_its_commit_was_in_doubt() {
        let (ours, theirs) = (Channel::default(), Channel::default());
        let install = Change::Install(InstallId(Uuid::from_u128(7)));
        let all = [install, Change::Products, Change::Everything];
        let message = format!("{} 3 {}", ours.instance.simple(), text(&all));
        assert_eq!(theirs.news(&message), all);
        assert!(ours.news(&message).is_empty());
        ours.doubt(3);
        assert_eq!(ours.news(&message), all);
        assert!(ours.news(&message).is_empty());
        assert!(theirs.news(&ours.ping()).is_empty());
        for strange in ["", "hello", "hello 3 p"] {
            assert_eq!(ours.news(strange), [Change::Everything], "{strange:?}");
        }
    }

    #[test]
    fn a_message_is_never_longer_than_the_server_takes() {
        let install = Change::Install(InstallId(Uuid::from_u128(7)));
        for count in [1, MOST_INSTALLS, MOST_INSTALLS + 1, 10_000] {
            let text = text(&vec![install; count]);
            assert!(text.len() + 60 < 8_000, "{count}: {}", text.len());
        }
    }
}
