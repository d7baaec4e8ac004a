//! What every object of the contract has in common on its way out of the database: which columns it
//! is made of, how its rows lie in an area, how they are filtered and put in order.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::{Context, Lookahead, ObjectType};
use chrono::NaiveDate;
use derive_where::derive_where;
use entity::access_log::LookedAt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, SelectStatement};
use sea_orm::{DbBackend, DbErr, QueryResult, TryGetable, Value};

use crate::access::{self, Act, Scope};
use crate::actor::Role;
use crate::alone::Alone;
use crate::db::{Column, Key, Place, Reader, Scoped, Sighting, Sort, Tx, area, keys};
use crate::error::{Error, Result};
use crate::id::Kind;
use crate::request::{Batch, Request};
use crate::walk::Walked;

mod columns;
mod find;

pub use columns::{Chosen, Columns, Needs};
pub use find::{Below, Leads, find, find_as, one};

/// Checks what a client asks to be kept, so that what reaches the database makes sense.
pub trait Filter: Sized {
    /// The filter, with its texts in the form in which they are searched.
    fn checked(self) -> Result<Self> {
        Ok(self)
    }

    /// Whether so many rows may be kept, and in so many villages, that an area's are better looked for village by
    /// village.
    fn is_wide(&self) -> bool {
        false
    }
}

impl Filter for () {}

/// Reads the columns of a row from left to right, as they were selected.
pub struct Cells<'a> {
    row: &'a QueryResult,
    next: usize,
    reader: &'a Reader,
}

impl<'a> Cells<'a> {
    /// Reads `row` from its column `first` on.
    pub fn new(row: &'a QueryResult, first: usize, reader: &'a Reader) -> Self {
        Self { row, next: first, reader }
    }

    /// The next column.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        self.next += 1;
        Ok(T::try_get_by(self.row, self.next - 1)?)
    }

    /// The next column, opened.
    pub fn open(&mut self, purpose: &str) -> Result<Option<String>, DbErr> {
        let sealed: Option<Vec<u8>> = self.take()?;
        sealed
            .map(|sealed| self.reader.keyring().open_text(purpose, &sealed))
            .transpose()
            .map_err(|error| DbErr::Custom(error.to_string()))
    }

    /// The next columns, which [`add_seal`] has added: when the inquiry is sealed, that its row was shown is noted.
    pub fn shown(&mut self, looked_at: LookedAt) -> Result<(), DbErr> {
        let (inquiry_id, household_id, sealed) = (self.take()?, self.take()?, self.take()?);
        if sealed {
            self.shows(Sighting { looked_at, household_id, inquiry_id: Some(inquiry_id) });
        }
        Ok(())
    }

    /// Notes what the caller is shown.
    pub fn shows(&self, sighting: Sighting) {
        self.reader.shows(sighting);
    }

    /// Whether the caller's role allows `act` at all.
    pub fn allows(&self, act: Act) -> bool {
        access::reach(self.role(), act) != access::Reach::Nothing
    }

    /// The caller's role.
    pub fn role(&self) -> Role {
        self.reader.scope().actor().role
    }

    /// Whether the caller sees personal data in full.
    pub fn reveals(&self) -> bool {
        self.reader.reveals()
    }
}

