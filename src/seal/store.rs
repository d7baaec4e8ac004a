//! Who is named, and whom it concerns, as they are read.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::inquiry_reader::{self, Reason};
use entity::message;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryResult};
use uuid::Uuid;

use super::InquiryReader;
use crate::db::{Column, Key, Tx, keys, statement};
use crate::error::Result;
use crate::inquiry::Inquiry;
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};

/// Who is named to see inquiries, in the order in which they were.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReadersOf;

/// The officers whom inquiries concern.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ConcernedBy;

impl Batch for ReadersOf {
    type Value = Vec<InquiryReader>;

    async fn fetch(
        &self,
        request: &Request,
        keys: &[Key],
    ) -> Result<HashMap<Key, Vec<InquiryReader>>> {
        let columns = ["inquiry_id", "since", "reason", "officer_id", "named_by"];
        let select = record::from("inquiry_reader", &columns);
        below(request, select, ("inquiry_reader", "inquiry_id"), keys, |cells| {
            Ok(InquiryReader {
                since: cells.take()?,
                reason: cells.take::<Reason>()?.into(),
                officer_id: cells.take()?,
                named_by: cells.take()?,
            })
        })
        .await
    }
}

impl Batch for ConcernedBy {
    type Value = Vec<Uuid>;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Vec<Uuid>>> {
        let columns = ["inquiry_id", "officer_id"];
        let select = record::from("inquiry_exclusion", &columns);
        below(request, select, ("inquiry_exclusion", "inquiry_id"), keys, |cells| cells.take())
            .await
    }
}

/// Rows below inquiries that the caller may see; each starts with its inquiry's key.
async fn below<T>(
    request: &Request,
    select: SelectStatement,
    parent: Column,
    keys: &[Key],
    read: impl Fn(&mut Cells<'_>) -> Result<T, DbErr>,
) -> Result<HashMap<Key, Vec<T>>> {
    let reader = request.reader(Inquiry::READ)?.below_parents();
    let mut select = select;
    record::join(&mut select, "inquiry", "id", parent);
    select.order_by((parent.0, "since"), Order::Asc).order_by((parent.0, "officer_id"), Order::Asc);
    let mut select = reader.select(select, Inquiry::PLACE);
    select.and_where(keys::among(parent, keys, reader.backend()));
    let mut found: HashMap<Key, Vec<T>> = HashMap::new();
    for row in reader.rows(&select).await? {
        let mut cells = Cells::new(&row, 0, &reader);
        let key = cells.take::<Uuid>()?.into();
        found.entry(key).or_default().push(read(&mut cells)?);
    }
    Ok(found)
}

/// A sealed inquiry whose time is over.
pub struct Erased {
    /// The inquiry.
    pub id: Uuid,
    /// Whose it was.
    pub household_id: Uuid,
    /// The village and township in which it was.
    pub place: (String, String),
}

/// Erases the subjects of at most `most` sealed inquiries that were resolved before this moment, and gives them.
pub async fn erase(
    tx: &Tx,
    before: DateTime<Utc>,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Erased>> {
    let sql = "UPDATE inquiry SET subject = '', erased_at = {}, updated_at = {}, version = version + 1 \
               WHERE resolved_at < {} AND id IN (SELECT id FROM inquiry WHERE sealed \
               AND erased_at IS NULL AND resolved_at < {} ORDER BY resolved_at LIMIT {}) \
               RETURNING id, household_id, village_code, township_code";
    let values = vec![now.into(), now.into(), before.into(), before.into(), most.into()];
    let rows = tx.query_all_raw(statement(tx.backend(), sql, values)).await?;
    let read = |row: &QueryResult| {
        Ok(Erased {
            id: row.try_get_by_index(0)?,
            household_id: row.try_get_by_index(1)?,
            place: (row.try_get_by_index(2)?, row.try_get_by_index(3)?),
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// Erases what was written in these inquiries, and who was named to see them. Whom they concern still sees nothing.
pub async fn forget(tx: &Tx, inquiries: &[Uuid]) -> Result<()> {
    let ids = || inquiries.iter().copied();
    message::Entity::update_many()
        .col_expr(message::Column::Text, Expr::val(""))
        .filter(message::Column::InquiryId.is_in(ids()))
        .exec(tx)
        .await?;
    inquiry_reader::Entity::delete_many()
        .filter(inquiry_reader::Column::InquiryId.is_in(ids()))
        .exec(tx)
        .await?;
    Ok(())
}
