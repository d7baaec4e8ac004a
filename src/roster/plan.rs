//! Who is on duty by shifts over days, and when nobody is.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::facts::Facts;
use super::pattern::Time;
use super::resolve::{Resolved, Shifted};
use crate::calendar::Calendar;
use crate::clock::midnight;

/// Who is on duty on a day.
pub struct PlannedDay {
    /// The day.
    pub day: NaiveDate,
    /// Whether it is worked.
    pub is_workday: bool,
    /// The whole day, without a gap, in the order of time.
    pub spans: Vec<Span>,
}

/// A part of a day in which the same officer is on duty by the same shift.
pub struct Span {
    /// From when to when.
    pub time: Time,
    /// Who, and why; nobody when no shift is on, or when none of those who do it is there.
    pub on_duty: Option<Resolved>,
}

impl Facts {
    /// Who is on duty by shifts on these days, both included.
    pub fn plan(&self, first: NaiveDate, last: NaiveDate) -> Vec<PlannedDay> {
        let calendar = self.calendar();
        let days = first.iter_days().take_while(|day| *day <= last);
        days.map(|day| PlannedDay {
            day,
            is_workday: calendar.is_workday(day),
            spans: self.spans(day, &calendar),
        })
        .collect()
    }

    fn spans(&self, day: NaiveDate, calendar: &Calendar) -> Vec<Span> {
        let (start, end) = (midnight(day), midnight(day) + TimeDelta::days(1));
        let shifts = self.shifts_of(day, calendar);
        let mut edges: Vec<_> = shifts.iter().flat_map(|(_, time)| [time.0, time.1]).collect();
        edges.extend(self.leaves.iter().flat_map(|leave| [leave.starts_at, leave.ends_at]));
        edges.retain(|edge| start < *edge && *edge < end);
        edges.extend([start, end]);
        edges.sort_unstable();
        edges.dedup();
        let mut spans: Vec<Span> = Vec::new();
        for two in edges.windows(2) {
            let on_duty = self.by_shifts_at(two[0], &shifts);
            match spans.last_mut() {
                Some(last) if last.on_duty == on_duty => last.time.1 = two[1],
                _ => spans.push(Span { time: (two[0], two[1]), on_duty }),
            }
        }
        spans
    }

    fn by_shifts_at(&self, at: DateTime<Utc>, shifts: &[Shifted<'_>]) -> Option<Resolved> {
        let is_on = |(_, time): &&Shifted<'_>| time.0 <= at && at < time.1;
        let on = shifts.iter().filter(is_on).copied().collect();
        let mut reasons = Vec::new();
        let officer_id = self.on_shift(on, at, &mut reasons)?;
        Some(Resolved { officer_id, reasons })
    }
}
