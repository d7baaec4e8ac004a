//! The present numbers: a row a village.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::village_tally;
use sea_orm::sea_query::{ExprTrait, JoinType, OnConflict, SelectStatement};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::super::numbers::{COUNTS, Tally};
use super::super::rules::{Days, Place};
use super::sums;
use crate::db::{Column, Tx, area::column};
use crate::error::Result;

/// So many of [`COUNTS`] are kept: all that does not change by itself.
pub const COLUMNS: usize = COUNTS.len() - 1;
/// Rows of one INSERT: 14 columns, where SQLite takes 32,766 values.
const ROWS: usize = 1000;

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
    let mut known = OnConflict::columns(["village_code", "township_code"]);
    known.update_column("updated_at");
    for name in &COUNTS[..COLUMNS] {
        let sum = column(("village_tally", name)).add(column(("excluded", name)));
        known.value(*name, sum);
    }
    let rows: Vec<_> = places.iter().map(|(place, days)| row(place, days, now)).collect();
    for rows in rows.chunks(ROWS) {
        village_tally::Entity::insert_many(rows.to_vec())
            .on_conflict(known.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn row(place: &Place, days: &Days, now: DateTime<Utc>) -> village_tally::ActiveModel {
    let mut tally = Tally::default();
    days.values().for_each(|day| tally += day);
    village_tally::ActiveModel {
        village_code: Set(place.0.clone()),
        township_code: Set(place.1.clone()),
        people: Set(tally.people),
        unvisited: Set(tally.unvisited),
        visited: Set(tally.visited),
        enrolled: Set(tally.enrolled),
        declined: Set(tally.declined),
        moved_away: Set(tally.moved_away),
        no_smartphone: Set(tally.no_smartphone),
        vacant: Set(tally.vacant),
        reachable: Set(tally.reachable),
        open_inquiries: Set(tally.open_inquiries),
        sealed_inquiries: Set(tally.sealed_inquiries),
        updated_at: Set(now),
    }
}
