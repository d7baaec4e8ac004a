//! The rules of booking. Whoever takes or frees places locks the household first, then the window, then what
//! belongs to it: so places change one after the other, and nobody waits for each other.

use chrono::{DateTime, Utc};
use entity::appointment::{Model, Status};
use entity::household;
use serde_json::json;
use uuid::Uuid;

use super::purpose::Purpose;
use super::schedule::Slot;
use super::{Appointment, ServiceWindow, line, reminder, store};
use crate::access::Act;
use crate::actor::{Actor, Role};
use crate::db::{Once, Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::locked;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_NOTE: usize = 500;
/// Appointments ahead that a resident can book for a household.
const MAX_AHEAD: usize = 5;

/// An appointment to be booked.
pub struct NewAppointment {
    /// At this window.
    pub window_id: Uuid,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// Who comes.
    pub household_id: Uuid,
    /// What for.
    pub purpose: Purpose,
}

/// Books an appointment.
pub async fn book(request: &Request, new: NewAppointment, once: Once) -> Result<Appointment> {
    let checklist_key = new.purpose.checklist_key(request).await?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::BookAppointment).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let household = locked(&tx, new.household_id).await?;
    let window = window_for(&tx, new.window_id, &household.township_code).await?;
    let slot = window.bookable(new.starts_at, now)?;
    new.purpose.check(request, &tx, household.id).await?;
    may_come(&tx, household.id, &slot, None, now).await?;
    let number = store::free_number(&tx, &window, &slot).await?.ok_or_else(store::full)?;
    let row = booked(&tx, (id, household.id), (&window, &slot, number), now);
    let row = Model {
        inquiry_id: new.purpose.inquiry_id,
        guide_version_id: new.purpose.guide_version_id,
        checklist_key,
        ..row
    };
    store::insert(&tx, &row).await?;
    store::hold(&tx, store::place_of(&row, request.new_id())).await?;
    tx.record(told(&row, None, Some(&home(&household)), now));
    finish(tx, id).await
}

/// Calls an appointment off: its place is free again.
pub async fn cancel(
    request: &Request,
    id: Uuid,
    version: i32,
    reason: Option<&str>,
) -> Result<Appointment> {
    let reason = text::optional("reason", reason, MAX_NOTE)?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::BookAppointment).await?;
    let seen = find(&tx, id).await?;
    let window = expected(store::lock_window(&tx, seen.window_id).await?, "appointmentId")?;
    let before = lock(&tx, &seen, version).await?;
    still_ahead(&before, now)?;
    let after = Model {
        status: Status::Cancelled,
        displaced: false,
        remind_at: None,
        moved_from: None,
        note: reason.map(|reason| store::sealed_note(&tx, &reason)).transpose()?,
        version: version + 1,
        updated_at: now,
        ..before
    };
    store::save(&tx, &after).await?;
    store::release(&tx, id).await?;
    tell(&mut tx, &after, Status::Booked, now).await?;
    line::serve(&mut tx, &window, now).await?;
    finish(tx, id).await
}

/// An appointment that is booked now.
pub fn booked(
    tx: &Tx,
    (id, household_id): (Uuid, Uuid),
    (window, slot, number): (&ServiceWindow, &Slot, i32),
    now: DateTime<Utc>,
) -> Model {
    let actor: &Actor = tx.scope().actor();
    Model {
        id,
        window_id: window.id.uuid(),
        household_id,
        inquiry_id: None,
        guide_version_id: None,
        checklist_key: None,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        place: number,
        status: Status::Booked,
        displaced: false,
        readiness: None,
        missing_papers: None,
        checked_by: None,
        checked_at: None,
        wasted_reason: None,
        note: None,
        booked_by: actor.role.of_staff().map(|_| actor.id),
        remind_at: reminder::next(slot.starts_at, now),
        reminded_at: None,
        moved_from: None,
        version: 1,
        booked_at: now,
        updated_at: now,
    }
}