/// An object of the contract that is made of a row.
pub trait Record: ObjectType + Clone + Send + Sync + 'static {
    /// Which rows a list keeps.
    type Filter: Filter + Clone + Default + Eq + Hash + Send + Sync + 'static;
    /// In which order a list comes.
    type Order: Copy + Default + Eq + Hash + Send + Sync + 'static;
    /// Which one-to-one relations the same statement brings along.
    type With: Copy + Default + Eq + Hash + Send + Sync + 'static;

    /// The permission to see it.
    const READ: Act;
    /// The type of its global id.
    const KIND: Kind;
    /// The column of its key.
    const KEY: Column;
    /// Where its rows lie.
    const PLACE: Place;

    /// What to bring along for the fields that `wanted` asks for.
    fn with(request: &Request, wanted: &Lookahead<'_>) -> Self::With;

    /// What a list with this filter brings along: a filter may name a day on which rows are looked at.
    fn dated(with: Self::With, _: &Self::Filter, _: NaiveDate) -> Result<Self::With> {
        Ok(with)
    }

    /// What a list in this order brings along: a cursor is made of the order's columns.
    fn ordered(with: Self::With, _: Self::Order) -> Self::With {
        with
    }

    /// Its columns, its table, and what it brings along.
    fn select(with: Self::With) -> SelectStatement;

    /// Leaves out what the caller may not see although it lies in the caller's area.
    fn hide(_: &Scope, _: &mut SelectStatement) {}

    /// Reads what [`Record::select`] selects.
    fn read(cells: &mut Cells<'_>, with: Self::With) -> Result<Self, DbErr>;

    /// Keeps the rows that a list asks for.
    fn keep(filter: &Self::Filter, select: &mut SelectStatement, backend: DbBackend);

    /// Keeps besides only what is found by what is shown, for a caller who sees personal data masked:
    /// a search that finds a name tells it.
    fn keep_masked(_: &Self::Filter, _: &mut SelectStatement, _: DbBackend) {}

    /// The columns of an order.
    fn sort(order: Self::Order) -> Sort;

    /// The object's values in the columns of an order.
    fn sort_values(&self, order: Self::Order) -> Vec<Value>;

    /// The object's key.
    fn key(&self) -> Key;
}

/// Starts a SELECT of `columns` from `table`.
pub fn from(table: &'static str, columns: &[&'static str]) -> SelectStatement {
    let mut select = SelectStatement::new();
    select.from(table);
    add(&mut select, table, columns);
    select
}

/// Adds the `columns` of a joined `table` to a SELECT, all as one piece of text: a statement reads dozens of columns, and
/// each as an expression of its own would cost more than to read it.
pub fn add(select: &mut SelectStatement, table: &'static str, columns: &[&'static str]) {
    let mut text = String::with_capacity(columns.len() * (table.len() + 20));
    for column in columns {
        let comma = if text.is_empty() { "" } else { ", " };
        for part in [comma, "\"", table, "\".\"", *column, "\""] {
            text.push_str(part);
        }
    }
    if !text.is_empty() {
        select.expr(Expr::cust(text));
    }
}

/// Adds what [`Cells::shown`] reads of the joined inquiry that a row belongs to.
pub fn add_seal(select: &mut SelectStatement) {
    add(select, "inquiry", &["id", "household_id", "sealed"]);
}

/// Joins `table` where its column equals a column that is there.
pub fn join(select: &mut SelectStatement, table: &'static str, column: &'static str, to: Column) {
    select.inner_join(table, equal((table, column), to));
}

/// Joins `table` where there is a row for it.
pub fn left_join(
    select: &mut SelectStatement,
    table: &'static str,
    column: &'static str,
    to: Column,
) {
    select.left_join(table, equal((table, column), to));
}

fn equal(one: Column, other: Column) -> Expr {
    Expr::cust(format!("{} = {}", area::quoted(one), area::quoted(other)))
}

/// Reads one object from a row of which the first `skip` columns are something else.
pub fn read<R: Record>(
    row: &QueryResult,
    skip: usize,
    with: R::With,
    reader: &Reader,
) -> Result<R, DbErr> {
    R::read(&mut Cells::new(row, skip, reader), with)
}

/// A SELECT of the objects that the reader's caller may see.
pub fn visible<R: Record>(reader: &Reader, with: R::With) -> Scoped {
    let mut select = reader.select(R::select(with), R::PLACE);
    R::hide(reader.scope(), &mut select);
    select
}

/// All rows of `select` as objects.
pub async fn all<R: Record>(reader: &Reader, select: &Scoped, with: R::With) -> Result<Vec<R>> {
    let rows = reader.rows(select).await?;
    Ok(rows.iter().map(|row| read(row, 0, with, reader)).collect::<Result<_, _>>()?)
}

