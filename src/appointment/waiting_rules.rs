//! The rules of waiting for a place.

use chrono::{DateTime, NaiveDate, Utc};
use entity::appointment;
use entity::waiting_place::{Model, Status};
use uuid::Uuid;

use super::purpose::Purpose;
use super::rules::{booked, finish, home, may_come, told, window_for};
use super::schedule::Slot;
use super::{Appointment, WaitingPlace, line, store};
use crate::access::Act;
use crate::clock;
use crate::db::{Once, Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::household::locked;
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// Who is to wait, and for what.
pub struct NewWaiting {
    /// For a place at this window.
    pub window_id: Uuid,
    /// Who.
    pub household_id: Uuid,
    /// What it is about.
    pub inquiry_id: Option<Uuid>,
    /// The first day that suits.
    pub from: NaiveDate,
    /// The last one.
    pub until: NaiveDate,
}

/// Joins the line of a window.
pub async fn join(request: &Request, new: NewWaiting, once: Once) -> Result<WaitingPlace> {
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::BookAppointment).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let household = locked(&tx, new.household_id).await?;
    let window = window_for(&tx, new.window_id, &household.township_code).await?;
    if new.until < new.from.max(clock::day(now)) || new.until > window.last_day(now) {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "until",
            "最后一天不能早于第一天或今天，也不能超出可预约的范围。",
            "The last day is neither before the first one or today, nor further ahead than can be booked.",
        ));
    }
    let purpose = Purpose { inquiry_id: new.inquiry_id, ..Purpose::default() };
    purpose.check(request, &tx, household.id).await?;
    let waits = store::waiting_of(&tx, &[household.id]).await?;
    if waits.iter().any(|(_, window_id)| *window_id == new.window_id) {
        return Err(Error::user(
            UserErrorCode::Taken,
            "windowId",
            "该户已在该窗口候补。",
            "The household is waiting for this window already.",
        ));
    }
    let row = Model {
        id,
        window_id: new.window_id,
        household_id: household.id,
        inquiry_id: new.inquiry_id,
        from_day: new.from,
        until_day: new.until,
        status: Status::Waiting,
        offered_starts_at: None,
        offered_ends_at: None,
        offer_expires_at: None,
        told_at: None,
        version: 1,
        joined_at: now,
        updated_at: now,
    };
    let taken = line::taken(&tx, &window, now).await?;
    let busy = store::booked_of(&tx, &[household.id], now).await?;
    if line::free_for(&window, &row, &taken, &busy, now).is_some() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "windowId",
            "这几天还有空位，可直接预约。",
            "A place is free on one of these days. Book it.",
        ));
    }
    store::insert_waiting(&tx, &row).await?;
    line::tell(&mut tx, &row, now).await?;
    made(tx, id).await
}

/// Leaves the line.
pub async fn leave(request: &Request, id: Uuid, version: i32) -> Result<WaitingPlace> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::BookAppointment).await?;
    let seen = find(&tx, id).await?;
    let window = expected(store::lock_window(&tx, seen.window_id).await?, "waitingPlaceId")?;
    let waiting = expected(store::lock_waiting(&tx, id).await?, "waitingPlaceId")?;
    changed_one(u64::from(waiting.version == version))?;
    if !matches!(waiting.status, Status::Waiting | Status::Offered) {
        return Err(over());
    }
    line::end(&mut tx, &window, waiting, Status::Left, now).await?;
    made(tx, id).await
}

/// Books what is offered.
pub async fn accept(
    request: &Request,
    id: Uuid,
    purpose: Purpose,
    once: Once,
) -> Result<Appointment> {
    let checklist_key = purpose.checklist_key(request).await?;
    let now = request.service().clock.now();
    let appointment_id = request.new_id();
    let mut tx = request.begin(Act::BookAppointment).await?;
    if let Some(first) = once.claim(&tx, appointment_id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let seen = find(&tx, id).await?;
    let household = locked(&tx, seen.household_id).await?;
    let window = window_for(&tx, seen.window_id, &household.township_code).await?;
    let waiting = expected(store::lock_waiting(&tx, id).await?, "waitingPlaceId")?;
    let slot = offered(&waiting, now)?;
    let number = expected(store::offered_number(&tx, id).await?, "waitingPlaceId")?;
    purpose.check(request, &tx, household.id).await?;
    may_come(&tx, household.id, &slot, None, now).await?;
    let new = booked(&tx, (appointment_id, household.id), (&window, &slot, number), now);
    let new = appointment::Model {
        inquiry_id: purpose.inquiry_id.or(waiting.inquiry_id),
        guide_version_id: purpose.guide_version_id,
        checklist_key,
        ..new
    };
    store::insert(&tx, &new).await?;
    store::give_to(&tx, id, appointment_id).await?;
    line::change(&mut tx, Model { status: Status::Booked, ..waiting }, now).await?;
    tx.record(told(&new, None, Some(&home(&household)), now));
    finish(tx, appointment_id).await
}

/// The slot that is offered, while the offer stands.
fn offered(waiting: &Model, now: DateTime<Utc>) -> Result<Slot> {
    let slot = waiting.offered_starts_at.zip(waiting.offered_ends_at);
    let stands = waiting.status == Status::Offered
        && waiting.offer_expires_at.is_some_and(|expires_at| now < expires_at);
    match slot.filter(|_| stands) {
        Some((starts_at, ends_at)) => Ok(Slot { starts_at, ends_at }),
        None => Err(over()),
    }
}

async fn find(tx: &Tx, id: Uuid) -> Result<WaitingPlace> {
    expected(record::one(tx, &id.into(), ()).await?, "waitingPlaceId")
}

async fn made(tx: Tx, id: Uuid) -> Result<WaitingPlace> {
    let made = find(&tx, id).await?;
    tx.commit().await?;
    Ok(made)
}

fn over() -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "waitingPlaceId",
        "该候补已结束，或没有待确认的空位。",
        "This waiting is over, or no place is offered.",
    )
}
