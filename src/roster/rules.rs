//! The rules of the roster.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Shift, ShiftDayKind, ShiftSwap, store};
use crate::access::Act;
use crate::calendar;
use crate::db::{Once, Tx, changed_one};
use crate::division::{Station, lock_living};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind as EventKind};
use crate::id::{GlobalId, Kind};
use crate::officer::{Officer, StaffRole};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::{Date, Weekday};

const DAY_MINUTES: i32 = 1440;
const MAX_EVERY_DAYS: i32 = 31;

/// A shift to be planned.
pub struct NewShift {
    /// For which station.
    pub station_id: Uuid,
    /// For which village of it; for all when left out.
    pub village_code: Option<String>,
    /// Who does it.
    pub officer_id: Uuid,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The first day on which it no longer is.
    pub valid_until: Option<NaiveDate>,
    /// On these weekdays.
    pub weekdays: Option<Vec<Weekday>>,
    /// Or every so many days.
    pub every_days: Option<i32>,
    /// On which of these days.
    pub day_kind: ShiftDayKind,
    /// When it begins.
    pub start_minute: i32,
    /// How long it is.
    pub length_minutes: i32,
}

/// A swap to be agreed.
pub struct NewSwap {
    /// Of which shift.
    pub shift_id: Uuid,
    /// On which day.
    pub day: NaiveDate,
    /// Who does it then.
    pub officer_id: Uuid,
}

/// Plans a shift.
pub async fn plan(request: &Request, new: NewShift, once: Once) -> Result<Shift> {
    let now = request.service().clock.now();
    check(&new, request.service().clock.today())?;
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageShift).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let station: Option<Station> = record::one(&tx, &new.station_id.into(), ()).await?;
    let station = expected(station, "stationId")?;
    if let Some(code) = &new.village_code {
        let village = lock_living(&tx, code, false).await?;
        let own = village.filter(|village| {
            village.township_code == station.township_code && village.code.0 == *code
        });
        expected(own, "villageCode")?;
    }
    able(&tx, new.officer_id, new.station_id).await?;
    let shift = Shift {
        id: GlobalId::new(Kind::Shift, id),
        valid_from: Date(new.valid_from),
        valid_until: new.valid_until.map(Date),
        weekdays: new.weekdays,
        every_days: new.every_days,
        day_kind: new.day_kind,
        start_minute: new.start_minute,
        length_minutes: new.length_minutes,
        version: 1,
        created_at: now,
        station_id: new.station_id,
        village_code: new.village_code,
        officer_id: new.officer_id,
        township_code: station.township_code,
    };
    store::insert(&tx, &shift).await?;
    tx.record(changed(id, now));
    tx.commit().await?;
    Ok(shift)
}

fn check(new: &NewShift, today: NaiveDate) -> Result<()> {
    let pattern = match (&new.weekdays, new.every_days) {
        (Some(days), None) => {
            !days.is_empty() && Weekday::ALL.iter().all(|day| times(days, *day) <= 1)
        }
        (None, Some(every)) => (1..=MAX_EVERY_DAYS).contains(&every),
        _ => false,
    };
    let refusals = [
        (
            new.valid_from >= today,
            "validFrom",
            "开始日期不能早于今天。",
            "The first day must not lie in the past.",
        ),
        (
            new.valid_until.is_none_or(|end| end > new.valid_from),
            "validUntil",
            "结束日期应晚于开始日期。",
            "It must end after its first day.",
        ),
        (
            pattern,
            "weekdays",
            "请给出不重复的星期，或1到31的间隔天数，二者取一。",
            "Give either weekdays, each once, or every how many days, 1 to 31.",
        ),
        (
            (0..DAY_MINUTES).contains(&new.start_minute),
            "startMinute",
            "开始时间应为0到1439分钟。",
            "It begins at minute 0 to 1439.",
        ),
        (
            (1..=DAY_MINUTES).contains(&new.length_minutes),
            "lengthMinutes",
            "时长应为1到1440分钟。",
            "It is 1 to 1440 minutes long.",
        ),
    ];
    let wrong = refusals.into_iter().find(|(fine, ..)| !fine);
    wrong.map_or(Ok(()), |(_, field, chinese, english)| {
        Err(Error::user(UserErrorCode::Invalid, field, chinese, english))
    })
}

