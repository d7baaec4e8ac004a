//! Working time: how much of it lies between two moments, and when so much of it will have passed.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use super::{Calendar, CalendarDay, CalendarDayKind};
use crate::clock;
use crate::scalar::Date;

/// No database and no client knows a later one.
const LAST_YEAR: i32 = 9999;

impl Calendar {
    /// A calendar that only tells which days are worked, by these `days`, earliest first.
    pub fn of(days: Vec<CalendarDay>) -> Self {
        Self { version: 0, hours: Vec::new(), days, changed_at: None }
    }

    /// Whether a day is worked.
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        match self.days.binary_search_by_key(&Date(day), |one| one.day) {
            Ok(place) => self.days[place].kind == CalendarDayKind::Workday,
            Err(_) => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// How much working time lies between two moments; none when they come the other way round.
    pub fn working_time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let last = clock::day(to);
        clock::day(from)
            .iter_days()
            .take_while(|day| *day <= last)
            .flat_map(|day| self.spans(day))
            .map(|(start, end)| end.min(to) - start.max(from))
            .filter(|time| *time > TimeDelta::zero())
            .sum()
    }

    /// When so much working time will have passed after a moment: always within working time, or as it ends. No
    /// time, or less, gives the moment itself or when work next begins.
    pub fn add_working_time(&self, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
        let mut left = time.max(TimeDelta::zero());
        let mut reached = from;
        let days = clock::day(from).iter_days().take_while(|day| day.year() <= LAST_YEAR);
        for (start, end) in days.flat_map(|day| self.spans(day)) {
            let start = start.max(from);
            if start > end {
                continue;
            }
            if left <= end - start {
                return start + left;
            }
            left -= end - start;
            reached = end;
        }
        reached
    }

    /// The working hours of a day.
    fn spans(&self, day: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let midnight = clock::midnight(day);
        let at = move |minute: u16| midnight + TimeDelta::minutes(minute.into());
        let hours = if self.is_workday(day) { self.hours.as_slice() } else { &[] };
        hours.iter().map(move |span| (at(span.start), at(span.end)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{WorkingHours, rules};

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+08:00").parse().unwrap()
    }

    fn day(date: NaiveDate, is_workday: bool) -> CalendarDay {
        let kind = if is_workday { CalendarDayKind::Workday } else { CalendarDayKind::Holiday };
        CalendarDay { day: Date(date), kind, name: "节".to_owned() }
    }

    fn spring() -> Calendar {
        let days = [(1, false), (2, false), (6, true)];
        let date = |number| NaiveDate::from_ymd_opt(2026, 6, number).unwrap();
        let days = days.into_iter().map(|(number, worked)| day(date(number), worked)).collect();
        Calendar { days, ..Calendar::initial() }
    }

    #[test]
    fn time_passes_in_working_hours_only() {
        let calendar = spring();
        let minutes = TimeDelta::minutes;
        // Friday afternoon; Monday and Tuesday are holidays.
        let from = at("2026-05-29T17:30");
        assert_eq!(calendar.add_working_time(from, minutes(30)), at("2026-05-29T18:00"));
        assert_eq!(calendar.add_working_time(from, minutes(31)), at("2026-06-03T08:31"));
        assert_eq!(calendar.working_time_between(from, at("2026-06-03T15:00")), minutes(270));
        // The lunch break, the end of a day, and a Saturday that is worked.
        assert_eq!(
            calendar.add_working_time(at("2026-06-03T12:10"), minutes(0)),
            at("2026-06-03T14:30")
        );
        assert_eq!(
            calendar.add_working_time(at("2026-06-05T18:00"), minutes(1)),
            at("2026-06-06T08:31")
        );
        assert_eq!(
            calendar.working_time_between(at("2026-06-06T00:00"), at("2026-06-08T00:00")),
            minutes(420)
        );
        assert_eq!(
            calendar.working_time_between(at("2026-06-05T10:00"), at("2026-06-04T10:00")),
            minutes(0)
        );
    }

    #[test]
    fn more_time_than_there_will_ever_be_ends_with_the_last_year() {
        let end = spring().add_working_time(at("2026-06-03T12:10"), TimeDelta::MAX);
        assert_eq!(end, at("9999-12-31T18:00"));
    }

    fn hours() -> impl Strategy<Value = Vec<WorkingHours>> {
        proptest::collection::btree_set(0_u16..=1440, 2..=8).prop_map(|edges| {
            let edges: Vec<u16> = edges.into_iter().collect();
            edges
                .chunks_exact(2)
                .map(|pair| WorkingHours { start: pair[0], end: pair[1] })
                .collect()
        })
    }

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    fn calendars() -> impl Strategy<Value = Calendar> {
        let days = proptest::collection::btree_map(0_i64..120, any::<bool>(), 0..60);
        (hours(), days)
            .prop_map(|(hours, days)| {
                let named = |(number, worked)| day(first() + TimeDelta::days(number), worked);
                Calendar {
                    hours,
                    days: days.into_iter().map(named).collect(),
                    ..Calendar::initial()
                }
            })
            .prop_filter("one that can be written", |calendar| rules::check(calendar, "").is_ok())
    }

    fn moments() -> impl Strategy<Value = DateTime<Utc>> {
        (0_i64..120 * 86_400_000_000)
            .prop_map(|micros| clock::midnight(first()) + TimeDelta::microseconds(micros))
    }

    fn times() -> impl Strategy<Value = TimeDelta> {
        (0_i64..30 * 86_400_000_000).prop_map(TimeDelta::microseconds)
    }

    proptest! {
        #[test]
        fn what_was_added_lies_between(calendar in calendars(), from in moments(), time in times()) {
            let to = calendar.add_working_time(from, time);
            prop_assert!(to >= from);
            prop_assert_eq!(calendar.working_time_between(from, to), time);
        }

        #[test]
        fn one_always_lands_in_working_time(calendar in calendars(), from in moments(), time in times()) {
            let to = calendar.add_working_time(from, time);
            let day = clock::day(to - TimeDelta::microseconds(1));
            let mut spans = calendar.spans(day).chain(calendar.spans(clock::day(to)));
            prop_assert!(spans.any(|(start, end)| start <= to && to <= end));
        }

        #[test]
        fn later_or_longer_never_ends_earlier(
            calendar in calendars(), a in moments(), b in moments(), short in times(), long in times(),
        ) {
            let (a, b) = (a.min(b), a.max(b));
            let (short, long) = (short.min(long), short.max(long));
            prop_assert!(calendar.add_working_time(a, short) <= calendar.add_working_time(b, short));
            prop_assert!(calendar.add_working_time(a, short) <= calendar.add_working_time(a, long));
        }

        #[test]
        fn time_adds_up(calendar in calendars(), a in moments(), b in moments(), c in moments()) {
            let mut order = [a, b, c];
            order.sort();
            let [a, b, c] = order;
            let parts = calendar.working_time_between(a, b) + calendar.working_time_between(b, c);
            prop_assert_eq!(calendar.working_time_between(a, c), parts);
        }
    }
}
