//! Many rows in one statement. They travel as one JSON text, so that the statement's text is the same
//! for any number of rows: it is prepared once, and no limit on bound values is ever met.

use sea_orm::{DbBackend, DbErr, Statement, Value};
use serde::{Serialize, Serializer};

/// What a column of the rows holds.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A text.
    Text,
    /// A whole number up to 2,147,483,647.
    Number,
    /// A larger whole number.
    Count,
    /// A UUID.
    Id,
    /// [`Bytes`].
    Bytes,
    /// A time that [`moment`] has written.
    Moment,
    /// A day.
    Day,
    /// A JSON value.
    Json,
}

/// The names of the rows' fields, and what they hold.
pub type Columns = [(&'static str, Form)];

/// Bytes, as both databases read them from a text.
#[derive(Clone, Debug)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(2 + 2 * self.0.len());
        text.push_str("\\x");
        for byte in &self.0 {
            text.push(DIGITS[usize::from(byte >> 4)].into());
            text.push(DIGITS[usize::from(byte & 15)].into());
        }
        serializer.serialize_str(&text)
    }
}

/// A time in the form in which SQLite keeps it.
pub fn moment(at: &chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}

/// The statement `sql`, in which `{given}` stands for the rows, a table of the name `given`. Its other
/// values are `$2` and so on.
pub fn statement(
    backend: DbBackend,
    sql: &str,
    columns: &Columns,
    rows: &impl Serialize,
    others: impl IntoIterator<Item = Value>,
) -> Result<Statement, DbErr> {
    let rows = serde_json::to_string(rows).map_err(|error| DbErr::Json(error.to_string()))?;
    let mut values = vec![rows.into()];
    values.extend(others);
    let sql = sql.replace("{given}", &given(backend, columns));
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

/// The table of rows that the first value of a statement is.
fn given(backend: DbBackend, columns: &Columns) -> String {
    let postgres = backend == DbBackend::Postgres;
    let each = |(name, form): &(&str, Form)| match (postgres, form) {
        (true, Form::Text) => format!("{name} text"),
        (true, Form::Number) => format!("{name} integer"),
        (true, Form::Count) => format!("{name} bigint"),
        (true, Form::Id) => format!("{name} uuid"),
        (true, Form::Bytes) => format!("{name} bytea"),
        (true, Form::Moment) => format!("{name} timestamptz"),
        (true, Form::Day) => format!("{name} date"),
        (true, Form::Json) => format!("{name} jsonb"),
        (false, Form::Id) => format!("unhex(replace(value->>'{name}', '-', '')) AS {name}"),
        (false, Form::Bytes) => format!("unhex(substr(value->>'{name}', 3)) AS {name}"),
        (false, Form::Json) => format!("value->'{name}' AS {name}"),
        (false, _) => format!("value->>'{name}' AS {name}"),
    };
    let columns = columns.iter().map(each).collect::<Vec<_>>().join(", ");
    if postgres {
        format!("json_to_recordset($1::json) AS given({columns})")
    } else {
        format!("(SELECT {columns} FROM json_each($1)) AS given")
    }
}
