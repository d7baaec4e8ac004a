//! Who is named, and whom it concerns, as they are read.

use std::collections::HashMap;

use entity::inquiry_reader::Reason;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbErr, Order};
use uuid::Uuid;

use super::InquiryReader;
use crate::db::{Column, Key, keys};
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
