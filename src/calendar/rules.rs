//! The rules of the working calendar.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::graphql::CalendarImport;
use super::{Calendar, CalendarDay, WorkingHours, ics, store};
use crate::access::Act;
use crate::db::{Tx, changed_one};
use crate::error::{Code, Error, Result, UserErrorCode};
use crate::payload::expected;
use crate::request::Request;
use crate::scalar::Date;

/// The most days from the first to the last day that are looked at.
const MAX_SPAN: TimeDelta = TimeDelta::days(800);
/// The most spans of hours of a day.
const MAX_HOURS: usize = 4;
/// The most days in a row without any work.
const MAX_DAYS_OFF: i64 = 31;

/// The calendar that holds now, with all its days. One statement.
pub async fn current(request: &Request) -> Result<Calendar> {
    let found = store::read(&request.reader(Act::ReadCalendar)?, None, None).await?;
    Ok(found.unwrap_or_else(Calendar::initial))
}

/// The same, as a change sees it. One statement.
pub async fn current_in(tx: &Tx) -> Result<Calendar> {
    store::current_in(tx).await
}

/// The calendar from one day to another, now or as it was in a version.
pub async fn read(
    request: &Request,
    from: Date,
    to: Date,
    version: Option<i32>,
) -> Result<Calendar> {
    if to < from || to.0 - from.0 > MAX_SPAN {
        return Err(Error::top(
            Code::BadUserInput,
            "结束日期应不早于开始日期，且相隔不超过800天。",
            "The last day must not come before the first, nor more than 800 days after it.",
        ));
    }
    let reader = request.reader(Act::ReadCalendar)?;
    let found = store::read(&reader, version, Some((from.0, to.0))).await?;
    match version {
        Some(1..) => found.ok_or_else(Error::not_found),
        Some(0) | None => Ok(found.unwrap_or_else(Calendar::initial)),
        Some(_) => Err(Error::not_found()),
    }
}

/// Takes the days of a file, or says what would become of it.
pub async fn import(
    request: &Request,
    ics: &str,
    version: i32,
    dry_run: bool,
) -> Result<CalendarImport> {
    let days = ics::read(ics)?;
    let span = days[0].day..=days[days.len() - 1].day;
    let (mut tx, before) = opened(request, version).await?;
    let mut import = merged(&before, days);
    check(&import.calendar, "ics")?;
    if !dry_run && import.added + import.changed + import.removed > 0 {
        let now = request.service().clock.now();
        import.calendar = store::write(&mut tx, &before, import.calendar, now).await?;
        tx.commit().await?;
        request.service().shelf.clear();
    }
    import.calendar.days.retain(|one| span.contains(&one.day));
    Ok(import)
}

/// Sets the working hours.
pub async fn set_hours(
    request: &Request,
    version: i32,
    hours: Vec<WorkingHours>,
) -> Result<Calendar> {
    let (mut tx, before) = opened(request, version).await?;
    let after = Calendar { hours, ..before.clone() };
    check(&after, "hours")?;
    let after = store::write(&mut tx, &before, after, request.service().clock.now()).await?;
    tx.commit().await?;
    request.service().shelf.clear();
    Ok(after)
}

async fn opened(request: &Request, version: i32) -> Result<(Tx, Calendar)> {
    let tx = request.begin(Act::ManageCalendar).await?;
    let before = expected(store::read(&tx, None, None).await?, "expectedVersion")?;
    changed_one(u64::from(before.version == version))?;
    Ok((tx, before))
}

/// The calendar with the days of a file, which are some and in order, in place of those from its first to its
/// last.
fn merged(before: &Calendar, file: Vec<CalendarDay>) -> CalendarImport {
    let span = file[0].day..=file[file.len() - 1].day;
    let (known, mut days): (Vec<CalendarDay>, Vec<CalendarDay>) =
        before.days.iter().cloned().partition(|one| span.contains(&one.day));
    let known: BTreeMap<Date, CalendarDay> = known.into_iter().map(|one| (one.day, one)).collect();
    let unchanged = file.iter().filter(|one| known.get(&one.day) == Some(*one)).count();
    let added = file.iter().filter(|one| !known.contains_key(&one.day)).count();
    let changed = file.len() - unchanged - added;
    let removed = known.len() - unchanged - changed;
    days.extend(file);
    days.sort_by_key(|one| one.day);
    CalendarImport {
        added,
        changed,
        removed,
        unchanged,
        calendar: Calendar { days, ..before.clone() },
    }
}

/// Checks that there is work again and again, so that whoever looks for the next working hour finds one.
pub fn check(calendar: &Calendar, field: &str) -> Result<()> {
    let hours = &calendar.hours;
    let sane = (1..=MAX_HOURS).contains(&hours.len())
        && hours.iter().all(|span| span.start < span.end && span.end <= 1440)
        && hours.windows(2).all(|pair| pair[0].end < pair[1].start);
    if !sane {
        return Err(Error::user(
            UserErrorCode::Invalid,
            field,
            "工作时间应为1到4段，按先后排列，各段不相连，每段开始早于结束。",
            "There are 1 to 4 spans of working hours in the order of the day, each begins before it ends, \
             and there is a break between them.",
        ));
    }
    let (Some(first), Some(last)) = (calendar.days.first(), calendar.days.last()) else {
        return Ok(());
    };
    let mut off = 0;
    for day in first.day.0.iter_days().take_while(|day| *day <= last.day.0) {
        off = if calendar.is_workday(day) { 0 } else { off + 1 };
        if off > MAX_DAYS_OFF {
            return Err(Error::user(
                UserErrorCode::Invalid,
                field,
                format!("不能连续超过{MAX_DAYS_OFF}天没有工作日。"),
                format!(
                    "There must not be more than {MAX_DAYS_OFF} days in a row without any work."
                ),
            ));
        }
    }
    Ok(())
}
