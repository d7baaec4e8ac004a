//! Relay connections over keyset pages.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::{Context, Lookahead, Object, OutputType, SimpleObject, TypeName};
use futures_util::future::BoxFuture;

use crate::access::Act;
use crate::alone::Alone;
use crate::clock;
use crate::db::{Column, InVillages, Key, Reader, Scoped, Sort};
use crate::error::Result;
use crate::record::{self, Filter, Found, Record, Related};
use crate::request::{Batch, Request};
use crate::walk::Walked;

pub(crate) mod ahead;
mod children;
mod cursor;
mod edges;
mod lists;
mod window;

use children::{Children, Counts, Rows};
use edges::Edges;
pub(crate) use lists::lists;
pub use window::{DEFAULT_PAGE, MAX_PAGE, Window};

/// Where the reader stands in a list.
#[derive(SimpleObject, Clone, Debug, Default)]
pub struct PageInfo {
    /// Whether there is more after `endCursor`.
    has_next_page: bool,
    /// Whether there is more before `startCursor`.
    has_previous_page: bool,
    /// The cursor of the first edge; null when the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last edge; null when the page is empty.
    end_cursor: Option<String>,
}

/// What a client asks of a list.
pub struct Listing<R: Record> {
    /// What to keep.
    pub filter: R::Filter,
    /// In which order.
    pub order: R::Order,
    /// Which part of it.
    pub window: Result<Window>,
}

impl<R: Record> Listing<R> {
    fn checked(self) -> Result<(R::Filter, R::Order, Window)> {
        Ok((self.filter.checked()?, self.order, self.window?))
    }
}

/// How rows belong to their parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parent {
    /// The column that is the parent's key.
    column: Column,
    /// The column beside it that is the row's key, when both stand in a table that links the two.
    link: Option<&'static str>,
}

impl From<Column> for Parent {
    fn from(column: Column) -> Self {
        Self { column, link: None }
    }
}

impl Parent {
    /// By a table that links parents and rows: its name, its column of parents, and its column of rows.
    pub fn through(table: &'static str, parent: &'static str, row: &'static str) -> Self {
        Self { column: (table, parent), link: Some(row) }
    }

    /// Joins the table that links.
    fn join<R: Record>(self, select: &mut Scoped) {
        if let Some(link) = self.link {
            record::join(select, self.column.0, link, R::KEY);
        }
    }
}

/// What a page is a part of.
enum List {
    /// All objects that the caller may see under an act.
    All(Act),
    /// The objects that belong to a parent.
    Below(Parent, Key),
}

/// A page of a list.
pub struct Connection<R: Record> {
    edges: Vec<Edge<R>>,
    window: Window,
    more: bool,
    filter: R::Filter,
    list: List,
}

/// A row of a page and its cursor.
pub struct Edge<R: Record> {
    node: R,
    order: R::Order,
}

impl<R: Record> Connection<R> {
    fn new(rows: Rows<R>, order: R::Order, window: Window, filter: R::Filter, list: List) -> Self {
        let edges = rows.records.into_iter().map(|node| Edge { node, order }).collect();
        Self { edges, window, more: rows.more, filter, list }
    }

    /// A page of all objects that the caller may see under `act`.
    pub fn all<'a>(
        context: &'a Context<'_>,
        act: Act,
        listing: Listing<R>,
    ) -> BoxFuture<'a, Found<Self>> {
        Alone::of(async move {
            let reader = &Request::of(context)?.reader(act)?;
            let (filter, order, window) = listing.checked()?;
            let request = Request::of(context)?;
            let with = wanted::<R>(request, &context.look_ahead(), &filter, order)?;
            let records = first::<R>(reader, &filter, order, &window, with).await?;
            let rows = Rows::cut(records, &window);
            Ok(Self::new(rows, order, window, filter, List::All(act)).into())
        })
    }

    /// A page of the objects that belong to the parent `key`, fetched together with those of the
    /// parent's siblings.
    pub fn below<'a>(
        context: &'a Context<'_>,
        parent: Parent,
        key: &'a Key,
        listing: Listing<R>,
    ) -> BoxFuture<'a, Found<Self>> {
        Alone::of(async move {
            let request = Request::of(context)?;
            let children = Children::new(request, parent, listing, &context.look_ahead())?;
            let rows = request.load(children.clone(), key.clone()).await?.unwrap_or_default();
            let Children { filter, order, window, .. } = children;
            let list = List::Below(parent, key.clone());
            Ok(Self::new(rows, order, window, filter, list).into())
        })
    }
}

/// The first object of which column `parent` is `key`, fetched together with those of the parent's
/// siblings.
pub fn first_below<'a, R: Record>(
    context: &'a Context<'_>,
    parent: Column,
    key: &'a Key,
    filter: R::Filter,
    order: R::Order,
) -> BoxFuture<'a, Related<R>> {
    Alone::of(async move {
        Ok(load_first_below::<R>(context, parent, key, filter, order).await?.map(Walked::from))
    })
}

/// As [`first_below`], for a field that makes something of the object.
pub async fn load_first_below<R: Record>(
    context: &Context<'_>,
    parent: Column,
    key: &Key,
    filter: R::Filter,
    order: R::Order,
) -> Result<Option<R>> {
    let request = Request::of(context)?;
    let with = R::with(request, &context.look_ahead());
    let children =
        Children::<R> { parent: parent.into(), filter, order, window: Window::ONE, with };
    let loaded = request.load(children, key.clone()).await?;
    Ok(loaded.and_then(|rows| rows.records.into_iter().next()))
}

