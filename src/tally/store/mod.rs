//! How the numbers are stored: a row a village now, and a row for each day on which they changed.

mod checkpoint;
mod days;
mod present;
mod recount;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{tally_day, village_tally};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Value};
use serde::Serialize;

use super::numbers::{COUNTS, Tally};
use super::rules;
use super::seen::Seen;
use crate::access::Act;
use crate::db::bulk::{self, Form};
use crate::db::{Key, Place, Reader, Tx, area::column};
use crate::error::Result;
use crate::record::Cells;
use crate::request::{Batch, Request};

pub use checkpoint::{checkpoint, lock_checkpoint, set_checkpoint};
pub use present::join;
pub use recount::recount;

/// Where the numbers of a village lie.
const PLACE: Place = Place {
    township: Some(("village_tally", "township_code")),
    village: Some(("village_tally", "village_code")),
    ..Place::NOWHERE
};

impl Tally {
    /// Reads the sums that [`join`] and [`Tallies`] select: of so many columns, and when they were
    /// brought up to date.
    fn read_sums(cells: &mut Cells<'_>, columns: usize) -> Result<Self, DbErr> {
        let mut tally = Self::default();
        for count in tally.counts_mut().into_iter().take(columns) {
            *count = cells.take::<Option<i64>>()?.unwrap_or_default();
        }
        tally.as_of = cells.take()?;
        Ok(tally)
    }

    /// Reads the present numbers that [`join`] adds to a row.
    pub fn read(cells: &mut Cells<'_>) -> Result<Seen, DbErr> {
        Ok(Self::read_sums(cells, present::COLUMNS)?.seen_by(cells.role()))
    }
}

/// Adds the sums of a table's columns.
fn sums(select: &mut SelectStatement, table: &str, columns: &[&'static str]) {
    for name in columns {
        let sum = Expr::cust(format!("CAST(sum({table}.{name}) AS bigint)"));
        select.expr_as(sum, *name);
    }
    select.expr_as(Expr::cust("max(village_tally.updated_at)"), "updated_at");
}

/// The level of division whose numbers are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// A county, by its code of 6 digits.
    County,
    /// A township, by its code of 9 digits.
    Township,
    /// A village, by its code of 12 digits.
    Village,
}

impl Level {
    fn code(self) -> SimpleExpr {
        match self {
            Self::County => Expr::cust("substr(village_tally.township_code, 1, 6)"),
            Self::Township => column(("village_tally", "township_code")),
            Self::Village => column(("village_tally", "village_code")),
        }
    }
}

/// The numbers of many divisions of one level, within the caller's area: the present ones, or those
/// at the end of a day.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tallies(pub Level, pub Option<NaiveDate>);

impl Tallies {
    fn select(&self, code: SimpleExpr) -> (SelectStatement, usize) {
        let mut select = SelectStatement::new();
        select.expr(code).from("village_tally");
        let columns = match self.1 {
            Some(day) => {
                days::join(&mut select, day);
                sums(&mut select, "tally_day", &COUNTS);
                COUNTS.len()
            }
            None => {
                sums(&mut select, "village_tally", &COUNTS[..present::COLUMNS]);
                present::COLUMNS
            }
        };
        (select, columns)
    }
}

impl Batch for Tallies {
    type Value = Seen;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Seen>> {
        let reader = request.reader(Act::ReadTally)?;
        let role = request.actor().role;
        let code = self.0.code();
        let (select, columns) = self.select(code.clone());
        let mut select = reader.select(select, PLACE);
        let listed = keys.iter().map(Key::value).map(Expr::val);
        select.and_where(code.clone().is_in(listed)).add_group_by([code]);
        let rows = reader.rows(&select).await?;
        rows.iter()
            .map(|row| {
                let tally = Tally::read_sums(&mut Cells::new(row, 1, &reader), columns)?;
                Ok((Key::first_of(row, &keys[0])?, tally.seen_by(role)))
            })
            .collect()
    }
}

/// The numbers of every village that the reader's caller may see, now or at the end of a day.
pub async fn of_villages(
    reader: &Reader,
    day: Option<NaiveDate>,
) -> Result<BTreeMap<rules::Place, Tally>> {
    let (mut select, columns) = Tallies(Level::Village, day).select(Level::Village.code());
    select
        .column(("village_tally", "township_code"))
        .group_by_columns([("village_tally", "village_code"), ("village_tally", "township_code")]);
    let rows = reader.rows(&reader.select(select, PLACE)).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row, 0, reader);
            let village = cells.take()?;
            let tally = Tally::read_sums(&mut cells, columns)?;
            Ok(((village, cells.take()?), tally))
        })
        .collect()
}

/// Adds changes to the present numbers, and to those of their days and all later ones.
pub async fn add(
    tx: &Tx,
    places: &BTreeMap<rules::Place, rules::Days>,
    now: DateTime<Utc>,
) -> Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    days::add(tx, places).await?;
    present::add(tx, places, now).await
}

/// A row of either table.
#[derive(Serialize)]
struct Row<'a> {
    village_code: &'a str,
    township_code: &'a str,
    /// Of a day's numbers.
    day: Option<NaiveDate>,
    #[serde(flatten)]
    tally: Tally,
}

/// What identifies a row.
const KEYS: [(&str, Form); 3] =
    [("village_code", Form::Text), ("township_code", Form::Text), ("day", Form::Day)];
/// How many rows are written at once.
const ROWS: usize = 1000;

/// Writes rows, of which `sql` takes these counts.
async fn write(
    tx: &Tx,
    sql: &str,
    counts: &[&'static str],
    rows: &[Row<'_>],
    others: &[Value],
) -> Result<()> {
    let columns: Vec<_> =
        KEYS.into_iter().chain(counts.iter().map(|name| (*name, Form::Count))).collect();
    for rows in rows.chunks(ROWS) {
        let others = others.iter().cloned();
        tx.execute_raw(bulk::statement(tx.backend(), sql, &columns, &rows, others)?).await?;
    }
    Ok(())
}

/// What `each` makes of the names, as a list.
fn list(names: &[&str], each: impl Fn(&str) -> String) -> String {
    names.iter().map(|name| each(name)).collect::<Vec<_>>().join(", ")
}

/// Forgets all numbers.
pub async fn clear(tx: &Tx) -> Result<()> {
    tally_day::Entity::delete_many().exec(tx).await?;
    village_tally::Entity::delete_many().exec(tx).await?;
    Ok(())
}
