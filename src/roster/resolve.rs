//! Who is on duty, worked out from what is written down, with each step that led there.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::facts::{Away, Facts, Known, Planned, Posted, Rank, Standing, Swapped};
use super::graphql::DutyReasonKind as Because;
use super::pattern::Time;
use crate::calendar::Calendar;
use crate::clock;

/// Who is on duty, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Who.
    pub officer_id: Uuid,
    /// Each step that led there.
    pub reasons: Vec<Reason>,
}

/// A shift, and from when to when it is.
pub type Shifted<'a> = (&'a Planned, Time);

/// A step on the way to who is on duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it is.
    pub because: Because,
    /// To whom it led, or who was passed over.
    pub officer_id: Uuid,
    /// By which shift.
    pub shift_id: Option<Uuid>,
    /// From when to when the shift is.
    pub time: Option<Time>,
    /// By which swap.
    pub swap_id: Option<Uuid>,
    /// By which leave.
    pub leave_id: Option<Uuid>,
    /// By which posting.
    pub posting_id: Option<Uuid>,
}

impl Reason {
    fn new(because: Because, officer_id: Uuid) -> Self {
        Self {
            because,
            officer_id,
            shift_id: None,
            time: None,
            swap_id: None,
            leave_id: None,
            posting_id: None,
        }
    }
}

impl Facts {
    /// Who is on duty at a moment: by a shift of the village, by one of the station, by a posting to the village, as
    /// the chief, as a county administrator. Nobody only when no officer is active.
    pub fn on_duty(&self, at: DateTime<Utc>) -> Option<Resolved> {
        let mut reasons = Vec::new();
        let found = self
            .on_shift(self.shifts_at(at), at, &mut reasons)
            .or_else(|| self.by_posting(at, &mut reasons))
            .or_else(|| self.by_rank(Rank::StationChief, at, &mut reasons));
        found.map(|officer_id| Resolved { officer_id, reasons })
    }

    /// Who is on duty by these shifts: by one of the village before one of the station.
    pub fn on_shift(
        &self,
        mut on: Vec<Shifted<'_>>,
        at: DateTime<Utc>,
        reasons: &mut Vec<Reason>,
    ) -> Option<Uuid> {
        on.sort_by_key(|(shift, time)| (shift.of_village == 0, time.0, shift.id));
        on.into_iter().find_map(|(shift, time)| self.by_shift(shift, time, at, reasons))
    }

    /// Whether somebody is on duty by a shift.
    pub fn is_manned(&self, at: DateTime<Utc>) -> bool {
        self.on_shift(self.shifts_at(at), at, &mut Vec::new()).is_some()
    }

    /// Whether an officer is active and not away.
    pub fn is_there(&self, officer_id: Uuid, at: DateTime<Utc>) -> bool {
        self.known(officer_id).is_some() && self.leave_of(officer_id, at).is_none()
    }

