//! Lists below many parents, fetched with one statement for all of them.

use std::collections::HashMap;

use async_graphql::Lookahead;
use derive_where::derive_where;
use sea_orm::{DbErr, QueryResult, TryGetable};

use super::{Listing, Parent, Window, alone, apply_window, cursor, listed, wanted};
use crate::db::{FirstRows, Key, Reader, Scoped, Sort, area};
use crate::error::Result;
use crate::record::{self, Below, Record};
use crate::request::{Batch, Request};

/// Rows of a page, and whether the list goes on.
#[derive(Clone)]
pub(super) struct Rows<R> {
    pub(super) records: Vec<R>,
    pub(super) more: bool,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self { records: Vec::new(), more: false }
    }
}

impl<R> Rows<R> {
    pub(super) fn cut(mut records: Vec<R>, window: &Window) -> Self {
        let size = window.size as usize;
        let more = records.len() > size;
        records.truncate(size);
        if window.backward {
            records.reverse();
        }
        Self { records, more }
    }
}

/// A list below many parents: what to list, and how it belongs to its parent.
#[derive_where(Clone, PartialEq, Eq, Hash)]
pub(super) struct Children<R: Record> {
    pub(super) parent: Parent,
    pub(super) filter: R::Filter,
    pub(super) order: R::Order,
    pub(super) window: Window,
    pub(super) with: R::With,
}

impl<R: Record> Children<R> {
    /// The children that `listing` asks for, with what is selected of them in the field `list`.
    pub(super) fn new(
        request: &Request,
        parent: Parent,
        listing: Listing<R>,
        list: &Lookahead<'_>,
    ) -> Result<Self> {
        let (filter, order, window) = listing.checked()?;
        let with = wanted::<R>(request, list, &filter, order)?;
        Ok(Self { parent, filter, order, window, with })
    }

    /// Whether they can be read: by this caller, and from the cursor on that was given.
    pub(super) fn can_be_read(&self, request: &Request) -> bool {
        let readable = |reader: Reader| match &self.window.beyond {
            Some(cursor) => cursor::decode::<R>(cursor, self.order, reader.keyring()).is_ok(),
            None => true,
        };
        reader::<R>(request).is_ok_and(readable)
    }

    fn select(&self, reader: &Reader) -> Result<(Scoped, Sort)> {
        let mut select = listed::<R>(reader, &self.filter, self.with);
        self.parent.join::<R>(&mut select);
        let sort = apply_window::<R>(reader, &mut select, self.order, &self.window)?;
        Ok((select, sort))
    }

    /// One more than the page has, to know whether there is more.
    fn limit(&self) -> u64 {
        u64::from(self.window.size) + 1
    }
}

fn reader<R: Record>(request: &Request) -> Result<Reader> {
    Ok(request.reader(R::READ)?.below_parents())
}

impl<R: Record> Below for Children<R> {
    fn select(&self, request: &Request) -> Result<FirstRows> {
        let (mut select, sort) = self.select(&reader::<R>(request)?)?;
        select.and_where(area::is_named(self.parent.column));
        sort.apply(&mut select);
        Ok(FirstRows { select, limit: self.limit() })
    }

    fn keep(&self, request: &Request, key: Key, rows: &[QueryResult], skip: usize) -> Result<()> {
        let reader = reader::<R>(request)?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let found = Option::<i32>::try_get_by(row, skip).map_err(DbErr::from)?;
            if found.is_some() {
                records.push(record::read(row, skip + 1, self.with, &reader)?);
            }
        }
        request.keep(self.clone(), key, Rows::cut(records, &self.window))
    }
}

impl<R: Record> Batch for Children<R> {
    type Value = Rows<R>;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Rows<R>>> {
        let reader = reader::<R>(request)?;
        let (select, sort) = self.select(&reader)?;
        let column = self.parent.column;
        let rows = reader.rows_per_key(&select, column, keys, &sort, self.limit()).await?;
        let mut lists: HashMap<Key, Vec<R>> = HashMap::with_capacity(keys.len());
        let parents = rows.iter().map(|row| Key::first_of(row, &keys[0]));
        let parents: Vec<Key> = parents.collect::<Result<_, _>>()?;
        let mut rows = rows.iter();
        // The rows of a parent come together, as a rule.
        for run in parents.chunk_by(|one, next| one == next) {
            let list = lists.entry(run[0].clone()).or_default();
            list.reserve_exact(run.len());
            for row in rows.by_ref().take(run.len()) {
                list.push(record::read(row, 1, self.with, &reader)?);
            }
        }
        Ok(lists.into_iter().map(|(key, list)| (key, Rows::cut(list, &self.window))).collect())
    }
}

/// How many rows there are below each of many parents.
#[derive_where(Clone, PartialEq, Eq, Hash)]
pub(super) struct Counts<R: Record> {
    pub(super) parent: Parent,
    pub(super) filter: R::Filter,
}

impl<R: Record> Batch for Counts<R> {
    type Value = i64;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, i64>> {
        let reader = request.reader(R::READ)?;
        let with = alone::<R>(&reader, &self.filter)?;
        let mut select = listed::<R>(&reader, &self.filter, with);
        self.parent.join::<R>(&mut select);
        let rows = reader.count_per_key(&select, self.parent.column, keys).await?;
        rows.iter()
            .map(|row| {
                Ok((Key::first_of(row, &keys[0])?, i64::try_get_by(row, 1).map_err(DbErr::from)?))
            })
            .collect()
    }
}
