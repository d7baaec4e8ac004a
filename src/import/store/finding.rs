//! Finds what rows are about.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::db::{Place as Where, Tx, area, bulk, bulk::Form};
use crate::error::{Error, Result};
use crate::household::ADDRESS;
use crate::import::chunk::{Identity, Located};
use crate::import::decide::Known;
use crate::import::places::Place;
use crate::record;

/// All villages of the county, and which of them lie within the scope of the change.
pub async fn places(tx: &Tx) -> Result<Vec<Place>> {
    let columns = ["code", "name", "township_code", "successor_code"];
    let mut select = record::from("village", &columns);
    record::add(&mut select, "township", &["name"]);
    record::join(&mut select, "township", "code", ("village", "township_code"));
    let place = Where {
        township: Some(("village", "township_code")),
        village: Some(("village", "code")),
        ..Where::NOWHERE
    };
    let mine = area::condition(tx.scope(), place, tx.backend());
    select
        .expr(area::column(("village", "ended_on")).is_not_null())
        .expr(Expr::cust(mine.unwrap_or_else(|| "TRUE".to_owned())));
    let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
    let read = |row: &QueryResult| -> Result<Place> {
        Ok(Place {
            code: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            township_code: row.try_get_by_index(2)?,
            successor_code: row.try_get_by_index(3)?,
            township_name: row.try_get_by_index(4)?,
            ended: row.try_get_by_index(5)?,
            mine: row.try_get_by_index(6)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The groups that others have followed, by code.
pub async fn followed_groups(tx: &Tx) -> Result<HashMap<String, String>> {
    let mut select = record::from("village_group", &["code", "successor_code"]);
    select.and_where(area::column(("village_group", "successor_code")).is_not_null());
    let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

const CODE: [(&str, Form); 1] = [("code", Form::Text)];

fn codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Vec<serde_json::Value> {
    codes.into_iter().map(|code| json!({ "code": code })).collect()
}

/// Keeps others from taking these villages' officers away, and from importing into them, until the
/// change is over. Always in one order, so that two imports do not wait for each other.
pub async fn lock_villages(tx: &Tx, villages: &BTreeSet<String>) -> Result<()> {
    if tx.backend() == DbBackend::Postgres && !villages.is_empty() {
        let sql = "SELECT 1 FROM village WHERE code IN (SELECT code FROM {given}) \
                   ORDER BY code FOR NO KEY UPDATE";
        let given = codes(villages.iter().map(String::as_str));
        tx.query_all_raw(bulk::statement(tx.backend(), sql, &CODE, &given, [])?).await?;
    }
    Ok(())
}

/// Which of these villages are still there, with somebody posted to them at a moment and for good.
pub async fn attended(
    tx: &Tx,
    villages: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<HashSet<String>> {
    let sql = "SELECT DISTINCT posting.village_code FROM {given} \
               JOIN posting ON posting.village_code = given.code \
               JOIN village ON village.code = given.code AND village.ended_on IS NULL \
               WHERE posting.starts_at <= $2 AND posting.ends_at IS NULL";
    let given = codes(villages.iter().map(String::as_str));
    let select = bulk::statement(tx.backend(), sql, &CODE, &given, [now.into()])?;
    let rows = tx.query_all_raw(select).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// The last place that is taken in each of these groups.
pub async fn last_doors(tx: &Tx, groups: &BTreeSet<&str>) -> Result<HashMap<String, i32>> {
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT given.code, (SELECT max(door) FROM household WHERE group_code = given.code) \
               FROM {given}";
    let given = codes(groups.iter().copied());
    let rows = tx.query_all_raw(bulk::statement(tx.backend(), sql, &CODE, &given, [])?).await?;
    let read = |row: &QueryResult| -> Result<(String, i32)> {
        Ok((row.try_get_by_index(0)?, row.try_get_by_index::<Option<i32>>(1)?.unwrap_or(0)))
    };
    rows.iter().map(read).collect()
}

#[derive(Serialize)]
struct Wanted {
    line: i32,
    place: String,
    name: Option<String>,
    door: Option<i32>,
}

const WANTED: [(&str, Form); 4] =
    [("line", Form::Number), ("place", Form::Text), ("name", Form::Text), ("door", Form::Number)];

const FOUND: &str = "SELECT given.line, household.id, household.group_code, household.door, \
    household.label, household.address, household.people_count, household.version, household.status, \
    household.reachable, household.confirmed_at FROM {given} JOIN household ON ";

/// The households that rows are about, by line.
pub async fn matches<'a>(
    tx: &Tx,
    rows: impl Iterator<Item = (i32, &'a Located)>,
) -> Result<HashMap<i32, Vec<Known>>> {
    let [mut references, mut doors, mut labels] = [Vec::new(), Vec::new(), Vec::new()];
    for (line, row) in rows {
        match row.identity() {
            Identity::Reference(place, name) => {
                references.push(Wanted { line, place, name: Some(name), door: None });
            }
            Identity::Door(place, door) => {
                doors.push(Wanted { line, place, name: None, door: Some(door) });
            }
            Identity::Label(place, name) => {
                labels.push(Wanted { line, place, name: Some(name), door: None });
            }
            Identity::Household(_) => {}
        }
    }
    let mut found: HashMap<i32, Vec<Known>> = HashMap::new();
    for (wanted, fits) in [
        (references, "household.village_code = given.place AND household.reference = given.name"),
        (doors, "household.group_code = given.place AND household.door = given.door"),
        (
            labels,
            "household.group_code = given.place AND \
             replace(lower(household.label), ' ', '') = replace(lower(given.name), ' ', '')",
        ),
    ] {
        if wanted.is_empty() {
            continue;
        }
        let lock =
            if tx.backend() == DbBackend::Postgres { " FOR UPDATE OF household" } else { "" };
        let sql = format!("{FOUND}{fits}{lock}");
        let select = bulk::statement(tx.backend(), &sql, &WANTED, &wanted, [])?;
        for row in tx.query_all_raw(select).await? {
            let (line, known) = known(tx, &row)?;
            found.entry(line).or_default().push(known);
        }
    }
    Ok(found)
}

fn known(tx: &Tx, row: &QueryResult) -> Result<(i32, Known)> {
    let address: Option<Vec<u8>> = row.try_get_by_index(5)?;
    let opened = address.map(|sealed| tx.keyring().open_text(ADDRESS, &sealed)).transpose();
    let confirmed: Option<DateTime<Utc>> = row.try_get_by_index(10)?;
    let known = Known {
        id: row.try_get_by_index(1)?,
        group_code: row.try_get_by_index(2)?,
        door: row.try_get_by_index(3)?,
        label: row.try_get_by_index(4)?,
        address: opened.map_err(Error::internal)?,
        people_count: row.try_get_by_index(6)?,
        version: row.try_get_by_index(7)?,
        status: row.try_get_by_index(8)?,
        reachable: row.try_get_by_index(9)?,
        confirmed_on: confirmed.map(clock::day),
    };
    Ok((row.try_get_by_index(0)?, known))
}

/// The names of the contacts of these households.
pub async fn contact_names(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let mut names: HashMap<Uuid, Vec<String>> = HashMap::new();
    if ids.is_empty() {
        return Ok(names);
    }
    let sql = "SELECT given.id, contact.name FROM {given} \
               JOIN household_contact ON household_contact.household_id = given.id \
               JOIN contact ON contact.id = household_contact.contact_id";
    let given: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    let select = bulk::statement(tx.backend(), sql, &[("id", Form::Id)], &given, [])?;
    for row in tx.query_all_raw(select).await? {
        names.entry(row.try_get_by_index(0)?).or_default().push(row.try_get_by_index(1)?);
    }
    Ok(names)
}
