//! A change: one transaction, within the scope of its grant, with the events that tell of it. The
//! events are written last and together with the change, so there is never the one without the other.

use std::ops::Deref;
use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use tokio::sync::Notify;

use super::Reader;
use crate::error::Result;
use crate::event::{self, Draft};

/// A change in progress. Dropping it undoes it.
pub struct Tx {
    reader: Reader,
    events: Vec<Draft>,
    committed: Arc<Notify>,
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Tx {
    pub(super) fn new(reader: Reader, committed: Arc<Notify>) -> Self {
        Self { reader, events: Vec::new(), committed }
    }

    /// Notes what happened; it is written with the change.
    pub fn record(&mut self, event: Draft) {
        self.events.push(event);
    }

    /// Makes the change and its events last.
    pub async fn commit(mut self) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        let tells = !events.is_empty();
        event::append(&self, events).await?;
        self.reader.commit().await?;
        if tells {
            self.committed.notify_one();
        }
        Ok(())
    }

    fn transaction(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.reader.sent();
        self.reader.transaction()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.transaction()?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.transaction()?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.transaction()?.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction()?.query_all_raw(statement).await
    }
}
