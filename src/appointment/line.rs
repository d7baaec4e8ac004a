//! Who is next in line: places that are free are offered to those who wait, first come, first served. An offer
//! holds its place until it expires. Everything here happens while the window is locked.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::waiting_place::{Model, Status};
use entity::{appointment, slot_place};
use serde_json::json;
use uuid::Uuid;

use super::schedule::Slot;
use super::{ServiceWindow, store};
use crate::clock;
use crate::db::{Tx, id_at};
use crate::error::Result;
use crate::event::{Draft, Kind};
use crate::service::Service;

/// How long an offer stands. Nobody loses the turn asleep: the time runs in daytime only.
const STANDS_FOR: TimeDelta = TimeDelta::hours(4);
/// From when to when it is daytime, after midnight in China.
const DAYTIME: (TimeDelta, TimeDelta) = (TimeDelta::hours(8), TimeDelta::hours(21));
/// What cannot stand for so long is not offered, and can be booked by anybody.
const STANDS_AT_LEAST: TimeDelta = TimeDelta::minutes(30);

/// The number of a free place, by the slot's start, that is not among those `taken`.
type Taken = HashSet<(DateTime<Utc>, i32)>;

/// Offers what is free at a locked window to those who wait for it.
pub async fn serve(tx: &mut Tx, window: &ServiceWindow, now: DateTime<Utc>) -> Result<()> {
    let line = store::in_line(tx, window.id.uuid()).await?;
    if line.is_empty() {
        return Ok(());
    }
    let mut taken = taken(tx, window, now).await?;
    for one in line {
        if free_for(window, &one, &taken, &[], now).is_none() {
            continue;
        }
        let busy = store::booked_of(tx, &[one.household_id], now).await?;
        let Some((slot, number)) = free_for(window, &one, &taken, &busy, now) else { continue };
        taken.insert((slot.starts_at, number));
        let offered = Model {
            status: Status::Offered,
            offered_starts_at: Some(slot.starts_at),
            offered_ends_at: Some(slot.ends_at),
            offer_expires_at: Some(expiry(window, &slot, now)),
            told_at: None,
            ..one
        };
        change(tx, offered.clone(), now).await?;
        let place = slot_place::Model {
            id: id_at(now),
            window_id: window.id.uuid(),
            starts_at: slot.starts_at,
            place: number,
            appointment_id: None,
            waiting_place_id: Some(offered.id),
        };
        store::hold(tx, place).await?;
    }
    Ok(())
}

/// The places that are taken at a window of the slots that can be booked now.
pub async fn taken(tx: &Tx, window: &ServiceWindow, now: DateTime<Utc>) -> Result<Taken> {
    let until = clock::midnight(window.last_day(now)) + TimeDelta::days(1);
    store::taken_places(tx, window.id.uuid(), (now, until)).await
}

/// The first place that is free on a day that suits, at which the household is not `busy` with another appointment, if
/// there is still time to offer it.
pub fn free_for(
    window: &ServiceWindow,
    waiting: &Model,
    taken: &Taken,
    busy: &[appointment::Model],
    now: DateTime<Utc>,
) -> Option<(Slot, i32)> {
    let first = waiting.from_day.max(clock::day(now));
    let last = waiting.until_day.min(window.last_day(now));
    first
        .iter_days()
        .take_while(|day| *day <= last)
        .flat_map(|day| window.slots_on(day))
        .filter(|slot| !busy.iter().any(|other| slot.overlaps(&other.into())))
        .filter(|slot| expiry(window, slot, now) >= daytime_after(now, STANDS_AT_LEAST))
        .find_map(|slot| {
            let free = |number: &i32| !taken.contains(&(slot.starts_at, *number));
            Some((slot, (1..=window.capacity).find(free)?))
        })
}

fn expiry(window: &ServiceWindow, slot: &Slot, now: DateTime<Utc>) -> DateTime<Utc> {
    let latest = slot.starts_at - TimeDelta::minutes(window.lead_minutes.into());
    latest.min(daytime_after(now, STANDS_FOR))
}

/// When so much daytime has passed.
fn daytime_after(from: DateTime<Utc>, length: TimeDelta) -> DateTime<Utc> {
    let (mut at, mut left) = (from, length);
    loop {
        let midnight = clock::midnight(clock::day(at));
        let (begins, ends) = (midnight + DAYTIME.0, midnight + DAYTIME.1);
        at = at.max(begins);
        if at + left <= ends {
            return at + left;
        }
        left -= (ends - at).max(TimeDelta::zero());
        at = midnight + TimeDelta::days(1);
    }
}

