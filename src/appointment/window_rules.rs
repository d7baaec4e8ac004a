//! The rules of service windows.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::displace::displace;
use super::{OpeningHours, ServiceWindow, WindowClosure, WindowOpening, besides, line, store};
use crate::access::Act;
use crate::clock;
use crate::db::{Once, Tx, changed_one};
use crate::division::Station;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_NAME: usize = 40;
const MAX_REASON: usize = 100;
/// Openings of a week.
const MAX_OPENINGS: usize = 28;

/// What a window offers.
pub struct Offer {
    /// What it is called.
    pub name: String,
    /// Minutes of a slot.
    pub slot_minutes: i32,
    /// Places of a slot.
    pub capacity: i32,
    /// How many days ahead may be booked.
    pub bookable_days: i32,
    /// How many minutes before at the latest.
    pub lead_minutes: i32,
    /// When it is open.
    pub hours: Vec<OpeningHours>,
}

/// What is to be changed of a window; `None` leaves it as it is.
#[derive(Default)]
pub struct WindowChange {
    /// What it is called.
    pub name: Option<String>,
    /// Minutes of a slot.
    pub slot_minutes: Option<i32>,
    /// Places of a slot.
    pub capacity: Option<i32>,
    /// How many days ahead may be booked.
    pub bookable_days: Option<i32>,
    /// How many minutes before at the latest.
    pub lead_minutes: Option<i32>,
    /// When it is open.
    pub hours: Option<Vec<OpeningHours>>,
    /// Whether it is out of use.
    pub retired: Option<bool>,
}

/// Opens a window at a station.
pub async fn create(
    request: &Request,
    station_id: Uuid,
    offer: Offer,
    once: Once,
) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageServiceWindow).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let station: Station = expected(record::one(&tx, &station_id.into(), ()).await?, "stationId")?;
    let window = checked(ServiceWindow {
        id: GlobalId::new(id::Kind::ServiceWindow, id),
        name: offer.name,
        slot_minutes: offer.slot_minutes,
        capacity: offer.capacity,
        bookable_days: offer.bookable_days,
        lead_minutes: offer.lead_minutes,
        hours: offer.hours,
        closures: Vec::new(),
        openings: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        retired_at: None,
        station_id,
        township_code: station.township_code,
    })?;
    store::insert_window(&tx, &window).await?;
    tx.record(changed(&window, now));
    tx.commit().await?;
    Ok(window)
}

/// Changes what a window offers.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: WindowChange,
    confirmed: bool,
) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let (tx, before) = lock_version(request, id, version).await?;
    let retired_at = match change.retired {
        Some(true) => before.retired_at.or(Some(now)),
        Some(false) => None,
        None => before.retired_at,
    };
    let after = checked(ServiceWindow {
        name: change.name.unwrap_or(before.name),
        slot_minutes: change.slot_minutes.unwrap_or(before.slot_minutes),
        capacity: change.capacity.unwrap_or(before.capacity),
        bookable_days: change.bookable_days.unwrap_or(before.bookable_days),
        lead_minutes: change.lead_minutes.unwrap_or(before.lead_minutes),
        hours: change.hours.unwrap_or(before.hours),
        retired_at,
        ..before
    })?;
    let mut ahead = after.openings.iter().filter(|one| one.ends_at > now);
    if ahead.any(|one| open_anyway(&after, one)) {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "hours",
            "新的开放时间与已安排的加开重叠，请先取消加开。",
            "These hours overlap a time for which the window is opened besides. Cancel that first.",
        ));
    }
    finish(tx, after, confirmed, now).await
}

/// Closes a window for a time.
pub async fn close(
    request: &Request,
    id: Uuid,
    closure: WindowClosure,
    confirmed: bool,
) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let reason = text::required("reason", &closure.reason, MAX_REASON)?;
    let (starts_at, ends_at) = besides::ahead(closure.starts_at, closure.ends_at, now)?;
    let (tx, mut window) = lock(request, id).await?;
    let closure = WindowClosure { starts_at, ends_at, reason };
    if !besides::add(&mut window.closures, closure, now)? {
        return Ok(window);
    }
    finish(tx, window, confirmed, now).await
}

/// Opens a window again for a time in which it was to be closed.
pub async fn cancel_closure(
    request: &Request,
    id: Uuid,
    starts_at: DateTime<Utc>,
) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let (tx, mut window) = lock(request, id).await?;
    besides::take_back(&mut window.closures, starts_at, now)?;
    finish(tx, window, true, now).await
}