    /// Whether an officer is there and at work: who works in shifts here is, while one is on.
    pub fn is_at_work(&self, officer_id: Uuid, at: DateTime<Utc>) -> bool {
        let does = |(shift, time): Shifted<'_>| {
            let doer = self.swap_of(shift, time).map_or(shift.officer_id, |swap| swap.officer_id);
            self.follow(doer, at, &mut Vec::new(), |_| true) == Some(officer_id)
        };
        let today = clock::day(at);
        let planned = |shift: &Planned| {
            shift.officer_id == officer_id
                && shift.pattern.valid_until.is_none_or(|end| today < end)
        };
        self.is_there(officer_id, at)
            && (self.shifts_at(at).into_iter().any(does) || !self.shifts.iter().any(planned))
    }

    /// Who sees to what was left lying: the chief, or, from the county's rank on or without a chief, a county
    /// administrator.
    pub fn above(&self, rank: Rank, at: DateTime<Utc>) -> Option<Uuid> {
        self.by_rank(rank, at, &mut Vec::new())
    }

    /// The shifts that are on at a moment.
    fn shifts_at(&self, at: DateTime<Utc>) -> Vec<Shifted<'_>> {
        let mut on = self.shifts_of(clock::day(at), &self.calendar());
        on.retain(|(_, (start, end))| *start <= at && at < *end);
        on
    }

    /// The shifts that begin on a day or on the day before.
    pub fn shifts_of(&self, day: NaiveDate, calendar: &Calendar) -> Vec<Shifted<'_>> {
        [day - TimeDelta::days(1), day]
            .into_iter()
            .flat_map(|day| self.shifts.iter().map(move |shift| (shift, day)))
            .filter_map(|(shift, day)| Some((shift, shift.pattern.on(day, calendar)?)))
            .collect()
    }

    /// Which days are worked.
    pub fn calendar(&self) -> Calendar {
        let mut days = self.days.clone();
        days.sort_by_key(|one| one.day);
        Calendar::of(days)
    }

    fn by_shift(
        &self,
        shift: &Planned,
        time: Time,
        at: DateTime<Utc>,
        reasons: &mut Vec<Reason>,
    ) -> Option<Uuid> {
        let because =
            if shift.of_village == 1 { Because::VillageShift } else { Because::StationShift };
        reasons.push(Reason {
            shift_id: Some(shift.id),
            time: Some(time),
            ..Reason::new(because, shift.officer_id)
        });
        let swap = self.swap_of(shift, time);
        if let Some(swap) = swap {
            reasons.push(Reason {
                shift_id: Some(shift.id),
                swap_id: Some(swap.id),
                ..Reason::new(Because::Swap, swap.officer_id)
            });
        }
        let officer_id = swap.map_or(shift.officer_id, |swap| swap.officer_id);
        self.follow(officer_id, at, reasons, |known| known.at_station == 1)
    }

    fn swap_of(&self, shift: &Planned, time: Time) -> Option<&Swapped> {
        let day = clock::day(time.0);
        self.swaps.iter().find(|swap| swap.shift_id == shift.id && swap.day == day)
    }

    fn by_posting(&self, at: DateTime<Utc>, reasons: &mut Vec<Reason>) -> Option<Uuid> {
        let is_on = |posting: &&Posted| {
            posting.starts_at <= at && posting.ends_at.is_none_or(|end| at < end)
        };
        let mut postings: Vec<&Posted> = self.postings.iter().filter(is_on).collect();
        postings.sort_by_key(|posting| (posting.duty, posting.id));
        postings.into_iter().find_map(|posting| {
            let because = match posting.duty {
                Standing::Lead => Because::LeadPosting,
                Standing::Auxiliary => Because::AuxiliaryPosting,
                Standing::Cover => Because::CoverPosting,
            };
            reasons.push(Reason {
                posting_id: Some(posting.id),
                ..Reason::new(because, posting.officer_id)
            });
            self.follow(posting.officer_id, at, reasons, |_| true)
        })
    }

    fn by_rank(&self, rank: Rank, at: DateTime<Utc>, reasons: &mut Vec<Reason>) -> Option<Uuid> {
        let chief = self.chief().filter(|_| rank == Rank::StationChief);
        let choices = [
            (Because::Chief, chief),
            (Because::CountyAdmin, self.county_admin()),
            (Because::Anybody, self.first(|known| self.is_there(known.id, at))),
            (Because::Anybody, self.first(|_| true)),
        ];
        let (because, known) =
            choices.into_iter().find_map(|(because, known)| Some((because, known?)))?;
        reasons.push(Reason::new(because, known.id));
        Some(known.id)
    }

    /// Who is there for an officer: the officer, or who covers, or who covers the cover; nobody when it goes round in
    /// a circle, or ends with somebody who is not able.
    fn follow(
        &self,
        mut officer_id: Uuid,
        at: DateTime<Utc>,
        reasons: &mut Vec<Reason>,
        is_able: impl Fn(&Known) -> bool,
    ) -> Option<Uuid> {
        // Each leave is followed once at most.
        for _ in 0..=self.leaves.len() {
            if !self.known(officer_id).is_some_and(&is_able) {
                break;
            }
            let Some(leave) = self.leave_of(officer_id, at) else { return Some(officer_id) };
            officer_id = leave.cover_id;
            reasons.push(Reason {
                leave_id: Some(leave.id),
                ..Reason::new(Because::Leave, officer_id)
            });
        }
        reasons.push(Reason::new(Because::PassedOver, officer_id));
        None
    }

    fn chief(&self) -> Option<&Known> {
        self.first(|known| known.rank == Rank::StationChief && known.at_station == 1)
    }

    fn county_admin(&self) -> Option<&Known> {
        self.first(|known| known.rank == Rank::CountyAdmin)
    }

    fn first(&self, is_meant: impl Fn(&Known) -> bool) -> Option<&Known> {
        self.officers.iter().filter(|known| is_meant(known)).min_by_key(|known| known.id)
    }

    fn known(&self, id: Uuid) -> Option<&Known> {
        self.officers.iter().find(|known| known.id == id)
    }

    fn leave_of(&self, officer_id: Uuid, at: DateTime<Utc>) -> Option<&Away> {
        let is_on = |leave: &&Away| leave.starts_at <= at && at < leave.ends_at;
        self.leaves.iter().filter(is_on).find(|leave| leave.officer_id == officer_id)
    }
}
