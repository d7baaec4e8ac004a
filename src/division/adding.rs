//! How a table of divisions is added to the tree.

use chrono::{DateTime, Utc};
use entity::BEGINNING;
use serde_json::Value;
use uuid::Uuid;

use super::store;
use super::table::Row;
use crate::access::Act;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::request::Request;
use crate::scalar::Level;

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// How many counties are new.
    pub counties: u64,
    /// How many townships are new.
    pub townships: u64,
    /// How many villages are new.
    pub villages: u64,
    /// How many stations are new.
    pub stations: u64,
    /// What the tree has otherwise than the table, and keeps.
    pub different: Vec<Different>,
}

/// A division of the table that the tree has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Different {
    /// Its code.
    pub code: String,
    /// Its name in the tree.
    pub name: String,
    /// Whether it has ended.
    pub ended: bool,
}

/// Adds the divisions of a table that the tree has not, and a station for each township that has none. What the
/// tree has stays as it is: it is renamed and moved with its past.
///
/// # Errors
/// `NOT_FOUND` when a division's parent is neither in the table nor in the tree. Then nothing is added.
pub async fn import(request: &Request, rows: &[Row]) -> Result<Added> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ImportDivisions).await?;
    let added = add(&tx, rows, now).await?;
    if added.counties + added.townships + added.villages + added.stations > 0 {
        tx.record(Draft {
            kind: Kind::DivisionChanged,
            at: now,
            place: None,
            household_id: None,
            subject_id: Uuid::nil(),
            detail: Value::Null,
        });
    }
    tx.commit().await?;
    Ok(added)
}

/// The same within a change. What comes with a new county was there before anything was written down; what comes later
/// is there from that day on.
pub async fn add(tx: &Tx, rows: &[Row], now: DateTime<Utc>) -> Result<Added> {
    let mut added = Added::default();
    for level in [Level::County, Level::Township, Level::Village] {
        let is_new = level == Level::County || added.counties > 0;
        let since = if is_new { BEGINNING } else { clock::day(now) };
        let rows = store::Rows::of(level, rows, since, now);
        if let Some(code) = rows.orphans(tx).await?.first() {
            return Err(without_parent(code));
        }
        let new = rows.add(tx).await?;
        match level {
            Level::County => added.counties = new,
            Level::Township => {
                added.townships = new;
                added.stations = rows.add_stations(tx).await?;
            }
            Level::Village => added.villages = new,
        }
        added.different.extend(rows.different(tx).await?);
    }
    Ok(added)
}

fn without_parent(code: &str) -> Error {
    Error::user(
        UserErrorCode::NotFound,
        "",
        format!("{code} 的上级行政区划不存在。"),
        format!("The division above {code} is neither in the table nor in the database."),
    )
}
