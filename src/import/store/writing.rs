//! Writes what was decided about many rows, with a few statements.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Tx, bulk, bulk::Bytes, bulk::Form, changed_one};
use crate::error::{Error, Result};
use crate::household::{ADDRESS, search_text};
use crate::import::chunk::Located;
use crate::import::decide::{Changed, Decided, New};

const GROUP: [(&str, Form); 4] = [
    ("code", Form::Text),
    ("village_code", Form::Text),
    ("township_code", Form::Text),
    ("number", Form::Number),
];
const ADD_GROUPS: &str = "INSERT INTO village_group (code, village_code, township_code, number) \
    SELECT code, village_code, township_code, number FROM {given} WHERE true \
    ON CONFLICT (code) DO NOTHING";

#[derive(Serialize)]
struct Group<'a> {
    code: &'a str,
    village_code: &'a str,
    township_code: &'a str,
    number: i32,
}

const HOUSE: [(&str, Form); 10] = [
    ("id", Form::Id),
    ("village_code", Form::Text),
    ("township_code", Form::Text),
    ("group_code", Form::Text),
    ("door", Form::Number),
    ("label", Form::Text),
    ("reference", Form::Text),
    ("address", Form::Bytes),
    ("people_count", Form::Number),
    ("search_text", Form::Text),
];
const ADD_HOUSES: &str = "INSERT INTO household (id, village_code, township_code, group_code, door, \
    label, reference, address, people_count, search_text, status, reachable, version, created_at, updated_at) \
    SELECT id, village_code, township_code, group_code, door, label, reference, address, people_count, \
    search_text, 'UNVISITED', false, 1, $2, $2 FROM {given}";

#[derive(Serialize)]
struct House<'a> {
    id: Uuid,
    village_code: &'a str,
    township_code: &'a str,
    group_code: &'a str,
    door: i32,
    label: &'a str,
    reference: Option<&'a str>,
    address: Option<Bytes>,
    people_count: i32,
    search_text: String,
}

const CHANGE: [(&str, Form); 8] = [
    ("id", Form::Id),
    ("group_code", Form::Text),
    ("door", Form::Number),
    ("label", Form::Text),
    ("address", Form::Bytes),
    ("people_count", Form::Number),
    ("search_text", Form::Text),
    ("version", Form::Number),
];
/// The version is the one that the import is about to write.
const KEEP_OLD: &str = "INSERT INTO import_overwritten (batch_id, household_id, group_code, door, label, \
    search_text, address, people_count, version) \
    SELECT $2, household.id, household.group_code, household.door, household.label, household.search_text, \
    household.address, household.people_count, household.version + 1 \
    FROM household JOIN {given} ON given.id = household.id WHERE true \
    ON CONFLICT (batch_id, household_id) DO NOTHING";
const CHANGE_HOUSES: &str = "UPDATE household SET group_code = given.group_code, door = given.door, \
    label = given.label, address = given.address, people_count = given.people_count, \
    search_text = given.search_text, version = household.version + 1, updated_at = $2 \
    FROM {given} WHERE household.id = given.id AND household.version = given.version";

#[derive(Serialize)]
struct Change<'a> {
    id: Uuid,
    group_code: &'a str,
    door: i32,
    label: &'a str,
    address: Option<Bytes>,
    people_count: i32,
    search_text: String,
    version: i32,
}

/// Registers what is new, keeps what was and writes what is different. `names` are those of the
/// changed households' contacts.
pub async fn write(
    tx: &Tx,
    batch_id: Uuid,
    decided: &Decided,
    names: &HashMap<Uuid, Vec<String>>,
    now: DateTime<Utc>,
) -> Result<()> {
    add_groups(tx, decided).await?;
    let backend = tx.backend();
    if !decided.created.is_empty() {
        let rows: Vec<House<'_>> =
            decided.created.iter().map(|new| house(tx, new)).collect::<Result<_>>()?;
        tx.execute_raw(bulk::statement(backend, ADD_HOUSES, &HOUSE, &rows, [now.into()])?).await?;
    }
    if !decided.changed.is_empty() {
        let rows: Vec<Change<'_>> =
            decided.changed.iter().map(|one| change(tx, one, names)).collect::<Result<_>>()?;
        let keep = bulk::statement(backend, KEEP_OLD, &CHANGE, &rows, [batch_id.into()])?;
        tx.execute_raw(keep).await?;
        let change = bulk::statement(backend, CHANGE_HOUSES, &CHANGE, &rows, [now.into()])?;
        let changed = tx.execute_raw(change).await?.rows_affected();
        changed_one(u64::from(changed == rows.len() as u64))?;
    }
    Ok(())
}

async fn add_groups(tx: &Tx, decided: &Decided) -> Result<()> {
    let rows = decided.created.iter().map(|new| &new.row);
    let rows = rows.chain(decided.changed.iter().map(|changed| &changed.row));
    let groups: BTreeMap<&str, &Located> = rows.map(|row| (row.group_code.as_str(), row)).collect();
    if groups.is_empty() {
        return Ok(());
    }
    let groups: Vec<Group<'_>> = groups
        .into_iter()
        .map(|(code, row)| Group {
            code,
            village_code: &row.village_code,
            township_code: &row.township_code,
            number: row.entry.group,
        })
        .collect();
    tx.execute_raw(bulk::statement(tx.backend(), ADD_GROUPS, &GROUP, &groups, [])?).await?;
    Ok(())
}

fn house<'a>(tx: &Tx, new: &'a New) -> Result<House<'a>> {
    let entry = &new.row.entry;
    Ok(House {
        id: new.id,
        village_code: &new.row.village_code,
        township_code: &new.row.township_code,
        group_code: &new.row.group_code,
        door: new.door,
        label: &entry.label,
        reference: entry.reference.as_deref(),
        address: sealed(tx, entry.address.as_deref())?,
        people_count: entry.people_count.unwrap_or_default(),
        search_text: search_text(&entry.label, std::iter::empty()),
    })
}

fn change<'a>(
    tx: &Tx,
    changed: &'a Changed,
    names: &HashMap<Uuid, Vec<String>>,
) -> Result<Change<'a>> {
    let after = &changed.after;
    let names = names.get(&after.id).map(Vec::as_slice).unwrap_or_default();
    Ok(Change {
        id: after.id,
        group_code: &after.group_code,
        door: after.door,
        label: &after.label,
        address: sealed(tx, after.address.as_deref())?,
        people_count: after.people_count,
        search_text: search_text(&after.label, names.iter().map(String::as_str)),
        version: changed.before.version,
    })
}

fn sealed(tx: &Tx, address: Option<&str>) -> Result<Option<Bytes>> {
    address
        .map(|address| tx.keyring().seal(ADDRESS, address.as_bytes()).map(Bytes))
        .transpose()
        .map_err(Error::internal)
}
