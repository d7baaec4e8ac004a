//! A change: one transaction, within the scope of its grant, with the events that tell of it. The
//! events are written last and together with the change, so there is never the one without the other.

use std::ops::Deref;
use std::sync::Arc;

use sea_orm::sea_query::InsertStatement;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::added::Added;
use super::bulk::{self, Form};
use super::writer::Writer;
use super::{Reader, Sightings, on_taken};
use crate::error::{Error, Result};
use crate::event::{self, Draft};

/// A change in progress. Dropping it undoes it.
pub struct Tx {
    reader: Reader,
    rows: Vec<Added>,
    events: Vec<Draft>,
    tells: bool,
    changes_rosters: bool,
    committed: Arc<Notify>,
}

/// Who has read a roster knows by this that it may be another.
const COUNT_UP: &str = "UPDATE roster_version SET version = version + 1";
/// So many events are written with the rows of a change, as rows like those.
const FEW: usize = 8;
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
        let (rows, events) = (Vec::new(), Vec::new());
        Self { reader, rows, events, tells: false, changes_rosters: false, committed }
    }

    /// The same change, which notes there what staff are shown.
    pub fn noting(self, sightings: Arc<Sightings>) -> Self {
        Self { reader: self.reader.noting(sightings), ..self }
    }

    /// Notes a row to be added; it is written at the end, so the change itself does not see it.
    pub fn add<A: ActiveModelTrait>(&mut self, row: A) {
        self.add_all([row]);
    }

    /// Notes rows of one table, which all set the same columns, to be added with one statement.
    pub fn add_all<A: ActiveModelTrait>(&mut self, rows: impl IntoIterator<Item = A>) {
        self.rows.extend(Added::of(rows));
    }

    /// Notes what happened; it is written with the change.
    pub fn record(&mut self, event: Draft) {
        self.tells = true;
        self.changes_rosters |= event.kind.changes_rosters();
        self.events.push(event);
    }

    /// Makes the change and its events last.
    pub async fn commit(mut self) -> Result<()> {
        self.write().await?;
        if self.changes_rosters {
            // Last: all such changes wait for each other here.
            self.execute_unprepared(COUNT_UP).await?;
        }
        self.reader.commit().await?;
        if self.tells {
            self.committed.notify_one();
        }
        Ok(())
    }

    /// Makes a change of one statement last, which needs no transaction where it lasts by itself, and tells how many
    /// rows it wrote.
    pub async fn only(self, insert: &InsertStatement) -> Result<u64> {
        let statement = self.backend().build(insert);
        let written = self.reader.sent().execute_last(statement).await?.rows_affected();
        self.reader.commit().await?;
        Ok(written)
    }

    /// Adds the rows and events that were noted. PostgreSQL checks foreign keys at the end of a statement,
    /// so one statement takes rows of several tables and saves round trips; SQLite has none to save.
    async fn write(&mut self) -> Result<()> {
        if self.events.len() > FEW {
            self.write_events().await?;
        }
        let events = std::mem::take(&mut self.events);
        self.add_all(events.into_iter().map(event::row));
        let rows = std::mem::take(&mut self.rows);
        if self.backend() != DbBackend::Postgres {
            for row in rows {
                let mut writer = Writer::new(self.backend());
                row.write(&mut writer);
                let written = self.reader.sent().execute(writer.statement()).await;
                on_taken(written, "idempotency", "caller_id", Error::unavailable)?;
            }
            return Ok(());
        }
        let Some(statement) = together(rows) else { return Ok(()) };
        let sent = self.reader.sent();
        let written = match self.changes_rosters {
            true => sent.execute(statement).await,
            false => sent.execute_last(statement).await,
        };
        on_taken(written, "idempotency", "pkey", Error::unavailable)?;
        Ok(())
    }

    /// Writes the events that were noted so far, so that a change of very many rows need not keep it all in memory.
    pub async fn write_events(&mut self) -> Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        let events: Vec<_> = std::mem::take(&mut self.events).into_iter().map(row).collect();
        let append = bulk::statement(self.backend(), APPEND, &EVENT, &events, [])?;
        self.execute_raw(append).await?;
        Ok(())
    }
}

/// One statement that adds everything on PostgreSQL, beginning with the first.
fn together(rows: Vec<Added>) -> Option<Statement> {
    let mut rows = rows.into_iter();
    let first = rows.next()?;
    let mut writer = Writer::new(DbBackend::Postgres);
    for (nth, others) in rows.enumerate() {
        writer.text(if nth == 0 { "WITH added_" } else { "), added_" });
        writer.number(nth as u64);
        writer.text(" AS (");
        others.write(&mut writer);
    }
    if !writer.is_empty() {
        writer.text(") ");
    }
    first.write(&mut writer);
    Some(writer.statement())
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.reader.sent().execute(self.reader.stated(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.reader.sent().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.reader.sent().query_all(self.reader.stated(statement)).await
    }
}
