//! One object by its key, and with it the list that will be asked of it next.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::{Context, Lookahead};
use derive_where::derive_where;
use futures_util::future::BoxFuture;
use sea_orm::QueryResult;

use super::{Cells, Found, Record, read, visible};
use crate::alone::Alone;
use crate::db::{FirstRows, Key, Reader, Scoped, Shape, area};
use crate::error::{Error, Result};
use crate::request::Request;

/// A list below an object whose key is known before the object is read.
pub trait Below: Shape {
    /// What has to be read of it, below the parent with the key that is asked for.
    fn select(&self, request: &Request) -> Result<FirstRows>;

    /// Keeps what was read for the field that will ask for it. The list's columns start at `skip`.
    fn keep(&self, request: &Request, key: Key, rows: &[QueryResult], skip: usize) -> Result<()>;
}

impl PartialEq for dyn Below {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for dyn Below {}

impl Hash for dyn Below {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash_into(state);
    }
}

/// What is read of an object: what is brought along, and a list below it.
#[derive_where(PartialEq, Eq, Hash)]
struct Sight<R: Record> {
    with: R::With,
    list: Option<Arc<dyn Below>>,
}

/// The object with this key, within the reader's scope.
pub async fn one<R: Record>(reader: &Reader, key: &Key, with: R::With) -> Result<Option<R>> {
    let sight = Arc::new(Sight::<R> { with, list: None });
    let rows = reader.rows_about(key, sight, || Ok((named::<R>(reader, with), None))).await?;
    Ok(rows.first().map(|row| read(row, 0, with, reader)).transpose()?)
}

/// A SELECT of the object whose key the statement is asked about.
fn named<R: Record>(reader: &Reader, with: R::With) -> Scoped {
    let mut select = visible::<R>(reader, with);
    select.and_where(area::is_named(R::KEY));
    select
}

/// An object that leads to lists.
pub trait Leads {
    /// The first list that is asked of an object.
    fn first_list(request: &Request, wanted: &Lookahead<'_>) -> Option<Arc<dyn Below>>;
}

/// The object with this key, or NOT_FOUND: for a root field.
pub fn find<'a, R: Record + Leads>(
    context: &'a Context<'_>,
    key: Result<Key>,
) -> BoxFuture<'a, Found<R>> {
    find_as(context, key, R::Filter::default())
}

/// The object with this key as a list with this filter would show it, or NOT_FOUND: for a root field.
/// The same statement brings along the first list that is asked of it.
pub fn find_as<'a, R: Record + Leads>(
    context: &'a Context<'_>,
    key: Result<Key>,
    filter: R::Filter,
) -> BoxFuture<'a, Found<R>> {
    Alone::of(async move {
        let request = Request::of(context)?;
        let reader = request.reader(R::READ)?;
        let wanted = context.look_ahead();
        let with = R::with(request, &wanted);
        let with = R::dated(with, &filter, request.service().clock.today())?;
        let key = key?;
        let list = R::first_list(request, &wanted);
        let sight = Arc::new(Sight::<R> { with, list });
        let write = || {
            let list = sight.list.as_ref().map(|list| list.select(request)).transpose()?;
            Ok((named::<R>(&reader, with), list))
        };
        let rows = reader.rows_about(&key, sight.clone(), write).await?;
        let first = rows.first().ok_or_else(Error::not_found)?;
        let mut cells = Cells::new(first, 0, &reader);
        let object = R::read(&mut cells, with)?;
        if let Some(list) = &sight.list {
            list.keep(request, key, &rows, cells.next)?;
        }
        Ok(object.into())
    })
}
