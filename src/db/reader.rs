//! Reads rows within a scope. A statement starts with [`Reader::select`], which puts the scope's
//! condition in, and ends with [`Reader::rows`], which takes nothing else.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{DbBackend, DbErr, QueryResult, Statement};

use super::Connection;
use super::area::{self, Column, Place};
use super::keys::{self, FirstRows, Key, Sort};
use super::lookup;
use super::sighting::{Sighting, Sightings};
use super::template::{Shape, Statements, Template};
use super::villages::{self, InVillages};
use super::writer::Writer;
use crate::access::{Act, Scope};
use crate::crypt::Keyring;
use crate::error::Result;
use crate::event::{self, Kind, Part, Position};

/// A SELECT whose rows lie within the reader's scope.
#[derive(Clone, Debug)]
pub struct Scoped(SelectStatement);

impl Deref for Scoped {
    type Target = SelectStatement;

    fn deref(&self) -> &SelectStatement {
        &self.0
    }
}

impl DerefMut for Scoped {
    fn deref_mut(&mut self) -> &mut SelectStatement {
        &mut self.0
    }
}

/// Reads what one caller may see under one act.
pub struct Reader {
    connection: Arc<Connection>,
    backend: DbBackend,
    scope: Scope,
    keyring: Arc<Keyring>,
    statements: Arc<Statements>,
    below: bool,
    sightings: Option<Arc<Sightings>>,
}

impl Reader {
    pub(super) fn new(
        connection: Arc<Connection>,
        backend: DbBackend,
        scope: Scope,
        keyring: Arc<Keyring>,
        statements: Arc<Statements>,
    ) -> Self {
        Self { connection, backend, scope, keyring, statements, below: false, sightings: None }
    }

    /// The same, for rows that are found below their parents: the scope only says which of them are
    /// shown. Otherwise PostgreSQL may go through everything that lies within the scope.
    pub fn below_parents(self) -> Self {
        Self { below: self.backend == DbBackend::Postgres, ..self }
    }

    /// The same, which notes there what staff are shown, so that it can be written down.
    pub fn noting(self, sightings: Arc<Sightings>) -> Self {
        Self { sightings: Some(sightings), ..self }
    }

    /// Notes what the caller is shown, when that is a member of staff.
    pub fn shows(&self, sighting: Sighting) {
        if let Some(sightings) = &self.sightings
            && self.scope.actor().role.of_staff().is_some()
        {
            sightings.note(sighting);
        }
    }

    /// The scope that every row lies in.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The keys that open personal data.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Whether the caller sees personal data in full here.
    pub fn reveals(&self) -> bool {
        self.scope.covers(Act::RevealContact)
    }

    /// Narrows `select` to the rows that lie within the scope.
    pub fn select(&self, select: SelectStatement, place: Place) -> Scoped {
        let mut select = select;
        if let Some(condition) = area::condition(&self.scope, place, self.backend) {
            // No index answers IS TRUE.
            select.and_where(Expr::cust(if self.below {
                format!("({condition}) IS TRUE")
            } else {
                condition
            }));
        }
        Scoped(select)
    }

    /// The first `limit` rows of `select`. The limit stands in the text, where the plan sees it.
    pub async fn first_rows(&self, select: &Scoped, limit: u64) -> Result<Vec<QueryResult>> {
        let mut sql = Writer::new(self.backend);
        sql.select(select);
        sql.text(" LIMIT ");
        sql.number(limit);
        Ok(self.send(sql.statement()).await?)
    }

    /// The column of a row's village, when lists of such rows are looked for village by village.
    pub fn by_village(&self, place: Place) -> Option<Column> {
        area::village(&self.scope, place).filter(|_| self.backend == DbBackend::Postgres)
    }

    /// The first rows of a list, looked for village by village.
    pub async fn first_in_villages(&self, list: InVillages<'_>) -> Result<Vec<QueryResult>> {
        Ok(self.send(villages::first(list)).await?)
    }

    /// How the database goes about the first `limit` rows of `select`, in its own words.
    pub async fn plan(&self, select: &Scoped, limit: u64) -> Result<String> {
        self.explain(format!("{} LIMIT {limit}", self.backend.build(&select.0))).await
    }

    /// How the database goes about a statement, in its own words: PostgreSQL runs it for that, and says what it cost.
    pub async fn explain(&self, sql: String) -> Result<String> {
        let explain = match self.backend {
            DbBackend::Postgres => "EXPLAIN (ANALYZE, BUFFERS)",
            _ => "EXPLAIN QUERY PLAN",
        };
        let sql = format!("{explain} {sql}");
        let rows = self.send(Statement::from_string(self.backend, sql)).await?;
        let told = |row: &QueryResult| match self.backend {
            DbBackend::Postgres => row.try_get_by_index::<String>(0),
            _ => row.try_get_by_index::<String>(3),
        };
        Ok(rows.iter().map(told).collect::<Result<Vec<_>, DbErr>>()?.join("\n"))
    }

