//! The rules of moving an appointment. However many are moved, and whoever does it, each is moved in this way.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::appointment::Model;
use entity::household;
use uuid::Uuid;

use super::rules::{find, finish, home, lock, may_come, of_township, still_ahead, told};
use super::schedule::Slot;
use super::{Appointment, ServiceWindow, line, reminder, store};
use crate::access::Act;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::household::locked;
use crate::payload::expected;
use crate::request::Request;

/// Where an appointment is to be moved.
pub struct NewTime {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// At another window than before.
    pub window_id: Option<Uuid>,
}

/// Moves an appointment to another time, or to another window.
pub async fn reschedule(
    request: &Request,
    id: Uuid,
    version: i32,
    to: NewTime,
) -> Result<Appointment> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::BookAppointment).await?;
    let seen = find(&tx, id).await?;
    let household = locked(&tx, seen.household_id).await?;
    let window_id = to.window_id.unwrap_or(seen.window_id);
    let (left, window) = lock_windows(&tx, seen.window_id, window_id).await?;
    let before = lock(&tx, &seen, version).await?;
    still_ahead(&before, now)?;
    let window = expected(window, "windowId")?;
    of_township(&window, &household.township_code)?;
    let slot = window.bookable(to.starts_at, now)?;
    may_come(&tx, household.id, &slot, Some(id), now).await?;
    if !before.displaced && window_id == before.window_id && slot == Slot::from(&before) {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "startsAt",
            "预约已在该时段。",
            "The appointment is at this time already.",
        ));
    }
    let number = store::free_number(&tx, &window, &slot).await?.ok_or_else(store::full)?;
    let after = moved(&tx, &before, (&window, &slot, number), now);
    make(&mut tx, &[(before, after)], &[household], now).await?;
    if let Some(left) = left {
        line::serve(&mut tx, &left, now).await?;
    }
    finish(tx, id).await
}

/// The appointment when it has been moved.
pub fn moved(
    tx: &Tx,
    before: &Model,
    (window, slot, number): (&ServiceWindow, &Slot, i32),
    now: DateTime<Utc>,
) -> Model {
    let by_staff = tx.scope().actor().role.of_staff().is_some();
    let tells = by_staff && before.inquiry_id.is_some();
    let moved_from = tells.then(|| before.moved_from.unwrap_or(before.starts_at));
    Model {
        window_id: window.id.uuid(),
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        place: number,
        displaced: false,
        // Who did not move it is told at once.
        remind_at: moved_from.map_or_else(|| reminder::next(slot.starts_at, now), |_| Some(now)),
        moved_from,
        version: before.version + 1,
        updated_at: now,
        ..before.clone()
    }
}

/// Writes what was moved, and tells of it.
pub async fn make(
    tx: &mut Tx,
    moves: &[(Model, Model)],
    households: &[household::Model],
    now: DateTime<Utc>,
) -> Result<()> {
    let homes: HashMap<Uuid, _> = households.iter().map(|one| (one.id, home(one))).collect();
    let afters: Vec<Model> = moves.iter().map(|(_, after)| after.clone()).collect();
    store::move_places(tx, &afters, now).await?;
    store::save_all(tx, &afters).await?;
    for (before, after) in moves {
        tx.record(told(after, Some(before.status), homes.get(&after.household_id), now));
    }
    Ok(())
}

/// Two windows, or twice the same one, locked in an order that is always the same.
pub async fn lock_windows(
    tx: &Tx,
    one: Uuid,
    other: Uuid,
) -> Result<(Option<ServiceWindow>, Option<ServiceWindow>)> {
    if one == other {
        let window = store::lock_window(tx, one).await?;
        return Ok((window.clone(), window));
    }
    let first = store::lock_window(tx, one.min(other)).await?;
    let second = store::lock_window(tx, one.max(other)).await?;
    Ok(if one < other { (first, second) } else { (second, first) })
}
