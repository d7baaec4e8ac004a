//! How exports are stored, and how the rows of a file are read: in steps, each after the last row of the
//! one before.

use std::collections::{BTreeSet, HashMap};

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::export;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DbBackend, DbErr, EntityTrait, Value,
};
use uuid::Uuid;

use super::{Export, ExportOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Reader, Scoped, Sort, Tx, area, keys};
use crate::error::{Error, Result};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::DivisionCode;

/// What a sealed purpose is sealed for.
const PURPOSE: &str = "export purpose";
/// Rows that are read at once.
const STEP: u64 = 500;

impl Record for Export {
    type Filter = ();
    type Order = ExportOrder;
    type With = ();

    const READ: Act = Act::ReadExport;
    const KIND: Kind = Kind::Export;
    const KEY: Column = ("export", "id");
    const PLACE: Place = Place { account: Some(("export", "officer_id")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        record::from(
            "export",
            &[
                "id",
                "content",
                "format",
                "area_code",
                "purpose",
                "requested_at",
                "downloads",
                "row_count",
                "downloaded_at",
                "officer_id",
            ],
        )
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::Export, cells.take::<Uuid>()?),
            content: cells.take::<export::Content>()?.into(),
            format: cells.take::<export::Format>()?.into(),
            area_code: cells.take::<Option<String>>()?.map(DivisionCode),
            purpose: cells.open(PURPOSE)?.unwrap_or_default(),
            requested_at: cells.take()?,
            downloads: cells.take()?,
            row_count: cells.take()?,
            downloaded_at: cells.take()?,
            officer_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// Ids are in the order of time.
    fn sort(order: ExportOrder) -> Sort {
        Sort { columns: vec![Self::KEY], descending: order == ExportOrder::RequestedAtDesc }
    }

    fn sort_values(&self, _: ExportOrder) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Writes down what is to be taken out.
pub async fn insert(tx: &Tx, new: &Export) -> Result<()> {
    let purpose = tx.keyring().seal(PURPOSE, new.purpose.as_bytes()).map_err(Error::internal)?;
    let row = export::ActiveModel {
        id: Set(new.id.uuid()),
        officer_id: Set(new.officer_id),
        content: Set(new.content.into()),
        format: Set(new.format.into()),
        area_code: Set(new.area_code.as_ref().map(|code| code.0.clone())),
        purpose: Set(purpose),
        requested_at: Set(new.requested_at),
        downloads: Set(new.downloads),
        row_count: Set(new.row_count),
        downloaded_at: Set(new.downloaded_at),
    };
    export::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down that somebody begins to take the file, or took so many rows, which is all of it.
pub async fn taken(tx: &Tx, export: &Export, rows: Option<i64>, now: DateTime<Utc>) -> Result<()> {
    let row = export::ActiveModel {
        id: Set(export.id.uuid()),
        downloads: match rows {
            None => Set(export.downloads.saturating_add(1)),
            Some(_) => NotSet,
        },
        row_count: rows.map_or(NotSet, |rows| Set(Some(rows))),
        downloaded_at: rows.map_or(NotSet, |_| Set(Some(now))),
        ..Default::default()
    };
    export::Entity::update(row).exec(tx).await?;
    Ok(())
}

fn listed<R: Record>(reader: &Reader, with: R::With, area: Option<&DivisionCode>) -> Scoped {
    let mut select = record::visible::<R>(reader, with);
    R::keep(&R::Filter::default(), &mut select, reader.backend());
    if let Some(code) = area {
        select.and_where(area::in_division(R::PLACE, &code.0));
    }
    select
}

/// The next rows after `last` of what the caller may see in an area; none when there are no more.
pub async fn next<R: Record>(
    reader: &Reader,
    with: R::With,
    area: Option<&DivisionCode>,
    order: R::Order,
    last: Option<&R>,
) -> Result<Vec<R>> {
    let mut select = listed::<R>(reader, with, area);
    let sort = R::sort(order);
    if let Some(last) = last {
        select.and_where(sort.after(last.sort_values(order)));
    }
    sort.apply(&mut select);
    record::first(reader, &select, STEP, with).await
}

/// What the caller may see of the objects with these keys.
pub async fn by_key<R: Record>(
    reader: &Reader,
    with: R::With,
    keys: BTreeSet<Key>,
) -> Result<HashMap<Key, R>> {
    let keys: Vec<Key> = keys.into_iter().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = record::visible::<R>(reader, with);
    select.and_where(keys::among(R::KEY, &keys, reader.backend()));
    let found = record::all::<R>(reader, &select, with).await?;
    Ok(found.into_iter().map(|record| (record.key(), record)).collect())
}

/// How many rows the caller may see in an area.
pub async fn count<R: Record>(reader: &Reader, area: Option<&DivisionCode>) -> Result<i64> {
    reader.count(&listed::<R>(reader, R::With::default(), area)).await
}
