//! Which slots a window has: computed from its hours and closures, stored nowhere.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::ServiceWindow;
use crate::clock;
use crate::error::{Error, Result, UserErrorCode};
use crate::scalar::{TimeOfDay, Weekday};

/// A time in which so many can come as the window has places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

impl Slot {
    /// Whether nobody can come to both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

impl ServiceWindow {
    /// The slots that begin on a day and are not closed.
    pub fn slots_on(&self, day: NaiveDate) -> impl Iterator<Item = Slot> + '_ {
        let length = TimeDelta::minutes(self.slot_minutes.into());
        let besides = self.openings.iter().filter(move |one| clock::day(one.starts_at) == day);
        let besides = besides.map(|one| (one.starts_at, one.ends_at));
        let mut open: Vec<_> = self.hours_on(day).chain(besides).collect();
        open.retain(|_| self.retired_at.is_none());
        open.sort();
        open.into_iter()
            .flat_map(move |(opens, closes)| {
                std::iter::successors(Some(opens), move |start| Some(*start + length))
                    .map(move |starts_at| Slot { starts_at, ends_at: starts_at + length })
                    .take_while(move |slot| slot.ends_at <= closes)
            })
            .filter(|slot| self.closure_of(slot).is_none())
    }

    /// The slots that can be booked now but for being full, in the order of time.
    pub fn slots_ahead(&self, now: DateTime<Utc>) -> impl Iterator<Item = Slot> + '_ {
        let last = self.last_day(now);
        let days = clock::day(now).iter_days().take_while(move |day| *day <= last);
        days.flat_map(|day| self.slots_on(day)).filter(move |slot| self.in_time(slot, now))
    }

    /// From when to when it is open on a day by its hours of the week.
    pub fn hours_on(
        &self,
        day: NaiveDate,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let (midnight, weekday) = (clock::midnight(day), Weekday::of(day));
        let at = move |time: TimeOfDay| midnight + TimeDelta::minutes(time.0.into());
        let openings = self.hours.iter().filter(move |one| one.weekday == weekday);
        openings.map(move |one| (at(one.opens), at(one.closes)))
    }

    /// The slot that begins at a moment, if the window offers it.
    pub fn slot_at(&self, starts_at: DateTime<Utc>) -> Option<Slot> {
        self.slots_on(clock::day(starts_at)).find(|slot| slot.starts_at == starts_at)
    }

    /// Whether the window still offers what was booked.
    pub fn offers(&self, slot: &Slot, place: i32) -> bool {
        place <= self.capacity && self.slot_at(slot.starts_at).as_ref() == Some(slot)
    }

    /// Whether it is neither too late nor too early to book a slot.
    pub fn in_time(&self, slot: &Slot, now: DateTime<Utc>) -> bool {
        self.near_enough(slot.starts_at, now) && !self.too_soon(slot.starts_at, now)
    }

    /// The slot that begins at a moment, if it can be booked now but for being full.
    pub fn bookable(&self, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Slot> {
        if starts_at <= now {
            return Err(refused("该时段已过。", "This time has passed."));
        }
        if self.too_soon(starts_at, now) {
            return Err(refused(
                "已过该时段的预约截止时间。",
                "It is too late to book this time: the window wants to know earlier.",
            ));
        }
        if !self.near_enough(starts_at, now) {
            return Err(refused(
                "该时段尚未开放预约。",
                "This time is too far ahead to be booked.",
            ));
        }
        self.slot_at(starts_at).ok_or_else(|| {
            refused("窗口在该时间没有可预约的时段。", "The window has no slot that begins then.")
        })
    }

    fn too_soon(&self, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        starts_at - now < TimeDelta::minutes(self.lead_minutes.into()) || starts_at <= now
    }

    fn near_enough(&self, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        clock::day(starts_at) <= self.last_day(now)
    }

    /// The last day that may be booked now.
    pub fn last_day(&self, now: DateTime<Utc>) -> NaiveDate {
        let days = Days::new(u64::try_from(self.bookable_days).unwrap_or_default());
        clock::day(now).checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }

    fn closure_of(&self, slot: &Slot) -> Option<&super::WindowClosure> {
        self.closures
            .iter()
            .find(|one| one.starts_at < slot.ends_at && slot.starts_at < one.ends_at)
    }
}

fn refused(chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, "startsAt", chinese, english)
}
