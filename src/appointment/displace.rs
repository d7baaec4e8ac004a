//! What becomes of appointments when a window no longer offers their time: none is dropped.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::appointment;
use uuid::Uuid;

use super::rules::told;
use super::schedule::Slot;
use super::{ServiceWindow, store};
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};

/// Marks the appointments whose time the window no longer offers. None is dropped; and nobody is displaced
/// unless that is `confirmed`.
pub async fn displace(
    tx: &mut Tx,
    window: &ServiceWindow,
    confirmed: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let booked = store::booked_at(tx, window.id.uuid(), now).await?;
    let Some(last) = booked.last() else { return Ok(()) };
    let until = last.starts_at + TimeDelta::seconds(1);
    let mut taken = store::taken_places(tx, window.id.uuid(), (now, until)).await?;
    let mut changed = Vec::new();
    for before in booked {
        let mut after = before.clone();
        after.place = fitting_place(window, &before, &mut taken);
        after.displaced = !window.offers(&Slot::from(&after), after.place);
        if after != before {
            changed.push((before, after));
        }
    }
    let newly =
        changed.iter().filter(|(before, after)| after.displaced && !before.displaced).count();
    if newly > 0 && !confirmed {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "confirmDisplacing",
            format!("有{newly}个已预约的时段将不再开放。确认后请改约（可批量）。"),
            format!(
                "{newly} booked appointments would no longer fit. Confirm that, and move them: `moveAppointments`."
            ),
        ));
    }
    let households: Vec<Uuid> = changed.iter().map(|(_, after)| after.household_id).collect();
    let homes = store::homes(tx, &households).await?;
    let (befores, mut afters): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
    for after in &mut afters {
        after.version += 1;
        after.updated_at = now;
    }
    store::save_all(tx, &afters).await?;
    let moved = befores.iter().zip(&afters).filter(|(before, after)| before.place != after.place);
    let moved: Vec<_> = moved.map(|(_, after)| after.clone()).collect();
    store::move_places(tx, &moved, now).await?;
    for (before, after) in befores.iter().zip(&afters) {
        tx.record(told(after, Some(before.status), homes.get(&after.household_id), now));
    }
    Ok(())
}

/// The number that an appointment has when there are so many places: its own, or a lower one that is free.
fn fitting_place(
    window: &ServiceWindow,
    booked: &appointment::Model,
    taken: &mut HashSet<(DateTime<Utc>, i32)>,
) -> i32 {
    let slot = Slot::from(booked);
    if booked.place <= window.capacity || !window.offers(&slot, 1) {
        return booked.place;
    }
    let free = (1..=window.capacity).find(|number| taken.insert((slot.starts_at, *number)));
    free.unwrap_or(booked.place)
}
