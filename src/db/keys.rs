//! Statements for many keys at once. The text of such a statement is the same for any number of
//! keys, so that it is prepared once: the keys travel as one array.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{
    ArrayType, Expr, ExprTrait, Order, SelectStatement, SimpleExpr, SqliteQueryBuilder, Value,
    WindowStatement,
};
use sea_orm::{DbBackend, DbErr, QueryResult, Statement, TryGetable};
use uuid::{NoContext, Timestamp, Uuid};

use super::area::{Column, column, quoted};
use super::reader::Scoped;
use super::writer::Writer;

/// A new id of something that begins at this moment, so that ids are in the order of time.
pub fn id_at(moment: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, moment.timestamp_subsec_nanos()))
}

/// The key of a row: an id, or a code of the division tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A UUIDv7.
    Id(Uuid),
    /// A division's code.
    Code(String),
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Key {
    fn from(code: &str) -> Self {
        Self::Code(code.to_owned())
    }
}

impl Key {
    /// The key as a value of a statement.
    pub fn value(&self) -> Value {
        match self {
            Self::Id(id) => (*id).into(),
            Self::Code(code) => code.clone().into(),
        }
    }

    /// Reads a key of the same form as `like` from the first column of `row`.
    pub fn first_of(row: &QueryResult, like: &Self) -> Result<Self, DbErr> {
        Ok(match like {
            Self::Id(_) => Self::Id(Uuid::try_get_by(row, 0)?),
            Self::Code(_) => Self::Code(String::try_get_by(row, 0)?),
        })
    }
}

/// In which order rows come: by these columns, the last of which is unique, all in one direction.
#[derive(Clone, Debug)]
pub struct Sort {
    /// The columns, most significant first.
    pub columns: Vec<Column>,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    /// The same order from the other end.
    pub fn reversed(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    /// Puts the order into a statement.
    pub fn apply(&self, select: &mut SelectStatement) {
        for name in &self.columns {
            select.order_by(*name, self.order());
        }
    }

    /// Keeps what comes after the row with these `values`. A row value lets the index answer.
    pub fn after(&self, values: Vec<Value>) -> SimpleExpr {
        let columns = Expr::tuple(self.columns.iter().map(|name| column(*name)));
        let values = Expr::tuple(values.into_iter().map(Expr::val));
        if self.descending { columns.lt(values) } else { columns.gt(values) }
    }

    /// The order in words, each column as it is called by `name`.
    pub(super) fn words(&self, name: impl Fn(usize, Column) -> String) -> String {
        let way = if self.descending { " DESC" } else { "" };
        let columns = self.columns.iter().enumerate();
        columns.map(|(place, column)| name(place, *column) + way).collect::<Vec<_>>().join(", ")
    }

    fn order(&self) -> Order {
        if self.descending { Order::Desc } else { Order::Asc }
    }
}

/// `column` is one of `keys`.
pub fn among(name: Column, keys: &[Key], backend: DbBackend) -> SimpleExpr {
    is_among(column(name), keys, backend)
}

/// `value` is one of `keys`.
pub fn is_among(value: SimpleExpr, keys: &[Key], backend: DbBackend) -> SimpleExpr {
    if keys.is_empty() {
        // An empty list has no type.
        return Expr::cust("1 = 0");
    }
    let list = Expr::val(list(keys, backend));
    let sql = match (backend, keys.first()) {
        (DbBackend::Postgres, _) => return value.eq(PgFunc::any(list)),
        (_, Some(Key::Id(_))) => "? IN (SELECT unhex(value) FROM json_each(?))",
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [value, list])
}

/// `column` is one of these values, which are bytes, such as keyed hashes.
pub fn among_bytes(name: Column, values: Vec<Vec<u8>>, backend: DbBackend) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        let values = values.into_iter().map(Value::from).collect();
        let list = Expr::val(Value::Array(ArrayType::Bytes, Some(Box::new(values))));
        return column(name).eq(PgFunc::any(list));
    }
    let texts: Vec<String> = values
        .iter()
        .map(|value| value.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    let list = Expr::val(serde_json::Value::from(texts).to_string());
    Expr::cust_with_exprs("? IN (SELECT unhex(value) FROM json_each(?))", [column(name), list])
}

