//! How events become numbers. The events and the checkpoint up to which they are counted are taken in
//! one transaction, so each event counts once, whatever is interrupted and however many instances run.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Tally;
use super::store;
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::Database;
use crate::error::Result;
use crate::event::{Event, Kind, Position};

/// The name under which the reader keeps its checkpoint.
const READER: &str = "tally";
/// The most events counted at once.
pub const BATCH: usize = 1000;

/// Counts the next events, and says how many there were. Nothing when another instance is at it.
pub async fn project(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    let Some(position) = store::lock_checkpoint(&tx, READER).await? else { return Ok(0) };
    let events = tx.events_after(position, BATCH as u64).await?;
    if let Some(last) = events.last() {
        store::add(&tx, count(&events), now).await?;
        store::set_checkpoint(&tx, READER, last.position).await?;
        tx.commit().await?;
    }
    Ok(events.len())
}

/// How many events, up to a batch of them, have not been counted yet.
pub async fn waiting(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    let position = store::checkpoint(&tx, READER).await?;
    Ok(tx.events_after(position, BATCH as u64).await?.len())
}

/// Forgets all numbers and counts the whole log again.
pub async fn rebuild(database: &Database, now: DateTime<Utc>) -> Result<()> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    store::clear(&tx).await?;
    store::set_checkpoint(&tx, READER, Position::default()).await?;
    tx.commit().await?;
    while project(database, now).await? > 0 {}
    Ok(())
}

/// What these events add to each village: by its code, its township's code and the difference.
fn count(events: &[Event]) -> BTreeMap<String, (String, Tally)> {
    let mut villages: BTreeMap<String, (String, Tally)> = BTreeMap::new();
    for event in events {
        let (Some(village), Some(township)) = (&event.village_code, &event.township_code) else {
            continue;
        };
        let (_, tally) =
            villages.entry(village.clone()).or_insert_with(|| (township.clone(), Tally::default()));
        add(tally, event);
    }
    villages
}

fn add(tally: &mut Tally, event: &Event) {
    let detail = &event.detail;
    let text = |name: &str| detail.get(name).and_then(|value| value.as_str());
    match event.kind {
        Some(Kind::HouseholdRegistered) => household(tally, detail, 1),
        Some(Kind::HouseholdChanged) => {
            household(tally, &detail["before"], -1);
            household(tally, &detail["after"], 1);
        }
        Some(Kind::InquirySubmitted) => tally.open_inquiries += 1,
        Some(Kind::InquiryChanged) => {
            tally.open_inquiries += unresolved(text("after")) - unresolved(text("before"));
        }
        _ => {}
    }
}

fn unresolved(status: Option<&str>) -> i64 {
    i64::from(status != Some("RESOLVED"))
}

fn household(tally: &mut Tally, side: &serde_json::Value, sign: i64) {
    tally.people += sign * side["people"].as_i64().unwrap_or(0);
    let place = match side["status"].as_str() {
        Some("UNVISITED") => &mut tally.unvisited,
        Some("VISITED") => &mut tally.visited,
        Some("ENROLLED") => &mut tally.enrolled,
        Some("DECLINED") => &mut tally.declined,
        Some("MOVED_AWAY") => &mut tally.moved_away,
        Some("NO_SMARTPHONE") => &mut tally.no_smartphone,
        Some("VACANT") => &mut tally.vacant,
        _ => return,
    };
    *place += sign;
}
