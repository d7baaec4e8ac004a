//! On which days a shift is, and from when to when.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use super::ShiftDayKind;
use crate::calendar::Calendar;
use crate::clock;
use crate::scalar::Weekday;

/// When a shift is.
#[derive(Deserialize, Clone, Debug)]
pub struct Pattern {
    /// The first day.
    pub valid_from: NaiveDate,
    /// The first day on which it no longer is.
    pub valid_until: Option<NaiveDate>,
    /// On these weekdays, a bit each.
    pub weekdays: Option<i32>,
    /// Or every so many days, counted from the first.
    pub every_days: Option<i32>,
    /// Of these days, on those of one kind only.
    pub day_kind: ShiftDayKind,
    /// When it begins, in minutes after midnight in China.
    pub start_minute: i32,
    /// How long it is, perhaps past midnight.
    pub length_minutes: i32,
}

/// From one moment to another, exclusive.
pub type Time = (DateTime<Utc>, DateTime<Utc>);

impl Pattern {
    /// From when to when the shift is that begins on a day; nothing when none does.
    pub fn on(&self, day: NaiveDate, calendar: &Calendar) -> Option<Time> {
        let is_valid = self.valid_from <= day && self.valid_until.is_none_or(|end| day < end);
        let repeats = match (self.weekdays, self.every_days) {
            (Some(weekdays), _) => weekdays & Weekday::bit(day.weekday()) != 0,
            (None, Some(every)) => {
                (day - self.valid_from).num_days().checked_rem(every.into()) == Some(0)
            }
            (None, None) => false,
        };
        let is_of_kind = match self.day_kind {
            ShiftDayKind::Any => true,
            ShiftDayKind::Workday => calendar.is_workday(day),
            ShiftDayKind::Holiday => !calendar.is_workday(day),
        };
        (is_valid && repeats && is_of_kind).then(|| {
            let start = clock::midnight(day) + TimeDelta::minutes(self.start_minute.into());
            (start, start + TimeDelta::minutes(self.length_minutes.into()))
        })
    }
}