    /// The rows of `select`.
    pub async fn rows(&self, select: &Scoped) -> Result<Vec<QueryResult>> {
        Ok(self.send(self.written(select)).await?)
    }

    /// The first `limit` rows of `select` for each of `keys`, in the order of `sort`: those rows of
    /// which `parent` equals the key. Each row starts with its key. One statement for all keys.
    pub async fn rows_per_key(
        &self,
        select: &Scoped,
        parent: Column,
        keys: &[Key],
        sort: &Sort,
        limit: u64,
    ) -> Result<Vec<QueryResult>> {
        let statement = keys::per_key(select, parent, keys, sort, limit, self.backend);
        Ok(self.send(statement).await?)
    }

    /// The row of the object with this key, once beside each of the first rows of a list, which are led by a 1, or once
    /// beside nulls when the list is empty; the row alone, when there is no list. `write` names the key
    /// ([`area::is_named`]), and is not done again for an equal `shape` within such a scope.
    pub async fn rows_about(
        &self,
        key: &Key,
        shape: Arc<dyn Shape>,
        write: impl Fn() -> Result<(Scoped, Option<FirstRows>)>,
    ) -> Result<Vec<QueryResult>> {
        let template = self.statements.template(&self.scope, self.below, shape, || {
            let (one, list) = write()?;
            Ok(self.template(match list {
                Some(list) => keys::beside(&one, &list, self.backend),
                None => self.written(&one),
            }))
        })?;
        let statement = template.into_statement(&self.scope, Some(key));
        Ok(Box::pin(self.sent().query_all(statement)).await?)
    }

    /// The row of the service's own that `one` reads, beside the first row of `list`.
    pub(super) async fn row_beside(
        &self,
        one: &SelectStatement,
        list: &FirstRows,
    ) -> Result<Option<QueryResult>> {
        Ok(self.send(keys::beside(one, list, self.backend)).await?.into_iter().next())
    }

    /// How many rows of `select` there are for each of `keys`. Each row is a key and its count.
    pub async fn count_per_key(
        &self,
        select: &Scoped,
        parent: Column,
        keys: &[Key],
    ) -> Result<Vec<QueryResult>> {
        Ok(self.send(keys::count_per_key(select, parent, keys, self.backend)).await?)
    }

    /// How many rows each of `selects` has, counted up to `most`, with one statement.
    pub async fn count_each(&self, selects: &[Scoped], most: u64) -> Result<Vec<i64>> {
        let rows = self.send(keys::count_each(selects, most, self.backend)).await?;
        let row = rows.first().ok_or_else(|| DbErr::Custom("nothing was counted".to_owned()))?;
        let counts = (0..selects.len()).map(|place| row.try_get_by_index(place));
        Ok(counts.collect::<Result<_, DbErr>>()?)
    }

    /// How many rows `select` has.
    pub async fn count(&self, select: &Scoped) -> Result<i64> {
        let mut counted = select.0.clone();
        counted.clear_selects().expr(Expr::cust("count(*)"));
        let rows = self.send(self.written(&counted)).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.try_get_by_index(0)?))
    }

    /// The next `limit` events of the log after `position`; when kinds are named, those of them and the last. The log is
    /// the service's own.
    pub async fn events_after(
        &self,
        position: Position,
        kinds: Option<&[Kind]>,
        limit: u64,
    ) -> Result<Part> {
        let rows = self.send(event::after(position, kinds, limit, self.backend)).await?;
        Ok(event::read_part(&rows)?)
    }

    /// The position of the last event that can be read now.
    pub async fn event_head(&self) -> Result<Position> {
        let rows = self.send(event::last(self.backend)).await?;
        let last = rows.first().map(event::read).transpose()?;
        Ok(last.map(|event| event.position).unwrap_or_default())
    }

    fn written(&self, select: &SelectStatement) -> Statement {
        let mut sql = Writer::new(self.backend);
        sql.select(select);
        sql.statement()
    }

    async fn send(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = self.stated(statement);
        // Boxed, because everything that waits for it would be as large as it is.
        Box::pin(self.sent().query_all(statement)).await
    }

    /// A statement of this reader's with everything that its scope has to look up.
    pub(super) fn stated(&self, statement: Statement) -> Statement {
        self.template(statement).into_statement(&self.scope, None)
    }

    fn template(&self, statement: Statement) -> Template {
        Template::of(lookup::look_up(&self.scope, statement))
    }

    /// The connection, for one statement that is counted.
    pub(super) fn sent(&self) -> &Connection {
        self.statements.count();
        &self.connection
    }

    pub(super) async fn commit(self) -> Result<()> {
        Ok(Box::pin(self.connection.commit()).await?)
    }
}
