//! What there really is, counted from the tables themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

use super::super::numbers::{COUNTS, Tally};
use super::super::rules::Place;
use crate::db::Tx;
use crate::error::Result;

/// Counts households and inquiries. A confirmation is recent when it was made at `confirmed_since` or
/// later.
pub async fn recount(tx: &Tx, confirmed_since: DateTime<Utc>) -> Result<BTreeMap<Place, Tally>> {
    let statuses =
        ["UNVISITED", "VISITED", "ENROLLED", "DECLINED", "MOVED_AWAY", "NO_SMARTPHONE", "VACANT"]
            .map(|status| {
                format!(
                    "count(CASE WHEN status = '{status}' THEN 1 END) AS {}",
                    status.to_lowercase()
                )
            })
            .join(", ");
    let households = Statement::from_sql_and_values(
        tx.backend(),
        format!(
            "SELECT village_code, township_code, CAST(sum(people_count) AS bigint) AS people, {statuses}, \
             count(CASE WHEN reachable THEN 1 END) AS reachable, CAST(0 AS bigint) AS open_inquiries, \
             CAST(0 AS bigint) AS sealed_inquiries, \
             count(CASE WHEN confirmed_at >= $1 THEN 1 END) AS recently_confirmed \
             FROM household GROUP BY village_code, township_code"
        ),
        [confirmed_since.into()],
    );
    let inquiries = Statement::from_string(
        tx.backend(),
        "SELECT village_code, township_code, count(*) AS open_inquiries, \
         count(CASE WHEN sealed THEN 1 END) AS sealed_inquiries FROM inquiry \
         WHERE status <> 'RESOLVED' GROUP BY village_code, township_code",
    );
    let mut counted = BTreeMap::<Place, Tally>::new();
    for row in tx.query_all_raw(households).await? {
        let place = (row.try_get("", "village_code")?, row.try_get("", "township_code")?);
        let mut tally = Tally::default();
        for (count, name) in tally.counts_mut().into_iter().zip(COUNTS) {
            *count = row.try_get("", name)?;
        }
        counted.insert(place, tally);
    }
    for row in tx.query_all_raw(inquiries).await? {
        let place = (row.try_get("", "village_code")?, row.try_get("", "township_code")?);
        let tally = counted.entry(place).or_default();
        tally.open_inquiries = row.try_get("", "open_inquiries")?;
        tally.sealed_inquiries = row.try_get("", "sealed_inquiries")?;
    }
    Ok(counted)
}
