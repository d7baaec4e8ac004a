//! What the roster is asked.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{Duty, DutyDay, store};
use crate::access::Act;
use crate::clock::midnight;
use crate::error::{Code, Error, Result};
use crate::request::Request;

/// How many days of the calendar are shown at once.
const MAX_DAYS: i64 = 62;

/// Who is on duty for a village, now or at another moment, and why.
pub async fn on_duty(request: &Request, code: &str, at: Option<DateTime<Utc>>) -> Result<Duty> {
    let at = at.unwrap_or_else(|| request.service().clock.now());
    let reader = request.reader(Act::ReadDuty)?;
    let facts =
        store::facts_of_village(&reader, code, (at, at)).await?.ok_or_else(Error::not_found)?;
    let resolved = facts.on_duty(at).ok_or_else(Error::not_found)?;
    Ok(Duty::new(resolved, at, request.language()))
}

/// Whose calendar is asked for.
pub enum Whose<'a> {
    /// A village's, with the shifts of its station.
    Village(&'a str),
    /// A station's own.
    Station(Uuid),
}

/// Who is on duty by shifts on these days, both included.
pub async fn calendar_of(
    request: &Request,
    whose: Whose<'_>,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<DutyDay>> {
    if !(0..MAX_DAYS).contains(&(last - first).num_days()) {
        return Err(Error::top(
            Code::BadUserInput,
            "请给出1到62天，结束日期不能早于开始日期。",
            "Ask for 1 to 62 days, the last not before the first.",
        ));
    }
    let reader = request.reader(Act::ReadShift)?;
    let time = (midnight(first), midnight(last) + TimeDelta::days(1));
    let facts = match whose {
        Whose::Village(code) => store::facts_of_village(&reader, code, time).await?,
        Whose::Station(id) => store::facts_of_station(&reader, id, time).await?,
    };
    let days = facts.ok_or_else(Error::not_found)?.plan(first, last);
    Ok(days.into_iter().map(|day| DutyDay::new(day, request.language())).collect())
}
