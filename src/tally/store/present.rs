//! The present numbers: a row a village.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{ExprTrait, JoinType, SelectStatement};

use super::super::numbers::{COUNTS, Tally};
use super::super::rules::{Days, Place};
use super::{Row, list, sums};
use crate::db::{Column, Tx, area::column};
use crate::error::Result;

/// So many of [`COUNTS`] are kept: all that does not change by itself.
pub const COLUMNS: usize = COUNTS.len() - 1;

/// Joins the numbers of the township whose code is in `code`, and adds them to the columns.
pub fn join(select: &mut SelectStatement, code: Column) {
    let counts = &COUNTS[..COLUMNS];
    let mut summed = SelectStatement::new();
    summed.column("township_code").from("village_tally").group_by_col("township_code");
    sums(&mut summed, "village_tally", counts);
    select.join_subquery(
        JoinType::LeftJoin,
        summed,
        "tally",
        column(("tally", "township_code")).eq(column(code)),
    );
    select.columns(counts.iter().map(|name| ("tally", *name)));
    select.column(("tally", "updated_at"));
}

/// Adds to the present numbers.
pub async fn add(tx: &Tx, places: &BTreeMap<Place, Days>, now: DateTime<Utc>) -> Result<()> {
    let counts = &COUNTS[..COLUMNS];
    let names = counts.join(", ");
    let sql = format!(
        "INSERT INTO village_tally (village_code, township_code, {names}, updated_at) \
         SELECT village_code, township_code, {names}, $2 FROM {{given}} WHERE TRUE \
         ON CONFLICT (village_code, township_code) DO UPDATE SET {}, updated_at = excluded.updated_at",
        list(counts, |name| format!("{name} = village_tally.{name} + excluded.{name}"))
    );
    let rows: Vec<_> = places.iter().map(|(place, days)| row(place, days)).collect();
    super::write(tx, &sql, counts, &rows, &[now.into()]).await
}

fn row<'a>((village_code, township_code): &'a Place, days: &Days) -> Row<'a> {
    let mut tally = Tally::default();
    days.values().for_each(|day| tally += day);
    Row { village_code, township_code, day: None, tally }
}
