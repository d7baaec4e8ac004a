//! Open inquiries go where their households go; resolved ones stay where they happened.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use crate::db::{Tx, statement};
use crate::error::{Error, Result};

/// An open inquiry whose household is elsewhere.
pub struct LeftBehind {
    /// The inquiry.
    pub id: Uuid,
    /// Its household.
    pub household_id: Uuid,
    /// Where it stands.
    pub status: String,
    /// The village and township in which it still is.
    pub from: (String, String),
    /// Where its household is.
    pub to: (String, String),
    /// Whether only named people see it.
    pub sealed: bool,
}

const LEFT_BEHIND: &str = "inquiry.household_id = household.id AND inquiry.status <> 'RESOLVED' \
    AND inquiry.village_code <> household.village_code AND inquiry.village_code IN";

/// Open inquiries in these villages whose households are elsewhere.
pub async fn left_behind(tx: &Tx, villages: &[String]) -> Result<Vec<LeftBehind>> {
    let list = list(villages);
    let sql = format!(
        "SELECT inquiry.id, inquiry.household_id, inquiry.status, inquiry.village_code, \
         inquiry.township_code, household.village_code, household.township_code, inquiry.sealed \
         FROM inquiry, household WHERE {LEFT_BEHIND} {list}"
    );
    let rows = tx.query_all_raw(statement(tx.backend(), &sql, codes(villages))).await?;
    rows.iter()
        .map(|row| {
            Ok(LeftBehind {
                id: row.try_get_by_index(0)?,
                household_id: row.try_get_by_index(1)?,
                status: row.try_get_by_index(2)?,
                from: (row.try_get_by_index(3)?, row.try_get_by_index(4)?),
                to: (row.try_get_by_index(5)?, row.try_get_by_index(6)?),
                sealed: row.try_get_by_index(7)?,
            })
        })
        .collect::<Result<_, DbErr>>()
        .map_err(Error::from)
}

/// Moves them to where their households are.
pub async fn follow_households(tx: &Tx, villages: &[String], now: DateTime<Utc>) -> Result<()> {
    let list = list(villages);
    let sql = format!(
        "UPDATE inquiry SET village_code = household.village_code, \
         township_code = household.township_code, version = inquiry.version + 1, updated_at = {{}} \
         FROM household WHERE {LEFT_BEHIND} {list}"
    );
    let mut values = vec![now.into()];
    values.extend(codes(villages));
    tx.execute_raw(statement(tx.backend(), &sql, values)).await?;
    Ok(())
}

/// A list of so many placeholders.
fn list(villages: &[String]) -> String {
    format!("({})", vec!["{}"; villages.len()].join(", "))
}

fn codes(villages: &[String]) -> Vec<Value> {
    villages.iter().map(|code| code.as_str().into()).collect()
}
