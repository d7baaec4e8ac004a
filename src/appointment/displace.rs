//! What becomes of appointments when a window no longer offers their time: none is dropped.

use chrono::{DateTime, Utc};
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
    let mut changed = Vec::new();
    for before in store::booked_at(tx, window.id.uuid(), now).await? {
        let mut after = before.clone();
        after.place = fitting_place(tx, window, &before).await?;
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
    for (before, after) in befores.iter().zip(&afters) {
        tx.record(told(after, Some(before.status), homes.get(&after.household_id), now));
    }
    Ok(())
}

/// The number that an appointment has when there are so many places: its own, or a lower one that is free.
async fn fitting_place(
    tx: &Tx,
    window: &ServiceWindow,
    booked: &appointment::Model,
) -> Result<i32> {
    let slot = Slot::from(booked);
    if booked.place <= window.capacity || !window.offers(&slot, 1) {
        return Ok(booked.place);
    }
    let number = store::free_number(tx, window, &slot).await?;
    let Some(number) = number else { return Ok(booked.place) };
    store::move_to(tx, booked.id, (booked.window_id, &slot, number)).await?;
    Ok(number)
}
