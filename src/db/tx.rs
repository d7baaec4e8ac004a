//! A change: one transaction, within the scope of its grant, with the events that tell of it. The
//! events are written last and together with the change, so there is never the one without the other.

use std::ops::Deref;
use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::Reader;
use super::bulk::{self, Form};
use crate::error::Result;
use crate::event::Draft;

/// A change in progress. Dropping it undoes it.
pub struct Tx {
    reader: Reader,
    events: Vec<Draft>,
    tells: bool,
    committed: Arc<Notify>,
}

/// A JSON null is no value to PostgreSQL, but a detail.
const APPEND: &str = "INSERT INTO event (at, kind, village_code, township_code, household_id, subject_id, detail) \
    SELECT at, kind, village_code, township_code, household_id, subject_id, coalesce(detail, 'null') \
    FROM {given}";
const EVENT: [(&str, Form); 7] = [
    ("at", Form::Moment),
    ("kind", Form::Text),
    ("village_code", Form::Text),
    ("township_code", Form::Text),
    ("household_id", Form::Id),
    ("subject_id", Form::Id),
    ("detail", Form::Json),
];

#[derive(Serialize)]
struct EventRow {
    at: String,
    kind: String,
    village_code: Option<String>,
    township_code: Option<String>,
    household_id: Option<Uuid>,
    subject_id: Uuid,
    detail: serde_json::Value,
}

fn row(draft: Draft) -> EventRow {
    let (village_code, township_code) = draft.place.unzip();
    EventRow {
        at: bulk::moment(&draft.at),
        kind: draft.kind.stored(),
        village_code,
        township_code,
        household_id: draft.household_id,
        subject_id: draft.subject_id,
        detail: draft.detail,
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Tx {
    pub(super) fn new(reader: Reader, committed: Arc<Notify>) -> Self {
        Self { reader, events: Vec::new(), tells: false, committed }
    }

    /// Notes what happened; it is written with the change.
    pub fn record(&mut self, event: Draft) {
        self.events.push(event);
    }

    /// Makes the change and its events last.
    pub async fn commit(mut self) -> Result<()> {
        self.write_events().await?;
        self.reader.commit().await?;
        if self.tells {
            self.committed.notify_one();
        }
        Ok(())
    }

    /// Writes what was noted so far, so that a change of very many rows need not keep it all in memory.
    pub async fn write_events(&mut self) -> Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        self.tells = true;
        let rows: Vec<EventRow> = std::mem::take(&mut self.events).into_iter().map(row).collect();
        let append = bulk::statement(self.backend(), APPEND, &EVENT, &rows, [])?;
        self.execute_raw(append).await?;
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
