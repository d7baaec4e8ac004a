//! Writes a statement: its text, and beside it the values that travel with it.

use std::fmt::{self, Display, Formatter, Write};

use sea_orm::sea_query::{
    PostgresQueryBuilder, QueryBuilder, SelectStatement, SimpleExpr, SqlWriter,
};
use sea_orm::sea_query::{SqliteQueryBuilder, Value, Values};
use sea_orm::{DbBackend, Statement};

/// About as long as the text of a page.
const USUAL: usize = 2048;

/// A statement that is being written.
pub struct Writer {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Writer {
    /// Nothing written yet.
    pub fn new(backend: DbBackend) -> Self {
        Self { backend, text: String::with_capacity(USUAL), values: Vec::with_capacity(16) }
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes text that has no values.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a SELECT.
    pub fn select(&mut self, select: &SelectStatement) {
        match self.backend {
            DbBackend::Postgres => select.build_collect_any_into(&PostgresQueryBuilder, self),
            _ => select.build_collect_any_into(&SqliteQueryBuilder, self),
        }
    }

    /// Writes a condition or another expression.
    pub fn expression(&mut self, expression: &SimpleExpr) {
        match self.backend {
            DbBackend::Postgres => PostgresQueryBuilder.prepare_expr(expression, self),
            _ => SqliteQueryBuilder.prepare_expr(expression, self),
        }
    }

    /// Writes a number, which then stands in the text, where the plan sees it.
    pub fn number(&mut self, number: u64) {
        self.text.push_str(&number.to_string());
    }

    /// Writes the place of a value, by its number: both databases understand that.
    pub fn value(&mut self, value: Value) {
        self.values.push(value);
        self.text.push('$');
        self.number(self.values.len() as u64);
    }

    /// The text that was written, of which nothing is a value.
    pub fn into_text(self) -> String {
        debug_assert!(self.values.is_empty(), "a value that is lost");
        self.text
    }

    /// The statement that was written.
    pub fn statement(self) -> Statement {
        Statement { sql: self.text, values: Some(Values(self.values)), db_backend: self.backend }
    }
}

impl Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl Display for Writer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl SqlWriter for Writer {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        self.value(value);
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}