fn times(days: &[Weekday], day: Weekday) -> usize {
    days.iter().filter(|one| **one == day).count()
}

/// Checks that an officer may be on duty for a station, and keeps it so until the change is over.
async fn able(tx: &Tx, officer_id: Uuid, station_id: Uuid) -> Result<()> {
    let officer: Option<Officer> = record::lock(tx, &officer_id.into()).await?;
    let officer = expected(officer, "officerId")?;
    let is_able = officer.station_id == Some(station_id)
        && matches!(officer.role, StaffRole::Officer | StaffRole::StationChief)
        && officer.deactivated_at.is_none();
    if is_able {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::WrongState,
        "officerId",
        "应为该派出所在职的民警、辅警或所长。",
        "This must be an active officer, or the chief, of the station.",
    ))
}

/// Ends a shift on a day.
pub async fn end(
    request: &Request,
    id: Uuid,
    version: i32,
    until: Option<NaiveDate>,
) -> Result<Shift> {
    let (now, today) = (request.service().clock.now(), request.service().clock.today());
    let mut tx = request.begin(Act::ManageShift).await?;
    let before: Shift = expected(record::lock(&tx, &id.into()).await?, "shiftId")?;
    changed_one(u64::from(before.version == version))?;
    let until = until.unwrap_or(today);
    if until < today || before.valid_until.is_some_and(|end| end.0 <= today) {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "validUntil",
            "该班次已结束，或结束日期早于今天。",
            "The shift is over, or its end would lie in the past.",
        ));
    }
    let until = Date(until).max(before.valid_from);
    let version = before.version.saturating_add(1);
    let after = Shift { valid_until: Some(until), version, ..before };
    store::end(&tx, &after).await?;
    tx.record(changed(id, now));
    tx.commit().await?;
    Ok(after)
}

/// Gives a shift to another officer for one day.
pub async fn swap(request: &Request, new: NewSwap, once: Once) -> Result<ShiftSwap> {
    let (now, today) = (request.service().clock.now(), request.service().clock.today());
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageShift).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let shift: Shift = expected(record::lock(&tx, &new.shift_id.into()).await?, "shiftId")?;
    able(&tx, new.officer_id, shift.station_id).await?;
    let calendar = calendar::current_in(&tx).await?;
    let is_on = shift.pattern().on(new.day, &calendar).is_some();
    if !is_on || new.day < today || new.officer_id == shift.officer_id {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "day",
            "该班次当天没有，或日期已过，或本来就由该民警值班。",
            "The shift does not begin on that day, the day has passed, or the officer does it anyway.",
        ));
    }
    let swap = ShiftSwap {
        id: GlobalId::new(Kind::ShiftSwap, id),
        day: Date(new.day),
        cancelled_at: None,
        version: 1,
        created_at: now,
        shift_id: new.shift_id,
        officer_id: new.officer_id,
    };
    store::insert_swap(&tx, &swap, &shift.township_code).await?;
    tx.record(changed(new.shift_id, now));
    tx.commit().await?;
    Ok(swap)
}

/// Cancels a swap.
pub async fn cancel_swap(request: &Request, id: Uuid, version: i32) -> Result<ShiftSwap> {
    let (now, today) = (request.service().clock.now(), request.service().clock.today());
    let mut tx = request.begin(Act::ManageShift).await?;
    let before: ShiftSwap = expected(record::lock(&tx, &id.into()).await?, "shiftSwapId")?;
    changed_one(u64::from(before.version == version))?;
    if before.cancelled_at.is_some() || before.day.0 < today {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "shiftSwapId",
            "该调班已取消，或日期已过。",
            "This swap was cancelled, or its day has passed.",
        ));
    }
    let version = before.version.saturating_add(1);
    let after = ShiftSwap { cancelled_at: Some(now), version, ..before };
    store::cancel_swap(&tx, &after).await?;
    tx.record(changed(after.shift_id, now));
    tx.commit().await?;
    Ok(after)
}

fn changed(shift_id: Uuid, at: DateTime<Utc>) -> Draft {
    Draft {
        kind: EventKind::ShiftChanged,
        at,
        place: None,
        household_id: None,
        subject_id: shift_id,
        detail: serde_json::Value::Null,
    }
}