/// Puts those back in line whose offered place the window no longer has.
pub async fn take_back(tx: &mut Tx, window: &ServiceWindow, now: DateTime<Utc>) -> Result<()> {
    for (offered, number) in store::offers(tx, window.id.uuid()).await? {
        let slot = offered.offered_starts_at.zip(offered.offered_ends_at);
        let slot = slot.map(|(starts_at, ends_at)| Slot { starts_at, ends_at });
        if slot.is_some_and(|slot| window.offers(&slot, number)) {
            continue;
        }
        store::release_offer(tx, offered.id).await?;
        let waiting = Model {
            status: Status::Waiting,
            offered_starts_at: None,
            offered_ends_at: None,
            offer_expires_at: None,
            ..offered
        };
        change(tx, waiting, now).await?;
    }
    Ok(())
}

/// Ends the waiting: what was offered goes to the next one in line.
pub async fn end(
    tx: &mut Tx,
    window: &ServiceWindow,
    waiting: Model,
    status: Status,
    now: DateTime<Utc>,
) -> Result<()> {
    store::release_offer(tx, waiting.id).await?;
    change(tx, Model { status, ..waiting }, now).await?;
    serve(tx, window, now).await
}

/// Writes how far a waiting is, and tells of it.
pub async fn change(tx: &mut Tx, waiting: Model, now: DateTime<Utc>) -> Result<()> {
    let after = Model { version: waiting.version + 1, updated_at: now, ..waiting };
    store::save_waiting(tx, &after).await?;
    tell(tx, &after, now).await
}

/// Tells how far a waiting is.
pub async fn tell(tx: &mut Tx, waiting: &Model, now: DateTime<Utc>) -> Result<()> {
    let homes = store::homes(tx, &[waiting.household_id]).await?;
    tx.record(Draft {
        kind: Kind::WaitingPlaceChanged,
        at: now,
        place: homes.get(&waiting.household_id).cloned(),
        household_id: Some(waiting.household_id),
        subject_id: waiting.id,
        detail: json!({ "status": store::waiting_status_name(waiting.status), "window": waiting.window_id }),
    });
    Ok(())
}

/// Ends what has waited too long: offers that nobody accepted, and waiting for days that are over.
pub async fn expire(service: &Service) -> Result<()> {
    loop {
        let now = service.clock.now();
        let mut tx = service.keep().await?;
        let Some((id, window_id)) = store::overdue(&tx, now).await? else { return Ok(()) };
        let Some(window) = store::lock_window(&tx, window_id).await? else { return Ok(()) };
        // Read again: it may have been accepted until the window was locked.
        if let Some(waiting) = store::lock_waiting(&tx, id).await?
            && is_overdue(&waiting, now)
        {
            end(&mut tx, &window, waiting, Status::Expired, now).await?;
            tx.commit().await?;
        }
    }
}

fn is_overdue(waiting: &Model, now: DateTime<Utc>) -> bool {
    match waiting.status {
        Status::Offered => waiting.offer_expires_at.is_none_or(|at| at <= now),
        Status::Waiting => waiting.until_day < clock::day(now),
        Status::Booked | Status::Left | Status::Expired => false,
    }
}

/// Ends the waiting of households for which nobody speaks any more.
pub async fn give_up(tx: &mut Tx, households: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    for (id, window_id) in store::waiting_of(tx, households).await? {
        let Some(window) = store::lock_window(tx, window_id).await? else { continue };
        if let Some(waiting) = store::lock_waiting(tx, id).await?
            && matches!(waiting.status, Status::Waiting | Status::Offered)
        {
            end(tx, &window, waiting, Status::Left, now).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_stands_through_the_night() {
        let at =
            |text: &str| -> DateTime<Utc> { format!("2026-09-{text}:00+08:00").parse().unwrap() };
        for (from, hours, until) in [
            ("01T16:00", 4, "01T20:00"),
            ("01T17:00", 4, "01T21:00"),
            ("01T20:00", 4, "02T11:00"),
            ("01T21:00", 4, "02T12:00"),
            ("01T23:30", 4, "02T12:00"),
            ("02T03:00", 4, "02T12:00"),
            ("01T08:00", 30, "03T12:00"),
        ] {
            assert_eq!(daytime_after(at(from), TimeDelta::hours(hours)), at(until), "{from}");
        }
    }
}
