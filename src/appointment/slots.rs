//! Which slots of a window are free.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{AvailableSlot, ServiceWindow, store};
use crate::access::Act;
use crate::clock;
use crate::db::Key;
use crate::error::{Code, Error, Result};
use crate::record;
use crate::request::Request;
use crate::scalar::Date;

/// Days of which slots are listed at once.
const MAX_DAYS: u64 = 31;
/// Days that are listed when no end is given.
const USUAL_DAYS: u64 = 7;

/// The slots of a window that can be booked now, but for being full.
pub async fn available(
    request: &Request,
    id: &Key,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Vec<AvailableSlot>> {
    let now = request.service().clock.now();
    let first = from.map_or(clock::day(now), |day| day.0);
    let after = |days: u64| first.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    let last = to.map_or(after(USUAL_DAYS - 1), |day| day.0);
    if last < first || last >= after(MAX_DAYS) {
        return Err(Error::top(
            Code::BadUserInput,
            "查询范围应为1到31天。",
            "Ask for 1 to 31 days, the first one first.",
        ));
    }
    let reader = request.reader(Act::ReadServiceWindow)?;
    let window: ServiceWindow = record::one(&reader, id, ()).await?.ok_or_else(Error::not_found)?;
    // Nothing else can be booked.
    let (first, last) = (first.max(clock::day(now)), last.min(window.last_day(now)));
    if last < first {
        return Ok(Vec::new());
    }
    let until = clock::midnight(last) + TimeDelta::days(1);
    let taken = store::taken(&reader, window.id.uuid(), (clock::midnight(first), until)).await?;
    let mut full: HashMap<DateTime<Utc>, i32> = HashMap::new();
    for (starts_at, _) in taken.into_iter().filter(|(_, number)| *number <= window.capacity) {
        *full.entry(starts_at).or_default() += 1;
    }
    let days = first.iter_days().take_while(|day| *day <= last);
    let slots = days.flat_map(|day| window.slots_on(day)).filter(|slot| window.in_time(slot, now));
    let free = |starts_at| window.capacity - full.get(&starts_at).copied().unwrap_or(0);
    Ok(slots
        .map(|slot| AvailableSlot {
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            free: free(slot.starts_at),
        })
        .collect())
}
