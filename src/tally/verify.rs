//! Whether the kept numbers are right: they must equal what a count of the tables gives, and what the
//! whole event log gives when it is counted from nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Utc};

use super::numbers::{COUNTS, Tally};
use super::rules::{BATCH, COUNTED, Changes, Place};
use super::store;
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::clock;
use crate::db::{Database, Tx};
use crate::error::Result;
use crate::event::Position;

/// What the present numbers differ from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A count of the tables.
    Tables,
    /// The event log, counted from nothing.
    Log,
    /// The numbers that are kept for today.
    Today,
}

/// A kept number that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The code of the village, or of the township or county whose villages' sum it is.
    pub code: String,
    /// Which number.
    pub number: &'static str,
    /// As it is kept.
    pub kept: i64,
    /// As it should be.
    pub counted: i64,
    /// According to what.
    pub source: Source,
}

/// Compares the present numbers of every village, township and county. Events that are not counted yet
/// show as differences.
pub async fn verify(
    database: &Database,
    confirmed_days: u16,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let tx = database.begin(&grant).await?;
    let today = clock::day(now);
    let since = today.checked_sub_days(Days::new(confirmed_days.saturating_sub(1).into()));
    let of_today = store::of_villages(&tx, Some(today)).await?;
    let mut present = store::of_villages(&tx, None).await?;
    for (place, tally) in &mut present {
        tally.recently_confirmed = of_today.get(place).map_or(0, |day| day.recently_confirmed);
    }
    let kept = levels(present);
    let tables = store::recount(&tx, clock::midnight(since.unwrap_or(today))).await?;
    let log = replay(&tx, confirmed_days, now).await?;
    let mut differences = compare(&kept, &levels(tables), Source::Tables);
    differences.extend(compare(&kept, &levels(log), Source::Log));
    differences.extend(compare(&kept, &levels(of_today), Source::Today));
    Ok(differences)
}

/// What the log gives when it is counted from nothing.
async fn replay(
    tx: &Tx,
    confirmed_days: u16,
    now: DateTime<Utc>,
) -> Result<BTreeMap<Place, Tally>> {
    let mut changes = Changes::new(confirmed_days);
    let mut position = Position::default();
    loop {
        let part = tx.events_after(position, Some(&COUNTED), BATCH as u64).await?;
        let Some(until) = part.until() else { break };
        position = until;
        part.events.iter().for_each(|event| changes.count(event));
    }
    let today = clock::day(now);
    let up_to_today = changes.places.into_iter().map(|(place, days)| {
        let mut tally = Tally::default();
        days.range(..=today).for_each(|(_, change)| tally += change);
        (place, tally)
    });
    Ok(up_to_today.collect())
}

/// The sums of villages, townships and counties, by code.
fn levels(places: BTreeMap<Place, Tally>) -> BTreeMap<String, Tally> {
    let mut sums = BTreeMap::<String, Tally>::new();
    for ((village, township), tally) in places {
        let county: String = township.chars().take(6).collect();
        for code in [village, township, county] {
            *sums.entry(code).or_default() += &tally;
        }
    }
    sums
}

fn compare(
    kept: &BTreeMap<String, Tally>,
    counted: &BTreeMap<String, Tally>,
    source: Source,
) -> Vec<Difference> {
    let nothing = Tally::default();
    let codes: BTreeSet<&String> = kept.keys().chain(counted.keys()).collect();
    let of_code = |code: &String| {
        let kept = kept.get(code).unwrap_or(&nothing).counts();
        let counted = counted.get(code).unwrap_or(&nothing).counts();
        let pairs = COUNTS.into_iter().zip(kept.into_iter().zip(counted));
        let wrong = pairs.filter(|(_, (kept, counted))| kept != counted);
        let differences = wrong.map(|(number, (kept, counted))| Difference {
            code: code.clone(),
            number,
            kept,
            counted,
            source,
        });
        differences.collect::<Vec<_>>()
    };
    codes.into_iter().flat_map(of_code).collect()
}