/// Opens a window for a time besides its hours.
pub async fn open(request: &Request, id: Uuid, opening: WindowOpening) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let reason = text::required("reason", &opening.reason, MAX_REASON)?;
    let (starts_at, ends_at) = besides::ahead(opening.starts_at, opening.ends_at, now)?;
    let (tx, mut window) = lock(request, id).await?;
    let length = TimeDelta::minutes(window.slot_minutes.into());
    let next_day = clock::midnight(clock::day(starts_at)) + TimeDelta::days(1);
    if ends_at > next_day || ends_at - starts_at < length {
        return Err(invalid(
            "endsAt",
            "加开应在同一天内，且不短于一个时段。",
            "It ends on the day on which it starts, and is at least as long as a slot.",
        ));
    }
    let opening = WindowOpening { starts_at, ends_at, reason };
    let others = window.openings.iter().filter(|one| **one != opening);
    let mut others = others.map(|one| (one.starts_at, one.ends_at));
    if others.any(|one| overlap(one, (starts_at, ends_at))) || open_anyway(&window, &opening) {
        return Err(Error::user(
            UserErrorCode::Taken,
            "startsAt",
            "窗口在该时间已开放；如已安排关闭，请取消关闭。",
            "The window is open then by its hours or already besides. If it is closed then, cancel the closure.",
        ));
    }
    if !besides::add(&mut window.openings, opening, now)? {
        return Ok(window);
    }
    finish(tx, window, true, now).await
}

/// Does without an opening besides the hours.
pub async fn cancel_opening(
    request: &Request,
    id: Uuid,
    starts_at: DateTime<Utc>,
    confirmed: bool,
) -> Result<ServiceWindow> {
    let now = request.service().clock.now();
    let (tx, mut window) = lock(request, id).await?;
    besides::take_back(&mut window.openings, starts_at, now)?;
    finish(tx, window, confirmed, now).await
}

/// Whether a window is open by its hours in a part of that time.
fn open_anyway(window: &ServiceWindow, opening: &WindowOpening) -> bool {
    let time = (opening.starts_at, opening.ends_at);
    window.hours_on(clock::day(opening.starts_at)).any(|hours| overlap(hours, time))
}

fn overlap<T: Ord>(one: (T, T), other: (T, T)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// A window in the caller's area, locked, of the version that the change is based on.
async fn lock_version(request: &Request, id: Uuid, version: i32) -> Result<(Tx, ServiceWindow)> {
    let (tx, window) = lock(request, id).await?;
    changed_one(u64::from(window.version == version))?;
    Ok((tx, window))
}

async fn lock(request: &Request, id: Uuid) -> Result<(Tx, ServiceWindow)> {
    let tx = request.begin(Act::ManageServiceWindow).await?;
    let window = expected(record::lock(&tx, &id.into()).await?, "windowId")?;
    Ok((tx, window))
}

async fn finish(
    mut tx: Tx,
    window: ServiceWindow,
    confirmed: bool,
    now: DateTime<Utc>,
) -> Result<ServiceWindow> {
    let after = ServiceWindow { version: window.version + 1, updated_at: now, ..window };
    displace(&mut tx, &after, confirmed, now).await?;
    line::take_back(&mut tx, &after, now).await?;
    line::serve(&mut tx, &after, now).await?;
    store::save_window(&tx, &after).await?;
    tx.record(changed(&after, now));
    tx.commit().await?;
    Ok(after)
}

fn checked(window: ServiceWindow) -> Result<ServiceWindow> {
    let name = text::required("name", &window.name, MAX_NAME)?;
    for (field, value, least, most) in [
        ("slotMinutes", window.slot_minutes, 5, 240),
        ("capacity", window.capacity, 1, 100),
        ("bookableDays", window.bookable_days, 0, 180),
        ("leadMinutes", window.lead_minutes, 0, 10_080),
    ] {
        if !(least..=most).contains(&value) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                field,
                format!("应在{least}到{most}之间。"),
                format!("This lies between {least} and {most}."),
            ));
        }
    }
    let hours = ordered(window.hours, window.slot_minutes)?;
    Ok(ServiceWindow { name, hours, ..window })
}

/// The openings in the order of the week, of which none overlaps another one and each has room for a slot.
fn ordered(mut hours: Vec<OpeningHours>, slot_minutes: i32) -> Result<Vec<OpeningHours>> {
    hours.sort_by_key(|one| (one.weekday, one.opens));
    let long = |one: &OpeningHours| {
        i32::from(one.closes.0).saturating_sub(one.opens.0.into()) >= slot_minutes
    };
    let apart = |pair: &[OpeningHours]| {
        pair[0].weekday != pair[1].weekday || pair[0].closes <= pair[1].opens
    };
    if !(1..=MAX_OPENINGS).contains(&hours.len())
        || !hours.iter().all(long)
        || !hours.windows(2).all(apart)
    {
        return Err(invalid(
            "hours",
            "开放时间应有1到28段，每段不短于一个时段，且互不重叠。",
            "There are 1 to 28 openings, each at least as long as a slot, and none overlaps another one.",
        ));
    }
    Ok(hours)
}

fn changed(window: &ServiceWindow, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::ServiceWindowChanged,
        at: now,
        place: None,
        household_id: None,
        subject_id: window.id.uuid(),
        detail: json!({ "version": window.version }),
    }
}

fn invalid(field: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, field, chinese, english)
}
