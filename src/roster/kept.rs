//! Rosters of villages that were read before. What they are made of changes a few times a day, and each change of it
//! counts a version up, which a statement reads along with what else it reads. So a roster that is kept is as
//! fresh on every instance as the row beside its version, and costs neither a statement nor a part of one.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use moka::sync::Cache;

use super::facts::Facts;
use super::store;
use crate::clock::{self, midnight};
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::service::Service;

/// How many are kept: a county has about 770 villages.
const KEPT: u64 = 1000;

struct Rosters(Cache<(String, NaiveDate, i64), Arc<Facts>>);

/// The roster of a village for a moment, at a version that was just read. The reader's scope has the village.
pub async fn of_village(
    service: &Service,
    reader: &Reader,
    code: &str,
    version: i64,
    at: DateTime<Utc>,
) -> Result<Arc<Facts>> {
    let rosters = service.shelf.get(async { Ok(Rosters(Cache::new(KEPT))) }).await?;
    let day = clock::day(at);
    let asked = (code.to_owned(), day, version);
    if let Some(facts) = rosters.0.get(&asked) {
        return Ok(facts);
    }
    // The whole day, so that it holds until the version or the day is another. What is read now may be fresher than
    // the version, never older.
    let last = midnight(day) + TimeDelta::days(1) - TimeDelta::microseconds(1);
    let facts = store::facts_of_village(reader, code, (midnight(day), last)).await?;
    let facts = Arc::new(facts.ok_or_else(|| Error::internal("a household without a village"))?);
    rosters.0.insert(asked, facts.clone());
    Ok(facts)
}