/// The window, locked, if it is one of the station to which people of this township go.
pub async fn window_for(tx: &Tx, id: Uuid, township: &str) -> Result<ServiceWindow> {
    let window = expected(store::lock_window(tx, id).await?, "windowId")?;
    of_township(&window, township)?;
    Ok(window)
}

/// Whether the window is one of the station to which people of this township go.
pub fn of_township(window: &ServiceWindow, township: &str) -> Result<()> {
    if window.township_code == township {
        return Ok(());
    }
    Err(elsewhere("windowId"))
}

/// That a household goes to another station.
pub fn elsewhere(field: &str) -> Error {
    Error::user(
        UserErrorCode::Invalid,
        field,
        "只能预约本户所在乡镇派出所的窗口。",
        "A household goes to the station of its own township.",
    )
}

/// The appointment in the area of the change.
pub async fn find(tx: &Tx, id: Uuid) -> Result<Appointment> {
    expected(record::one(tx, &id.into(), ()).await?, "appointmentId")
}

/// Its row, if it is as it was seen and has the version that the change is based on.
pub async fn lock(tx: &Tx, seen: &Appointment, version: i32) -> Result<Model> {
    let row = expected(store::lock(tx, seen.id.uuid()).await?, "appointmentId")?;
    changed_one(u64::from(row.version == version && row.window_id == seen.window_id))?;
    Ok(row)
}

/// Whether an appointment can still be moved or called off.
pub fn still_ahead(appointment: &Model, now: DateTime<Utc>) -> Result<()> {
    if appointment.status == Status::Booked && appointment.starts_at > now {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::WrongState,
        "appointmentId",
        "该预约已开始、已办结或已取消。",
        "This appointment has begun, is over or was cancelled.",
    ))
}

/// Whether the household has nothing else at that time, and has not booked too much besides.
pub async fn may_come(
    tx: &Tx,
    household_id: Uuid,
    slot: &Slot,
    moved: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut others = store::booked_of(tx, &[household_id], now).await?;
    others.retain(|one| Some(one.id) != moved);
    if others.iter().any(|one| Slot::from(one).overlaps(slot)) {
        return Err(Error::user(
            UserErrorCode::Taken,
            "householdId",
            "该户在此时间已有预约。",
            "The household has another appointment at that time.",
        ));
    }
    let resident = matches!(tx.scope().actor().role, Role::Resident | Role::Channel);
    if resident && others.len() >= MAX_AHEAD {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "householdId",
            format!("每户最多同时预约{MAX_AHEAD}次。"),
            format!("A household can have {MAX_AHEAD} appointments ahead."),
        ));
    }
    Ok(())
}

/// Commits, and gives the appointment.
pub async fn finish(tx: Tx, id: Uuid) -> Result<Appointment> {
    let made = find(&tx, id).await?;
    tx.commit().await?;
    Ok(made)
}

/// The village and the township of a household.
pub fn home(household: &household::Model) -> (String, String) {
    (household.village_code.clone(), household.township_code.clone())
}

/// Tells what became of an appointment whose household is not at hand.
pub async fn tell(tx: &mut Tx, after: &Model, before: Status, now: DateTime<Utc>) -> Result<()> {
    let homes = store::homes(tx, &[after.household_id]).await?;
    tx.record(told(after, Some(before), homes.get(&after.household_id), now));
    Ok(())
}

/// Tells what became of an appointment.
pub fn told(
    after: &Model,
    before: Option<Status>,
    home: Option<&(String, String)>,
    now: DateTime<Utc>,
) -> Draft {
    Draft {
        kind: Kind::AppointmentChanged,
        at: now,
        place: home.cloned(),
        household_id: Some(after.household_id),
        subject_id: after.id,
        detail: json!({
            "before": before.map(store::status_name),
            "after": store::status_name(after.status),
            "window": after.window_id,
            "displaced": after.displaced,
        }),
    }
}
