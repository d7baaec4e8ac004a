//! Appointments at the pilot town's window: those of the last weeks with what came of them, and those of the coming days.

use chrono::{DateTime, TimeDelta, Utc};
use entity::appointment::{Model, Status, WastedReason};
use uuid::Uuid;

use super::households::Town;
use super::{id_at, local};
use crate::appointment::{next_reminder, place_of};
use crate::clock;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::store;
use crate::scalar::Weekday;

const DAYS_AGO: i64 = 30;
const DAYS_AHEAD: i64 = 10;
/// When somebody comes, in minutes from midnight: of the half hours in which the window is open.
const TIMES: [i64; 4] = [9 * 60, 10 * 60 + 30, 14 * 60, 15 * 60 + 30];
/// What came of the last days' appointments is still to be recorded for half of them.
const UNRECORDED: TimeDelta = TimeDelta::days(4);
/// One household in so many comes.
const ONE_IN: usize = 7;

/// Adds the appointments.
pub async fn fill(
    tx: &Tx,
    window_id: Uuid,
    town: &Town,
    now: DateTime<Utc>,
) -> Result<(), DemoError> {
    let days = (-DAYS_AHEAD..=DAYS_AGO).rev().map(TimeDelta::days);
    let times = days.flat_map(|day| TIMES.map(|minutes| local(now, day, minutes)));
    let open = times
        .filter(|at| !matches!(Weekday::of(clock::day(*at)), Weekday::Saturday | Weekday::Sunday));
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for ((nth, starts_at), asking) in open.enumerate().zip(town.asking.iter().step_by(ONE_IN)) {
        let (status, wasted_reason) = came_of(nth, now - starts_at);
        let booked_at = starts_at.min(now) - TimeDelta::days(2);
        let row = Model {
            id: id_at(booked_at),
            window_id,
            household_id: asking.household_id,
            inquiry_id: None,
            guide_version_id: None,
            checklist_key: None,
            starts_at,
            ends_at: starts_at + TimeDelta::minutes(30),
            place: 1,
            status,
            displaced: false,
            readiness: None,
            missing_papers: None,
            checked_by: None,
            checked_at: None,
            wasted_reason,
            note: None,
            booked_by: None,
            remind_at: next_reminder(starts_at, now).filter(|_| status == Status::Booked),
            reminded_at: None,
            moved_from: None,
            version: 1,
            booked_at,
            updated_at: starts_at.min(now),
        };
        places.push(place_of(&row, id_at(booked_at)));
        rows.push(row);
    }
    store::add(tx, rows).await?;
    Ok(store::add(tx, places).await?)
}

/// What came of an appointment that began so long ago.
fn came_of(nth: usize, ago: TimeDelta) -> (Status, Option<WastedReason>) {
    if ago < TimeDelta::zero() || ago < UNRECORDED && nth.is_multiple_of(2) {
        return (Status::Booked, None);
    }
    match nth % 9 {
        3 => (Status::Missed, None),
        5 => (Status::WastedTrip, Some(WastedReason::PapersMissing)),
        7 if !nth.is_multiple_of(2) => (Status::WastedTrip, Some(WastedReason::WrongOffice)),
        _ => (Status::Attended, None),
    }
}
