//! How the working calendar is stored: each version keeps its hours, and a day the versions for which it held.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{calendar, calendar_day};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult,
    TryInsertResult,
};
use serde_json::json;
use uuid::Uuid;

use super::{Calendar, CalendarDay};
use crate::db::{Place, Reader, Tx, area::column, changed_one};
use crate::error::{Error, Result};
use crate::event::{Draft, Kind};
use crate::record;
use crate::scalar::Date;

/// A version, the last one when none is named, beside each of its days.
fn select(version: Option<i32>, span: Option<(NaiveDate, NaiveDate)>) -> SelectStatement {
    let mut select = record::from("calendar", &["version", "hours", "changed_at"]);
    record::add(&mut select, "calendar_day", &["day", "kind", "name"]);
    let day = |name| column(("calendar_day", name));
    let number = || column(("calendar", "version"));
    let mut on = day("from_version").lte(number());
    on = on.and(day("until_version").is_null().or(day("until_version").gt(number())));
    if let Some((from, to)) = span {
        on = on.and(day("day").between(from, to));
    }
    select.left_join("calendar_day", on);
    let last = Query::select().expr(Expr::cust("max(version)")).from("calendar").take();
    match version {
        Some(version) => select.and_where(number().eq(version)),
        None => select.and_where(number().in_subquery(last)),
    };
    select.order_by(("calendar_day", "day"), Order::Asc);
    select
}

fn made_of(rows: &[QueryResult]) -> Result<Option<Calendar>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let hours: String = first.try_get_by_index(1)?;
    let days = rows.iter().map(day).collect::<Result<Vec<_>, DbErr>>()?;
    Ok(Some(Calendar {
        version: first.try_get_by_index(0)?,
        hours: serde_json::from_str(&hours).map_err(Error::internal)?,
        changed_at: Some(first.try_get_by_index(2)?),
        days: days.into_iter().flatten().collect(),
    }))
}

fn day(row: &QueryResult) -> Result<Option<CalendarDay>, DbErr> {
    let Some(day) = row.try_get_by_index::<Option<NaiveDate>>(3)? else { return Ok(None) };
    let kind: calendar_day::Kind = row.try_get_by_index(4)?;
    Ok(Some(CalendarDay { day: Date(day), kind: kind.into(), name: row.try_get_by_index(5)? }))
}

/// A version of the calendar with its days in a span.
pub async fn read(
    reader: &Reader,
    version: Option<i32>,
    span: Option<(NaiveDate, NaiveDate)>,
) -> Result<Option<Calendar>> {
    let select = reader.select(select(version, span), Place::NOWHERE);
    made_of(&reader.rows(&select).await?)
}

/// The last version of the calendar, as a change sees it.
pub async fn current_in(tx: &Tx) -> Result<Calendar> {
    let rows = tx.query_all(&select(None, None)).await?;
    Ok(made_of(&rows)?.unwrap_or_else(Calendar::initial))
}

/// Writes the version that follows `before`, and tells of it.
pub async fn write(
    tx: &mut Tx,
    before: &Calendar,
    after: Calendar,
    now: DateTime<Utc>,
) -> Result<Calendar> {
    let version = before.version.saturating_add(1);
    let author = tx.scope().actor().id;
    let row = calendar::ActiveModel {
        version: Set(version),
        hours: Set(serde_json::to_string(&after.hours).map_err(Error::internal)?),
        changed_at: Set(now),
        officer_id: Set((!author.is_nil()).then_some(author)),
    };
    let inserted = calendar::Entity::insert(row)
        .on_conflict_do_nothing_on([calendar::Column::Version])
        .exec_without_returning(tx)
        .await?;
    // Somebody else may have written it since it was read.
    changed_one(u64::from(matches!(inserted, TryInsertResult::Inserted(1))))?;
    let gone = before.days.iter().filter(|one| !after.days.contains(one)).map(|one| one.day.0);
    calendar_day::Entity::update_many()
        .col_expr(calendar_day::Column::UntilVersion, Expr::val(version))
        .filter(calendar_day::Column::UntilVersion.is_null())
        .filter(calendar_day::Column::Day.is_in(gone))
        .exec(tx)
        .await?;
    let new = after.days.iter().filter(|one| !before.days.contains(one));
    let rows: Vec<_> = new
        .map(|one| calendar_day::ActiveModel {
            day: Set(one.day.0),
            from_version: Set(version),
            until_version: Set(None),
            kind: Set(one.kind.into()),
            name: Set(one.name.clone()),
        })
        .collect();
    if !rows.is_empty() {
        calendar_day::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    tx.record(Draft {
        kind: Kind::CalendarChanged,
        at: now,
        place: None,
        household_id: None,
        subject_id: Uuid::nil(),
        detail: json!({ "version": version }),
    });
    Ok(Calendar { version, changed_at: Some(now), ..after })
}
