//! Why households are no longer where they were.

use std::collections::{HashMap, HashSet};

use entity::posting;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use crate::db::area::column;
use crate::db::{Key, Place, Tx, keys};
use crate::error::Result;
use crate::record;

/// Why a household is no longer in a village.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It belongs to another village.
    Moved,
    /// It was merged into another household.
    Merged(Option<Uuid>),
    /// The import that had registered it was taken back.
    Withdrawn,
}

impl Departure {
    /// Reads the kind and the detail of an event from the columns at `first`.
    pub fn read(row: &QueryResult, first: usize) -> Result<Self, DbErr> {
        let kind: String = row.try_get_by_index(first)?;
        let detail: serde_json::Value = row.try_get_by_index(first + 1)?;
        Ok(match kind.as_str() {
            "HOUSEHOLD_MERGED" => Self::Merged(
                detail.get("into").and_then(|id| id.as_str()).and_then(|id| id.parse().ok()),
            ),
            "HOUSEHOLD_CHANGED" if detail.get("after").is_some_and(|after| after.is_null()) => {
                Self::Withdrawn
            }
            _ => Self::Moved,
        })
    }
}

/// Whether an event tells that a household left a village. The words are those of the index
/// `event_of_departure`.
pub fn is_one() -> SimpleExpr {
    Expr::cust(
        "kind IN ('HOUSEHOLD_CHANGED', 'HOUSEHOLD_MERGED') \
         AND detail->'before'->>'village' <> coalesce(detail->'after'->>'village', '')",
    )
}

/// The village that was left.
pub fn village() -> SimpleExpr {
    Expr::cust("detail->'before'->>'village'")
}

/// The township that this village belonged to.
pub fn township() -> SimpleExpr {
    Expr::cust("detail->'before'->>'township'")
}

/// Why households have left the caller's area, as far as they have.
pub async fn departures(tx: &Tx, households: &[Key]) -> Result<HashMap<Uuid, Departure>> {
    let mut left = record::from("event", &["household_id", "kind", "detail", "sequence"]);
    left.expr_as(village(), "village")
        .expr_as(township(), "township")
        .and_where(is_one())
        .and_where(keys::among(("event", "household_id"), households, tx.backend()));
    let mut select = record::from("departure", &["household_id", "kind", "detail"]);
    select.from_clear().from_subquery(left, "departure");
    select.order_by(("departure", "sequence"), Order::Asc);
    let place = Place {
        township: Some(("departure", "township")),
        village: Some(("departure", "village")),
        ..Place::NOWHERE
    };
    let rows = tx.rows(&tx.select(select, place)).await?;
    let last = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, Departure::read(row, 1)?)));
    Ok(last.collect::<Result<_, DbErr>>()?)
}

/// Those of the households that are in a village to which the caller was posted and is not any more.
pub async fn formerly_posted(tx: &Tx, households: &[Key]) -> Result<HashSet<Uuid>> {
    let mut select = record::from("household", &["id"]);
    let posted = Query::select()
        .expr(Expr::val(1))
        .from("posting")
        .and_where(column(("posting", "officer_id")).eq(tx.scope().actor().id))
        .and_where(column(("posting", "village_code")).eq(column(("household", "village_code"))))
        .and_where(Expr::col(posting::Column::EndsAt).lte(tx.scope().at()))
        .take();
    select
        .and_where(keys::among(("household", "id"), households, tx.backend()))
        .and_where(Expr::exists(posted));
    let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, DbErr>>()?)
}