/// The first `limit` rows of `select` as objects.
pub async fn first<R: Record>(
    reader: &Reader,
    select: &Scoped,
    limit: u64,
    with: R::With,
) -> Result<Vec<R>> {
    let rows = reader.first_rows(select, limit).await?;
    Ok(rows.iter().map(|row| read(row, 0, with, reader)).collect::<Result<_, _>>()?)
}

/// A SELECT of the object with this key.
pub fn keyed<R: Record>(reader: &Reader, key: &Key, with: R::With) -> Scoped {
    let mut select = visible::<R>(reader, with);
    select.and_where(area::column(R::KEY).eq(key.value()));
    select
}

/// The object with this key, as [`one`] finds it, and nobody else changes it until the change is over.
pub async fn lock<R: Record>(tx: &Tx, key: &Key) -> Result<Option<R>> {
    Ok(lock_all(tx, std::slice::from_ref(key), R::With::default()).await?.pop())
}

/// The objects with these keys that the caller may see, in the order of their keys, so that two changes never wait
/// for each other; nobody else changes them until the change is over.
pub async fn lock_all<R: Record>(tx: &Tx, keys: &[Key], with: R::With) -> Result<Vec<R>> {
    all(tx, &locking::<R>(tx, keys, with), with).await
}

/// A SELECT of what [`lock_all`] gives.
pub fn locking<R: Record>(tx: &Tx, keys: &[Key], with: R::With) -> Scoped {
    let mut select = visible::<R>(tx, with);
    match keys {
        [key] => select.and_where(area::column(R::KEY).eq(key.value())),
        _ => select.and_where(keys::among(R::KEY, keys, tx.backend())),
    };
    select.order_by(R::KEY, Order::Asc).lock_with_tables(LockType::Update, [R::KEY.0]);
    select
}

/// What a root field found, or why it did not.
pub type Found<R> = Alone<Walked<R>>;
/// What an object is connected to, if it is.
pub type Related<R> = Alone<Option<Walked<R>>>;

/// Objects by their keys.
#[derive_where(Clone, PartialEq, Eq, Hash)]
pub struct ByKey<R: Record>(pub R::With);

impl<R: Record> Batch for ByKey<R> {
    type Value = R;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, R>> {
        let reader = request.reader(R::READ)?;
        let mut select = visible::<R>(&reader, self.0);
        select.and_where(keys::among(R::KEY, keys, reader.backend()));
        let records = all::<R>(&reader, &select, self.0).await?;
        Ok(records.into_iter().map(|record| (record.key(), record)).collect())
    }
}

/// The object with this key, fetched together with what its siblings ask for.
pub async fn load<R: Record>(context: &Context<'_>, key: Key) -> Result<Option<R>> {
    load_as(context, key, &R::Filter::default()).await
}

/// The object with this key as a list with this filter would show it, fetched together with what its
/// siblings ask for.
pub async fn load_as<R: Record>(
    context: &Context<'_>,
    key: Key,
    filter: &R::Filter,
) -> Result<Option<R>> {
    let request = Request::of(context)?;
    let with = R::with(request, &context.look_ahead());
    let with = R::dated(with, filter, request.service().clock.today())?;
    request.load(ByKey::<R>(with), key).await
}

/// The object that another one may have, fetched together with what its siblings ask for.
pub fn related<'a, R: Record>(
    context: &'a Context<'_>,
    key: Option<impl Into<Key>>,
) -> BoxFuture<'a, Related<R>> {
    let key = key.map(Into::into);
    Alone::of(async move {
        match key {
            Some(key) => Ok(load::<R>(context, key).await?.map(Walked::from)),
            None => Ok(None),
        }
    })
}

/// The object that another one cannot be without.
pub fn parent<'a, R: Record>(
    context: &'a Context<'_>,
    key: impl Into<Key>,
) -> BoxFuture<'a, Result<Walked<R>>> {
    let key = key.into();
    Box::pin(async move {
        load::<R>(context, key).await?.map(Walked::from).ok_or_else(Error::not_found)
    })
}
