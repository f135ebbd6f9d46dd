//! Every question to PostgreSQL has an end.
//!
//! The server is told to give up by itself (`connect.rs`), which ends most waits. This is for
//! the others: a server that says nothing at all any more, and a transaction that waits for one
//! lock after another. SQLite answers in this process and needs none of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::time::{Instant, timeout_at};

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// Whatever it takes.
    None,
    /// So long for each question.
    Each(Duration),
    /// For all of them together until then.
    Until(Instant),
}

impl Limit {
    /// The answer, unless it comes too late.
    pub(super) async fn hold<T>(
        self,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let until = match self {
            Self::None => return answer.await,
            Self::Each(patience) => Instant::now() + patience,
            Self::Until(until) => until,
        };
        timeout_at(until, answer)
            .await
            .unwrap_or_else(|_| Err(no_answer()))
    }

    /// The same with at least so long from now on.
    pub(super) fn at_least(self, patience: Duration) -> Self {
        match self {
            Self::Until(until) => Self::Until(until.max(Instant::now() + patience)),
            Self::None | Self::Each(_) => self,
        }
    }
}

fn no_answer() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("no answer in time".to_owned()))
}

/// A connection, a pool or a transaction that is not waited for without end.
#[derive(Clone, Debug)]
pub struct Bounded<C> {
    pub(super) inner: C,
    pub(super) limit: Limit,
    /// How many questions were asked.
    pub(super) asked: Arc<AtomicU64>,
}

impl<C> Bounded<C> {
    /// The answer to one more question, unless it comes too late.
    async fn ask<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.limit.hold(answer).await
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.ask(self.inner.execute_raw(stmt)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ask(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(self.inner.query_one_raw(stmt)).await
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(self.inner.query_all_raw(stmt)).await
    }
}
