//! The numbers of each day: a row for each day on which a village's numbers changed, with their sums up
//! to that day. A row of a day to come holds the confirmations that will have lapsed by then.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::tally_day::{self, Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::super::numbers::{COUNTS, Tally};
use super::super::rules::{Days, Place};
use super::{Row, list};
use crate::db::{Key, Tx, area::column, keys};
use crate::error::Result;

/// Joins to each row of `village_tally` its latest day up to `day`: one look into the index a village.
pub fn join(select: &mut SelectStatement, day: NaiveDate) {
    let same = |name| column(("tally_day", name)).eq(column(("village_tally", name)));
    let latest = latest(("village_tally", "village_code"), ("village_tally", "township_code"), day);
    select.inner_join(
        "tally_day",
        same("village_code")
            .and(same("township_code"))
            .and(column(("tally_day", "day")).eq(latest)),
    );
}

/// The latest day, up to `day`, of the place whose codes are in these columns.
fn latest(village: crate::db::Column, township: crate::db::Column, day: NaiveDate) -> SimpleExpr {
    let earlier = |name| column(("earlier", name));
    let select = Query::select()
        .expr(earlier("day").max())
        .from_as("tally_day", "earlier")
        .and_where(earlier("village_code").eq(column(village)))
        .and_where(earlier("township_code").eq(column(township)))
        .and_where(earlier("day").lte(day))
        .take();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Adds each change to its day and to all later ones. The order in which changes come makes no
/// difference, so counting the whole log again gives the same rows.
pub async fn add(tx: &Tx, places: &BTreeMap<Place, Days>) -> Result<()> {
    let Some(first) = places.values().filter_map(|days| days.keys().next()).min() else {
        return Ok(());
    };
    let mut kept = since(tx, places, *first).await?;
    let mut rows = Vec::new();
    for (place, changes) in places {
        let mut days = kept.remove(place).unwrap_or_default();
        for (day, change) in changes {
            let before = days.range(..day).next_back().map(|(_, tally)| tally.clone());
            days.entry(*day).or_insert_with(|| before.unwrap_or_default());
            days.range_mut(day..).for_each(|(_, tally)| *tally += change);
        }
        let changed = changes.keys().next().map(|first| days.split_off(first)).unwrap_or_default();
        let (village_code, township_code) = (place.0.as_str(), place.1.as_str());
        rows.extend(changed.into_iter().map(|(day, tally)| Row {
            village_code,
            township_code,
            day: Some(day),
            tally,
        }));
    }
    write(tx, &rows).await
}

/// The days of these places from the latest one before `first` on.
async fn since(
    tx: &Tx,
    places: &BTreeMap<Place, Days>,
    first: NaiveDate,
) -> Result<HashMap<Place, Days>> {
    let mut villages: Vec<Key> =
        places.keys().map(|(village, _)| Key::from(village.as_str())).collect();
    villages.dedup();
    let codes = (("tally_day", "village_code"), ("tally_day", "township_code"));
    let start = Expr::cust_with_exprs(
        if tx.backend() == sea_orm::DbBackend::Postgres {
            "coalesce($1, $2)"
        } else {
            "coalesce(?, ?)"
        },
        [latest(codes.0, codes.1, first), Expr::val(first)],
    );
    let rows = Entity::find()
        .filter(keys::among(codes.0, &villages, tx.backend()))
        .filter(Column::Day.into_expr().gte(start))
        .all(tx)
        .await?;
    let mut kept = HashMap::<Place, Days>::new();
    for row in rows {
        let (day, place) = (row.day, (row.village_code.clone(), row.township_code.clone()));
        kept.entry(place).or_default().insert(day, row.into());
    }
    Ok(kept)
}

async fn write(tx: &Tx, rows: &[Row<'_>]) -> Result<()> {
    let names = COUNTS.join(", ");
    let sql = format!(
        "INSERT INTO tally_day (village_code, township_code, day, {names}) \
         SELECT village_code, township_code, day, {names} FROM {{given}} WHERE TRUE \
         ON CONFLICT (village_code, township_code, day) DO UPDATE SET {}",
        list(&COUNTS, |name| format!("{name} = excluded.{name}"))
    );
    super::write(tx, &sql, &COUNTS, rows, &[]).await
}

impl From<tally_day::Model> for Tally {
    fn from(row: tally_day::Model) -> Self {
        Self {
            people: row.people,
            unvisited: row.unvisited,
            visited: row.visited,
            enrolled: row.enrolled,
            declined: row.declined,
            moved_away: row.moved_away,
            no_smartphone: row.no_smartphone,
            vacant: row.vacant,
            reachable: row.reachable,
            open_inquiries: row.open_inquiries,
            sealed_inquiries: row.sealed_inquiries,
            recently_confirmed: row.recently_confirmed,
            as_of: None,
        }
    }
}
