//! Takes a batch back.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use super::rows::id_of;
use crate::clock;
use crate::db::{Tx, area, bulk, bulk::Form};
use crate::error::Result;
use crate::household::Household;
use crate::record::Record;
use crate::tally::Counted;
use crate::text;

/// A household that a batch has registered, or changed, and what it counts as.
pub struct Undone {
    /// Its id.
    pub id: Uuid,
    /// Its village and township.
    pub place: (String, String),
    /// What it counts as now.
    pub now: Counted,
    /// How many people lived there before.
    pub people_before: i64,
    /// The row of the batch.
    pub row: i32,
}

async fn query(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(tx.backend(), sql, values);
    Ok(tx.query_all_raw(statement).await?)
}

/// What hangs on a household that was registered by an import and keeps it from being taken back.
const HANGS: &str = "(EXISTS (SELECT 1 FROM inquiry WHERE inquiry.household_id = household.id) \
    OR EXISTS (SELECT 1 FROM appointment WHERE appointment.household_id = household.id) \
    OR EXISTS (SELECT 1 FROM waiting_place WHERE waiting_place.household_id = household.id) \
    OR EXISTS (SELECT 1 FROM household_contact WHERE household_contact.household_id = household.id))";

/// How many households of a batch somebody has touched since, or do not lie in the caller's area.
pub async fn touched(tx: &Tx, batch_id: Uuid) -> Result<i64> {
    let mine = area::condition(tx.scope(), Household::PLACE, tx.backend());
    let mine = mine.unwrap_or_else(|| "TRUE".to_owned());
    let mut created = sea_orm::sea_query::Query::select();
    created
        .expr(Expr::cust("count(*)"))
        .from("import_row")
        .left_join(
            "household",
            area::column(("household", "id")).eq(area::column(("import_row", "household_id"))),
        )
        .and_where(area::column(("import_row", "batch_id")).eq(batch_id))
        .and_where(area::column(("import_row", "fate")).eq("CREATED"))
        .and_where(Expr::cust(format!(
            "(household.id IS NULL OR household.version <> 1 OR {HANGS} OR NOT {mine})"
        )));
    let mut changed = sea_orm::sea_query::Query::select();
    changed
        .expr(Expr::cust("count(*)"))
        .from("import_overwritten")
        .left_join(
            "household",
            area::column(("household", "id"))
                .eq(area::column(("import_overwritten", "household_id"))),
        )
        .and_where(area::column(("import_overwritten", "batch_id")).eq(batch_id))
        .and_where(Expr::cust(format!(
            "(household.id IS NULL OR household.version <> import_overwritten.version OR NOT {mine})"
        )));
    let mut total = 0;
    for select in [created, changed] {
        let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
        total += rows.first().map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
    }
    Ok(total)
}

const COLUMNS: &str = "household.id, household.village_code, household.township_code, household.status, \
    household.people_count, household.reachable, household.confirmed_at";

fn read(row: &QueryResult) -> Result<Undone> {
    let confirmed: Option<DateTime<Utc>> = row.try_get_by_index(6)?;
    let (village, township): (String, String) =
        (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    Ok(Undone {
        id: row.try_get_by_index(0)?,
        now: Counted {
            village: Some(village.clone()),
            township: Some(township.clone()),
            status: row.try_get_by_index(3)?,
            people: row.try_get_by_index::<i32>(4)?.into(),
            reachable: row.try_get_by_index(5)?,
            confirmed_on: confirmed.map(clock::day),
        },
        place: (village, township),
        people_before: row.try_get_by_index::<i32>(7)?.into(),
        row: row.try_get_by_index(8)?,
    })
}

/// The next `limit` households that a batch has registered, after a line.
pub async fn created(tx: &Tx, batch_id: Uuid, after: i32, limit: u32) -> Result<Vec<Undone>> {
    let sql = format!(
        "SELECT {COLUMNS}, household.people_count, import_row.line FROM import_row \
         JOIN household ON household.id = import_row.household_id \
         WHERE import_row.batch_id = $1 AND import_row.id > $2 AND import_row.fate = 'CREATED' \
         ORDER BY import_row.id LIMIT {limit}"
    );
    let rows = query(tx, &sql, vec![batch_id.into(), id_of(batch_id, after).into()]).await?;
    rows.iter().map(read).collect()
}

/// The next `limit` households that a batch has changed, after an id.
pub async fn restored(tx: &Tx, batch_id: Uuid, after: Uuid, limit: u32) -> Result<Vec<Undone>> {
    let sql = format!(
        "SELECT {COLUMNS}, import_overwritten.people_count, 0 FROM import_overwritten \
         JOIN household ON household.id = import_overwritten.household_id \
         WHERE import_overwritten.batch_id = $1 AND import_overwritten.household_id > $2 \
         ORDER BY import_overwritten.household_id LIMIT {limit}"
    );
    let rows = query(tx, &sql, vec![batch_id.into(), after.into()]).await?;
    rows.iter().map(read).collect()
}

/// Deletes households.
pub async fn delete(tx: &Tx, households: &[Undone]) -> Result<()> {
    let sql = "DELETE FROM household WHERE id IN (SELECT id FROM {given})";
    let given: Vec<_> = households.iter().map(|undone| json!({ "id": undone.id })).collect();
    let delete = bulk::statement(tx.backend(), sql, &[("id", Form::Id)], &given, [])?;
    tx.execute_raw(delete).await?;
    Ok(())
}

/// Gives all changed households of a batch their old values back. The version goes on.
pub async fn restore(tx: &Tx, batch_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE household SET group_code = old.group_code, door = old.door, label = old.label, \
        search_text = old.search_text, address = old.address, people_count = old.people_count, \
        version = household.version + 1, updated_at = $2 \
        FROM import_overwritten AS old \
        WHERE old.batch_id = $1 AND household.id = old.household_id";
    let values = vec![Value::from(batch_id), now.into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.backend(), sql, values)).await?;
    Ok(())
}

/// Takes a name out of what batches have overwritten of these households: their door stands for it.
pub async fn forget_name(tx: &Tx, name: &str, households: &[Uuid]) -> Result<()> {
    let sql = "UPDATE import_overwritten SET label = replace(label, $2, CAST(door AS text) || '号'), \
        search_text = replace(search_text, $3, CAST(door AS text) || '号') \
        WHERE household_id IN (SELECT id FROM {given})";
    let given: Vec<_> = households.iter().map(|id| json!({ "id": id })).collect();
    let values = [Value::from(name), text::normalised(name).into()];
    let forget = bulk::statement(tx.backend(), sql, &[("id", Form::Id)], &given, values)?;
    tx.execute_raw(forget).await?;
    Ok(())
}
