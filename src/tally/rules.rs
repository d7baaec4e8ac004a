//! How events become numbers. The events and the checkpoint up to which they are counted are taken in
//! one transaction, so each event counts once, whatever is interrupted and however many instances run.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::store;
use super::{Counted, Tally};
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::clock;
use crate::db::Database;
use crate::error::Result;
use crate::event::{Event, Kind, Position};

/// The name under which the reader keeps its checkpoint.
const READER: &str = "tally";
/// The most events counted at once.
pub const BATCH: usize = 5000;
/// What [`Changes::count`] counts.
pub const COUNTED: [Kind; 6] = [
    Kind::HouseholdRegistered,
    Kind::HouseholdRestored,
    Kind::HouseholdMerged,
    Kind::HouseholdChanged,
    Kind::InquirySubmitted,
    Kind::InquiryChanged,
];

/// Counts the next events, and says how many there were. Nothing when another instance is at it.
/// A confirmation counts as recent for `confirmed_days`.
pub async fn project(
    database: &Database,
    confirmed_days: u16,
    now: DateTime<Utc>,
) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    let Some(position) = store::lock_checkpoint(&tx, READER).await? else { return Ok(0) };
    let part = tx.events_after(position, Some(&COUNTED), BATCH as u64).await?;
    if let Some(until) = part.until() {
        let mut changes = Changes::new(confirmed_days);
        part.events.iter().for_each(|event| changes.count(event));
        store::add(&tx, &changes.places, now).await?;
        store::set_checkpoint(&tx, READER, until).await?;
        tx.commit().await?;
    }
    Ok(part.looked_at)
}

/// How many events, up to a batch of them, have not been counted yet.
pub async fn waiting(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    let position = store::checkpoint(&tx, READER).await?;
    Ok(tx.events_after(position, Some(&[]), BATCH as u64).await?.looked_at)
}

/// Forgets all numbers and counts the whole log again.
pub async fn rebuild(database: &Database, confirmed_days: u16, now: DateTime<Utc>) -> Result<()> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    store::clear(&tx).await?;
    store::set_checkpoint(&tx, READER, Position::default()).await?;
    tx.commit().await?;
    while project(database, confirmed_days, now).await? > 0 {}
    Ok(())
}

/// What changes of a place, by day.
pub type Days = BTreeMap<NaiveDate, Tally>;
/// A village's code, and that of the township in which it is counted.
pub type Place = (String, String);

/// What events change.
pub struct Changes {
    confirmed_days: u16,
    /// By place.
    pub places: BTreeMap<Place, Days>,
}

impl Changes {
    /// No changes yet.
    pub fn new(confirmed_days: u16) -> Self {
        Self { confirmed_days, places: BTreeMap::new() }
    }

    /// Adds what an event changes.
    pub fn count(&mut self, event: &Event) {
        let detail = &event.detail;
        match event.kind {
            Some(Kind::HouseholdRegistered | Kind::HouseholdRestored) => {
                self.household(event, detail, 1);
            }
            Some(Kind::HouseholdMerged) => self.household(event, &detail["before"], -1),
            Some(Kind::HouseholdChanged) => {
                self.household(event, &detail["before"], -1);
                self.household(event, &detail["after"], 1);
            }
            Some(Kind::InquirySubmitted) => {
                self.inquiries(event, &Value::Null, 1, detail["sealed"] == true);
            }
            Some(Kind::InquiryChanged) => {
                let (before, after) = (&detail["before"], &detail["after"]);
                let sealed = &detail["sealed"];
                let (was, is) = (sealed["before"] == true, sealed["after"] == true);
                self.inquiries(event, &detail["from"], -unresolved(before), was);
                self.inquiries(event, &Value::Null, unresolved(after), is);
            }
            _ => {}
        }
    }

    /// The days of the village that is named, or in which the event happened.
    fn of(
        &mut self,
        event: &Event,
        village: Option<String>,
        township: Option<String>,
    ) -> Option<&mut Days> {
        let village = village.or_else(|| event.village_code.clone())?;
        let township = township.or_else(|| event.township_code.clone())?;
        Some(self.places.entry((village, township)).or_default())
    }

    fn household(&mut self, event: &Event, side: &Value, sign: i64) {
        let Ok(counted) = Counted::deserialize(side) else { return };
        let confirmed_days = self.confirmed_days;
        let days = self.of(event, counted.village.clone(), counted.township.clone());
        if let Some(days) = days {
            counted.add_to(days, clock::day(event.at), sign, confirmed_days);
        }
    }

    /// Counts inquiries where the event happened, or in the place that they left.
    fn inquiries(&mut self, event: &Event, place: &Value, change: i64, sealed: bool) {
        let part = |name: &str| place[name].as_str().map(str::to_owned);
        if let Some(days) = self.of(event, part("village"), part("township")) {
            let tally = days.entry(clock::day(event.at)).or_default();
            tally.open_inquiries += change;
            tally.sealed_inquiries += if sealed { change } else { 0 };
        }
    }
}

fn unresolved(status: &Value) -> i64 {
    i64::from(status.as_str() != Some("RESOLVED"))
}
