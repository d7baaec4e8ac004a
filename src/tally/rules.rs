//! How events become numbers. The events and the checkpoint up to which they are counted are taken in
//! one transaction, so each event counts once, whatever is interrupted and however many instances run.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::store;
use super::{Counted, Tally};
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

/// What is to be added to the numbers: by village and township.
type Differences = BTreeMap<(String, String), Tally>;

/// What these events add to each village.
fn count(events: &[Event]) -> Differences {
    let mut differences = Differences::new();
    for event in events {
        add(&mut differences, event);
    }
    differences
}

fn add(differences: &mut Differences, event: &Event) {
    let detail = &event.detail;
    match event.kind {
        Some(Kind::HouseholdRegistered | Kind::HouseholdRestored) => {
            household(differences, event, detail, 1);
        }
        Some(Kind::HouseholdMerged) => household(differences, event, &detail["before"], -1),
        Some(Kind::HouseholdChanged) => {
            household(differences, event, &detail["before"], -1);
            household(differences, event, &detail["after"], 1);
        }
        Some(Kind::InquirySubmitted) => inquiries(differences, event, &Value::Null, 1),
        Some(Kind::InquiryChanged) => {
            inquiries(differences, event, &detail["from"], -unresolved(&detail["before"]));
            inquiries(differences, event, &Value::Null, unresolved(&detail["after"]));
        }
        _ => {}
    }
}

/// The numbers of the village that is named, or in which the event happened.
fn of<'a>(
    differences: &'a mut Differences,
    event: &Event,
    village: Option<String>,
    township: Option<String>,
) -> Option<&'a mut Tally> {
    let village = village.or_else(|| event.village_code.clone())?;
    let township = township.or_else(|| event.township_code.clone())?;
    Some(differences.entry((village, township)).or_default())
}

fn household(differences: &mut Differences, event: &Event, side: &Value, sign: i64) {
    let Ok(counted) = Counted::deserialize(side) else { return };
    let place = of(differences, event, counted.village.clone(), counted.township.clone());
    if let Some(tally) = place {
        counted.add_to(tally, sign);
    }
}

/// Counts inquiries where the event happened, or in the place that they left.
fn inquiries(differences: &mut Differences, event: &Event, place: &Value, change: i64) {
    let part = |name: &str| place[name].as_str().map(str::to_owned);
    if let Some(tally) = of(differences, event, part("village"), part("township")) {
        tally.open_inquiries += change;
    }
}

fn unresolved(status: &Value) -> i64 {
    i64::from(status.as_str() != Some("RESOLVED"))
}