/// All keys as one value: an array on PostgreSQL, a JSON text on SQLite.
fn list(keys: &[Key], backend: DbBackend) -> Value {
    let ids = matches!(keys.first(), Some(Key::Id(_)));
    if backend == DbBackend::Postgres {
        let kind = if ids { ArrayType::Uuid } else { ArrayType::String };
        return Value::Array(kind, Some(Box::new(keys.iter().map(Key::value).collect())));
    }
    let texts: Vec<String> = keys
        .iter()
        .map(|key| match key {
            Key::Id(id) => id.simple().to_string(),
            Key::Code(code) => code.clone(),
        })
        .collect();
    serde_json::Value::from(texts).to_string().into()
}

/// The first rows of a list.
pub struct FirstRows {
    /// The list, in its order.
    pub select: Scoped,
    /// How many. The limit stands in the text, where the plan sees it.
    pub limit: u64,
}

/// The row of `one`, once beside each of the first rows of a list, which are led by a 1, or once alone.
/// There is nothing to join by, so the list keeps its order.
pub fn beside(one: &SelectStatement, list: &FirstRows, backend: DbBackend) -> Statement {
    let mut sql = Writer::new(backend);
    sql.text("SELECT * FROM (");
    sql.select(one);
    sql.text(") AS one LEFT JOIN (SELECT 1 AS found, rows.* FROM (");
    sql.select(&list.select);
    sql.text(" LIMIT ");
    sql.number(list.limit);
    sql.text(") AS rows) AS list ON TRUE");
    sql.statement()
}

/// How many rows each of these lists has, in one row; who has more than `most`, has `most`.
pub fn count_each(lists: &[Scoped], most: u64, backend: DbBackend) -> Statement {
    let mut sql = Writer::new(backend);
    for (place, list) in lists.iter().enumerate() {
        sql.text(if place == 0 {
            "SELECT (SELECT count(*) FROM ("
        } else {
            ", (SELECT count(*) FROM ("
        });
        let mut counted = SelectStatement::clone(list);
        counted.clear_selects().expr(Expr::cust("1 AS one"));
        sql.select(&counted);
        sql.text(" LIMIT ");
        sql.number(most);
        sql.text(") AS counted)");
    }
    sql.statement()
}

/// The first `limit` rows of `select` for each key, each row with its key in front.
///
/// PostgreSQL goes down the index once a key (LATERAL), two to four times as fast as numbering all
/// rows with a window function, which is what SQLite does.
pub fn per_key(
    select: &SelectStatement,
    parent: Column,
    keys: &[Key],
    sort: &Sort,
    limit: u64,
    backend: DbBackend,
) -> Statement {
    let mut inner = select.clone();
    if backend == DbBackend::Postgres {
        inner.and_where(column(parent).eq(column(("parent", "key"))));
        sort.apply(&mut inner);
        let mut sql = Writer::new(backend);
        sql.text("SELECT parent.key, child.* FROM unnest(");
        sql.value(list(keys, backend));
        sql.text(") AS parent(key) INNER JOIN LATERAL (");
        sql.select(&inner);
        sql.text(" LIMIT ");
        sql.number(limit);
        sql.text(") AS child ON TRUE");
        return sql.statement();
    }
    let mut window = WindowStatement::partition_by(parent);
    for name in &sort.columns {
        window.order_by(*name, sort.order());
    }
    inner.and_where(among(parent, keys, backend)).expr_window_as(
        Expr::cust("ROW_NUMBER()"),
        window,
        "place_in_list",
    );
    let (sql, mut values) = inner.build(SqliteQueryBuilder);
    values.0.push(limit.into());
    let key = quoted(parent);
    let sql = format!(
        "SELECT * FROM ({}) WHERE place_in_list <= ? ORDER BY place_in_list",
        sql.replacen("SELECT ", &format!("SELECT {key}, "), 1)
    );
    Statement::from_sql_and_values(backend, sql, values)
}

/// How many rows of `select` each key has, each row with its key in front.
pub fn count_per_key(
    select: &SelectStatement,
    parent: Column,
    keys: &[Key],
    backend: DbBackend,
) -> Statement {
    let mut counted = select.clone();
    counted
        .clear_selects()
        .expr(column(parent))
        .expr(Expr::cust("count(*)"))
        .and_where(among(parent, keys, backend))
        .group_by_col(parent);
    backend.build(&counted)
}