/// The first so many objects of which column `parent` is `key`, fetched together with those of the
/// parent's siblings.
pub fn few_below<'a, R: Record>(
    context: &'a Context<'_>,
    parent: Column,
    key: &'a Key,
    filter: R::Filter,
    most: u32,
) -> BoxFuture<'a, Alone<Vec<R>>> {
    Alone::of(async move {
        let request = Request::of(context)?;
        let with = R::with(request, &context.look_ahead());
        let with = R::dated(with, &filter, request.service().clock.today())?;
        let window = Window { size: most, backward: false, beyond: None };
        let children = Children::<R> {
            parent: parent.into(),
            filter,
            order: R::Order::default(),
            window,
            with,
        };
        Ok(request.load(children, key.clone()).await?.unwrap_or_default().records)
    })
}

/// The first object of which column `parent` is the key, for each of `keys`, with one statement.
pub async fn first_of_each<R: Record>(
    request: &Request,
    parent: Column,
    keys: &[Key],
    filter: R::Filter,
) -> Result<HashMap<Key, R>> {
    let (order, with) = (R::Order::default(), R::With::default());
    let children =
        Children::<R> { parent: parent.into(), filter, order, window: Window::ONE, with };
    let lists = children.fetch(request, keys).await?;
    let first = |(key, rows): (Key, Rows<R>)| Some((key, rows.records.into_iter().next()?));
    Ok(lists.into_iter().filter_map(first).collect())
}

fn wanted<R: Record>(
    request: &Request,
    list: &Lookahead<'_>,
    filter: &R::Filter,
    order: R::Order,
) -> Result<R::With> {
    let node = list.field("edges").field("node");
    let with = R::ordered(R::with(request, &node), order);
    R::dated(with, filter, request.service().clock.today())
}

fn alone<R: Record>(reader: &Reader, filter: &R::Filter) -> Result<R::With> {
    R::dated(R::With::default(), filter, clock::day(reader.scope().at()))
}

impl<R: Record> TypeName for Connection<R> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", <R as OutputType>::type_name()))
    }
}

impl<R: Record> TypeName for Edge<R> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", <R as OutputType>::type_name()))
    }
}

/// One page of a list.
#[Object(name_type)]
impl<R: Record> Connection<R> {
    /// The rows of this page.
    async fn edges(&self) -> Edges<'_, R> {
        Edges(&self.edges)
    }

    /// Where this page lies in the list.
    async fn page_info(&self, context: &Context<'_>) -> Result<PageInfo> {
        let cursor = |edge: Option<&Edge<R>>| edge.map(|edge| edge.encoded(context)).transpose();
        let moved = self.window.beyond.is_some();
        let (has_next_page, has_previous_page) =
            if self.window.backward { (moved, self.more) } else { (self.more, moved) };
        Ok(PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: cursor(self.edges.first())?,
            end_cursor: cursor(self.edges.last())?,
        })
    }

    /// How many rows the whole list has. Costs a query of its own, so ask only when it is shown.
    async fn total_count(&self, context: &Context<'_>) -> Result<i64> {
        let request = Request::of(context)?;
        match &self.list {
            List::Below(parent, key) => {
                let counts = Counts::<R> { parent: *parent, filter: self.filter.clone() };
                Ok(request.load(counts, key.clone()).await?.unwrap_or(0))
            }
            List::All(act) => {
                let reader = request.reader(*act)?;
                let with = alone::<R>(&reader, &self.filter)?;
                let select = listed::<R>(&reader, &self.filter, with);
                Box::pin(reader.count(&select)).await
            }
        }
    }
}

impl<R: Record> Edge<R> {
    fn encoded(&self, context: &Context<'_>) -> Result<String> {
        let keyring = Request::of(context)?.service().database.keyring();
        cursor::encode(&self.node, self.order, keyring)
    }
}

/// One row of a page.
#[Object(name_type)]
impl<R: Record> Edge<R> {
    /// The row's place in this list and order, for `after` and `before`.
    async fn cursor(&self, context: &Context<'_>) -> Result<String> {
        self.encoded(context)
    }

    /// The object itself.
    async fn node(&self) -> &R {
        &self.node
    }
}

fn listed<R: Record>(reader: &Reader, filter: &R::Filter, with: R::With) -> Scoped {
    let mut select = record::visible::<R>(reader, with);
    R::keep(filter, &mut select, reader.backend());
    if !reader.reveals() {
        R::keep_masked(filter, &mut select, reader.backend());
    }
    select
}

/// The rows of a page, and one more if there is one.
async fn first<R: Record>(
    reader: &Reader,
    filter: &R::Filter,
    order: R::Order,
    window: &Window,
    with: R::With,
) -> Result<Vec<R>> {
    let limit = u64::from(window.size) + 1;
    if let Some(village) = reader.by_village(R::PLACE).filter(|_| filter.is_wide()) {
        let mut kept = listed::<R>(reader, filter, alone::<R>(reader, filter)?);
        let sort = apply_window::<R>(reader, &mut kept, order, window)?;
        let (shown, key) = (R::select(with), R::KEY);
        let list = InVillages { shown, kept: &kept, key, village, sort: &sort, limit };
        let rows = reader.first_in_villages(list).await?;
        let read = rows.iter().map(|row| record::read(row, 0, with, reader));
        return Ok(read.collect::<Result<_, _>>()?);
    }
    let mut select = listed::<R>(reader, filter, with);
    apply_window::<R>(reader, &mut select, order, window)?.apply(&mut select);
    record::first(reader, &select, limit, with).await
}

fn apply_window<R: Record>(
    reader: &Reader,
    select: &mut Scoped,
    order: R::Order,
    window: &Window,
) -> Result<Sort> {
    let sort = R::sort(order);
    let sort = if window.backward { sort.reversed() } else { sort };
    if let Some(cursor) = &window.beyond {
        let values = cursor::decode::<R>(cursor, order, reader.keyring())?;
        select.and_where(sort.after(values));
    }
    Ok(sort)
}
